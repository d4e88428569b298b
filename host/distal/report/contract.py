"""SessionReport -> the JSON contract of `distal analyze`: plain types, no NaN, null for unknown.

Rounding: times to 0.1 ms, the rest to 6 significant digits. The three phases of a rep are rounded so that
they still add up to end - start.
"""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from distal.model import (
    SIDES,
    Change,
    Estimate,
    ExerciseSet,
    Facts,
    Fatigue,
    Load,
    Pace,
    Rep,
    SensorError,
    SessionReport,
    Side,
    Stance,
    Step,
    SwayAngle,
    Wear,
)

CONTRACT_VERSION = 1
ANALYSIS_VERSION = 1  # raise it when a number moves; see CHANGELOG, "Numbers that move"
TIME_DIGITS = 4
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
)


def to_dict(report: SessionReport) -> dict[str, Any]:
    """The object of `distal analyze --json`."""
    return {
        "version": {"contract": CONTRACT_VERSION, "analysis": ANALYSIS_VERSION},
        "coverage": {side: _number(report.coverage.get(side)) for side in SIDES},
        "cadence_spm": _estimate(report.cadence_spm),
        "steps": {side: [_step(step) for step in report.steps.get(side, ())] for side in SIDES},
        "sets": [_set(one) for one in report.sets],
        "wear": {side: _wear(report.wear.get(side)) for side in SIDES},
        "sway": [_stance(one) for one in report.sway],
        "warnings": [{"code": one.code, "text": one.text} for one in report.notices],
        "mass_kg": _by_side(report.mass_kg),
        "bouts": [plain(one) for one in report.bouts],
        "jumps": [plain(one) for one in report.jumps],
        "walking_cost_pct": _cost(report),
        "impact": {side: plain(report.impact.get(side)) for side in SIDES},
        "mass": {side: _mass(report.rests_on.facts, side) for side in SIDES},
        "cuff_height_m": _with_half(
            report.rests_on.facts.cuff_height_m, report.rests_on.facts.cuff_height_error_m
        ),
        "sensor": {side: _sensor(report.rests_on.sensors.get(side)) for side in SIDES},
        "sync": None if report.sync is None else plain(report.sync),
    }


def _cost(report: SessionReport) -> dict[str, float] | None:
    """Range of the rise of the walking cost, from the literature; null without a walk or a mass."""
    ends = report.walking_cost_pct
    return None if ends is None else {"low": ends[0], "high": ends[1]}


def _by_side(values: Mapping[Side, float | None]) -> dict[str, float | None]:
    return {side: _number(values.get(side)) for side in SIDES}


def _mass(facts: Facts, side: Side) -> dict[str, Any] | None:
    """The worn mass of a leg with its 95 % interval and where it comes from."""
    kg = facts.mass_kg(side)
    if kg is None:
        return None
    return {**_with_half(kg, kg * facts.mass_error(side)), "known": facts.mass_known(side)}


def _with_half(value: float, half: float) -> dict[str, float | None]:
    return {"value": _number(value), "low": _number(value - half), "high": _number(value + half)}


def _sensor(error: SensorError | None) -> dict[str, Any] | None:
    """How far an IMU may be off, 95 %; `calibrated`: when, null without a calibration."""
    if error is None:
        return None
    return {
        "calibrated": error.made,
        "scale_error": _number(error.scale),
        "bias_error_mps2": _number(error.bias_mps2),
    }


def _number(value: float | None) -> float | None:
    """A plain float of 6 significant digits; not finite is unknown."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.6g}")


def plain(record: Any) -> Any:
    """A record, mapping or number as JSON: names ending in `_s` of a record's own are times."""
    if isinstance(record, Estimate):
        return _estimate(record)
    if isinstance(record, Mapping):
        return {key: plain(value) for key, value in record.items()}
    if is_dataclass(record):
        values = {one.name: getattr(record, one.name) for one in fields(record)}
        return {
            key: _time(value) if key.endswith("_s") and isinstance(value, float) else plain(value)
            for key, value in values.items()
        }
    return _number(record) if isinstance(record, float) else record


def _time(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), TIME_DIGITS)


def _estimate(estimate: Estimate | None) -> dict[str, float | int | None] | None:
    if estimate is None:
        return None
    low, high = _number(estimate.low), _number(estimate.high)
    return {"value": _number(estimate.value), "low": low, "high": high, "n": estimate.n}


