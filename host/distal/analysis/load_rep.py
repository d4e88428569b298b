"""The load of one lift, member by member, from what the worn mass feels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from distal.analysis.even import RATE_HZ
from distal.analysis.interval import level_error, method
from distal.analysis.load import (
    RING2,
    Felt,
    Phases,
    cross,
    gravity_nm,
    landing_g,
    moment_at,
    spun,
    without_contact,
)
from distal.analysis.load_arm import THIGH_TILT, Arm, hip_arm
from distal.analysis.segments import OwnLeg, limb_moment_nm, own_leg
from distal.model import JOINTS, Estimate, Facts, FloatArray, Joint, JointLoad, LimbAxes, Load, Part, Side
from distal.units import G

IMPULSES = ("impulse_concentric_nms", "impulse_hold_nms", "impulse_eccentric_nms")
PEAKS = ("peak_concentric_nm", "peak_hold_nm", "peak_eccentric_nm")
LEVEL = 0.5  # of the static moment of the limb held level, where no level is told


@dataclass(frozen=True, slots=True)
class Worn:
    """What a leg wears, and whose leg it is."""

    mass_kg: float | None
    level_nm: float | None = None
    level_share: float = method("peak_moment")  # half width of the moment beside its level, as a share
    leg: OwnLeg | None = None


def worn(facts: Facts, side: Side) -> Worn:
    """As it was told."""
    return Worn(facts.mass_kg(side), facts.level_nm, level_error(facts, side), own_leg(facts))


def rep_load(felt: Felt, phases: Phases, arm: Arm, carried: Worn) -> Load:
    """Load over one lift; `felt` is its whole span, at the centre of the worn mass."""
    start, end = round(phases.start), round(phases.end) + 1
    landed = landing_g(felt.acc, end)
    mass = carried.mass_kg
    if mass is None:
        return _unknown(Load(about=arm.about, landing_peak_g=landed), "no_mass")
    lift = replace(felt.cut(start, end), acc=without_contact(felt.acc, start, end))
    force = mass * lift.acc
    plain = Load(
        about=arm.about if arm.length_m is not None else None,
        peak_force_n=float(_sizes(force).max()),
        lateral_force_n=None if arm.outward is None else _part(force, arm.outward).peak_n,
        landing_peak_g=landed,
        waist_force_n=mass * G,
        axes=_axes(force, arm),
    )
    if arm.about is None or arm.length_m is None:
        return _unknown(plain, arm.reason or "joint_unknown")
    cut = [min(max(round(x) - start, 0), len(force)) for x in (phases.hold_start, phases.hold_end)]
    return replace(plain, **turning(lift, arm, carried, cut))


def _unknown(load: Load, why: str) -> Load:
    return replace(load, reason=why, joints={joint: JointLoad(reason=why) for joint in JOINTS})


def turning(lift: Felt, arm: Arm, carried: Worn, cut: Sequence[int]) -> dict[str, Any]:
    """The members of a load that need the joint, which is known; cut: samples where hold and lower begin."""
    mass, length = carried.mass_kg or 0.0, arm.length_m or 0.0
    r = length * arm.axis
    own = spun(lift, (arm.axis, RING2))
    moment = moment_at(lift, r, mass, own)
    size = _sizes(moment)
    phases = _phases(size, cut)
    parts = [float(part.sum()) / RATE_HZ for part in phases]
    peaks = [float(part.max()) if len(part) else None for part in phases]
    level = LEVEL * mass * G * length if carried.level_nm is None else carried.level_nm
    power = np.einsum("ni,ni->n", mass * lift.acc, cross(lift.gyr, r))
    return {
        "peak_moment_nm": float(size.max()),
        "impulse_nms": parts[0] + parts[1] + parts[2],
        **dict(zip(IMPULSES, parts, strict=True)),
        **dict(zip(PEAKS, peaks, strict=True)),
        "level_nm": level,
        "above_level_s": _above(size, level),
        "waist_moment_nm": 0.0,
        "joints": _joints(lift, moment, arm, (mass, own)),
        "low": Load(above_level_s=_above(size * (1.0 - carried.level_share), level)),
        "high": Load(above_level_s=_above(size * (1.0 + carried.level_share), level)),
        **_causes(moment, gravity_nm(lift, r, mass)),
        **_power(power, cut),
        **_own(lift, arm, carried.leg),
    }


def _phases(course: FloatArray, cut: Sequence[int]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Lift, hold, lower."""
    return course[: cut[0]], course[cut[0] : cut[1]], course[cut[1] :]


