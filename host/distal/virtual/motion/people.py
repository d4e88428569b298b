"""Many different people doing one kind of thing, for validation: cheap, seeded, with exact truth.

    for case in population("squat", 20, seed=1):
        case.performance.left.sample(t), case.truth()

What varies: body height, where and how askew the cuffs sit, worn mass, tempo, range, number and size of reps,
pauses, tiring, tremor, movement of the other leg; of gait its speed, cadence, unevenness and impact.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from distal.errors import DataError
from distal.model import SIDES, FloatArray, Side
from distal.units import RAD_PER_DEG
from distal.virtual.motion.body import NOMINAL, Athlete
from distal.virtual.motion.exercises import EXERCISES, Reps
from distal.virtual.motion.floor import FLOOR_EXERCISES, FloorReps
from distal.virtual.motion.gait import Lag
from distal.virtual.motion.jump import Jumps
from distal.virtual.motion.plan import Odd, Sides
from distal.virtual.motion.rest import Rest, Stand
from distal.virtual.motion.run import Run
from distal.virtual.motion.script import Performance, Script
from distal.virtual.motion.stage import Movement
from distal.virtual.motion.walk import WALK_RATIO_M, Corner, Limp, Walk
from distal.virtual.motion.wearing import Spring, Wearing

Chance = np.random.Generator
# How much later than the foot's contacts (ic, tc) the shank turns as it does at them: SD over people, s,
# both legs of one alike. Walking: shank against foot of the same leg, 6 people, 19 and 14 ms, less what
# soft tissue does to virtual people's. Running: 13 men (Fadillioglu 2020, Gait & Posture). Legs of a
# walker: a shift of both contacts, so that step times agree within 31 ms (Bertoli 2018) with soft tissue.
LAG_S = {"walk": (0.017, 0.0135), "run": (0.003, 0.011)}
LEG_LAG_S = {"walk": 0.007, "run": 0.0}


@dataclass(frozen=True, slots=True)
class Case:
    """One person doing one thing."""

    kind: str
    number: int
    performance: Performance
    mass_kg: float  # worn on each leg

    def truth(self) -> dict[str, Any]:
        """As Performance.truth, with the worn mass; computed anew at each call."""
        return self.performance.truth(self.mass_kg, self.mass_kg)


def population(
    kind: str, n: int, seed: int = 1, change: Callable[[Athlete], Athlete] | None = None
) -> Iterator[Case]:
    """n people, one after another; the k-th does not depend on n.

    kind     one of KINDS_OF_CASES: an exercise's code, or walk, stand, ...
    change   what is different about everyone, such as how the cuffs are worn:
             lambda one: replace(one, is_swapped=True)
    raises   DataError for an unknown kind, at the first one asked for
    """
    if kind not in KINDS_OF_CASES:
        raise DataError(f"no population of {kind!r}. Known: {', '.join(KINDS_OF_CASES)}.")
    for number in range(n):
        rng = np.random.default_rng((seed, number, *kind.encode()))
        athlete = some_athlete(rng)
        athlete = change(athlete) if change else athlete
        movements = KINDS_OF_CASES[kind](kind, rng)
        script = Script(movements, f"{kind} {number}", seed=int(rng.integers(2**31)))
        yield Case(kind, number, script.perform(athlete), float(rng.uniform(0.5, 2.5)))


def some_athlete(rng: Chance) -> Athlete:
    """Heights of adults; a cuff a few centimetres off its place and up to some 10 degrees askew."""
    return Athlete(
        height_m=float(np.clip(rng.normal(1.71, 0.09), 1.50, 2.00)),
        cuff_height_m=float(rng.uniform(0.06, 0.12)),
        sensor_offset_m=(float(rng.uniform(-0.01, 0.01)), 0.0, float(rng.uniform(-0.02, 0.02))),
        mounting={side: askew(rng, 5.0) @ NOMINAL[side] for side in SIDES},
        wearing={side: Wearing(springs=_flesh(rng)) for side in SIDES},
        body_mass_kg=float(rng.uniform(50, 100)),
    )


def _flesh(rng: Chance) -> tuple[Spring, ...]:
    """The give of skin and muscle under the strap; a lean leg has none."""
    spring = Spring(float(rng.uniform(9, 15)), float(rng.uniform(0.25, 0.45)), float(rng.uniform(2, 12)))
    return (spring,) if rng.random() < 0.7 else ()


def some_lag(rng: Chance, is_run: bool) -> Mapping[Side, Lag]:
    """How one person's shanks turn about the contacts of the feet."""
    gait = "run" if is_run else "walk"
    ic_s, tc_s = (float(rng.normal(0.0, sd)) for sd in LAG_S[gait])
    own = {side: float(rng.normal(0.0, LEG_LAG_S[gait])) for side in SIDES}
    return {side: Lag(ic_s + own[side], tc_s + own[side]) for side in SIDES}


