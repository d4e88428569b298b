"""Every rep laid over the first: aligned at its start, first rep in ink, later ones stronger."""

from collections.abc import Sequence

from distal.report.html.svg import (
    Axis,
    angle_ticks,
    el,
    figure,
    fit,
    line,
    num,
    ramp,
    text,
    tick_text,
    ticks,
    unknown_box,
)
from distal.report.html.voice import Voice
from distal.report.look import SetLook, course_between

LEFT, TOP, BOTTOM = 36.0, 14.0, 42.0


def overlay(look: SetLook, voice: Voice, size: tuple[float, float], show: str) -> str:
    """The chart `every rep` at one width."""
    width, height = size
    curves = [course_between(look, rep.start_s, rep.end_s) for rep in look.reps]
    reach = max(rep.end_s - rep.start_s for rep in look.reps)
    label = voice.say("overlay.alt", reps=voice.reps(len(curves)), length=f"{_mean_length(look):.1f} s")
    if not any(curves):
        return figure(size, label, unknown_box((0, 0, width, height), voice.say("why.trace")), show)
    values = [v for pieces in curves for piece in pieces for _, v in piece]
    x = Axis(0.0, reach, LEFT, width - 8)
    y = height_axis(values, look.zero, (height - BOTTOM, TOP))
    body = _grid(x, y, voice) + _curves(look, curves, x, y) + _names(look, curves, x, y, voice)
    return figure(size, label, body, show)


def height_axis(values: Sequence[float], zero: str, px: tuple[float, float]) -> Axis:
    """The axis of a height: from hanging, where heights count from there, past the next round angle."""
    low = min(*values, 0.0) if zero == "hanging" else min(values)
    step = 30 if max(values) - low > 40 else 10
    return Axis(low - 2, max(-(-max(values) // step) * step, max(values)) + 3, px[0], px[1])


def _mean_length(look: SetLook) -> float:
    return sum(rep.end_s - rep.start_s for rep in look.reps) / len(look.reps)


def _grid(x: Axis, y: Axis, voice: Voice) -> str:
    out = []
    for tick in angle_ticks(y.low, y.high):
        out.append(el("path", d=f"M{num(x.a)} {num(y(tick))}H{num(x.b)}", class_="grid"))
        out.append(text(x.a - 6, y(tick) + 4, f"{tick_text(tick)}°", "m e"))
    out.append(el("path", d=f"M{num(x.a)} {num(y.a)}H{num(x.b)}", class_="axis"))
    marks = ticks(x.low, x.high, 9 if x.b > 500 else 6)
    for tick in marks:
        unit = " s" if tick == marks[-1] else ""
        out.append(text(x(tick), y.a + 15, tick_text(tick) + unit, "m c"))
    words = fit(voice.say("overlay.axis"), x.b - x.a)
    return "".join(out) + text(x.b, y.a + 32, words, "m e")


def _curves(look: SetLook, curves: list[list[list[tuple[float, float]]]], x: Axis, y: Axis) -> str:
    out, n = [], len(curves)
    for k in [*range(1, n), 0]:
        start = look.reps[k].start_s
        style = "stroke:var(--ink)" if k == 0 else ramp(look.one.side, k, n)
        for piece in curves[k]:
            points = [(x(t - start), y(v)) for t, v in piece]
            out.append(
                line(points, style=style, stroke_width=3.4 if k == 0 else 1.3, stroke_linejoin="round")
            )
    return "".join(out)


def _names(
    look: SetLook, curves: list[list[list[tuple[float, float]]]], x: Axis, y: Axis, voice: Voice
) -> str:
    """First and last rep by name: the first under its top, the last at its end."""
    rep = look.reps[0]
    at = x(rep.concentric_s + rep.hold_s / 2)
    out = text(at, y(look.height(rep.top_deg)) + 22, voice.say("rep.name", n=1), "b c h") if curves[0] else ""
    if len(curves) > 1 and curves[-1]:
        last = look.reps[-1]
        t, v = curves[-1][-1][-1]
        out += text(min(x(t - last.start_s), x.b), y(v) - 8, voice.say("rep.name", n=len(curves)), "b e h")
    return out