def _above(size: FloatArray, level: float) -> float:
    return int(np.count_nonzero(size > level)) / RATE_HZ


def _causes(moment: FloatArray, gravity: FloatArray) -> dict[str, Any]:
    """Gravity's and inertia's part along the moment: they add up to its size at every instant."""
    size = _sizes(moment)
    along = np.einsum("ni,ni->n", gravity, moment) / np.maximum(size, 1e-12)
    at = int(size.argmax())
    return {
        "peak_gravity_nm": float(along[at]),
        "peak_inertia_nm": float(size[at] - along[at]),
        "impulse_gravity_nms": float(along.sum()) / RATE_HZ,
        "impulse_inertia_nms": float((size - along).sum()) / RATE_HZ,
    }


def _power(power: FloatArray, cut: Sequence[int]) -> dict[str, Any]:
    """Power delivered to the worn mass; lift and lower are the ways out and back."""
    lift, _, lower = _phases(power, cut)
    return {
        "work_concentric_j": float(np.maximum(power, 0.0).sum()) / RATE_HZ,
        "work_eccentric_j": float(np.minimum(power, 0.0).sum()) / RATE_HZ,
        "peak_power_w": float(power.max()),
        "peak_power_lower_w": float(power.min()),
        "mean_power_lift_w": float(lift.mean()) if len(lift) else 0.0,
        "mean_power_lower_w": float(lower.mean()) if len(lower) else 0.0,
    }


def _own(lift: Felt, arm: Arm, leg: OwnLeg | None) -> dict[str, Any]:
    """The limb's own part about the same joint."""
    if leg is None or arm.length_m is None:
        return {}
    parts = [(0.0, leg.shank)] if arm.about == "knee" else [(0.0, leg.thigh), (leg.thigh_m, leg.shank)]
    size = _sizes(limb_moment_nm(lift, arm.axis, arm.length_m, parts))
    return {"limb_moment_nm": float(size.max()), "limb_impulse_nms": float(size.sum()) / RATE_HZ}


def _joints(
    lift: Felt, moment: FloatArray, arm: Arm, body: tuple[float, FloatArray]
) -> Mapping[Joint, JointLoad]:
    """Knee and hip; here the interval is that of the lever model alone, the rest is added later.

    body  its mass, and what it takes itself to turn
    """
    if arm.about == "hip":
        knee = moment_at(lift, (arm.knee_m or 0.0) * arm.axis, *body)
        return {"knee": _joint([knee]), "hip": _joint([moment])}
    arms = [hip_arm(arm, lift, tilt) for tilt in (0.0, -THIGH_TILT, THIGH_TILT)]
    known = [moment_at(lift, r, *body) for r in arms if r is not None]
    hip = _joint(known) if known else JointLoad(reason="thigh_unseen")
    return {"knee": _joint([moment]), "hip": hip}


def _joint(moments: Sequence[FloatArray]) -> JointLoad:
    """The first is the value; the others say how far the model may be off."""
    sizes = [_sizes(one) for one in moments]
    return JointLoad(
        _span([float(size.max()) for size in sizes]), _span([float(size.sum()) / RATE_HZ for size in sizes])
    )


def _span(values: Sequence[float]) -> Estimate:
    half = max(abs(value - values[0]) for value in values)
    return Estimate(values[0], max(values[0] - half, 0.0), values[0] + half, 1)


def _axes(force: FloatArray, arm: Arm) -> LimbAxes:
    outward, forward = (None if axis is None else _part(force, axis) for axis in (arm.outward, arm.forward))
    return LimbAxes(_part(force, arm.axis), outward, forward)


def _part(force: FloatArray, axis: FloatArray) -> Part:
    """The component along a unit axis: where its size is largest, signed, and its size added up."""
    along = np.einsum("ni,i->n", force, axis)
    size = np.abs(along)
    return Part(float(along[size.argmax()]), float(size.sum()) / RATE_HZ)


def _sizes(rows: FloatArray) -> FloatArray:
    out: FloatArray = np.sqrt(np.einsum("ni,ni->n", rows, rows))
    return out
