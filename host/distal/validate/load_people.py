"""Virtual people with a set on each leg: who they are, what is told of them, where the load truly went."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from distal.analysis.interval import SEGMENT
from distal.analysis.session import analyze
from distal.model import SIDES, Facts, FloatArray, Side
from distal.report.contract import to_dict
from distal.validate.athletes import Json, Person, feel, perform
from distal.validate.doubt import Doubt, draw, felt
from distal.virtual.motion import EXERCISES, Reps, Rest, Script
from distal.virtual.motion.body import OUTWARD
from distal.virtual.motion.chain import ACC, POSITION, X, Y, Z
from distal.virtual.motion.people import some_athlete
from distal.virtual.motion.stage import Movement

# exercises whose lever is known: the shank swings below a thigh that rests, or the leg is straight
CODES = (
    "seated_leg_raise",
    "seated_knee_extension",
    "standing_knee_flexion",
    "supine_straight_leg_raise",
    "sidelying_hip_abduction",
    "standing_hip_abduction",
    "standing_hip_extension",
)
GRID_HZ = 1000.0


@dataclass(frozen=True, slots=True)
class Wearer:
    """One person with a set on each leg, performed once for each cuff: they do not sit equally high."""

    code: str
    seed: int
    legs: Mapping[Side, Person]
    facts: Facts  # as told

    @property
    def sets(self) -> list[Json]:
        """The true sets, each of the leg that did it."""
        found = [one for side in SIDES for one in self.legs[side].truth["sets"] if one["side"] == side]
        return sorted(found, key=lambda one: float(one["start_s"]))


def someone(code: str, seed: int, doubt: Doubt) -> Wearer:
    """What is told is off by as much as is said of it; the exercise is told."""
    rng = np.random.default_rng((77, seed, *code.encode(), *doubt.mass.encode()))
    athlete = some_athlete(rng)
    sets: list[Movement] = []
    for side in SIDES:
        reps = _reps(code, side, rng)
        sets += [Rest(float(rng.uniform(14.0, 18.0)), reps.posture.name), reps]
    script = Script([*sets, Rest(5.0, sets[-1].posture.name)], f"{code} {seed}", int(rng.integers(2**31)))
    facts = Facts(
        exercise=code,
        mass_left_kg=float(rng.uniform(0.5, 2.5)),
        mass_right_kg=float(rng.uniform(0.5, 2.5)),
        mass_left_known=doubt.mass,
        mass_right_known=doubt.mass,
        height_m=athlete.height_m * (1.0 + draw(rng, SEGMENT)),
        cuff_height_m=athlete.cuff_height_m,
    )
    legs = {}
    for side in SIDES:
        high = athlete.cuff_height_m + draw(rng, facts.cuff_height_error_m)
        mass = (facts.mass_kg(side) or 0.0) * (1.0 + draw(rng, facts.mass_error(side)))
        legs[side] = perform(script, replace(athlete, cuff_height_m=high), seed, mass)
    return Wearer(code, seed, legs, facts)


def told(person: Wearer, doubt: Doubt) -> Json:
    """The report, with sensors that are worth what is said of them."""
    rng = np.random.default_rng((78, person.seed, *person.code.encode()))
    tracks = []
    for side in SIDES:
        both = feel(person.legs[side].performance, person.seed)
        tracks.append(felt(next(one for one in both if one.side == side), doubt.sensor, rng))
    return to_dict(analyze(tracks, person.facts, dict.fromkeys(SIDES, doubt.sensor)))


def _reps(code: str, side: Side, rng: np.random.Generator) -> Reps:
    usual = EXERCISES[code].range_deg
    hold = float(rng.choice([0.0, rng.uniform(0.5, 1.5), rng.uniform(2.0, 5.0)]))
    return Reps(
        code,
        reps=int(rng.integers(6, 13)),
        side=side,
        tempo=(float(rng.uniform(0.8, 2.5)), hold, float(rng.uniform(0.8, 2.5))),
        pause_s=float(rng.uniform(0.6, 2.5)),
        variability=float(rng.uniform(0.02, 0.10)),
        slowing=float(rng.uniform(0.0, 0.4)),
        fading=float(rng.uniform(0.0, 0.2)),
        range_deg=usual * float(rng.uniform(0.75, 1.15)),
        tremor_deg=float(rng.uniform(0.05, 0.4)),
        landing_mps=float(rng.choice([0.0, rng.uniform(0.1, 0.4)])),
    )


def truth(person: Wearer) -> dict[str, dict[str, float]]:
    """`side impulse_nms` and so on -> part -> how much there truly was."""
    reps = [(one["side"], rep) for one in person.sets for rep in one["reps"]]
    over = [_integrals(person.legs[side], side, rep) for side, rep in reps]
    n = round(len(reps) / 3)
    cuts = (0, n, len(reps) - n, len(reps))
    impulses = [rep["load"]["impulse_nms"] for _, rep in reps]
    phases = [rep["load"]["impulse_by_phase_nms"] for _, rep in reps]
    return {
        "side impulse_nms": {
            side: sum(x for x, (at, _) in zip(impulses, reps, strict=True) if at == side) for side in SIDES
        },
        "phase impulse_nms": {
            name: sum(one[key] for one in phases)
            for name, key in (("lift", "concentric"), ("hold", "hold"), ("lower", "eccentric"))
        },
        "phase time_s": {
            name: sum(rep[f"{key}_s"] for _, rep in reps)
            for name, key in (("lift", "concentric"), ("hold", "hold"), ("lower", "eccentric"))
        },
        "third impulse_nms": {
            name: float(np.mean(impulses[a:b]))
            for name, a, b in zip(("early", "middle", "late"), cuts, cuts[1:], strict=False)
        },
        "joint impulse_nms": {key: sum(one[key] for one in over) for key in ("knee", "hip")},
        "axis impulse_ns": {key: sum(one[key] for one in over) for key in ("along", "outward", "forward")},
    }


def _integrals(person: Person, side: Side, rep: Json) -> dict[str, float]:
    """Of one rep: moments about both joints, and forces along the shank's own axes, over time."""
    leg, athlete = person.performance.legs[side], person.performance.athlete
    t = np.arange(rep["start_s"], rep["end_s"], 1.0 / GRID_HZ)
    state = leg.state(t)
    force = (person.facts.mass_kg(side) or 0.0) * state[ACC]
    knee = np.array([[0.0], [0.0], [-athlete.knee_to_mass_m]])
    over: dict[str, FloatArray] = {
        "knee": np.linalg.norm(np.cross(np.broadcast_to(knee, force.shape), force, axis=0), axis=0),
        "hip": np.linalg.norm(np.cross(state[POSITION], force, axis=0), axis=0),
        "along": np.abs(force[Z]),
        "outward": np.abs(OUTWARD[side] * force[Y]),
        "forward": np.abs(force[X]),
    }
    return {key: float(values.sum()) / GRID_HZ for key, values in over.items()}
