"""Dots: lift speed from rep to rep with its trend, lift speed of sets, strides of a walk."""

from collections.abc import Sequence

from distal.model import SIDES, Side
from distal.report.html.svg import Axis, el, figure, line, num, text, tick_text, ticks, unknown_box, whisker
from distal.report.html.voice import Voice
from distal.report.spread import Spread, Trend

LEFT, TOP, BOTTOM = 34.0, 10.0, 24.0


def tiring(
    speeds: Sequence[float], found: Trend | None, side: str, voice: Voice, place: tuple[float, str]
) -> str:
    """Lift speed of each rep, the line and its 95 % band; place = width and the sentence."""
    width, label = place
    show = f"w{int(width)}"
    if not speeds:
        return figure((width, 84.0), label, unknown_box((0, 4, width, 76), voice.say("why.reps")), show)
    height = _height(width)
    n = len(speeds)
    x = Axis(0.0, max(n - 1.0, 1.0), LEFT + 12, width - 12)
    y = Axis(0.0, max(speeds) * 1.12, height - BOTTOM, TOP)
    body = _grid(y, width) + (_band(found, side, x, y) if found else "")
    for k, value in enumerate(speeds):
        style = "dot" if k == 0 else f"d-{side}"
        body += el("circle", cx=x(k), cy=y(value), r=3.4, class_=style)
    body += "".join(text(x(k), y.a + 16, str(k + 1), "m c") for k in _numbered(n))
    return figure((width, height), label, body, show)


def _numbered(n: int) -> list[int]:
    """Which reps have their number below: all of a few, else first, middle, last."""
    return list(range(n)) if n <= 12 else [0, n // 2, n - 1]


def _height(width: float) -> float:
    return 176.0 if width > 300 else 112.0


def _grid(y: Axis, width: float) -> str:
    out = ""
    for tick in ticks(y.low, y.high, 4):
        kind = "axis" if tick == y.low else "grid"
        out += el("path", d=f"M{num(LEFT)} {num(y(tick))}H{num(width)}", class_=kind)
        out += text(LEFT - 6, y(tick) + 4, tick_text(tick), "m e")
    return out


def _band(found: Trend, side: str, x: Axis, y: Axis) -> str:
    steps = [found.n * k / 12 - k / 12 for k in range(13)]
    upper = [(x(k), min(max(y(found.at(k) + found.band(k)), y.b), y.a)) for k in steps]
    lower = [(x(k), min(max(y(found.at(k) - found.band(k)), y.b), y.a)) for k in reversed(steps)]
    edge = " ".join(f"{num(a)},{num(b)}" for a, b in upper + lower)
    ends = [(x(0), y(found.at(0))), (x(found.n - 1), y(found.at(found.n - 1)))]
    return el("polygon", points=edge, class_=f"band b-{side}") + line(
        ends, class_=f"n-{side}", stroke_width=2
    )


def sets_speed(sets: Sequence[tuple[int, str, Spread]], voice: Voice, place: tuple[float, str]) -> str:
    """Mean lift speed of each set with its interval: (number, side, speed)."""
    width, label = place
    show = f"w{int(width)}"
    if not sets:
        return figure((width, 84.0), label, unknown_box((0, 4, width, 76), voice.say("why.reps")), show)
    height = _height(width)
    x = Axis(0.5, len(sets) + 0.5, LEFT, width)
    y = Axis(0.0, max(one.high for _, _, one in sets) * 1.1, height - BOTTOM, TOP)
    body = _grid(y, width)
    for k, (number, side, one) in enumerate(sets, 1):
        body += whisker(x(k) + 9, y(max(one.low, 0)), y(one.high), 3)
        body += el("circle", cx=x(k), cy=y(one.mean), r=4.5, class_=f"d-{side}")
        sign = voice.say("side.L") if side == "left" else voice.say("side.R")
        body += text(x(k), y.a + 16, f"{sign} {number}" if width / len(sets) > 24 else str(number), "c")
    return figure((width, height), label, body, show)


def strides(
    found: dict[Side, list[tuple[float, float]]], voice: Voice, size: tuple[float, float], label: str
) -> str:
    """Stride times over the session, (s, s), one dot each; left and right in strips of their own."""
    width, height = size
    show = f"w{int(width)}"
    every = [point for points in found.values() for point in points]
    if not every:
        box = unknown_box((0, 8, width, 80), voice.say("walk.none"))
        return figure((width, 92), label, box, show)
    times, values = [t for t, _ in every], sorted(v for _, v in every)
    pad = max((max(times) - min(times)) * 0.01, 0.5)
    x = Axis(min(times) - pad, max(times) + pad, LEFT, width - 8)
    low, high = min(values[0] - 0.05, 0.8), max(values[-1] + 0.05, 1.2)
    room = (height - 84.0) / 2
    body = ""
    for top, side in zip((22.0, 48.0 + room), SIDES, strict=True):
        body += _stride_strip(found[side], side, (x, Axis(low, high, top + room, top)), voice)
    body += _time_axis(x, height, voice)
    return figure(size, label, body, show)


def _time_axis(x: Axis, height: float, voice: Voice) -> str:
    """Minutes, or seconds of a short walk."""
    is_short = x.high - x.low < 150
    scale = 1.0 if is_short else 60.0
    out = ""
    for tick in ticks(x.low / scale, x.high / scale, 6):
        out += text(x(scale * tick), height - 20, tick_text(round(tick, 2)), "m c")
    words = voice.say("walk.axis.seconds" if is_short else "walk.axis.time")
    return out + text(x.b, height - 4, words, "m e")


def _stride_strip(points: list[tuple[float, float]], side: str, axes: tuple[Axis, Axis], voice: Voice) -> str:
    x, y = axes
    out = ""
    for tick in ticks(y.low, y.high, 3 if y.high < 2 else 2):
        out += el("path", d=f"M{num(x.a)} {num(y(tick))}H{num(x.b)}", class_="grid")
        out += text(x.a - 6, y(tick) + 4, tick_text(round(tick, 2)), "m e")
    sign = "◀ " if side == "left" else "▶ "
    out += text(x.a, y.b - 6, sign + voice.say(f"side.{side.capitalize()}"), f"b h t-{side}")
    if not points:
        box = (x.a, y.b + 8, x.b - x.a, y.a - y.b - 12)
        return out + unknown_box(box, voice.say("walk.none"))
    path = "".join(f"M{num(x(t))} {num(y(v))}h0" for t, v in points)
    return out + el("path", d=path, class_=f"n-{side} round", stroke_width=5)