def _step(step: Step) -> dict[str, Any]:
    return {
        "ic_s": _time(step.ic_s),
        "tc_s": _time(step.tc_s),
        "stride_s": _time(step.stride_s),
        "bout": step.bout,
        "flags": list(step.flags),
        "impact_g": _number(step.impact_g),
        "load": {
            "peak_force_n": _number(step.load.peak_force_n),
            "peak_knee_moment_nm": _number(step.load.peak_knee_moment_nm),
            "lateral_force_n": _number(step.load.lateral_force_n),
        },
    }


def _set(one: ExerciseSet) -> dict[str, Any]:
    return {
        "exercise": one.exercise,
        "confidence": _number(one.confidence),
        "side": one.side,
        "start_s": _time(one.start_s),
        "end_s": _time(one.end_s),
        "reps": [_rep(rep) for rep in one.reps],
        "fatigue": None if one.fatigue is None else _fatigue(one.fatigue),
    }


def _fatigue(fatigue: Fatigue) -> dict[str, Any]:
    return {
        "says": fatigue.says,
        "velocity_loss_pct": _estimate(fatigue.velocity_loss_pct),
        "changed_at": fatigue.changed_at,
        "changes": {one.kind: _change(one) for one in fatigue.changes},
    }


def _change(one: Change) -> dict[str, Any]:
    return {
        "unit": one.unit,
        "start": _number(one.start),
        "change": _estimate(one.change),
        "says": one.says,
    }


def _rep(rep: Rep) -> dict[str, Any]:
    start, end = round(float(rep.start_s), TIME_DIGITS), round(float(rep.end_s), TIME_DIGITS)
    concentric, hold = round(rep.concentric_s, TIME_DIGITS), round(rep.hold_s, TIME_DIGITS)
    return {
        "start_s": start,
        "top_s": _time(rep.top_s),
        "end_s": end,
        "concentric_s": concentric,
        "hold_s": hold,
        "eccentric_s": round(end - start - concentric - hold, TIME_DIGITS),
        "rom_deg": _number(rep.rom_deg),
        "roll_deg": _number(rep.roll_deg),
        "top_deg": _number(rep.top_deg),
        "flags": list(rep.flags),
        "load": _load(rep.load),
        "pace": _pace(rep.pace),
    }


def _pace(pace: Pace | None) -> dict[str, float | None] | None:
    """How fast and how smooth: the keys are the record's own."""
    if pace is None:
        return None
    return {key.name: _number(getattr(pace, key.name)) for key in fields(pace)}


def _load(load: Load) -> dict[str, Any]:
    phases = (load.impulse_concentric_nms, load.impulse_hold_nms, load.impulse_eccentric_nms)
    return {
        "about": load.about,
        "peak_force_n": _number(load.peak_force_n),
        "peak_moment_nm": _number(load.peak_moment_nm),
        "impulse_nms": _number(load.impulse_nms),
        "impulse_by_phase_nms": dict(
            zip(("concentric", "hold", "eccentric"), map(_number, phases), strict=True)
        ),
        "work_concentric_j": _number(load.work_concentric_j),
        "work_eccentric_j": _number(load.work_eccentric_j),
        "peak_power_w": _number(load.peak_power_w),
        "lateral_force_n": _number(load.lateral_force_n),
        "landing_peak_g": _number(load.landing_peak_g),
        "low": _end(load.low),
        "high": _end(load.high),
    }


def _end(load: Load | None) -> dict[str, Any] | None:
    """One end of the intervals: the members of a load that have one."""
    if load is None:
        return None
    found = {key: getattr(load, key) for key in INTERVALS}
    return {key: _number(value) for key, value in found.items() if value is not None}


def _wear(wear: Wear | None) -> dict[str, Any] | None:
    if wear is None:
        return None
    return {
        "side": wear.side,
        "upside_down": wear.upside_down,
        "twist_deg": _number(wear.twist_deg),
        "loose": wear.loose,
        "evidence": wear.evidence,
        "slid_deg": _number(wear.slid_deg),
        "confidence": {key: _number(value) for key, value in wear.confidence.items()},
    }


def _stance(one: Stance) -> dict[str, Any]:
    return {
        "start_s": _time(one.start_s),
        "end_s": _time(one.end_s),
        "duration_s": _time(one.end_s - one.start_s),
        "band_hz": [_number(value) for value in one.band_hz],
        "confidence": _number(one.confidence),
        "reason": one.reason,
        **{side: _sway(one.legs.get(side)) for side in SIDES},
    }


def _sway(angle: SwayAngle | None) -> dict[str, Any] | None:
    """Measures of shank sway; the keys are the record's own."""
    if angle is None:
        return None
    plain = {key.name: getattr(angle, key.name) for key in fields(angle) if key.name != "axes"}
    return {**{key: _number(value) for key, value in plain.items()}, "axes": angle.axes}
