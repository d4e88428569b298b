"""About which joint a lift loads the leg, which other joint is known, and why one is not."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from distal.analysis.load import THIGH, Felt, cross, knee_length_m
from distal.analysis.recognise import FLYING, LOWERED_FIRST, Look, outward
from distal.analysis.rotate import lengths, unit
from distal.model import Facts, FloatArray, Joint, Side
from distal.units import RAD_PER_DEG

# exercises in which the foot or the other leg carries the body: the joint's load is not that of the cuff
CLOSED = LOWERED_FIRST | FLYING | {"step_up", "calf_raise"}
BENT = frozenset(
    {"prone_hip_extension", "standing_hip_flexion", "donkey_kick", "fire_hydrant", "clamshell"}
)  # the hip moves while the knee is bent by an unknown angle
THIGH_TILT = 15.0 * RAD_PER_DEG  # a thigh on a seat, or of a leg that stands, is level or upright to so much
Thigh = Literal["level", "hanging", "straight"]


@dataclass(frozen=True, slots=True)
class Arm:
    """Which joint, how far the worn mass is from it, and which way the limb points (sensor axes)."""

    about: Joint | None
    length_m: float | None
    axis: FloatArray
    outward: FloatArray | None = None  # unit, away from the other leg
    side: Side = "right"
    reason: str | None = None  # why the joint or its distance is not known
    thigh: Thigh | None = None  # where the thigh is while the shank is lifted
    thigh_m: float | None = None
    knee_m: float | None = None
    hinge: FloatArray | None = None  # unit, about which the limb is lifted, right-handed

    @property
    def forward(self) -> FloatArray | None:
        """Unit, ahead of the person who stands."""
        if self.outward is None:
            return None
        ahead: FloatArray = np.cross(self.outward, self.axis)
        return ahead if self.side == "right" else -ahead


HANGING = frozenset({"seated_leg_raise", "seated_knee_extension", "standing_knee_flexion"}) | frozenset(
    {"standing_hip_abduction", "standing_hip_extension"}
)  # at rest the limb hangs, whatever its motion shows
MOST_LEAN = 0.3  # tangent of what is put right


def upright(look: Look) -> FloatArray:
    """The long axis (unit) of a limb that is lifted in an upright plane, as all whose load is known are.

    A swing about one hinge does not show how far the axis leans along that hinge; gravity does, because the
    hinge is level. Least squares over start and top; a limb that lies level tells nothing and stays.
    """
    hinge = unit(look.turn - (look.turn @ look.axis) * look.axis)
    ups = np.stack([look.up, look.up_top])
    along, across = ups @ look.axis, ups @ hinge
    lean = float(along @ across) / max(float(along @ along), 0.1)
    return unit(look.axis + float(np.clip(lean, -MOST_LEAN, MOST_LEAN)) * hinge)


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a set beside its motion: facts, the side, and where walking says right is (or None).

    A name found from the motion is not in it: it hangs on how the cuff is worn, a load must not.
    """

    facts: Facts
    side: Side
    right: FloatArray | None = None  # unit, sensor axes

    @property
    def exercise(self) -> str:
        """As told; empty when it was not."""
        return self.facts.exercise or ""


def placed(arm: Arm, look: Look, told: Told) -> Arm:
    """The arm with its axes, and the other joint where the exercise's lever model has one."""
    if arm.about is not None and not look.hinged and told.exercise in HANGING:
        look = replace(look, axis=unit(-look.up))
    elif arm.about is not None and not look.hinged:
        arm = replace(arm, about=None, length_m=None, reason="axis_unknown")
    elif arm.about is not None:
        look = replace(look, axis=upright(look))
    facts = told.facts
    return replace(
        arm,
        axis=look.axis,
        outward=_outward(look, told),
        side=told.side,
        thigh=_thigh(arm, look, told),
        thigh_m=None if facts.height_m is None else THIGH * facts.height_m,
        knee_m=knee_length_m(facts),
        hinge=unit(look.turn - (look.turn @ look.axis) * look.axis),
        reason=_reason(arm, told),
    )


def _outward(look: Look, told: Told) -> FloatArray | None:
    """From a told exercise, else from walking in the same session: motion alone leaves the sign open."""
    if told.exercise:
        return outward(look, told.exercise, told.side)
    if told.right is None:
        return None
    away = told.right if told.side == "right" else -told.right
    return unit(away - (away @ look.axis) * look.axis)


def _thigh(arm: Arm, look: Look, told: Told) -> Thigh | None:
    """A foot that goes ahead of a hanging shank belongs to who sits, one that goes back to who stands."""
    if arm.about != "knee":
        return "straight" if arm.about == "hip" else None
    if told.exercise:
        level = told.exercise.startswith("seated")
        return "level" if level else "hanging" if told.exercise == "standing_knee_flexion" else None
    if told.right is None:
        return None
    return "level" if float(told.right @ look.turn) > 0.0 else "hanging"


def _reason(arm: Arm, told: Told) -> str | None:
    """Why there is no moment."""
    if arm.about is not None:
        return "no_height" if arm.length_m is None else None
    if arm.reason is not None or told.exercise in CLOSED:
        return arm.reason or "closed_chain"
    if told.exercise in BENT:
        return "knee_bends"
    return "no_height" if told.facts.height_m is None else "joint_unknown"


def hip_arm(arm: Arm, felt: Felt, tilt: float = 0.0) -> FloatArray | None:
    """(n, 3) m, hip -> worn mass of a shank that is lifted below a known thigh; tilt: of the thigh, rad."""
    if arm.thigh in (None, "straight") or arm.thigh_m is None or arm.knee_m is None or arm.hinge is None:
        return None
    hinge = np.broadcast_to(arm.hinge, felt.up.shape)
    ahead = cross(felt.up, hinge)  # the hinge of a foot that goes ahead points to the person's right
    ahead /= np.maximum(lengths(ahead), 1e-9)[:, None]
    down = -felt.up
    thigh = ahead if arm.thigh == "level" else down
    turned = np.cos(tilt) * thigh + np.sin(tilt) * cross(hinge, thigh)
    out: FloatArray = arm.thigh_m * turned + arm.knee_m * arm.axis
    return out
