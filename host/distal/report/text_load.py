"""Where the load went, as a short table for a terminal."""

from collections.abc import Sequence

from distal.model import Distribution, Estimate, ExerciseSet, Load, SessionReport, Split
from distal.report.numbers import NONE, interval, number
from distal.report.words import words
from distal.units import N_PER_LBF

ROW = "{:<14} {:>20}  {:>18}"
LBF_FT = N_PER_LBF * 0.3048
ENGLISH = words()
# what stands in the table: how it is divided -> parts
SHOWN = (
    ("phase", ("lift", "hold", "lower")),
    ("side", ("left", "right")),
    ("joint", ("knee", "hip")),
    ("third", ("early", "late")),
)


def went(report: SessionReport, imperial: bool) -> list[str]:
    """The table; nothing without any load."""
    return went_of(report.distribution, imperial)


def went_of(found: Distribution | None, imperial: bool = False) -> list[str]:
    """Of a session, or of many."""
    if found is None or not any(found.splits["phase"]["impulse_nms"].amount.values()):
        return []
    unit = "lbf·ft·s" if imperial else "N·m·s"
    covered = round(found.splits["phase"]["impulse_nms"].coverage * found.reps)
    lines = [ENGLISH.say("went.text", known=covered, reps=found.reps), ""]
    lines.append(ROW.format("", unit, ENGLISH.say("went.text.share")).rstrip())
    scale = LBF_FT if imperial else 1.0
    for by, parts in SHOWN:
        lines += _rows(found, by, parts, scale)
    return lines


def above(one: ExerciseSet, imperial: bool) -> list[str]:
    """How long the load stood above its level, over the set; nothing when it is not known."""
    loads = [rep.load for rep in one.reps if rep.load.above_level_s is not None]
    level = loads[0].level_nm if loads else None
    if level is None:
        return []
    low, high = (
        sum(_above(end) for end in ends) for ends in ([x.low for x in loads], [x.high for x in loads])
    )
    seconds = sum(x.above_level_s or 0.0 for x in loads)
    shown = interval(seconds, low, high, 1) if high > low else number(seconds, 1)
    unit, scale = ("lbf·ft", LBF_FT) if imperial else ("N·m", 1.0)
    text = ENGLISH.say("above.text", level=number(level / scale, 1), unit=unit, time=shown)
    known = ENGLISH.say("went.known", known=len(loads), reps=len(one.reps))
    return [text if len(loads) == len(one.reps) else f"{text} {known}"]


def _above(end: Load | None) -> float:
    return (end.above_level_s or 0.0) if end else 0.0


def _rows(found: Distribution, by: str, parts: Sequence[str], scale: float) -> list[str]:
    """Parts of one kind; sides only where both legs did something, joints only where both are known."""
    split = found.splits[by]["impulse_nms"]
    if by in ("side", "joint") and not all(one and one.value for one in split.amount.values()):
        return []
    return [_row(split, by, part, scale) for part in parts if split.amount.get(part)]


def _row(split: Split, by: str, part: str, scale: float) -> str:
    amount, share = split.amount[part], split.percent.get(part)
    name = ENGLISH.say(f"went.text.{part}")
    return ROW.format(name, _shown(amount, scale), _shown(share, 1.0) if by != "joint" else "").rstrip()


def _shown(one: Estimate | None, scale: float) -> str:
    if one is None:
        return NONE
    if one.high <= one.low:
        return number(one.value / scale, 0)
    return interval(one.value / scale, one.low / scale, one.high / scale, 1)
