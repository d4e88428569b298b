"""What changed, for the terminal."""

import textwrap
from collections.abc import Sequence

from distal.analysis.form import LEAST_REPEATS, Compared
from distal.changes.beside import Loaded
from distal.changes.tasks import Task, TaskChange, Verdict
from distal.model import Estimate
from distal.report.numbers import digits_for, interval, number
from distal.report.words import words

WIDTH = 88
SHARES = ("off_axis",)  # shown in percent
ENGLISH = words()
ROW = "  {:<22} {:>9} {:<14} {:<16} {}"


def render(found: Sequence[TaskChange], judged: Sequence[Verdict], beside: Sequence[Loaded]) -> str:
    """Each task with its verdict; a task that was done too seldom says so once."""
    lines: list[str] = []
    for one in judged:
        mine = [change for change in found if change.task == one.task]
        lines.append(f"{task_words(one.task)}: {verdict_words(one)}")
        if all(change.newest.says == "unknown" for change in mine):
            lines.append("  " + ENGLISH.say("change.few", n=LEAST_REPEATS))
        else:
            lines += [_line(change) for change in mine] + _courses(mine)
    for task in dict.fromkeys(one.task for one in beside):
        lines += ["", ENGLISH.say("change.beside", task=task_words(task))]
        lines += [_beside(one) for one in beside if one.task == task]
    if not lines:
        return ENGLISH.say("change.none") + "\n"
    return "\n".join([*lines, "", ENGLISH.say("change.small")]) + "\n"


def task_words(task: Task) -> str:
    """`Clamshell, left, 1.5 kg`."""
    doing, side, mass = task
    key = next((key for key in (f"exercise.{doing}", f"doing.{doing}") if ENGLISH.has(key)), None)
    name = ENGLISH.say(key) if key else doing.replace("_", " ")
    load = ENGLISH.say("change.no_mass") if mass is None else f"{mass:g} kg"
    legs = [] if ENGLISH.has(f"doing.{doing}") else [ENGLISH.say(f"side.{side}")]
    return ", ".join([name, *legs, load])


def kind_words(kind: str) -> str:
    """A kind of value as one says it."""
    return ENGLISH.say(f"kind.{kind}")


def verdict_words(one: Verdict) -> str:
    """What the kinds say together, and which."""
    values = {
        key: ", ".join(map(kind_words, kinds))
        for key, kinds in (("better", one.better), ("worse", one.worse))
    }
    return ENGLISH.say(f"change.verdict.{one.says}", **values)


def says_words(one: Compared) -> str:
    """higher, lower, same, not known."""
    return ENGLISH.say(f"change.{one.says}")


def _line(one: TaskChange) -> str:
    usual = one.newest.usual
    held = ENGLISH.say("change.before", **_ends(usual, one.kind)) if usual else ""
    digits = _digits(usual, one.kind) if usual else 2
    value = number(scaled(one.newest.value, one.kind), digits)
    return ROW.format(kind_words(one.kind), value, unit_words(one), says_words(one.newest), held).rstrip()


def _courses(mine: Sequence[TaskChange]) -> list[str]:
    """Those that rise or fall, with their size; the others by name."""
    lines, none, n = [], [], 0
    for one in mine:
        if one.trend is None:
            continue
        if one.trend.low <= 0.0 <= one.trend.high:
            none.append(kind_words(one.kind))
            n = one.trend.n
        else:
            lines.append(f"  {kind_words(one.kind):<22} {course_words(one)}")
    if none:
        lines += textwrap.wrap(
            ENGLISH.say("change.course.none", kinds=", ".join(none), n=n),
            *(WIDTH,),
            initial_indent="  ",
            subsequent_indent="    ",
        )
    return lines


def _ends(usual: Estimate, kind: str) -> dict[str, str]:
    digits = _digits(usual, kind)
    return {"low": number(scaled(usual.low, kind), digits), "high": number(scaled(usual.high, kind), digits)}


def _digits(usual: Estimate, kind: str) -> int:
    return digits_for(scaled(usual.high - usual.low, kind) / 2.0)


def scaled(value: float, kind: str) -> float:
    """As it is shown: a share in percent."""
    return 100.0 * value if kind in SHARES else value


def unit_words(one: TaskChange | Loaded) -> str:
    """The unit as it is shown."""
    return "%" if one.kind in SHARES else one.unit


def course_words(one: TaskChange) -> str:
    """Whether it rises or falls over weeks, and by how much."""
    if one.trend is None:
        return ""
    value, low, high = (scaled(x, one.kind) for x in (one.trend.value, one.trend.low, one.trend.high))
    way = "rises" if one.trend.value > 0 else "falls"
    size = f"{interval(value, low, high)} {unit_words(one)}".rstrip()
    return ENGLISH.say(f"change.course.{way}", size=size, n=one.trend.n)


def _beside(one: Loaded) -> str:
    usual, name = one.newest.usual, f"  {kind_words(one.kind):<22} "
    if usual is None:
        return name + ENGLISH.say("change.beside.few", n=LEAST_REPEATS)
    if one.difference is None:
        held = ENGLISH.say("change.without", **_ends(usual, one.kind))
        value = number(scaled(one.newest.value, one.kind), _digits(usual, one.kind))
        return name + f"{value:>9} {unit_words(one):<14} {says_words(one.newest):<16} {held}"
    return name + f"{ENGLISH.say(f'change.{one.says}'):<16} {difference_words(one)}"


def difference_words(one: Loaded) -> str:
    """Loaded minus unloaded with its interval."""
    if one.difference is None:
        return ""
    found = one.difference
    value, low, high = (scaled(x, one.kind) for x in (found.value, found.low, found.high))
    return f"{interval(value, low, high)} {unit_words(one)}".rstrip()
