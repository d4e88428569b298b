"""The `load` objects of the JSON contract: of a rep, of a set, of a session."""

from collections.abc import Mapping
from typing import Any

from distal.model import JOINTS, Distribution, JointLoad, LimbAxes, Load, Part, Split
from distal.report.plain import estimate, number, plain, seconds

# members with an interval, in the order of the page of the metric
INTERVALS = (
    "peak_force_n",
    "peak_moment_nm",
    "impulse_nms",
    "impulse_concentric_nms",
    "impulse_hold_nms",
    "impulse_eccentric_nms",
    "work_concentric_j",
    "work_eccentric_j",
    "peak_power_w",
    "lateral_force_n",
    "peak_gravity_nm",
    "peak_inertia_nm",
    "impulse_gravity_nms",
    "impulse_inertia_nms",
    "peak_concentric_nm",
    "peak_hold_nm",
    "peak_eccentric_nm",
    "above_level_s",
    "peak_power_lower_w",
    "mean_power_lift_w",
    "mean_power_lower_w",
    "limb_moment_nm",
    "limb_impulse_nms",
    "waist_force_n",
)


def load_dict(load: Load) -> dict[str, Any]:
    """Load of one rep."""
    return {
        "about": load.about,
        "reason": load.reason,
        "peak_force_n": number(load.peak_force_n),
        "peak_moment_nm": number(load.peak_moment_nm),
        "peak_moment_parts_nm": _pair(load.peak_gravity_nm, load.peak_inertia_nm),
        "peak_by_phase_nm": _phases(load.peak_concentric_nm, load.peak_hold_nm, load.peak_eccentric_nm),
        "impulse_nms": number(load.impulse_nms),
        "impulse_parts_nms": _pair(load.impulse_gravity_nms, load.impulse_inertia_nms),
        "impulse_by_phase_nms": _phases(
            load.impulse_concentric_nms, load.impulse_hold_nms, load.impulse_eccentric_nms
        ),
        "level_nm": number(load.level_nm),
        "above_level_s": seconds(load.above_level_s),
        "work_concentric_j": number(load.work_concentric_j),
        "work_eccentric_j": number(load.work_eccentric_j),
        "peak_power_w": number(load.peak_power_w),
        "peak_power_lower_w": number(load.peak_power_lower_w),
        "mean_power_lift_w": number(load.mean_power_lift_w),
        "mean_power_lower_w": number(load.mean_power_lower_w),
        "lateral_force_n": number(load.lateral_force_n),
        "axes": _axes(load.axes),
        "joints": {joint: _joint(load.joints.get(joint)) for joint in JOINTS},
        "waist": {"force_n": number(load.waist_force_n), "moment_nm": number(load.waist_moment_nm)},
        "limb_moment_nm": number(load.limb_moment_nm),
        "limb_impulse_nms": number(load.limb_impulse_nms),
        "landing_peak_g": number(load.landing_peak_g),
        "low": _end(load.low),
        "high": _end(load.high),
    }


def _pair(gravity: float | None, inertia: float | None) -> dict[str, float | None]:
    return {"gravity": number(gravity), "inertia": number(inertia)}


def _phases(lift: float | None, hold: float | None, lower: float | None) -> dict[str, float | None]:
    return {"concentric": number(lift), "hold": number(hold), "eccentric": number(lower)}


def _axes(axes: LimbAxes | None) -> dict[str, Any] | None:
    if axes is None:
        return None
    return {name: _part(getattr(axes, name)) for name in ("along", "outward", "forward")}


def _part(part: Part | None) -> dict[str, float | None] | None:
    return None if part is None else {"peak_n": number(part.peak_n), "impulse_ns": number(part.impulse_ns)}


def _joint(joint: JointLoad | None) -> dict[str, Any]:
    one = joint or JointLoad()
    return {
        "peak_moment_nm": estimate(one.peak_moment_nm),
        "impulse_nms": estimate(one.impulse_nms),
        "reason": one.reason,
    }


def _end(load: Load | None) -> dict[str, Any] | None:
    """One end of the intervals: the members of a load that have one."""
    if load is None:
        return None
    found = {key: getattr(load, key) for key in INTERVALS}
    return {key: number(value) for key, value in found.items() if value is not None}


def distribution_dict(found: Distribution | None) -> dict[str, Any] | None:
    """Where the load went: side, phase, joint, axis, third -> quantity -> how it divides."""
    if found is None:
        return None
    splits = {by: {key: _split(one) for key, one in row.items()} for by, row in found.splits.items()}
    return {"reps": found.reps, **splits}


def _split(one: Split) -> Mapping[str, Any]:
    return {
        "amount": plain(one.amount),
        "percent": plain(one.percent),
        "coverage": number(one.coverage),
        "reason": one.reason,
    }