def askew(rng: Chance, spread_deg: float) -> FloatArray:
    """A small rotation (3, 3) about any axis; `spread_deg` is the standard deviation about each."""
    x, y, z = (rng.normal(0.0, spread_deg * RAD_PER_DEG, 3)).tolist()
    angle = float(np.sqrt(x * x + y * y + z * z))
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]]) / angle
    out: FloatArray = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return out


def _any_side(rng: Chance) -> Side:
    return "left" if rng.random() < 0.5 else "right"


def _timing(rng: Chance, slowest: float = 2.5) -> dict[str, Any]:
    """Tempo, number and unevenness of reps; now and then a short hold or none, a partial or aborted rep."""
    reps = int(rng.integers(5, 13))
    hold = float(rng.choice([0.0, rng.uniform(0.3, 1.5), rng.uniform(2.0, 5.0)], p=[0.3, 0.5, 0.2]))
    odd: dict[int, Odd] = {}
    if rng.random() < 0.2:
        odd[int(rng.integers(1, reps))] = "partial"
    return {
        "reps": reps,
        "tempo": (float(rng.uniform(0.7, slowest)), hold, float(rng.uniform(0.8, slowest))),
        "pause_s": float(rng.uniform(0.4, 2.5)),
        "variability": float(rng.uniform(0.02, 0.10)),
        "slowing": float(rng.uniform(0.0, 0.4)),
        "fading": float(rng.uniform(0.0, 0.2)),
        "odd": odd,
    }


def _swinging(kind: str, rng: Chance) -> list[Movement]:
    usual = EXERCISES[kind].range_deg
    side: Sides = _any_side(rng)
    if kind.startswith(("seated", "supine")) and rng.random() < 0.3:
        side = "both" if rng.random() < 0.5 else "alternating"
    timing = _timing(rng)
    reps = Reps(
        kind,
        side=side,
        range_deg=usual * float(rng.uniform(0.75, 1.15)),
        companion=float(rng.choice([0.0, rng.uniform(0.02, 0.25)])),
        tremor_deg=float(rng.uniform(0.05, 0.4)),
        shake_deg=float(rng.choice([0.0, rng.uniform(0.01, 0.05)])),
        landing_mps=float(rng.choice([0.0, rng.uniform(0.1, 0.5)])),
        **timing,
    )
    return [Rest(4.0, reps.posture.name), reps, Rest(4.0, reps.posture.name)]


def _floor(kind: str, rng: Chance) -> list[Movement]:
    side: Sides = _any_side(rng)
    if kind in ("lunge", "step_up") and rng.random() < 0.3:
        side = "alternating"
    timing = _timing(rng)
    slow = 1.4 if kind in ("lunge", "step_up", "step_down") else 1.0  # whole steps need their time
    out, hold, back = timing["tempo"]
    timing["tempo"] = (slow * out, min(hold, 2.0), slow * back)
    reps = FloorReps(kind, side=side, scale=float(rng.uniform(0.8, 1.15)), **timing)
    return [Stand(4.0), reps, Stand(4.0)]


def _jumping(kind: str, rng: Chance) -> list[Movement]:
    is_hop = kind == "hop"
    jumps = Jumps(
        "hop" if is_hop else "jump",
        reps=int(rng.integers(8, 21)) if is_hop else int(rng.integers(3, 8)),
        side=("both", "left", "right")[int(rng.integers(0, 3 if is_hop else 1))],
        height_m=float(rng.uniform(0.04, 0.12) if is_hop else rng.uniform(0.10, 0.42)),
        contact_s=float(rng.uniform(0.17, 0.32)),
        pause_s=float(rng.uniform(0.8, 3.0)),
        crouch_m=float(rng.uniform(0.0, 0.02)),
        impact_mps2=float(rng.uniform(25.0, 60.0)),
        held_s=float(rng.uniform(1.0, 2.5)) if kind == "squat_jump" else 0.0,
    )
    if kind == "walk_jump":  # on arrival, and on again
        ways = [Walk(float(rng.uniform(6, 12)), float(rng.uniform(90, 125))) for _ in range(2)]
        return [Stand(3.0), ways[0], replace(jumps, reps=int(rng.integers(1, 4))), ways[1], Stand(4.0)]
    return [Stand(4.0), jumps, Stand(4.0)]


