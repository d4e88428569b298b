"""The load of lifts, member by member, from what the worn mass feels. Columns: a value for each lift."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from distal.analysis.even import RATE_HZ
from distal.analysis.interval import level_error, method
from distal.analysis.lifts import Lifts, lifts_of
from distal.analysis.load import RING2, Felt, Phases, cross, gravity_nm, landing_g, moment_at, spun
from distal.analysis.load_arm import THIGH_TILT, Arm, hip_arm
from distal.analysis.rotate import lengths
from distal.analysis.segments import OwnLeg, limb_moment_nm, own_leg
from distal.model import JOINTS, Estimate, Facts, FloatArray, Joint, JointLoad, LimbAxes, Load, Part, Side
from distal.units import G

IMPULSES = ("impulse_concentric_nms", "impulse_hold_nms", "impulse_eccentric_nms")
PEAKS = ("peak_concentric_nm", "peak_hold_nm", "peak_eccentric_nm")
TOGETHER = 64  # lifts at once: more would leave the near memory of the processor
LEVEL = 0.5  # of the static moment of the limb held level, where no level is told

Columns = dict[str, Sequence[Any]]


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


def rep_loads(felt: Felt, phases: Sequence[Phases], arm: Arm, carried: Worn) -> list[Load]:
    """Load over each lift; `felt` is their whole span, at the centre of the worn mass."""
    out: list[Load] = []
    for at in range(0, len(phases), TOGETHER):
        some = phases[at : at + TOGETHER]
        landed = [landing_g(felt.acc, round(one.end) + 1) for one in some]
        if carried.mass_kg is None:
            out += [_load({"about": arm.about, "landing_peak_g": one}, "no_mass") for one in landed]
        else:
            out += _loads(lifts_of(felt, some), landed, arm, carried)
    return out


def _loads(lifts: Lifts, landed: list[float | None], arm: Arm, carried: Worn) -> list[Load]:
    mass = carried.mass_kg or 0.0
    force = mass * lifts.felt.acc
    columns: Columns = {
        "peak_force_n": lifts.peaks(lengths(force)).tolist(),
        "landing_peak_g": landed,
        "axes": _axes(lifts, force, arm),
    }
    if arm.outward is not None:
        columns["lateral_force_n"] = [one.outward.peak_n for one in columns["axes"]]
    alike = {"about": arm.about if arm.length_m is not None else None, "waist_force_n": mass * G}
    why = None if alike["about"] else arm.reason or "joint_unknown"
    if why is None:
        columns |= turning(lifts, arm, carried)
    rows = zip(*columns.values(), strict=True)
    return [_load(alike | dict(zip(columns, row, strict=True)), why) for row in rows]


def _load(members: dict[str, Any], why: str | None) -> Load:
    if why is None:
        return Load(**members)
    return Load(**members, reason=why, joints={joint: JointLoad(reason=why) for joint in JOINTS})


def turning(lifts: Lifts, arm: Arm, carried: Worn) -> Columns:
    """The members of a load that need the joint, which is known."""
    mass, length = carried.mass_kg or 0.0, arm.length_m or 0.0
    r = length * arm.axis
    own = spun(lifts.felt, (arm.axis, RING2))
    moment = moment_at(lifts.felt, r, mass, own)
    size = lengths(moment)
    level = LEVEL * mass * G * length if carried.level_nm is None else carried.level_nm
    impulses = (lifts.phase_sums(size) / RATE_HZ).T
    peaks = [[None if np.isnan(x) else x for x in phase] for phase in lifts.phase_peaks(size).T.tolist()]
    above = [_above(lifts, share * size, level) for share in (1.0, 1.0 - carried.level_share)]
    above.append(_above(lifts, (1.0 + carried.level_share) * size, level))
    k = len(lifts.edges)
    return {
        "peak_moment_nm": lifts.peaks(size).tolist(),
        "impulse_nms": (impulses[0] + impulses[1] + impulses[2]).tolist(),
        **dict(zip(IMPULSES, impulses.tolist(), strict=True)),
        **dict(zip(PEAKS, peaks, strict=True)),
        "level_nm": [level] * k,
        "above_level_s": above[0],
        "waist_moment_nm": [0.0] * k,
        "joints": _joints(lifts, moment, arm, (mass, own)),
        "low": [Load(above_level_s=one) for one in above[1]],
        "high": [Load(above_level_s=one) for one in above[2]],
        **_causes(lifts, moment, gravity_nm(lifts.felt, r, mass)),
        **_power(lifts, np.einsum("ni,ni->n", mass * lifts.felt.acc, cross(lifts.felt.gyr, _rows(r, lifts)))),
        **_own(lifts, arm, carried.leg),
    }


def _rows(vector: FloatArray, lifts: Lifts) -> FloatArray:
    return np.broadcast_to(vector, lifts.felt.acc.shape)


def _above(lifts: Lifts, size: FloatArray, level: float) -> list[float]:
    out: list[float] = (lifts.sums((size > level).astype(np.float64)) / RATE_HZ).tolist()
    return out


def _causes(lifts: Lifts, moment: FloatArray, gravity: FloatArray) -> Columns:
    """Gravity's and inertia's part along the moment: they add up to its size at every instant."""
    size = lengths(moment)
    along = np.einsum("ni,ni->n", gravity, moment) / np.maximum(size, 1e-12)
    at = lifts.first_peaks(size)
    return {
        "peak_gravity_nm": along[at].tolist(),
        "peak_inertia_nm": (size[at] - along[at]).tolist(),
        "impulse_gravity_nms": (lifts.sums(along) / RATE_HZ).tolist(),
        "impulse_inertia_nms": (lifts.sums(size - along) / RATE_HZ).tolist(),
    }


def _power(lifts: Lifts, power: FloatArray) -> Columns:
    """Power delivered to the worn mass; lift and lower are the ways out and back."""
    mean = lifts.phase_sums(power) / np.maximum(lifts.sizes, 1)
    return {
        "work_concentric_j": (lifts.sums(np.maximum(power, 0.0)) / RATE_HZ).tolist(),
        "work_eccentric_j": (lifts.sums(np.minimum(power, 0.0)) / RATE_HZ).tolist(),
        "peak_power_w": lifts.peaks(power).tolist(),
        "peak_power_lower_w": (-lifts.peaks(-power)).tolist(),
        "mean_power_lift_w": mean[:, 0].tolist(),
        "mean_power_lower_w": mean[:, 2].tolist(),
    }


def _own(lifts: Lifts, arm: Arm, leg: OwnLeg | None) -> Columns:
    """The limb's own part about the same joint."""
    if leg is None or arm.length_m is None:
        return {}
    parts = [(0.0, leg.shank)] if arm.about == "knee" else [(0.0, leg.thigh), (leg.thigh_m, leg.shank)]
    size = lengths(limb_moment_nm(lifts.felt, arm.axis, arm.length_m, parts))
    return {
        "limb_moment_nm": lifts.peaks(size).tolist(),
        "limb_impulse_nms": (lifts.sums(size) / RATE_HZ).tolist(),
    }


