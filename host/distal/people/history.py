"""A session's report -> what the history keeps of it. Pure."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from distal.model import Bout, Estimate, ExerciseSet, Rep, SessionReport


def figures_of(one: ExerciseSet) -> dict[str, Any]:
    """Numbers of a set: means over its sound reps, null where nothing is known.

    impulse_nms is the sum over the set with low and high, so that days add up.
    """
    sound = [rep for rep in one.reps if "gap" not in rep.flags]
    low, high = _impulse_end(sound, "low"), _impulse_end(sound, "high")
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
        "impulse_nms": _sum(rep.load.impulse_nms for rep in sound),
        "impulse_low_nms": low,
        "impulse_high_nms": high,
        "confidence": one.confidence,
        "flags": sorted({flag for rep in one.reps for flag in rep.flags}),
    }


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
