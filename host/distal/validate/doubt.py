"""Virtual people as they are really told: mass, height, cuff and sensor are off by as much as is said.

An interval is fair only where its causes vary: told the exact mass it would hold the truth too often.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from distal.analysis.interval import SEGMENT, TURNING, UNCALIBRATED
from distal.analysis.session import analyze
from distal.calibration import GRAVITY, WALK_MPS2
from distal.model import SIDES, Facts, MassKnown, SensorError, Side, Track
from distal.report.contract import to_dict
from distal.units import G
from distal.validate.athletes import Json, Person, feel

Chance = np.random.Generator


@dataclass(frozen=True, slots=True)
class Doubt:
    """How the mass is known, and what the sensors are worth."""

    mass: MassKnown
    sensor: SensorError


# a calibration from six rests: 0.12 %, 1.2 mg (test_calibrate.py), then gravity and ageing
_SIX_RESTS = SensorError(float(np.hypot(0.0012, GRAVITY)), float(np.hypot(0.0012 * G, WALK_MPS2)), "made")
DOUBTS: Mapping[str, Doubt] = {
    "label": Doubt("label", UNCALIBRATED),
    "weighed": Doubt("weighed", _SIX_RESTS),
}


def report_in_doubt(person: Person, doubt: Doubt) -> Json:
    """What the analysis says of a person about whom it was told as people tell."""
    # drawn anew for each exercise: people of one seed would else all be off alike
    rng = np.random.default_rng((person.seed, *doubt.mass.encode(), *person.performance.name.encode()))
    facts = told(person.facts, doubt, rng)
    tracks = [felt(track, doubt.sensor, rng) for track in feel(person.performance, person.seed)]
    sensors: dict[Side, SensorError] = dict.fromkeys(SIDES, doubt.sensor)
    return to_dict(analyze(tracks, facts, sensors))


def told(facts: Facts, doubt: Doubt, rng: Chance) -> Facts:
    """What is told when the truth is `facts`: both cuffs off by the same share, as of one make."""
    known = replace(facts, mass_left_known=doubt.mass, mass_right_known=doubt.mass)
    share = 1.0 + draw(rng, known.mass_error("left"))
    return replace(
        known,
        mass_left_kg=_over(facts.mass_left_kg, share),
        mass_right_kg=_over(facts.mass_right_kg, share),
        height_m=_over(facts.height_m, 1.0 + draw(rng, SEGMENT)),
        cuff_height_m=facts.cuff_height_m - draw(rng, facts.cuff_height_error_m),
    )


def felt(track: Track, sensor: SensorError, rng: Chance) -> Track:
    """A leg as a sensor of that worth has it."""
    scale, bias = (rng.normal(0.0, half / 1.96, 3) for half in (sensor.scale, sensor.bias_mps2))
    turning = rng.normal(0.0, TURNING / 1.96, 3)
    return replace(track, acc=track.acc * (1.0 + scale) + bias, gyr=track.gyr * (1.0 + turning))


def draw(rng: Chance, half: float) -> float:
    """An error whose 95 % half width is this."""
    return float(rng.normal(0.0, half / 1.96))


def _over(value: float | None, share: float) -> float | None:
    return None if value is None else value / share
