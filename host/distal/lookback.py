"""Sessions, plan and advice of a person -> the rows of the page about some weeks. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from distal.changes import Loaded, TaskChange, Verdict, changes, loaded, verdicts
from distal.changes.tasks import Seen, Task, kinds_of, trend_of, values_of
from distal.changes.text import (
    before_words,
    course_lines,
    difference_words,
    kind_words,
    now_words,
    scaled,
    task_words,
    trend_words,
    unit_of,
    verdict_words,
    without_words,
)
from distal.model import SIDES
from distal.people.advice import Advice
from distal.people.limits import Limits, words_of
from distal.people.plan import Share
from distal.people.text import item_line
from distal.report.course import Course, Due, KindRow, Line, Said, Stretch, TaskRow, Tone
from distal.report.words import words
from distal.weeks import load_of

Row = Mapping[str, Any]
ENGLISH = words()
TONES: Mapping[str, Tone] = {"improved": "better", "worse": "worse", "mixed": "other"}
# what a course is drawn of, the most telling first
COURSES = (
    *("velocity_loss_pct", "lift_deg_s", "rom_deg", "mean_power_lift_w"),
    *("speed_mps", "walk_ratio_mm", "stride_time_cv_pct", "contact_s", "rsi", "sway_rms_deg"),
)
MOST_LINES, MOST_KINDS, LEAST_DOTS = 8, 2, 3
Leg = Literal["left", "right", "both"]


@dataclass(frozen=True, slots=True)
class Given:
    """What is kept of a person. rows: all sessions, oldest first, each with `day`"""

    name: str
    rows: Sequence[Row]
    span: tuple[date, date]
    name_of: Callable[[Row], str]
    shares: Sequence[Share] = ()
    advice: Sequence[Advice] = ()
    bounds: Limits = field(default_factory=Limits)


def course_of(given: Given) -> Course:
    """The page's rows. Changes are judged over all that is kept, the load over the span."""
    first, last = given.span
    inside = [row for row in given.rows if first <= row["day"] <= last]
    found = changes(given.rows)
    return Course(
        name=given.name,
        span=f"{first:%d %b} to {last:%d %b %Y}",
        whole=_stretch(given.name, inside) if inside else None,
        parts=_parts(inside, given.name_of),
        due=[Due(_line_of(share), share.done, share.due) for share in given.shares],
        tasks=[_task(one, found) for one in verdicts(found) if _is_recent(one.task, inside)],
        beside=_beside(loaded(given.rows)),
        lines=_lines(values_of(given.rows)),
        advice=[(one.text, f"{one.rests_on}; {one.grade}: {one.source}") for one in given.advice],
        said=_said(inside),
        limits=words_of(given.bounds),
    )


def _line_of(share: Share) -> str:
    """A line of the plan, its exercise in words."""
    code = share.item.exercise
    return item_line(share.item).replace(code, ENGLISH.say(f"exercise.{code}"), 1)


def _is_recent(task: Task, inside: Sequence[Row]) -> bool:
    return any(key[0] == task for key in values_of(inside))


def _parts(rows: Sequence[Row], name_of: Callable[[Row], str]) -> list[Stretch]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(name_of(row), []).append(row)
    return [_stretch(name, some) for name, some in groups.items()]


def _stretch(name: str, rows: Sequence[Row]) -> Stretch:
    load = load_of(name, rows)
    left, right = (_dose(rows, side) for side in SIDES)
    return Stretch(name, load.sessions, load.sets, load.reps, load.found, (left, right))


def _dose(rows: Sequence[Row], side: str) -> float | None:
    """Shocks of one leg over sessions: fourth powers add up. None where no session felt any."""
    found = [dose for row in rows if (dose := row["summary"].get("dose_g4", {}).get(side)) is not None]
    return sum(found) if found else None


def _task(one: Verdict, found: Sequence[TaskChange]) -> TaskRow:
    mine = [change for change in found if change.task == one.task]
    rows = [_kind(change) for change in mine] if any(change.newest.usual for change in mine) else []
    tone = TONES.get(one.says, "unknown" if one.says == "unknown" else "same")
    return TaskRow(task_words(one.task), verdict_words(one), tone, rows, course_lines(mine))


def _kind(one: TaskChange) -> KindRow:
    changed = one.newest.says in ("higher", "lower")
    says = ENGLISH.say(f"change.{one.newest.says}")
    return KindRow(kind_words(one.kind), now_words(one), says, before_words(one), changed)


def _beside(found: Sequence[Loaded]) -> list[TaskRow]:
    known = [one for one in found if one.newest.usual is not None]
    out = []
    for task in dict.fromkeys(one.task for one in known):
        mine = [one for one in known if one.task == task]
        rows = [
            KindRow(
                kind_words(one.kind),
                difference_words(one) or now_words(one),
                ENGLISH.say(f"change.{one.says}"),
                without_words(one),
                one.says in ("higher", "lower"),
            )
            for one in mine
        ]
        n = sum(row.is_changed for row in rows)
        verdict = ENGLISH.count("course.beside.n", n) if n else ENGLISH.say("change.verdict.same")
        out.append(TaskRow(task_words(task), verdict, "other" if n else "same", rows, ()))
    return out


def _lines(series: Mapping[tuple[Task, str], Seen]) -> list[Line]:
    """The tasks done most often, of each the kinds that tell most."""
    able = {key: seen for key, seen in series.items() if key[1] in COURSES and len(seen.values) >= LEAST_DOTS}
    often: dict[Task, int] = {}
    for (task, _), seen in able.items():
        often[task] = max(often.get(task, 0), len(seen.values))
    out: list[Line] = []
    for task in sorted(often, key=lambda one: -often[one]):
        kinds = sorted((kind for other, kind in able if other == task), key=COURSES.index)
        out += [_line(task, kind, able[task, kind]) for kind in kinds[:MOST_KINDS]]
    return out[:MOST_LINES]


def _line(task: Task, kind: str, seen: Seen) -> Line:
    trend, unit = trend_of(seen), unit_of(kind, kinds_of(task)[kind].unit)
    shown = trend_words(trend, kind, "") if trend else ENGLISH.say("course.trend.few")
    side: Leg = "left" if task[1] == "left" else "right" if task[1] == "right" else "both"
    values = [scaled(value, kind) for value in seen.values]
    at = [at_s / 86400.0 for at_s in seen.at_s]
    name = f"{kind_words(kind)}, {unit}" if unit else kind_words(kind)
    return Line(name, task_words(task), side, at, values, trend, shown)


def _said(rows: Sequence[Row]) -> Said:
    sets = [one for row in rows for one in row["sets"]]
    effort, pain = ([one[key] for one in sets if one[key] is not None] for key in ("effort", "pain"))
    told = sum(one["effort"] is not None and one["pain"] is not None for one in sets)
    return Said(max(effort, default=None), max(pain, default=None), told, len(sets))
