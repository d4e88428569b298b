"""The cell `shocks`: how large the peaks of the steps were at each shank, and the dose that is kept."""

from collections.abc import Sequence

from distal.model import SIDES, SessionReport, Side
from distal.report.html.parts import cell
from distal.report.html.svg import Axis, el, figure, num, text, tick_text, ticks, unknown_box
from distal.report.html.voice import Voice, esc
from distal.report.numbers import number

WIDTHS = (360.0, 744.0, 1136.0)
LEFT, STRIP, TOP = 34.0, 58.0, 22.0
BANDS_G = (6.0, 21.0)


def shocks_cell(report: SessionReport, voice: Voice) -> str:
    """A wide cell, on the screen only; empty without a shock."""
    found = {side: _shocks(report, side) for side in SIDES}
    if not any(found.values()):
        return ""
    doses = [
        voice.say(
            "shocks.dose", side=voice.say(f"side.{side}"), dose=_dose(one.dose_g4), n=one.steps + one.landings
        )
        for side in SIDES
        if (one := report.impact.get(side)) is not None
    ]
    most = max(max(values, default=0.0) for values in found.values())
    title = voice.say("shocks.title", most=number(most, 1))
    label = voice.say("shocks.alt", doses="; ".join(doses))
    body = f'<p class="unit">{esc(voice.say("shocks.axis"))}</p>'
    body += "".join(_chart(report, found, voice, (width, label)) for width in WIDTHS)
    clipped = sum(one.clipped for one in report.impact.values() if one)
    under = max(one.under_read_pct for one in report.impact.values() if one)
    term = voice.say("shocks.term", doses="; ".join(doses), under=number(under, 0))
    term += " " + voice.count("shocks.clipped", clipped) if clipped else ""
    return cell(title, body, voice.say("shocks.say"), term, "wide screen")


def _shocks(report: SessionReport, side: Side) -> list[float]:
    return [step.impact_g for step in report.steps.get(side, ()) if step.impact_g is not None]


def _dose(value: float) -> str:
    return number(value, 0 if value >= 10 else 1)


def _chart(
    report: SessionReport, found: dict[Side, list[float]], voice: Voice, place: tuple[float, str]
) -> str:
    width, label = place
    every = [value for values in found.values() for value in values]
    x = Axis(0.0, max(max(every) * 1.05, 2.0), LEFT, width - 8)
    body, height = "", TOP + 2 * (STRIP + 26.0)
    for k, side in enumerate(SIDES):
        y = TOP + k * (STRIP + 26.0)
        sign = "◀ " if side == "left" else "▶ "
        body += text(LEFT, y - 6, sign + voice.say(f"side.{side.capitalize()}"), f"b t-{side}")
        if found[side]:
            body += _bars(found[side], x, (y, _columns(width)), side)
        else:
            why = voice.say("why.cuff" if report.coverage.get(side) is None else "walk.none")
            body += unknown_box((LEFT, y + 4, width - LEFT - 8, STRIP - 10), why)
    for tick in ticks(0.0, x.high, 6):
        body += text(x(tick), height - 4, tick_text(tick), "m c")
    for border in BANDS_G:
        if border < x.high:
            body += el("path", d=f"M{num(x(border))} {num(TOP - 14)}V{num(height - 18)}", class_="between")
    return figure((width, height), label, body, f"w{int(width)}")


def _columns(width: float) -> int:
    return 24 if width < 500 else 48


def _bars(values: Sequence[float], x: Axis, place: tuple[float, int], side: str) -> str:
    """How many steps had so large a shock."""
    y, columns = place
    step = x.high / columns
    counts = [0] * columns
    for value in values:
        counts[min(int(value / step), columns - 1)] += 1
    most = max(counts)
    out = el("path", d=f"M{num(x.a)} {num(y + STRIP)}H{num(x.b)}", class_="axis")
    for k, n in enumerate(counts):
        if n:
            tall = (STRIP - 12) * n / most
            wide = x(step) - x(0.0) - 1.0
            out += el("rect", x=x(step * k), y=y + STRIP - tall, width=wide, height=tall, class_=f"d-{side}")
    return out + text(x.a - 6, y + 20, str(most), "m e")
