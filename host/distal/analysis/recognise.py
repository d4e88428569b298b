"""Name an exercise, or say `unknown`. Rules about gravity and lever; nothing is learnt from people.

What a lone ankle cuff can say whatever way it is put on: does the limb hang or lie before the rep, and is the
joint a shank or a whole leg away. Supine, prone and side-lying differ only in which side of the leg is up:
that needs a cuff worn as drawn (x along the leg towards the foot, z away from the other leg).
"""

from dataclasses import dataclass

import numpy as np

from distal.model import FloatArray, Side
from distal.units import RAD_PER_DEG

LYING = frozenset({"supine_straight_leg_raise", "sidelying_hip_abduction", "prone_hip_extension"})
STRAIGHT = (LYING - {"prone_hip_extension"}) | {"standing_hip_abduction", "standing_hip_extension"}
ABOUT_KNEE = frozenset({"seated_leg_raise", "seated_knee_extension", "standing_knee_flexion"})
LOWERED_FIRST = frozenset({"squat", "split_squat", "lunge", "step_down", "deadlift"})
ON_BOTH = frozenset({"squat", "deadlift", "calf_raise", "jump"})
STEPPING = frozenset({"lunge", "step_up", "step_down", "split_squat", "hop", "jump"})
LONGEST_SHANK_M = 0.55
HANGING = -50.0 * RAD_PER_DEG
LEVEL = 35.0 * RAD_PER_DEG
SIDEWAYS = float(np.cos(25.0 * RAD_PER_DEG))
FACING = 0.6  # share of gravity along the front of the leg
DRAWN = np.cos(35.0 * RAD_PER_DEG)  # how well the long axis agrees with the drawn x axis


@dataclass(frozen=True, slots=True)
class Look:
    """What a set looks like: elevations in rad, up at rest and long axis in sensor axes."""

    rest: float
    top: float
    up: FloatArray
    axis: FloatArray
    explained: float
    lever_m: float


def recognise(look: Look, side: Side) -> tuple[str, float]:
    """Exercise code and confidence 0 to 1."""
    if look.explained < 0.4:
        return "unknown", 0.0
    is_shank = look.lever_m < LONGEST_SHANK_M
    if is_shank and look.rest < HANGING and look.top > -LEVEL and look.top - look.rest > LEVEL:
        # a shank that hangs and is brought to level: bending the knee while standing looks the same here
        return "seated_leg_raise", 0.5
    if abs(look.rest) < LEVEL and look.axis[0] > DRAWN:
        return _lying(look, side)
    return "unknown", 0.0


def _lying(look: Look, side: Side) -> tuple[str, float]:
    """Which side of the leg is up: front, back or outside. z is lateral on both legs.

    Feet roll outwards when lying, so front and back get a wide share; in between it stays unknown.
    """
    front = float(look.up[1] if side == "right" else -look.up[1])
    outside = float(look.up[2])
    if outside > SIDEWAYS and abs(front) < np.sqrt(1.0 - SIDEWAYS**2):
        return "sidelying_hip_abduction", 0.7
    if abs(front) > FACING:
        return ("supine_straight_leg_raise" if front > 0 else "prone_hip_extension"), 0.7
    return "unknown", 0.0