def _joints(
    lifts: Lifts, moment: FloatArray, arm: Arm, body: tuple[float, FloatArray]
) -> list[Mapping[Joint, JointLoad]]:
    """Knee and hip; here the interval is that of the lever model alone, the rest is added later.

    body  its mass, and what it takes itself to turn
    """
    if arm.about == "hip":
        knee = moment_at(lifts.felt, (arm.knee_m or 0.0) * arm.axis, *body)
        return _both(_joint(lifts, [knee]), _joint(lifts, [moment]))
    arms = [hip_arm(arm, lifts.felt, tilt) for tilt in (0.0, -THIGH_TILT, THIGH_TILT)]
    known = [moment_at(lifts.felt, r, *body) for r in arms if r is not None]
    unseen = [JointLoad(reason="thigh_unseen")] * len(lifts.edges)
    return _both(_joint(lifts, [moment]), _joint(lifts, known) if known else unseen)


def _both(knee: list[JointLoad], hip: list[JointLoad]) -> list[Mapping[Joint, JointLoad]]:
    return [{"knee": one, "hip": other} for one, other in zip(knee, hip, strict=True)]


def _joint(lifts: Lifts, moments: Sequence[FloatArray]) -> list[JointLoad]:
    """The first is the value; the others say how far the model may be off."""
    sizes = [lengths(one) for one in moments]
    peaks = _spans([lifts.peaks(size) for size in sizes])
    sums = _spans([lifts.sums(size) / RATE_HZ for size in sizes])
    return [JointLoad(peak, total) for peak, total in zip(peaks, sums, strict=True)]


def _spans(values: Sequence[FloatArray]) -> list[Estimate]:
    value = values[0]
    half = np.max([np.abs(one - value) for one in values], axis=0)
    rows = np.stack([value, np.maximum(value - half, 0.0), value + half], axis=1).tolist()
    return [Estimate(middle, low, high, 1) for middle, low, high in rows]


def _axes(lifts: Lifts, force: FloatArray, arm: Arm) -> list[LimbAxes]:
    parts = [
        [None] * len(lifts.edges) if axis is None else _part(lifts, force, axis)
        for axis in (arm.axis, arm.outward, arm.forward)
    ]
    return [LimbAxes(*row) for row in zip(*parts, strict=True)]


def _part(lifts: Lifts, force: FloatArray, axis: FloatArray) -> list[Part]:
    """The component along a unit axis: where its size is largest, signed, and its size added up."""
    along = np.einsum("ni,i->n", force, axis)
    size = np.abs(along)
    peaks, sums = along[lifts.first_peaks(size)], lifts.sums(size) / RATE_HZ
    return [Part(*row) for row in zip(peaks.tolist(), sums.tolist(), strict=True)]
