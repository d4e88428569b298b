"""Load by phase: bars from zero, the interval in ink beside each; what is not known is drawn as such."""

from collections.abc import Sequence
from dataclasses import dataclass

from distal.report.html.svg import Axis, el, figure, fit, num, text, tick_text, ticks, unknown_box, whisker
from distal.report.look import PHASES
from distal.report.numbers import number
from distal.report.spread import Spread

SIGNS = {"lift": "▲", "hold": "■", "lower": "▼"}
LEFT, TOP, BOTTOM = 34.0, 20.0, 42.0


@dataclass(frozen=True, slots=True)
class Group:
    """Loads over time of some reps by phase, in the page's unit: between reps, and with the sensor."""

    name: str
    between: Sequence[Spread | None]
    sensor: Sequence[Spread | None]


def phase_bars(groups: Sequence[Group], width: float, label: str) -> str:
    """The chart `load by phase` at one width."""
    show = f"w{int(width)}"
    known = [one for group in groups for one in (*group.between, *group.sensor) if one]
    height = 190.0 if width > 300 else 120.0
    y = Axis(
        0.0, max((max(one.high, one.mean) for one in known), default=0.0) * 1.04 or 1.0, height - BOTTOM, TOP
    )
    each = (width - LEFT) / len(groups)
    body = _grid(y, width)
    for k, group in enumerate(groups):
        body += _group(group, (LEFT + each * k, each), y)
    return figure((width, height), label, body, show)


def no_bars(why: str, width: float, label: str) -> str:
    """The same place when no load is known."""
    return figure((width, 84.0), f"{label}: {why}", unknown_box((0, 4, width, 76), why), f"w{int(width)}")


def _grid(y: Axis, width: float) -> str:
    out = ""
    for tick in ticks(0.0, y.high, 4):
        kind = "axis" if tick == 0 else "grid"
        out += el("path", d=f"M{num(LEFT)} {num(y(tick))}H{num(width)}", class_=kind)
        out += text(LEFT - 6, y(tick) + 4, tick_text(tick), "m e")
    return out


def _group(group: Group, place: tuple[float, float], y: Axis) -> str:
    left, room = place
    step = min(room / 3.2, 64.0)
    start = left + (room - 3 * step) / 2
    out = ""
    for k, phase in enumerate(PHASES):
        one, wide = group.between[k], group.sensor[k]
        x, bar = start + step * k, min(step * 0.56, 30.0)
        if one is None:
            out += el("rect", x=x, y=y(0) - 40, width=bar, height=40, class_="null-box")
        else:
            out += _bar((x, bar), one, wide, y, phase)
            shown = (
                text(
                    x + bar / 2, y(max(one.mean, 0)) - 6, number(one.mean, 0 if y.high >= 20 else 1), "b c h"
                )
                if room > 60
                else ""
            )
            out += shown
        out += text(x + bar / 2, y.a + 16, SIGNS[phase], f"c s-{phase}")
    return out + text(left + room / 2, y.a + 34, fit(group.name, room), "c")


def _bar(place: tuple[float, float], one: Spread, wide: Spread | None, y: Axis, phase: str) -> str:
    x, bar = place
    top = y(max(one.mean, 0.0))
    out = el("rect", x=x, y=top, width=bar, height=max(y(0) - top, 0.5), class_=f"f-{phase}")
    if one.high > one.low:
        out += whisker(x + bar + 4, y(max(one.low, 0)), y(one.high), 3.5)
    if wide is not None:
        out += whisker(x + bar + 4, y(max(wide.low, 0)), y(wide.high), 1.2)
    return out
