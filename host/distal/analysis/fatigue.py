"""Did the set, the session, the weeks tire? Trends with their intervals; "no sign" is an answer.

Lift speed decides; the others are told beside it, because eight tests would find something in every third
set. A set in which the task itself changed (another tempo, another height) is not judged.
"""

from collections.abc import Callable, Sequence

import numpy as np

from distal.analysis.trend import Line, fit_line
from distal.model import Change, Estimate, ExerciseSet, Fatigue, FloatArray, Rep

STEP_SHARE = 0.25  # of the mean: a jump from one rep to the next that no tiredness makes
STEP_FIT = 0.5  # a step that leaves less than this of what a line leaves is one
SIDE_REPS = 3  # on either side of a step
_KEEP_OUT = {"gap", "clipped", "partial", "aborted"}

Pick = Callable[[Rep], float | None]
KINDS: dict[str, tuple[str, Pick]] = {
    "lift_speed": ("deg/s", lambda rep: rep.pace.mean_out_deg_s if rep.pace else None),
    "rep_time": ("s", lambda rep: rep.end_s - rep.start_s),
    "range": ("deg", lambda rep: rep.rom_deg),
    "hold": ("s", lambda rep: rep.hold_s),
    "smoothness": ("", lambda rep: rep.pace.sparc_out if rep.pace else None),
    "shake": ("deg/s", lambda rep: rep.pace.shake_deg_s if rep.pace else None),
    "off_axis": ("", lambda rep: rep.pace.off_axis if rep.pace else None),
}


def fatigue_of(one: ExerciseSet) -> Fatigue:
    """How a set went on, from its sound reps in order.

    returns  velocity loss in percent of the fastest rep's speed, from the line through all of them, with
             its 95 % interval (Sanchez-Medina & Gonzalez-Badillo 2011 use single reps, which scatter);
             one change a kind; `says`: signs, no_sign, too_few, or task_changed
    """
    return judge(sound_reps(one))


def sound_reps(one: ExerciseSet) -> list[Rep]:
    """Reps of which speed and range are whole."""
    return [rep for rep in one.reps if not _KEEP_OUT & set(rep.flags)]


def speed_of(rep: Rep) -> float | None:
    """Mean speed of the way out, deg/s."""
    return KINDS["lift_speed"][1](rep)


def judge(reps: Sequence[Rep]) -> Fatigue:
    """As `fatigue_of`, of reps in order."""
    changes = tuple(change_of(kind, [pick(rep) for rep in reps]) for kind, (_, pick) in KINDS.items())
    speeds = _known([KINDS["lift_speed"][1](rep) for rep in reps])
    line = fit_line(speeds)
    at = next((at for kind in ("lift_speed", "range") if (at := _step(reps, kind)) is not None), None)
    loss = _loss(speeds, line)
    if line is None:
        return Fatigue("too_few", loss, changes, at)
    if at is not None:
        return Fatigue("task_changed", loss, changes, at)
    return Fatigue("signs" if line.is_sure and line.slope < 0 else "no_sign", loss, changes, None)


def change_of(kind: str, values: Sequence[float | None]) -> Change:
    """How one kind of value went from first to last, in its unit, by the line through all of them."""
    known = _known(values)
    line, unit = fit_line(known), KINDS[kind][0]
    if line is None:
        return Change(kind, unit, None, None, "too_few")
    way = (line.n - 1) * line.slope
    reach = (line.n - 1) * line.half
    change = Estimate(way, way - reach, way + reach, line.n)
    if not line.is_sure:
        return Change(kind, unit, line.start, change, "no_sign")
    return Change(kind, unit, line.start, change, "rises" if line.slope > 0 else "falls")


def _known(values: Sequence[float | None]) -> list[float]:
    """All of them, or none: a line through a part would have other reps than it says."""
    known = [value for value in values if value is not None and np.isfinite(value)]
    return known if len(known) == len(values) else []


def _loss(speeds: Sequence[float], line: Line | None) -> Estimate | None:
    """From the first rep to the last by the line, percent of the first; positive is slower."""
    if line is None or line.start <= 0:
        return None
    scale = -100.0 * (line.n - 1) / line.start
    half = abs(scale) * line.half
    return Estimate(scale * line.slope, scale * line.slope - half, scale * line.slope + half, len(speeds))


def _step(reps: Sequence[Rep], kind: str) -> int | None:
    """Number (from 1) of the rep at which a kind of value jumps; None without a jump."""
    values = _known([KINDS[kind][1](rep) for rep in reps])
    if len(values) < 2 * SIDE_REPS:
        return None
    y = np.asarray(values)
    cuts = range(SIDE_REPS, len(y) - SIDE_REPS + 1)
    left = [_spread(y[:cut]) + _spread(y[cut:]) for cut in cuts]
    best = cuts[int(np.argmin(left))]
    slope, start = np.polyfit(np.arange(len(y)), y, 1)
    bent = float(((y - start - slope * np.arange(len(y))) ** 2).sum())
    jump = abs(float(y[best:].mean() - y[:best].mean())) / max(abs(float(y.mean())), 1e-9)
    is_step = jump > STEP_SHARE and min(left) < STEP_FIT * bent
    return best + 1 if is_step else None


def _spread(part: FloatArray) -> float:
    return float(((part - part.mean()) ** 2).sum())
