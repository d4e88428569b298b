"""The whole set: height over time, phases in colour, pattern and dash; long sets run over several strips."""

import itertools
from collections.abc import Sequence

from distal.model import Rep
from distal.report.html.overlay import height_axis
from distal.report.html.svg import Axis, angle_ticks, el, figure, line, num, text, tick_text, unknown_box, way
from distal.report.html.voice import Voice
from distal.report.look import PHASES, SetLook, course_between, phases_of

LEFT, RIGHT, TOP, BOTTOM = 36.0, 6.0, 22.0, 42.0
PLOT = {360: 84.0, 744: 70.0, 1136: 84.0}
EDGE_S = 1.0
LEAST_PX_PER_S = {360: 3.6, 744: 3.4, 1136: 4.6}  # below it the phases run together
MOST_STRIPS = {360: 6, 744: 1, 1136: 3}  # paper takes the middle width and has room for one
NAMES_PX = 20.0  # a rep's number needs this


def trace(look: SetLook, voice: Voice, width: float, show: str) -> str:
    """The chart `whole set` at one width."""
    strips = _strips(look, width)
    label = voice.say("trace.alt", reps=voice.reps(len(look.reps)), length=voice.minutes(look.length_s()))
    plot = PLOT[int(width)]
    strip = TOP + plot + BOTTOM
    size = (width, strip * len(strips))
    if not look.one.trace:
        return figure(size, label, unknown_box((0, 4, width, size[1] - 8), voice.say("why.trace")), show)
    longest = max(reps[-1].end_s - reps[0].start_s for _, reps in strips) + 2 * EDGE_S
    values = [look.height(v) for piece in look.one.trace for _, v in piece]
    body = []
    for k, (first, reps) in enumerate(strips):
        y = height_axis(values, look.zero, (strip * k + TOP + plot, strip * k + TOP))
        start = reps[0].start_s - EDGE_S
        x = Axis(start, start + longest, LEFT, width - RIGHT)
        body.append(_strip(look, (first, reps), (x, y), voice))
    return figure(size, label, "".join(body), show)


def _strips(look: SetLook, width: float) -> list[tuple[int, Sequence[Rep]]]:
    """Parts of the set with like numbers of reps, as (number of the first, reps)."""
    room = (width - LEFT - RIGHT) / LEAST_PX_PER_S[int(width)]
    n = min(
        max(-(-int(look.length_s() + 2 * EDGE_S) // int(room)), 1), MOST_STRIPS[int(width)], len(look.reps)
    )
    edges = [round(k * len(look.reps) / n) for k in range(n + 1)]
    return [(a + 1, look.reps[a:b]) for a, b in itertools.pairwise(edges)]


def _strip(look: SetLook, part: tuple[int, Sequence[Rep]], axes: tuple[Axis, Axis], voice: Voice) -> str:
    first, reps = part
    x, y = axes
    start, end = reps[0].start_s - EDGE_S, reps[-1].end_s + EDGE_S
    last = first + len(reps) - 1
    name = voice.say("rep.names", a=first, b=last) if last > first else voice.say("rep.name", n=first)
    zero = look.one.start_s
    span = voice.say("trace.strip", a=voice.clock(start + EDGE_S - zero), b=voice.clock(end - EDGE_S - zero))
    out = text(x.a, y.b - 8, name, "b") + text(x.b, y.b - 8, span, "m e") + _grid(x, y)
    course = course_between(look, start, end)
    out += "".join(line([(x(t), y(v)) for t, v in piece], class_="between") for piece in course)
    out += _gaps(look, (start, end), axes, voice)
    out += _phases(look, reps, x, y)
    for k, rep in enumerate(reps):
        if _has_room(reps, k, first, x):
            out += text(x((rep.start_s + rep.end_s) / 2), y.a + 34, str(first + k), "c")
    return out


def _has_room(reps: Sequence[Rep], k: int, first: int, x: Axis) -> bool:
    usual = (x(reps[-1].end_s) - x(reps[0].start_s)) / len(reps)
    return usual >= NAMES_PX or k in (0, len(reps) - 1) or ((first + k) % 5 == 0 and usual >= NAMES_PX / 5)


def _grid(x: Axis, y: Axis) -> str:
    out = ""
    for tick in angle_ticks(y.low, y.high, 3):
        out += el("path", d=f"M{num(x.a)} {num(y(tick))}H{num(x.b)}", class_="grid")
        out += text(x.a - 6, y(tick) + 4, f"{tick_text(tick)}°", "m e")
    return out


def _phases(look: SetLook, reps: Sequence[Rep], x: Axis, y: Axis) -> str:
    """Course and bars of all reps: one path for each phase, so that long sets stay light."""
    lines: dict[str, list[str]] = {name: [] for name in PHASES}
    bars: dict[str, list[str]] = {name: [] for name in PHASES}
    for name, a, b in (part for rep in reps for part in phases_of(rep)):
        lines[name] += [way([(x(t), y(v)) for t, v in piece]) for piece in course_between(look, a, b)]
        bars[name].append(f"M{num(x(a))} {num(y.a + 8)}h{num(max(x(b) - x(a), 0.5))}v10H{num(x(a))}z")
    out = ""
    for name in PHASES:
        out += el("path", d="".join(lines[name]), class_=f"ph {name}", fill="none") if lines[name] else ""
        out += el("path", d="".join(bars[name]), class_=f"f-{name}") if bars[name] else ""
    return out


def _gaps(look: SetLook, span: tuple[float, float], axes: tuple[Axis, Axis], voice: Voice) -> str:
    """Missing samples between two pieces of the course, with their length."""
    x, y = axes
    out = ""
    for before, after in zip(look.one.trace, look.one.trace[1:], strict=False):
        a, b = max(before[-1][0], span[0]), min(after[0][0], span[1])
        if b > a:
            box = el("rect", x=x(a), y=y.b, width=max(x(b) - x(a), 2.0), height=y.a - y.b, class_="null-box")
            words = voice.say("trace.gap", length=f"{b - a:.1f} s")
            out += box + text((x(a) + x(b)) / 2, y.a - 6, words, "c h")
    return out
