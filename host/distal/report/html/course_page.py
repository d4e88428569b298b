"""Some weeks of a person on one page, for the person and for who trains or advises them."""

from collections.abc import Sequence

from distal.model import SIDES, Estimate
from distal.report.course import Course, KindRow, Line, Stretch, TaskRow
from distal.report.html.days import Day, days
from distal.report.html.parted import Bar, Parts, parted
from distal.report.html.parts import Key, Sure, cell, footer, header, keys, steps_next, sure_list
from distal.report.html.svg import Axis, el, figure, fit, line, text
from distal.report.html.voice import Voice, esc
from distal.report.html.went import bar_of, went_cell
from distal.report.numbers import number
from distal.report.spread import Spread

NARROW, WIDE, FULL, PAPER = 360.0, 744.0, 1136.0, 240.0
LEG = {"left": "◀ ", "right": "▶ "}


def course_body(course: Course, voice: Voice) -> str:
    """Everything inside the page's main part."""
    top = header([voice.say("course.page"), course.name, course.span])
    top += f"<h1>{esc(_headline(course, voice))}</h1>"
    top += f'<p class="lead">{esc(_lead(course, voice))}</p>' + keys(_keys(course, voice))
    cells = [
        _load_days(course, voice),
        _shares(course.whole, voice),
        went_cell(course.whole.found if course.whole else None, "d-both", voice),
        _changed(course.tasks, "course.changed", voice),
        _plan(course, voice),
        _lines(course.lines, voice),
        _changed(course.beside, "course.beside", voice),
        _dose(course, voice),
        _advice(course, voice),
        cell(voice.say("sure.title"), sure_list(_sure(course, voice))),
    ]
    return top + f'<div class="cells">{"".join(cells)}</div>' + footer(voice)


def _headline(course: Course, voice: Voice) -> str:
    if course.whole is None:
        return voice.say("course.head.none")
    counts = {
        key: voice.count(key, n)
        for key, n in (("sessions", course.whole.sessions), ("sets", course.whole.sets))
    }
    for tone in ("worse", "better"):
        found = [task for task in course.tasks if task.tone == tone]
        if found:
            thing = voice.say("course.head.task", task=found[0].name, verdict=found[0].verdict)
            return voice.say("course.head", thing=thing, **counts)
    known = any(task.tone != "unknown" for task in course.tasks)
    return voice.say("course.head", thing=voice.say(f"course.head.{'same' if known else 'few'}"), **counts)


def _lead(course: Course, voice: Voice) -> str:
    out = []
    if course.due:
        done, due = sum(one.done for one in course.due), sum(one.due for one in course.due)
        out.append(voice.say("course.lead.plan", done=done, due=due))
    out += [voice.say("course.lead.limits", limits="; ".join(course.limits))] if course.limits else []
    return " ".join(out) or voice.say("course.lead.none")


def _keys(course: Course, voice: Voice) -> list[Key]:
    whole = course.whole
    reps = str(whole.reps) if whole else "0"
    found = whole.found.splits["phase"]["impulse_nms"] if whole and whole.found else None
    parts = [one for one in (found.amount.values() if found else ()) if one is not None]
    return [
        Key(voice.say("course.key.reps"), reps, below=voice.count("sets", whole.sets if whole else 0)),
        _load_key(parts, voice),
        _side_key(whole, voice),
        Key(voice.say("course.key.said"), *_said(course, voice)),
    ]


def _load_key(parts: Sequence[Estimate], voice: Voice) -> Key:
    name = voice.say("course.key.load")
    if not parts:
        return Key(name, voice.say("unknown"), below=voice.say("why.mass"), is_unknown=True)
    value, low, high = (sum(getattr(one, end) for one in parts) for end in ("value", "low", "high"))
    shown = Spread(value, low, high, 1)
    return Key(name, voice.mean("impulse", shown), voice.unit("impulse"), voice.ends("impulse", shown))


def _side_key(whole: Stretch | None, voice: Voice) -> Key:
    name = voice.say("course.key.sides")
    split = whole.found.splits["side"]["impulse_nms"] if whole and whole.found else None
    share = split.percent.get("right") if split else None
    if share is None:
        return Key(name, voice.say("unknown"), below=voice.say("course.key.sides.why"), is_unknown=True)
    found = Spread(share.value, share.low, share.high, 1)
    below = voice.say("course.key.sides.of", ends=voice.ends("count", found))
    return Key(name, voice.mean("count", found), "%", below)


def _said(course: Course, voice: Voice) -> tuple[str, str, str, bool]:
    said = course.said
    below = voice.say("course.key.said.of", told=said.told, sets=said.sets)
    if said.effort is None and said.pain is None:
        return voice.say("unknown"), "", below, True
    effort, pain = (number(None if x is None else float(x), 0) for x in (said.effort, said.pain))
    return f"{effort}, {pain}", "", below, False


