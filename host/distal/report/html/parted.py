"""How a load divides: groups of bars from zero, value and interval above each, the interval drawn in ink."""

from collections.abc import Sequence
from dataclasses import dataclass

from distal.report.html.svg import el, figure, fit, flat_whisker, num, text, unknown_box
from distal.report.html.voice import Voice
from distal.report.spread import Spread

ROW, TOP, GAP, BAR = 40.0, 40.0, 28.0, 10.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A part: its name, how large, its value in words; or the reason why that is not known."""

    name: str
    found: Spread | None
    words: str = ""
    why: str = ""
    beside: Spread | None = None  # to compare with the other bars: what they share is left out


@dataclass(frozen=True, slots=True)
class Parts:
    """Bars that are compared with one another."""

    name: str
    unit: str
    bars: Sequence[Bar]


def parted(groups: Sequence[Parts], hue: str, voice: Voice, size: tuple[float, str]) -> str:
    """The chart at one width; size = px, title. hue: class of the bars."""
    width, title = size
    columns = 1 if width < 500 else len(groups)
    each = (width - GAP * (columns - 1)) / columns
    heights = [TOP + ROW * len(group.bars) for group in groups]
    body, y = "", 0.0
    for k, group in enumerate(groups):
        x = 0.0 if columns == 1 else (each + GAP) * k
        body += _group(group, (x, y, each), hue)
        y += heights[k] + 8.0 if columns == 1 else 0.0
    height = y if columns == 1 else max(heights)
    return figure((width, height), _spoken(groups, title, voice), body, f"w{int(width)}")


def _group(group: Parts, place: tuple[float, float, float], hue: str) -> str:
    x, y, width = place
    out = text(x, y + 12, group.name, "b") + text(x, y + 28, group.unit, "m")
    most = max((max(bar.found.high, bar.found.mean) for bar in group.bars if bar.found), default=1.0) or 1.0
    for k, bar in enumerate(group.bars):
        out += _bar(bar, (x, y + TOP + ROW * k, width), width / most, hue)
    return out


def _bar(bar: Bar, place: tuple[float, float, float], scale: float, hue: str) -> str:
    x, y, width = place
    if bar.found is None:
        return text(x, y + 12, bar.name) + unknown_box((x, y + 17, width, 18), bar.why)
    out = text(x, y + 12, fit(bar.name, width * 0.55)) + text(x + width, y + 12, bar.words, "e")
    length = max(scale * bar.found.mean, 0.8)
    out += el("rect", x=x, y=y + 17, width=length, height=BAR, class_=hue)
    if bar.found.high > bar.found.low:
        low, high = (x + scale * max(end, 0.0) for end in (bar.found.low, bar.found.high))
        out += flat_whisker(y + 17 + BAR + 5, low, high)
    if bar.beside is not None:
        low, high = (x + scale * max(end, 0.0) for end in (bar.beside.low, bar.beside.high))
        out += el("path", d=f"M{num(low)} {num(y + 17 + BAR + 5)}H{num(high)}", class_="ci", stroke_width=3.5)
    return out


def _spoken(groups: Sequence[Parts], title: str, voice: Voice) -> str:
    shown = [
        voice.say(
            "went.alt.group",
            name=group.name,
            unit=group.unit,
            bars=", ".join(
                voice.say("went.alt.bar", name=bar.name, value=bar.words or bar.why) for bar in group.bars
            ),
        )
        for group in groups
    ]
    return voice.say("went.alt", title=title, groups="; ".join(shown))
