"""Left against right: one mirror chart, left to the left of the centre line, same scale on both."""

from collections.abc import Sequence
from dataclasses import dataclass

from distal.report.html.svg import el, figure, fit, flat_whisker, num, text, unknown_box
from distal.report.html.voice import Voice
from distal.report.spread import Spread

TOP = 22.0


@dataclass(frozen=True, slots=True)
class Half:
    """One leg's side of a row: a value with its words, or the reason why there is none."""

    found: Spread | None
    words: str = ""
    ends: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A measure of both legs."""

    name: str
    left: Half
    right: Half


def mirror(rows: Sequence[Row], voice: Voice, width: float) -> str:
    """The chart `left and right` at one width."""
    names = [voice.say("sides.alt.row", name=row.name, left=_spoken(row.left), right=_spoken(row.right))
             for row in rows]  # fmt: skip
    label = voice.say("sides.alt", rows="; ".join(names))
    row_px, bar = (58.0, 20.0) if width > 300 else (50.0, 16.0)
    centre = width / 2
    body = text(0, 12, f"◀ {voice.say('side.Left')}", "b t-left")
    body += text(width, 12, f"{voice.say('side.Right')} ▶", "b e t-right")
    for k, row in enumerate(rows):
        y = TOP + row_px * k
        body += text(centre, y + 10, fit(row.name, width - 8), "m c")
        most = max((half.found.high for half in (row.left, row.right) if half.found), default=1.0) or 1.0
        body += _half(row.left, (centre, y + 16, -(centre - 2) / most, bar), "left")
        body += _half(row.right, (centre, y + 16, (centre - 2) / most, bar), "right")
        body += el("path", d=f"M{num(centre)} {num(y + 13)}v{num(bar + 6)}", class_="axis")
    return figure((width, TOP + row_px * len(rows)), label, body, f"w{int(width)}")


def _spoken(half: Half) -> str:
    if half.found is None:
        return half.why
    return f"{half.words} ({half.ends})" if half.ends else half.words


def _half(half: Half, place: tuple[float, float, float, float], side: str) -> str:
    """place = centre, top, px per unit (negative to the left), height of the bar."""
    centre, y, scale, bar = place
    if half.found is None:
        room = centre - 2
        return unknown_box((2 if scale < 0 else centre, y, room, bar), half.why)
    length = scale * half.found.mean
    left = min(centre, centre + length)
    out = el("rect", x=left, y=float(y), width=max(abs(length), 0.8), height=bar, class_=f"d-{side}")
    out += _words(half, place, side, abs(length))
    if half.found.high > half.found.low:
        a, b = sorted(centre + scale * max(end, 0.0) for end in (half.found.low, half.found.high))
        out += flat_whisker(y + bar + 8, a, b)
        anchor = (a - 6, "m e") if scale > 0 else (b + 6, "m")
        out += text(anchor[0], y + bar + 13, half.ends, anchor[1])
    return out


def _words(half: Half, place: tuple[float, float, float, float], side: str, length: float) -> str:
    """The value inside its bar when it fits, else beyond its end."""
    centre, y, scale, bar = place
    y += bar / 2 - 10  # text of 12 px amid the bar
    away = -1 if scale < 0 else 1
    if length > 8 * len(half.words) + 12:
        return text(centre + 6 * away, y + 14, half.words, "b inv" + (" e" if scale < 0 else ""))
    return text(centre + away * (length + 6), y + 14, half.words, f"b t-{side}" + (" e" if scale < 0 else ""))