def _walking(kind: str, rng: Chance) -> list[Movement]:
    cadence = float(rng.uniform(85, 130))
    walk = Walk(
        float(rng.uniform(20, 40)),
        cadence_spm=cadence,
        speed_mps=_by_ratio(cadence) * float(rng.uniform(0.85, 1.1)),
        variability=float(rng.uniform(0.015, 0.04)),
        asymmetry=float(rng.normal(0.0, 0.02)),
        impact_mps2=float(rng.uniform(12, 35)),
        first=_any_side(rng),
        swing_change=float(rng.uniform(0.0, 0.05)),
    )
    if kind == "turns":
        angles = rng.choice([-180.0, -90.0, 90.0, 180.0], 2).tolist()
        steps = rng.integers(3, 6, 2).tolist()
        corners = [Corner(*corner) for corner in zip((0.33, 0.7), angles, steps, strict=True)]
        walk = replace(walk, corners=corners)
    return [Stand(float(rng.uniform(2, 6))), walk, Stand(4.0)]


def _by_ratio(cadence_spm: float) -> float:
    """Speed of an ordinary walk of this cadence."""
    return cadence_spm / 60 * WALK_RATIO_M * cadence_spm


def _slow(kind: str, rng: Chance) -> list[Movement]:
    """After a stroke: 0.3 to 0.9 m/s, one leg worse."""
    speed = float(rng.uniform(0.3, 0.9))
    walk = Walk(
        float(rng.uniform(30, 50)),
        cadence_spm=(40 + 55 * speed) * float(rng.uniform(0.9, 1.1)),
        speed_mps=speed,
        variability=float(rng.uniform(0.02, 0.06)),
        impact_mps2=float(rng.uniform(12, 35)),
        first=_any_side(rng),
        limp=Limp(_any_side(rng), float(rng.uniform(0.1, 0.8))),
    )
    return [Stand(float(rng.uniform(2, 6))), walk, Stand(4.0)]


def _shuffling(kind: str, rng: Chance) -> list[Movement]:
    """A few short steps, standing, a few more."""
    parts: list[Movement] = [Stand(3.0)]
    for _ in range(4):
        cadence, step_m = float(rng.uniform(60, 100)), float(rng.uniform(0.12, 0.3))
        few = Walk(
            float(rng.uniform(5.5, 9.0)),
            cadence,
            cadence / 60 * step_m,
            variability=0.05,
            first=_any_side(rng),
        )
        parts += [few, Stand(float(rng.uniform(2, 5)))]
    return parts


def _running(kind: str, rng: Chance) -> list[Movement]:
    speed = float(rng.uniform(2.2, 5.0))
    cadence = float(np.clip(148 + 9 * speed + rng.normal(0, 6), 150, 200))
    contact_s = 0.40 * speed**-0.42 * float(rng.uniform(0.92, 1.08))
    run = Run(
        float(rng.uniform(15, 30)),
        cadence,
        speed,
        contact_s=min(contact_s, 0.9 * 60 / cadence),
        variability=float(rng.uniform(0.008, 0.025)),
        asymmetry=float(rng.normal(0.0, 0.02)),
        impact_mps2=float(rng.uniform(25, 80)),
        first=_any_side(rng),
    )
    return [Stand(4.0), run, Stand(4.0)]


def _climbing(kind: str, rng: Chance) -> list[Movement]:
    rise, tread = float(rng.uniform(0.15, 0.19)), float(rng.uniform(0.25, 0.30))
    up, down = float(rng.uniform(75, 100)), float(rng.uniform(80, 110))
    return [
        Stand(4.0),
        Walk(float(rng.uniform(8, 15)), up, up / 60 * tread, rise_m=rise, first=_any_side(rng)),
        Stand(3.0),
        Walk(float(rng.uniform(8, 15)), down, down / 60 * tread, rise_m=-rise, first=_any_side(rng)),
        Stand(4.0),
    ]


def _standing(kind: str, rng: Chance) -> list[Movement]:
    return [Stand(float(rng.uniform(30, 60)), sway_deg=float(rng.uniform(0.1, 0.8)))]


Maker = Callable[[str, Chance], list[Movement]]
KINDS_OF_CASES: dict[str, Maker] = {
    **dict.fromkeys(EXERCISES, _swinging),
    **dict.fromkeys(FLOOR_EXERCISES, _floor),
    "jump": _jumping,
    "hop": _jumping,
    "squat_jump": _jumping,
    "walk_jump": _jumping,
    "walk": _walking,
    "turns": _walking,
    "slow_walk": _slow,
    "shuffle": _shuffling,
    "run": _running,
    "stairs": _climbing,
    "stand": _standing,
}
