"""A session's report -> what the history keeps of it. Pure."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from distal.model import SIDES, Bout, Estimate, ExerciseSet, Jump, Rep, SessionReport, Side
from distal.people import loads


def figures_of(one: ExerciseSet) -> dict[str, Any]:
    """Numbers of a set: means over its sound reps, null where nothing is known.

    impulse_nms is the sum over the set, of both legs where both worked, with low and high, so that days add
    up; load says where it went, with errors by cause.
    """
    sound = _sound(one.reps)
    every = [rep for reps in one.legs.values() for rep in _sound(reps)] or sound
    low, high = _impulse_end(every, "low"), _impulse_end(every, "high")
    return {
        "rom_deg": _mean(sound, lambda rep: rep.rom_deg),
        "rep_s": _mean(sound, lambda rep: rep.end_s - rep.start_s),
        "lift_s": _mean(sound, lambda rep: rep.concentric_s),
        "hold_s": _mean(sound, lambda rep: rep.hold_s),
        "lower_s": _mean(sound, lambda rep: rep.eccentric_s),
        "lift_deg_s": _mean(sound, lambda rep: rep.pace.mean_out_deg_s if rep.pace else None),
        "shake_deg_s": _mean(sound, lambda rep: rep.pace.shake_deg_s if rep.pace else None),
        "off_axis": _mean(sound, lambda rep: rep.pace.off_axis if rep.pace else None),
        "velocity_loss_pct": velocity_loss_pct(sound),
        "peak_moment_nm": _most(rep.load.peak_moment_nm for rep in sound),
        "peak_force_n": _mean(sound, lambda rep: rep.load.peak_force_n),
        "lateral_force_n": _mean(sound, lambda rep: _size(rep.load.lateral_force_n)),
        "peak_power_w": _mean(sound, lambda rep: rep.load.peak_power_w),
        "mean_power_lift_w": _mean(sound, lambda rep: rep.load.mean_power_lift_w),
        "sparc_out": _mean(sound, lambda rep: rep.pace.sparc_out if rep.pace else None),
        "impulse_nms": _sum(rep.load.impulse_nms for rep in every),
        "impulse_low_nms": low,
        "impulse_high_nms": high,
        "load": None if one.distribution is None else loads.to_dict(one.distribution),
        "confidence": one.confidence,
        "flags": sorted({flag for rep in one.reps for flag in rep.flags}),
    }


def _sound(reps: Sequence[Rep]) -> list[Rep]:
    return [rep for rep in reps if "gap" not in rep.flags]


def _size(value: float | None) -> float | None:
    return None if value is None else abs(value)


def summary_of(report: SessionReport) -> dict[str, Any]:
    """Numbers of a session as a whole."""
    cadence = report.cadence_spm
    return {
        "coverage": {side: share for side, share in report.coverage.items()},
        "mass_kg": {side: mass for side, mass in report.mass_kg.items()},
        "steps": {side: len(steps) for side, steps in report.steps.items()},
        "cadence_spm": None if cadence is None else [cadence.value, cadence.low, cadence.high],
        "stride_time_s": _over_bouts(report, lambda bout: bout.stride_time_s),
        "stride_length_m": _over_bouts(report, lambda bout: bout.stride_length_m),
        "stride_time_cv_pct": _over_bouts(report, lambda bout: bout.variability.stride_time_cv_pct),
        "speed_mps": _over_bouts(report, lambda bout: bout.speed_mps),
        "walk_ratio_mm": _walk_ratio_mm(report),
        "double_support_pct": _over_bouts(report, lambda bout: bout.double_support_pct),
        "swing_si_pct": _over_bouts(
            report, lambda bout: bout.symmetry.swing_si_pct if bout.symmetry else None
        ),
        "contact_s": _over_bouts(report, lambda bout: bout.contact_s),
        "duty_factor": _over_bouts(report, lambda bout: bout.duty_factor),
        "jump_height_m": _over_jumps(report, lambda jump: jump.height_m),
        "rsi": _over_jumps(report, lambda jump: jump.rsi),
        "sway_rms_deg": _sway_deg(report),
        "impact": {side: _impact(report, side) for side in SIDES},
        "dose_g4": {side: impact.dose_g4 if impact else None for side, impact in report.impact.items()},
        "walked_s": sum(bout.end_s - bout.start_s for bout in report.bouts),
        "jumps": len(report.jumps),
        "warnings": sorted({notice.code for notice in report.notices}),
    }


def _over_bouts(report: SessionReport, pick: Callable[[Bout], Estimate | None]) -> float | None:
    """The mean over all bouts, each with the weight of its strides."""
    found = [one for bout in report.bouts if (one := pick(bout)) is not None]
    strides = sum(one.n for one in found)
    return sum(one.value * one.n for one in found) / strides if strides else None


def _walk_ratio_mm(report: SessionReport) -> float | None:
    """Step length over step rate, mm per step/min, of walking: nearly the same at any speed of a person.

    source  Sekiya and others 1996, Percept Mot Skills 83:379 (from memory)
    """
    walks = [bout for bout in report.bouts if not bout.running and bout.stride_length_m and bout.cadence_spm]
    found = [
        (1e3 * bout.stride_length_m.value / 2.0 / bout.cadence_spm.value, bout.stride_length_m.n)
        for bout in walks
        if bout.stride_length_m and bout.cadence_spm
    ]
    strides = sum(n for _, n in found)
    return sum(ratio * n for ratio, n in found) / strides if strides else None


def _over_jumps(report: SessionReport, pick: Callable[[Jump], Estimate | None]) -> float | None:
    found = [one.value for jump in report.jumps if (one := pick(jump)) is not None]
    return float(np.mean(found)) if found else None


def _sway_deg(report: SessionReport) -> float | None:
    """Mean over legs and spans, each span with the weight of its time."""
    spans = [(span.end_s - span.start_s, leg) for span in report.sway for leg in span.legs.values() if leg]
    whole = sum(long_s for long_s, _ in spans)
    return sum(long_s * leg.rms_deg for long_s, leg in spans) / whole if whole else None


def _impact(report: SessionReport, side: Side) -> dict[str, Any] | None:
    found = report.impact.get(side)
    if found is None:
        return None
    shocks = {"n": found.steps + found.landings, "median_g": found.median_g, "p95_g": found.p95_g}
    return {**shocks, "bands": dict(found.bands), "clipped": found.clipped}


def velocity_loss_pct(reps: Sequence[Rep]) -> float | None:
    """From the fastest lift to the mean of the last two; None below four reps."""
    speeds = [rep.pace.mean_out_deg_s for rep in reps if rep.pace]
    if len(speeds) < 4 or max(speeds) <= 0:
        return None
    return 100.0 * (max(speeds) - float(np.mean(speeds[-2:]))) / max(speeds)


def _mean(reps: Sequence[Rep], pick: Callable[[Rep], float | None]) -> float | None:
    known = [value for rep in reps if (value := pick(rep)) is not None]
    return float(np.mean(known)) if known else None


def _most(values: Any) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _sum(values: Any) -> float | None:
    """None when one is unknown: a sum that leaves some out would look small."""
    listed = list(values)
    return None if not listed or None in listed else float(sum(listed))


def _impulse_end(reps: Sequence[Rep], end: str) -> float | None:
    """Sum of an end of the intervals: mass and lever err alike in all reps, so their ends add up."""
    ends = [getattr(rep.load, end) for rep in reps]
    return None if None in ends else _sum(one.impulse_nms for one in ends)
