"""Name an exercise, or say `unknown`: how a set looks, beside what virtual people's sets look like.

Each exercise is a cloud of looks: mean and spread of every feature, in `names.py`, which
`distal.validate.learn_names` makes from virtual people of varied size. No spread is taken smaller than
its floor, because people differ more than virtual ones. Features of shape hold for any mounting. Where
gravity and turning lie on the leg needs a cuff worn as drawn (x along the leg towards the foot, z away
from the other leg): that evidence is left out when the long axis found from motion is far from x. Supine,
prone and side-lying differ only by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distal.analysis.names import CLOUDS
from distal.analysis.rotate import unit
from distal.model import FloatArray, Side

LYING = frozenset({"supine_straight_leg_raise", "sidelying_hip_abduction", "prone_hip_extension"})
STRAIGHT = (LYING - {"prone_hip_extension"}) | {"standing_hip_abduction", "standing_hip_extension"}
ABOUT_KNEE = frozenset({"seated_leg_raise", "seated_knee_extension", "standing_knee_flexion"})
FLYING = frozenset({"jump", "hop"})
ABOUT_SHANK = frozenset({"fire_hydrant"})  # the shank turns about itself, the thigh goes up
LOWERED_FIRST = frozenset({"squat", "split_squat", "lunge", "step_down", "deadlift"})
ON_BOTH = frozenset({"squat", "deadlift", "calf_raise", "jump"})
# which way the shank turns, seen by the person: foot ahead, foot back, foot outwards
AHEAD = frozenset({"seated_leg_raise", "seated_knee_extension", "supine_straight_leg_raise"})
BACK = frozenset({"prone_hip_extension", "standing_knee_flexion", "standing_hip_extension", "donkey_kick"})
ASIDE = frozenset({"sidelying_hip_abduction", "standing_hip_abduction"})
STEPPING = frozenset({"lunge", "step_up", "step_down", "split_squat", "hop", "jump"})
TWINS = {"seated_knee_extension": "seated_leg_raise"}  # one movement of the shank: one name

SHAPE = (
    "rest", "top", "turn", "lever", "rise", "away", "lean", "hinged", "stands",
    "other", "other_steps", "other_leans",
)  # fmt: skip
PLACE = ("front_rest", "out_rest", "long_rest", "bend", "spread", "twist")
# least spread: 9 degrees of pose, 14 of range, 12 cm of lever, 6 cm of rise, a quarter of a yes or no
FLOOR = {
    "rest": 0.15,
    "top": 0.2,
    "turn": 0.25,
    "lever": 0.12,
    "rise": 0.06,
    "away": 0.1,
    "lean": 0.2,
    "other": 0.2,
    "other_leans": 0.2,
}
PLACE_FLOOR, FLAG_FLOOR = 0.35, 0.25  # 20 degrees: feet roll outwards when lying
AS_DRAWN = float(np.cos(np.radians(40.0)))
SURE = 0.5  # named when this share of the likelihood is its
# So many of 100 names are right whose likelihood is all theirs; with two thirds of it still 80: the features
# count as independent, which parts neighbours more than it should (`reliability` of `distal validate`)
TRUST = 0.95
HALF = 0.55  # a movement with two names: so often it is the one
MOST_RISE_M = 0.25
AGAIN = 0.87  # cosine of 30 degrees
FAR = 3.0  # mean squared distance, in spreads, of a look that no exercise has


@dataclass(frozen=True, slots=True)
class Beside:
    """The other leg in the time of a set: its turning as a share, whether it steps, its lean at rest, rad."""

    turning: float = 0.0
    steps: bool = False
    lean: float = 0.0


@dataclass(frozen=True, slots=True)
class Look:
    """What a set looks like. Vectors in sensor axes; `turn` is the rotation from start to top, rad."""

    up: FloatArray
    up_top: FloatArray
    turn: FloatArray
    axis: FloatArray
    rest: float  # sine of the elevation at start and at top
    top: float
    lever_m: float
    rise_m: float
    hinged: bool
    stands: bool
    flies: str = ""  # jump or hop: each rep has a flight
    away_m: float = 0.0  # how far the foot steps; 0 when it does not
    lean: float = 0.0  # rad, at the starts, from how the limb stood before the set

    def features(self, side: Side, other: "Beside | None") -> dict[str, float]:
        """By name; `other`: what the other leg does beside this one, None when it is not known."""
        mirror = 1.0 if side == "right" else -1.0  # y points ahead on one leg and back on the other
        way = unit(self.turn)  # how far people go differs, which way does not
        found = {
            "rest": self.rest,
            "top": self.top,
            "turn": float(np.sqrt(self.turn @ self.turn)),
            "lever": min(self.lever_m, 1.2) if self.hinged else 0.0,
            "rise": min(self.rise_m, MOST_RISE_M),  # beyond a step's height it only says how far
            "away": self.away_m,
            "lean": self.lean,
            "hinged": float(self.hinged),
            "stands": float(self.stands),
            "long_rest": float(self.up[0]),
            "front_rest": mirror * float(self.up[1]),
            "out_rest": float(self.up[2]),
            "twist": mirror * float(way[0]),
            "spread": float(way[1]),
            "bend": mirror * float(way[2]),
        }
        if other is None:
            return found
        beside = {
            "other": min(other.turning, 1.0),
            "other_steps": float(other.steps),
            "other_leans": other.lean,
        }
        return found | beside

    @property
    def is_as_drawn(self) -> bool:
        """Whether the long axis found from motion agrees with the drawn one."""
        return not self.hinged or float(self.axis[0]) > AS_DRAWN


def recognise(look: Look, side: Side, other: Beside | None = None) -> tuple[str, float]:
    """Exercise code and confidence 0 to 1."""
    return name_of([likeness(look, side, other)])


@dataclass(frozen=True, slots=True)
class Likeness:
    """How unlike each exercise a set looks: minus twice the log likelihood, and mean squared distance."""

    far: dict[str, float]
    misfit: dict[str, float]


def likeness(look: Look, side: Side, other: Beside | None) -> Likeness:
    """Of one set to every exercise. A flight says by itself what it is."""
    if look.flies:
        return Likeness({look.flies: 0.0}, {look.flies: 0.0})
    found = look.features(side, other)
    if not look.is_as_drawn:
        found = {key: value for key, value in found.items() if key in SHAPE}
    return Likeness(
        {code: _distance(found, x) for code, x in CLOUDS.items()},
        {code: _misfit(found, x) for code, x in CLOUDS.items()},
    )


def name_of(series: Sequence[Likeness]) -> tuple[str, float]:
    """One name, and how sure it is, for sets that are the same movement again: their mean decides."""
    codes = [code for code in series[0].far if all(code in one.far for one in series)]
    if not codes:
        return "unknown", 0.0
    far = {code: float(np.mean([one.far[code] for one in series])) for code in codes}
    best = min(far, key=lambda code: far[code])
    weights = {code: float(np.exp(-0.5 * (d - far[best]))) for code, d in far.items()}
    share = weights[best] / sum(weights.values())
    if share < SURE or float(np.mean([one.misfit[best] for one in series])) > FAR:
        return "unknown", 0.0
    return best, TRUST * float(np.sqrt(share)) * (HALF if best in TWINS.values() else 1.0)


def is_again(one: Look, two: Look) -> bool:
    """Whether two sets are one movement: from a like pose, turning about a like axis, however far."""
    turns = unit(one.turn) @ unit(two.turn)
    if one.flies or two.flies:
        return one.flies == two.flies
    same = one.hinged == two.hinged and one.stands == two.stands and (one.away_m > 0) == (two.away_m > 0)
    return bool(same and one.up @ two.up > AGAIN and turns > AGAIN)


def _distance(found: dict[str, float], cloud: dict[str, tuple[float, float]]) -> float:
    """Minus twice the log likelihood, features taken as independent."""
    widths = np.array([_width(key, cloud[key][1]) for key in found])
    return _misfit(found, cloud) * len(found) + 2.0 * float(np.log(widths).sum())


def _misfit(found: dict[str, float], cloud: dict[str, tuple[float, float]]) -> float:
    """Mean squared distance in spreads."""
    off = [(value - cloud[key][0]) / _width(key, cloud[key][1]) for key, value in found.items()]
    return float(np.mean(np.square(off)))


def _width(key: str, spread: float) -> float:
    return float(np.hypot(spread, FLOOR.get(key, PLACE_FLOOR if key in PLACE else FLAG_FLOOR)))


def outward(look: Look, exercise: str, side: Side) -> FloatArray | None:
    """Unit vector (3,) away from the other leg, sensor axes at the start; None where motion does not show it.

    A foot that goes ahead turns about an axis that points to the person's right. No mounting is needed.
    """
    if exercise in ASIDE:
        return unit(np.cross(look.turn, look.axis))
    sign = {True: 1.0, False: -1.0}[side == "right"]
    across = unit(look.turn - (look.turn @ look.axis) * look.axis)
    if exercise in AHEAD:
        return sign * across
    return -sign * across if exercise in BACK else None
