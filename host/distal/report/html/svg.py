"""SVG as strings: elements, scales, lines. Coordinates are the page's pixels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from distal.report.html.voice import esc

Point = tuple[float, float]
NEAR_PX = 0.3
CHAR = 6.6  # px, a letter of 12 px text, on average
STEPS = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 100, 120, 180)


@dataclass(frozen=True, slots=True)
class Axis:
    """Linear scale: value low..high -> px a..b."""

    low: float
    high: float
    a: float
    b: float

    def __call__(self, value: float) -> float:
        return self.a + (value - self.low) / (self.high - self.low) * (self.b - self.a)


def num(value: float) -> str:
    """A coordinate with one decimal."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def el(name: str, body: str = "", /, **attributes: str | float) -> str:
    """An element; `_` in names becomes `-`, a trailing one is left out (`class_`)."""
    parts = [name]
    for key, value in attributes.items():
        shown = num(value) if isinstance(value, float) else str(value)
        parts.append(f'{key.rstrip("_").replace("_", "-")}="{esc(shown)}"')
    return f"<{' '.join(parts)}>{body}</{name}>" if body else f"<{' '.join(parts)}/>"


def figure(size: tuple[float, float], label: str, body: str, show: str = "") -> str:
    """A chart: its box, the sentence that says it, its marks; `show` names the widths it is for."""
    box = f"0 0 {num(size[0])} {num(size[1])}"
    return el("svg", body, class_=f"fig {show}".strip(), viewBox=box, role="img", aria_label=label)


def text(x: float, y: float, words: str, style: str = "") -> str:
    """Text of the chart; styles: m muted, b bold, e ends here, c centred here, h halo."""
    kind = f' class="{style}"' if style else ""
    return f'<text x="{num(x)}" y="{num(y)}"{kind}>{esc(words)}</text>'


def line(points: Sequence[Point], **attributes: str | float) -> str:
    """A line through points, as few as a third of a pixel allows."""
    return el("path", d=way(points), fill="none", **attributes) if len(points) > 1 else ""


def way(points: Sequence[Point]) -> str:
    """Points -> path data, relative steps."""
    kept = simplify(points, NEAR_PX)
    at = (round(kept[0][0], 1), round(kept[0][1], 1))
    out = [f"M{num(at[0])} {num(at[1])}l"]
    for x, y in kept[1:]:
        to = (round(x, 1), round(y, 1))
        out.append(f"{num(to[0] - at[0])} {num(to[1] - at[1])}")
        at = to
    return out[0] + " ".join(out[1:])


def simplify(points: Sequence[Point], near: float) -> list[Point]:
    """Leave out points that lie within `near` of the line without them (Douglas and Peucker 1973)."""
    keep, spans = {0, len(points) - 1}, [(0, len(points) - 1)]
    while spans:
        a, b = spans.pop()
        if b - a < 2:
            continue
        k = max(range(a + 1, b), key=lambda i: _off(points[i], points[a], points[b]))
        if _off(points[k], points[a], points[b]) > near:
            keep.add(k)
            spans += [(a, k), (k, b)]
    return [points[k] for k in sorted(keep)]


def _off(p: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy)
    if length == 0:
        return math.hypot(p[0] - a[0], p[1] - a[1])
    return abs(dx * (p[1] - a[1]) - dy * (p[0] - a[0])) / length


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round values from low to high, at most `most` of them."""
    reach = max(high - low, 1e-9)
    power = 10.0 ** math.floor(math.log10(reach / most))
    step = next(power * k for k in (1, 2, 2.5, 5, 10, 20) if reach / (power * k) <= most)
    first = math.ceil(low / step - 1e-9)
    return [step * k for k in range(first, math.floor(high / step + 1e-9) + 1)]


def angle_ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Ticks of an angle: parts of a right angle."""
    step = next((s for s in (5, 10, 15, 30, 45, 90) if (high - low) / s <= most), 90)
    return [float(step * k) for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def tick_text(value: float) -> str:
    """A tick's number without needless zeros."""
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def whisker(x: float, y0: float, y1: float, width: float) -> str:
    """An interval, in ink."""
    return el("path", d=f"M{num(x)} {num(y0)}V{num(y1)}", class_="ci", stroke_width=width)


def flat_whisker(y: float, x0: float, x1: float) -> str:
    """An interval along x with its ends."""
    return el("path", d=f"M{num(x0)} {num(y)}H{num(x1)}M{num(x0)} {num(y - 3)}v6M{num(x1)} {num(y - 3)}v6",
              class_="ci", stroke_width=1.5)  # fmt: skip


def unknown_box(box: tuple[float, float, float, float], why: str) -> str:
    """What is not known, drawn: a hatched, dashed edge, its reason; box = x, y, width, height."""
    x, y, width, height = box
    shape = el("rect", x=float(x), y=float(y), width=float(width), height=float(height), class_="null-box")
    return shape + text(x + width / 2, y + height / 2 + 4, fit(why, width - 8), "c h")


def fit(words: str, width: float) -> str:
    """Words cut to a width in px, with an ellipsis."""
    most = max(int(width / CHAR), 1)
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def ramp(side: str, k: int, n: int) -> str:
    """Colour of rep k (from 0) of n in the order ramp of a side, as a style."""
    step = round(9 * k / max(n - 1, 1))
    if side == "both":
        return f"stroke:var(--ink);stroke-opacity:.{35 + 6 * step}"
    return f"stroke:var(--{'l' if side == 'left' else 'r'}{step})"
