"""SessionReport -> the JSON contract of `distal analyze`: plain types, no NaN, null for unknown.

Rounding: times to 0.1 ms, the rest to 6 significant digits. The three phases of a rep are rounded so that
they still add up to end - start.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from distal.model import (
    SIDES,
    Change,
    ExerciseSet,
    Facts,
    Fatigue,
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
from distal.report.contract_load import distribution_dict, load_dict
from distal.report.plain import TIME_DIGITS, plain
from distal.report.plain import estimate as _estimate
from distal.report.plain import number as _number
from distal.report.plain import seconds as _time
from distal.report.words import words

ENGLISH = words()  # programs read one language
CONTRACT_VERSION = 1
ANALYSIS_VERSION = 1  # raise it when a number moves; see CHANGELOG, "Numbers that move"


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
        "warnings": [{"code": one.code, "text": ENGLISH.notice(one)} for one in report.notices],
        "mass_kg": _by_side(report.mass_kg),
        "bouts": [plain(one) for one in report.bouts],
        "jumps": [plain(one) for one in report.jumps],
        "distribution": distribution_dict(report.distribution),
        "across_sets": [plain(one) for one in report.across_sets],
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
        "reps_between": None if one.reps_between is None else list(one.reps_between),
        "legs": {side: [_rep(rep) for rep in reps] for side, reps in one.legs.items()} if one.lead else None,
        "load": distribution_dict(one.distribution),
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
        "load": load_dict(rep.load),
        "pace": _pace(rep.pace),
    }


def _pace(pace: Pace | None) -> dict[str, float | None] | None:
    """How fast and how smooth: the keys are the record's own."""
    if pace is None:
        return None
    return {key.name: _number(getattr(pace, key.name)) for key in fields(pace)}


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
        "reason": "; ".join(map(ENGLISH.notice, one.reasons)) or None,
        **{side: _sway(one.legs.get(side)) for side in SIDES},
    }


def _sway(angle: SwayAngle | None) -> dict[str, Any] | None:
    """Measures of shank sway; the keys are the record's own."""
    if angle is None:
        return None
    plain = {key.name: getattr(angle, key.name) for key in fields(angle) if key.name != "axes"}
    return {**{key: _number(value) for key, value in plain.items()}, "axes": angle.axes}
