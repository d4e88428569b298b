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
            lines += [_line(change) for change in mine]
            for words_ in course_lines(mine):
                lines += textwrap.wrap(words_, WIDTH, initial_indent="  ", subsequent_indent="    ")
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
    value, _, unit = now_words(one).partition(" ")
    return ROW.format(kind_words(one.kind), value, unit, says_words(one.newest), before_words(one)).rstrip()


def now_words(one: TaskChange | Loaded) -> str:
    """The newest value with its unit, as its repeats leave it."""
    usual = one.newest.usual
    digits = _digits(usual, one.kind) if usual else 2
    return f"{number(scaled(one.newest.value, one.kind), digits)} {unit_of(one.kind, one.unit)}".rstrip()


def before_words(one: TaskChange) -> str:
    """Where the next value of unchanged repeats would lie."""
    usual = one.newest.usual
    return ENGLISH.say("change.before", **_ends(usual, one.kind)) if usual else ""


def without_words(one: Loaded) -> str:
    """Where the next value without the mass would lie."""
    usual = one.newest.usual
    return ENGLISH.say("change.without", **_ends(usual, one.kind)) if usual else ""


def course_lines(mine: Sequence[TaskChange]) -> list[str]:
    """Courses that rise or fall, with their size; the others by name in one sentence."""
    lines, none, n = [], [], 0
    for one in mine:
        if one.trend is None:
            continue
        if one.trend.low <= 0.0 <= one.trend.high:
            none.append(kind_words(one.kind))
            n = one.trend.n
        else:
            unit = unit_of(one.kind, one.unit)
            way = "rises" if one.trend.value > 0 else "falls"
            size = size_words(one.trend, one.kind, unit)
            said = ENGLISH.say(f"change.course.{way}", size=size, n=one.trend.n)
            lines.append(f"{kind_words(one.kind)} {said}")
    if none:
        lines.append(ENGLISH.say("change.course.none", kinds=", ".join(none), n=n))
    return lines


def trend_words(trend: Estimate, kind: str, unit: str) -> str:
    """Whether it rises or falls over weeks, and by how much: for a picture, short."""
    way = "even" if trend.low <= 0.0 <= trend.high else "rises" if trend.value > 0 else "falls"
    return ENGLISH.say(f"change.trend.{way}", size=size_words(trend, kind, unit))


def size_words(trend: Estimate, kind: str, unit: str) -> str:
    """How much a week."""
    value, low, high = (scaled(x, kind) for x in (trend.value, trend.low, trend.high))
    return f"{interval(value, low, high)} {unit}".rstrip()


def _ends(usual: Estimate, kind: str) -> dict[str, str]:
    digits = _digits(usual, kind)
    return {"low": number(scaled(usual.low, kind), digits), "high": number(scaled(usual.high, kind), digits)}


def _digits(usual: Estimate, kind: str) -> int:
    return digits_for(scaled(usual.high - usual.low, kind) / 2.0)


def scaled(value: float, kind: str) -> float:
    """As it is shown: a share in percent."""
    return 100.0 * value if kind in SHARES else value


def unit_of(kind: str, unit: str) -> str:
    """The unit as it is shown."""
    return "%" if kind in SHARES else unit


def _beside(one: Loaded) -> str:
    name = f"  {kind_words(one.kind):<22} "
    if one.newest.usual is None:
        return name + ENGLISH.say("change.beside.few", n=LEAST_REPEATS)
    if one.difference is None:
        value, _, unit = now_words(one).partition(" ")
        return name + f"{value:>9} {unit:<14} {says_words(one.newest):<16} {without_words(one)}"
    return name + f"{ENGLISH.say(f'change.{one.says}'):<16} {difference_words(one)}"


def difference_words(one: Loaded) -> str:
    """Loaded minus unloaded with its interval."""
    if one.difference is None:
        return ""
    found = one.difference
    value, low, high = (scaled(x, one.kind) for x in (found.value, found.low, found.high))
    return f"{interval(value, low, high)} {unit_of(one.kind, one.unit)}".rstrip()
