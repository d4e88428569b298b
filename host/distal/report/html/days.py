"""Left and right over days, sessions or weeks: a row each, left to the left of the centre line."""

from collections.abc import Sequence
from dataclasses import dataclass

from distal.report.html.svg import el, figure, fit, num, text
from distal.report.html.voice import Voice

ROW, TOP, NAME = 26.0, 24.0, 92.0


@dataclass(frozen=True, slots=True)
class Day:
    """One row; a leg of None is not known, 0 did nothing."""

    name: str
    left: float | None
    right: float | None
    left_words: str = ""
    right_words: str = ""


def days(rows: Sequence[Day], voice: Voice, place: tuple[float, str]) -> str:
    """The chart at one width; place = px, the sentence that says it."""
    width, label = place
    most = max((value for row in rows for value in (row.left, row.right) if value), default=0.0) or 1.0
    name = NAME if width > 300 else 64.0
    half = (width - name) / 2.0
    centre = name + half
    body = text(name, 12, f"◀ {voice.say('side.Left')}", "b t-left")
    body += text(width, 12, f"{voice.say('side.Right')} ▶", "b e t-right")
    for k, row in enumerate(rows):
        y = TOP + ROW * k
        body += text(0, y + 13, fit(row.name, name - 6))
        body += _bar((row.left, row.left_words), (centre, y, -(half - 40.0) / most), "left")
        body += _bar((row.right, row.right_words), (centre, y, (half - 40.0) / most), "right")
    body += el("path", d=f"M{num(centre)} {num(TOP - 6)}V{num(TOP + ROW * len(rows))}", class_="axis")
    return figure((width, TOP + ROW * len(rows) + 4), label, body, f"w{int(width)}")


def _bar(value: tuple[float | None, str], place: tuple[float, float, float], side: str) -> str:
    size, words = value
    centre, y, scale = place
    way = -1 if scale < 0 else 1
    end = " e" if scale < 0 else ""
    if size is None:
        return text(centre + 6 * way, y + 13, words, "m" + end)
    if size == 0.0:
        return ""
    length = scale * size
    shape = el(
        "rect", x=min(centre, centre + length), y=y + 2, width=abs(length), height=14.0, class_=f"d-{side}"
    )
    return shape + text(centre + length + 5 * way, y + 13, words, f"t-{side}{end}")
