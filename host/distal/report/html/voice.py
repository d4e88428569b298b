"""How a page speaks: the words of its language, numbers in its units."""

import math
from dataclasses import dataclass
from html import escape

from distal.report.numbers import digits_for, number
from distal.report.spread import Spread
from distal.report.words import Words
from distal.units import KG_PER_LB, N_PER_LBF

FOOT_M = 0.3048
METRIC = {"mass": "kg", "moment": "N·m", "impulse": "N·m·s", "work": "J", "force": "N"}
IMPERIAL = {"mass": "lb", "moment": "lbf·ft", "impulse": "lbf·ft·s", "work": "ft·lbf", "force": "lbf"}
SCALES = {
    "mass": KG_PER_LB,
    "moment": N_PER_LBF * FOOT_M,
    "impulse": N_PER_LBF * FOOT_M,
    "work": N_PER_LBF * FOOT_M,
    "force": N_PER_LBF,
}
PLAIN = {"angle": "°", "speed": "°/s", "time": "s", "count": "", "power": "W", "shock": "g"}


@dataclass(frozen=True, slots=True)
class Voice:
    """Words and units. Texts come out plain; `esc` makes them safe for a page."""

    words: Words
    imperial: bool = False

    def say(self, key: str, **values: object) -> str:
        """A sentence of the table."""
        return self.words.say(key, **values)

    def count(self, key: str, n: int, **values: object) -> str:
        """A sentence for n things."""
        return self.words.count(key, n, **values)

    def unit(self, kind: str) -> str:
        """The unit of a kind of quantity."""
        return PLAIN[kind] if kind in PLAIN else (IMPERIAL if self.imperial else METRIC)[kind]

    def scaled(self, kind: str, value: float) -> float:
        """SI -> the page's unit."""
        return value / SCALES[kind] if self.imperial and kind in SCALES else value

    def value(self, kind: str, value: float, digits: int | None = None) -> str:
        """A number alone, three significant digits unless told."""
        shown = self.scaled(kind, value)
        return number(shown, three(shown) if digits is None else digits)

    def with_unit(self, kind: str, text: str) -> str:
        """`4.1 s`, `90°`."""
        unit = self.unit(kind)
        return f"{text}{unit}" if unit.startswith("°") and kind == "angle" else f"{text} {unit}".rstrip()

    def mean(self, kind: str, found: Spread | None) -> str:
        """The mean as its interval leaves it."""
        if found is None:
            return self.say("unknown")
        return number(self.scaled(kind, found.mean), self._digits(kind, found))

    def ends(self, kind: str, found: Spread) -> str:
        """`6.5 to 7.5`; nothing when the interval is not known."""
        if found.high <= found.low or not math.isfinite(found.high - found.low):
            return ""
        digits = self._digits(kind, found)
        low, high = (number(self.scaled(kind, end), digits) for end in (found.low, found.high))
        return self.say("to", low=low, high=high)

    def full(self, kind: str, found: Spread | None) -> str:
        """`90° (89 to 91)`."""
        if found is None:
            return self.say("unknown")
        text, ends = self.with_unit(kind, self.mean(kind, found)), self.ends(kind, found)
        return f"{text} ({ends})" if ends else text

    def _digits(self, kind: str, found: Spread) -> int:
        half = self.scaled(kind, found.high - found.low) / 2.0
        if half <= 0 or not math.isfinite(half):
            return three(self.scaled(kind, found.mean))
        if kind == "angle":
            return 0
        most = (
            1 if kind == "time" and found.mean >= 1.0 and half >= 0.05 else 3
        )  # a tenth of a second is plain
        return min(digits_for(half), three(self.scaled(kind, found.mean)) + 1, most)

    def clock(self, seconds: float) -> str:
        """`1:21`."""
        minutes, rest = divmod(round(max(seconds, 0.0)), 60)
        return f"{minutes}:{rest:02d}"

    def minutes(self, seconds: float) -> str:
        """`1:21 min`."""
        minutes, rest = self.clock(seconds).split(":")
        return self.say("minutes", m=minutes, s=rest)

    def exercise(self, code: str) -> str:
        """Words of an exercise code."""
        key = f"exercise.{code}"
        return self.say(key) if self.words.has(key) else code.replace("_", " ")

    def reps(self, n: int) -> str:
        """`3 reps`."""
        return self.count("reps", n)


def three(value: float) -> int:
    """Decimals that leave three significant digits, at most two."""
    size = abs(value)
    if size == 0 or not math.isfinite(size):
        return 0
    return min(max(2 - math.floor(math.log10(size)), 0), 2)


def esc(text: str) -> str:
    """Safe in text and in attributes; a number stays on the line of its percent sign."""
    return escape(text.replace(" %", "\N{NO-BREAK SPACE}%"), quote=True)
