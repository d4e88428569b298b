"""The newest session of a task beside the person's own earlier ones, and the course over weeks. Pure.

Sessions are repeats of a task when exercise, side and worn mass are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from distal.analysis.form import Compared, compare
from distal.analysis.trend import fit_line
from distal.model import SIDES, Estimate


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: its unit; which way is better (1 more, -1 less, 0 neither).

    least  difference that a cuff put on another day can tell: less is never called a change
    """

    unit: str
    better: int
    least: float


LIFTS: Mapping[str, Kind] = {
    "rom_deg": Kind("deg", 1, 2.0),
    "lift_deg_s": Kind("deg/s", 1, 1.0),
    "shake_deg_s": Kind("deg/s", -1, 0.1),
    "off_axis": Kind("", -1, 0.005),
    "velocity_loss_pct": Kind("%", -1, 2.0),
    "sparc_out": Kind("", 1, 0.02),
    "rep_s": Kind("s", 0, 0.1),
    "mean_power_lift_w": Kind("W", 1, 0.1),
    "peak_power_w": Kind("W", 1, 0.2),
    "lateral_force_n": Kind("N", 0, 0.3),
}
# of the session as a whole, by what one does in it
WHOLE: Mapping[str, Mapping[str, Kind]] = {
    "walking": {
        "speed_mps": Kind("m/s", 1, 0.02),
        "stride_time_s": Kind("s", 0, 0.005),
        "stride_length_m": Kind("m", 1, 0.02),
        "stride_time_cv_pct": Kind("%", -1, 0.2),
        "walk_ratio_mm": Kind("mm/(steps/min)", 1, 0.1),
        "double_support_pct": Kind("%", -1, 0.5),
        "swing_si_pct": Kind("%", 0, 1.0),
    },
    "running": {"contact_s": Kind("s", -1, 0.005), "duty_factor": Kind("", -1, 0.01)},
    "jumping": {"jump_height_m": Kind("m", 1, 0.01), "rsi": Kind("m/s", 1, 0.05)},
    "standing": {"sway_rms_deg": Kind("deg", -1, 0.02)},
}
SAME_KG = 0.1  # masses nearer than this are the same load
CHANGED = 0.05  # of unchanged people are called changed, for one kind and for the verdict on a task
WEEK_S = 7 * 86400.0

Task = tuple[str, str, float | None]  # exercise or what one does, side, worn mass
Says = Literal["improved", "worse", "mixed", "same", "unknown"]


@dataclass(frozen=True, slots=True)
class TaskChange:
    """One kind of value of a task: the newest beside the earlier ones, and the course over all sessions.

    trend    change a week with its 95 % interval; None below six sessions
    strict   as `newest`, so strict that all kinds of a task together are called changed in 5 %
    """

    task: Task
    kind: str
    unit: str
    better: int
    newest: Compared
    trend: Estimate | None
    strict: Compared


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the kinds of a task say together, and which of them."""

    task: Task
    says: Says
    better: tuple[str, ...]
    worse: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The values of one kind in one task, oldest first, and when they were (s)."""

    values: list[float]
    at_s: list[float]


def changes(sessions: Sequence[Mapping[str, Any]]) -> list[TaskChange]:
    """For every task and kind with a value in its newest session. Oldest session first."""
    series = values_of(sessions)
    many: dict[Task, int] = {}
    for task, kind in series:
        many[task] = many.get(task, 0) + bool(kinds_of(task)[kind].better)
    return [_change(key, seen, max(many[key[0]], 1)) for key, seen in series.items()]


def _change(key: tuple[Task, str], seen: Seen, kinds: int) -> TaskChange:
    task, kind = key
    what = kinds_of(task)[kind]
    value, before = seen.values[-1], seen.values[:-1]
    newest, strict = (told(compare(value, before, alarms), what) for alarms in (CHANGED, CHANGED / kinds))
    return TaskChange(task, kind, what.unit, what.better, newest, trend_of(seen), strict)


def told(one: Compared, what: Kind) -> Compared:
    """As compared, and the same where a cuff could not tell the difference."""
    if one.usual is None or abs(one.value - one.usual.value) >= what.least:
        return one
    return replace(one, says="same")


def trend_of(seen: Seen) -> Estimate | None:
    """Change a week, by days as they were; None below six sessions."""
    line = fit_line(seen.values, [at / WEEK_S for at in seen.at_s])
    if line is None:
        return None
    return Estimate(line.slope, line.slope - line.half, line.slope + line.half, line.n)


def verdicts(found: Sequence[TaskChange]) -> list[Verdict]:
    """One for each task: `improved` in at most 5 of 100 unchanged people, however many kinds there are."""
    out = []
    for task in dict.fromkeys(one.task for one in found):
        mine = [one for one in found if one.task == task and one.better]
        moved = {one.kind: one.better * (1 if one.strict.says == "higher" else -1) for one in mine
                 if one.strict.says in ("higher", "lower")}  # fmt: skip
        better, worse = (tuple(kind for kind, way in moved.items() if way == sign) for sign in (1, -1))
        known = any(one.strict.says != "unknown" for one in mine)
        out.append(Verdict(task, _says(bool(better), bool(worse), known), better, worse))
    return out


def _says(better: bool, worse: bool, known: bool) -> Says:
    if better and worse:
        return "mixed"
    if better or worse:
        return "improved" if better else "worse"
    return "same" if known else "unknown"


def values_of(sessions: Sequence[Mapping[str, Any]]) -> dict[tuple[Task, str], Seen]:
    """Task and kind -> one value a session, oldest first."""
    series: dict[tuple[Task, str], Seen] = {}
    for row in sessions:
        for key, found in {**_of_sets(row), **_of_whole(row)}.items():
            seen = series.setdefault(key, Seen([], []))
            seen.values.append(found)
            seen.at_s.append(row["at_s"])
    return series


def kinds_of(task: Task) -> Mapping[str, Kind]:
    """What is looked at in a task."""
    return WHOLE.get(task[0], LIFTS)


def _of_sets(row: Mapping[str, Any]) -> dict[tuple[Task, str], float]:
    """Mean over the sets of one session, each with the weight of its reps."""
    sums: dict[tuple[Task, str], list[tuple[float, int]]] = {}
    for one in row["sets"]:
        task = (one["exercise"], one["side"], worn_kg(row, one["side"]))
        for kind in LIFTS:
            value = one["figures"].get(kind)
            if value is not None and one["reps"]:
                sums.setdefault((task, kind), []).append((value, one["reps"]))
    return {key: sum(v * n for v, n in found) / sum(n for _, n in found) for key, found in sums.items()}


def _of_whole(row: Mapping[str, Any]) -> dict[tuple[Task, str], float]:
    known = {side: worn_kg(row, side) for side in SIDES}
    mass = max((kg for kg in known.values() if kg is not None), default=None)
    return {
        ((doing, "both", mass), kind): float(value)
        for doing, kinds in WHOLE.items()
        for kind in kinds
        if (value := row["summary"].get(kind)) is not None
    }


def worn_kg(row: Mapping[str, Any], side: str) -> float | None:
    """The worn mass, to steps that count as the same; None where it was not told."""
    masses = row["summary"]["mass_kg"]
    known = masses.get("left" if side == "both" else side)
    return None if known is None else round(round(known / SAME_KG) * SAME_KG, 3)
