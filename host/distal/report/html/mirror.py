"""Left against right: one mirror chart, left to the left of the centre line, same scale on both."""

from collections.abc import Sequence
from dataclasses import dataclass

from distal.report.html.svg import CHAR, el, figure, fit, flat_whisker, num, text, unknown_box
from distal.report.html.voice import Voice
from distal.report.spread import Spread

TOP = 22.0
LINE = 14.0  # px, of small text


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
    tight = [any(_is_tight(half, centre, _most(row)) for half in (row.left, row.right)) for row in rows]
    y = TOP
    body = text(0, 12, f"◀ {voice.say('side.Left')}", "b t-left")
    body += text(width, 12, f"{voice.say('side.Right')} ▶", "b e t-right")
    for row, is_tight in zip(rows, tight, strict=True):
        body += text(centre, y + 10, fit(row.name, width - 8), "m c")
        scale = (centre - 2) / _most(row)
        body += _half(row.left, (centre, y + 16, -scale, bar), "left", is_tight)
        body += _half(row.right, (centre, y + 16, scale, bar), "right", is_tight)
        body += el("path", d=f"M{num(centre)} {num(y + 13)}v{num(bar + 6)}", class_="axis")
        y += row_px + (LINE if is_tight else 0.0)
    return figure((width, y), label, body, f"w{int(width)}")


def _most(row: Row) -> float:
    return max((half.found.high for half in (row.left, row.right) if half.found), default=1.0) or 1.0


def _is_tight(half: Half, room: float, most: float) -> bool:
    """Whether the words of an interval do not fit between the centre line and its whisker."""
    found = half.found
    if found is None or found.high <= found.low:
        return False
    return room * max(found.low, 0.0) / most < CHAR * len(half.ends) + 10


def _spoken(half: Half) -> str:
    if half.found is None:
        return half.why
    return f"{half.words} ({half.ends})" if half.ends else half.words


def _half(half: Half, place: tuple[float, float, float, float], side: str, is_tight: bool) -> str:
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
        away, style = (1, "m") if scale > 0 else (-1, "m e")
        if is_tight:
            out += text(centre + 6 * away, y + bar + 13 + LINE, half.ends, style)
        else:
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