def _load_days(course: Course, voice: Voice) -> str:
    rows = [_day(part, voice) for part in course.parts]
    unit = voice.unit("impulse")
    spoken = "; ".join(f"{row.name}: {row.left_words or 0}, {row.right_words or 0}" for row in rows)
    label = voice.say("course.days.alt", unit=unit, rows=spoken)
    body = f'<p class="unit">{esc(voice.say("course.days.axis", unit=unit))}</p>'
    body += days(rows, voice, (NARROW, label)) + days(rows, voice, (WIDE, label))
    return cell(
        voice.say("course.days"), body, voice.say("course.days.say"), voice.say("went.small"), "two most"
    )


def _day(part: Stretch, voice: Voice) -> Day:
    if part.found is None:
        return Day(part.name, 0.0 if not part.sets else None, 0.0 if not part.sets else None)
    split = part.found.splits["side"]["impulse_nms"]
    sizes, words = [], []
    for side in SIDES:
        one = split.amount.get(side)
        sizes.append(None if one is None else voice.scaled("impulse", one.value))
        words.append(voice.say("course.unknown") if one is None else number(sizes[-1], 0))
    return Day(part.name, sizes[0], sizes[1], words[0], words[1])


def _shares(whole: Stretch | None, voice: Voice) -> str:
    """Left and right, lift, hold and lower, as shares of the whole."""
    if whole is None or whole.found is None:
        return ""
    groups = []
    for by, names in (("side", SIDES), ("phase", ("lift", "hold", "lower"))):
        split = whole.found.splits[by]["impulse_nms"]
        bars = [bar_of(voice.say(f"went.{name}"), split.percent.get(name), split, voice) for name in names]
        groups.append(Parts(voice.say(f"went.by.{by}"), voice.say("went.unit.all"), bars))
    if not any(bar.found for group in groups for bar in group.bars):
        return ""
    body = "".join(parted(groups, "d-both", voice, (w, voice.say("course.shares"))) for w in (NARROW, PAPER))
    return cell(voice.say("course.shares"), body, _shares_say(groups[0].bars, voice))


def _shares_say(bars: Sequence[Bar], voice: Voice) -> str:
    left, right = (bar.found for bar in bars)
    if left is None or right is None:
        return voice.say("course.shares.one")
    if left.low <= 50.0 <= left.high:
        return voice.say("course.shares.even")
    return voice.say("course.shares.more", side=voice.say("side.left" if left.mean > 50.0 else "side.right"))


def _changed(tasks: Sequence[TaskRow], key: str, voice: Voice) -> str:
    if not tasks:
        body = f'<p><span class="null">{esc(voice.say(f"{key}.none"))}</span></p>'
        return cell(voice.say(key), body, kind="two most")
    return cell(
        voice.say(key),
        "".join(_task(task, voice) for task in tasks),
        voice.say(f"{key}.say"),
        kind="two most",
    )


def _task(task: TaskRow, voice: Voice) -> str:
    """What changed in full; what did not, by name; every value one tap away."""
    marked = task.tone in ("worse", "better")
    verdict = f"<mark>{esc(task.verdict)}</mark>" if marked else esc(task.verdict)
    changed = [row for row in task.rows if row.is_changed]
    same = [row.name for row in task.rows if not row.is_changed]
    out = f"<p><strong>{esc(task.name)}</strong>: {verdict}</p>" + _table(changed)
    notes = [voice.say("course.same", kinds=", ".join(same))] if same else []
    out += "".join(f'<p class="why screen">{esc(words)}</p>' for words in [*notes, *task.courses])
    if task.rows:
        summary = esc(voice.say("course.values", n=len(task.rows)))
        out += f"<details><summary>{summary}</summary>{_table(task.rows)}</details>"
    return f'<div class="task">{out}</div>'


def _table(rows: Sequence[KindRow]) -> str:
    cells = "".join(
        f'<tr><td class="l">{esc(row.name)}</td><td>{esc(row.now)}</td><td class="l">'
        + (f"<mark>{esc(row.says)}</mark>" if row.is_changed else esc(row.says))
        + f'</td><td class="l"><small>{esc(row.held)}</small></td></tr>'
        for row in rows
    )
    return f'<div class="scroll" tabindex="0"><table><tbody>{cells}</tbody></table></div>' if rows else ""


def _lines(lines: Sequence[Line], voice: Voice) -> str:
    if not lines:
        return ""
    body = "".join(
        _line_chart(lines, voice, width, columns) for width, columns in ((NARROW, 1), (WIDE, 2), (FULL, 4))
    )
    return cell(
        voice.say("course.lines"), body, voice.say("course.lines.say"), voice.say("course.lines.term"), "wide"
    )


