"""Quiet standing of virtual athletes: how far the shank tilts, against its exact axis."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfiltfilt

from distal.model import SIDES, FloatArray, Side
from distal.units import DEG_PER_RAD
from distal.validate.athletes import Json, Person, draw
from distal.validate.figures import Figure, Section, Target
from distal.validate.match import spread
from distal.virtual.motion.chain import EARTH_X, EARTH_Z, Z

EACH, QUICK = 20, 1
GRID_HZ = 50.0


@dataclass(slots=True)
class Stood:
    """One leg of one person; ratios found over true."""

    rms: float | None = None
    velocity: float | None = None
    steps: int = 0
    reps: int = 0


def jobs(quick: bool) -> list[int]:
    """Some people."""
    return list(range(1, 1 + (QUICK if quick else EACH)))


def work(_quick: bool, seed: int) -> list[Stood]:
    """Score one person."""
    person = draw("stand", seed)
    report = person.report
    steps = sum(len(report["steps"][side]) for side in SIDES)
    reps = sum(len(one["reps"]) for one in report["sets"])
    longest = max(report["sway"], key=lambda one: one["end_s"] - one["start_s"], default=None)
    return [_score(person, side, longest, Stood(steps=steps, reps=reps)) for side in SIDES]


def _score(person: Person, side: Side, span: Json | None, out: Stood) -> Stood:
    leg = (span or {}).get(side)
    if span is None or not leg or leg.get("rms_deg") is None:
        return out
    tilt = true_tilt(person, side, (span["start_s"], span["end_s"]), span["band_hz"])
    rms = float(np.sqrt((tilt**2).sum(axis=0).mean()))
    speed = float(np.linalg.norm(np.diff(tilt, axis=1), axis=0).mean() * GRID_HZ)
    out.rms = leg["rms_deg"] / rms
    if leg.get("mean_velocity_deg_s") is not None:
        out.velocity = leg["mean_velocity_deg_s"] / speed
    return out


def true_tilt(
    person: Person, side: Side, span: tuple[float, float], band_hz: tuple[float, float]
) -> FloatArray:
    """Tilt of the long axis in two level directions (2, n), degrees, in the band that the report states."""
    t = np.arange(span[0], span[1], 1.0 / GRID_HZ)
    axis = person.performance.motion(side).state(t)[EARTH_X : EARTH_Z + 1, Z]
    tilt = np.arctan2(axis[:2], np.abs(axis[2])) * DEG_PER_RAD
    tilt = tilt - tilt.mean(axis=1, keepdims=True)
    sos = butter(2, band_hz[1], fs=GRID_HZ, output="sos")
    return np.asarray(sosfiltfilt(sos, tilt, axis=1))


def section(people: Sequence[list[Stood]]) -> Section:
    """Over all legs."""
    legs = [leg for person in people for leg in person]
    rms, velocity = (
        spread([100 * (x - 1) for x in (getattr(leg, key) for leg in legs) if x is not None])
        for key in ("rms", "velocity")
    )
    steps, reps = (sum(getattr(person[0], key) for person in people) for key in ("steps", "reps"))
    figures = [
        Figure("measured", "legs whose sway was measured", rms.n, "", len(legs)),
        Figure("rms_pct", "tilt RMS, mean error size", rms.mae, "%", rms.n),
        Figure("rms_bias_pct", "tilt RMS, bias", rms.bias, "%", rms.n),
        Figure("velocity_pct", "mean velocity, mean error size", velocity.mae, "%", velocity.n),
        Figure("steps", "false steps", steps, "", len(people), Target(0, 0)),
        Figure("reps", "false reps", reps, "", len(people), Target(0, 0)),
    ]
    note = (
        "half a minute to a minute of quiet standing, 0.1° to 0.8° of sway; truth is the shank's exact axis"
    )
    return Section("virtual_sway", "Sway of virtual athletes", note, figures)
