"""What a trial can ask about: one number of a session's report."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from distal.errors import DataError
from distal.model import Bout, Estimate, SessionReport

LEAST_COVERAGE = 0.9
LEAST_N = 10  # strides or so many reps' worth: fewer say little about a block


@dataclass(frozen=True, slots=True)
class Outcome:
    """A number to compare, its unit, and what it is in words."""

    unit: str
    words: str
    read: Callable[[SessionReport], float | None]


def _over_bouts(pick: Callable[[Bout], Estimate | None]) -> Callable[[SessionReport], float | None]:
    """The mean over all bouts, each with the weight of its strides."""

    def read(report: SessionReport) -> float | None:
        found = [one for bout in report.bouts if (one := pick(bout)) is not None]
        strides = sum(one.n for one in found)
        return sum(one.value * one.n for one in found) / strides if strides >= LEAST_N else None

    return read


def _mean(values: Iterable[float | None], least: int = 1) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) >= least else None


def _cadence(report: SessionReport) -> float | None:
    cadence = report.cadence_spm
    return cadence.value if cadence and cadence.n >= LEAST_N else None


def _sway(report: SessionReport) -> float | None:
    spans = [span.legs.values() for span in report.sway]
    return _mean(leg.rms_deg for legs in spans for leg in legs if leg is not None)


def _reps(pick: Callable[..., float | None]) -> Callable[[SessionReport], float | None]:
    """The mean over all reps that nothing is wrong with."""

    def read(report: SessionReport) -> float | None:
        sound = [rep for one in report.sets for rep in one.reps if "gap" not in rep.flags]
        return _mean((pick(rep) for rep in sound), least=5)

    return read


OUTCOMES: dict[str, Outcome] = {
    "cadence": Outcome("steps/min", "cadence", _cadence),
    "stride_time": Outcome("s", "stride time", _over_bouts(lambda bout: bout.stride_time_s)),
    "stride_variability": Outcome(
        "%", "variability of stride time", _over_bouts(lambda bout: bout.variability.stride_time_cv_pct)
    ),
    "stride_length": Outcome("m", "stride length", _over_bouts(lambda bout: bout.stride_length_m)),
    "speed": Outcome("m/s", "walking speed", _over_bouts(lambda bout: bout.speed_mps)),
    "coordination": Outcome(
        "%",
        "phase coordination index",
        _over_bouts(lambda bout: bout.coordination.pci_pct if bout.coordination else None),
    ),
    "contact": Outcome("s", "contact time in running", _over_bouts(lambda bout: bout.contact_s)),
    "sway": Outcome("deg", "sway of the shank in stance", _sway),
    "rep_range": Outcome("deg", "range of a rep", _reps(lambda rep: rep.rom_deg)),
    "rep_time": Outcome("s", "time of a rep", _reps(lambda rep: rep.end_s - rep.start_s)),
    "rep_speed": Outcome(
        "deg/s", "mean speed of the lift", _reps(lambda rep: rep.pace.mean_out_deg_s if rep.pace else None)
    ),
}


def read_outcome(report: SessionReport, name: str) -> float:
    """The outcome of a block's report. raises DataError when the block cannot give it"""
    outcome = OUTCOMES[name]
    poor = [side for side, share in report.coverage.items() if share is not None and share < LEAST_COVERAGE]
    if poor:
        raise DataError(
            f"samples are missing ({', '.join(poor)} below {LEAST_COVERAGE:.0%}), so the block would not be"
            " fair. Repeat the block, with the cuffs nearer."
        )
    value = outcome.read(report)
    if value is None:
        raise DataError(f"this block does not show the {outcome.words}. Do enough of it, and repeat it.")
    return value