def _line_chart(lines: Sequence[Line], voice: Voice, width: float, columns: int) -> str:
    gap, tall, plot = 28.0, 132.0, 58.0
    each = (width - gap * (columns - 1)) / columns
    body = ""
    for k, one in enumerate(lines):
        x0, y0 = (each + gap) * (k % columns), tall * (k // columns)
        name = f"{LEG.get(one.side, '')}{one.name}"  # the task's name may be cut before it says the leg
        body += text(x0, y0 + 12, fit(name, each), "b") + text(x0, y0 + 27, fit(one.task, each), "m")
        body += text(x0, y0 + 42, fit(one.words, each)) + _course(one, (x0, y0 + 50, each), plot)
    spoken = "; ".join(f"{one.name}, {one.task}: {one.words}" for one in lines)
    height = tall * -(-len(lines) // columns)
    return figure((width, height), voice.say("course.lines.alt", lines=spoken), body, f"w{int(width)}")


def _course(one: Line, place: tuple[float, float, float], plot: float) -> str:
    """A dot a session, where it lay in time; the trend where it is sure."""
    x0, y0, width = place
    low, high = min(one.values), max(one.values)
    pad = max((high - low) * 0.15, abs(high) * 0.02, 1e-6)
    last = max(one.days[-1] - one.days[0], 1.0)
    x, y = Axis(0.0, last, x0 + 34, x0 + width - 6), Axis(low - pad, high + pad, y0 + plot, y0 + 2)
    out = el("path", d=f"M{x0 + 28:.0f} {y0 + plot + 3:.0f}H{x0 + width:.0f}", class_="grid")
    out += text(x0 + 26, y(high) + 4, f"{high:.3g}", "m e")
    if y(low) - y(high) > 14:
        out += text(x0 + 26, y(low) + 4, f"{low:.3g}", "m e")
    at = [day - one.days[0] for day in one.days]
    if one.trend is not None and not one.trend.low <= 0.0 <= one.trend.high:
        middle, mean = sum(at) / len(at), sum(one.values) / len(one.values)
        ends = [(x(day), y(mean + one.trend.value / 7.0 * (day - middle))) for day in (0.0, last)]
        out += line(ends, class_="n-both", stroke_width=2)
    return out + "".join(
        el("circle", cx=x(day), cy=y(value), r=3.4, class_=f"d-{one.side}")
        for day, value in zip(at, one.values, strict=True)
    )


def _dose(course: Course, voice: Voice) -> str:
    """Shocks of the steps: what is stored adds up."""
    if not any(dose for part in course.parts for dose in part.dose_g4):
        return ""
    rows = [
        Day(part.name, *part.dose_g4, *(_dose_words(dose, voice) for dose in part.dose_g4))
        for part in course.parts
    ]
    spoken = "; ".join(f"{row.name}: {row.left_words}, {row.right_words}" for row in rows)
    body = f'<p class="unit">{esc(voice.say("course.dose.axis"))}</p>'
    label = voice.say("course.dose.alt", rows=spoken)
    body += days(rows, voice, (NARROW, label)) + days(rows, voice, (PAPER, label))
    return cell(voice.say("course.dose"), body, voice.say("course.dose.say"), voice.say("course.dose.term"))


def _dose_words(dose: float | None, voice: Voice) -> str:
    return voice.say("course.unknown") if dose is None else number(dose, 0)


def _plan(course: Course, voice: Voice) -> str:
    if not course.due:
        return cell(
            voice.say("course.plan"), f'<p><span class="null">{esc(voice.say("course.plan.none"))}</span></p>'
        )
    rows = [Sure(one.line, voice.say("course.plan.of", done=one.done, due=one.due), "") for one in course.due]
    return cell(voice.say("course.plan"), sure_list(rows), voice.say("course.plan.say"))


def _advice(course: Course, voice: Voice) -> str:
    none = f'<p><span class="null">{esc(voice.say("course.advice.none"))}</span></p>'
    return cell(voice.say("course.advice"), steps_next(course.advice) if course.advice else none, kind="")


def _sure(course: Course, voice: Voice) -> list[Sure]:
    whole = course.whole
    split = whole.found.splits["phase"]["impulse_nms"] if whole and whole.found else None
    covered = round(split.coverage * whole.reps) if split and whole else 0
    reps = whole.reps if whole else 0
    return [
        Sure(voice.say("course.sure.load"), voice.say("course.sure.of", known=covered, reps=reps),
             voice.say("course.sure.load.why")),
        Sure(voice.say("course.sure.changed"), "5 %", voice.say("course.sure.changed.why")),
        Sure(voice.say("course.sure.said"),
             voice.say("course.sure.of", known=course.said.told, reps=course.said.sets),
             voice.say("course.sure.said.why")),
    ]  # fmt: skip
