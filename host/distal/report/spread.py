"""How far a mean or a trend may be off, from what was seen: Student's t, no table needed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_TREND = 6  # reps, as analysis has it; with fewer a line through them says nothing


@dataclass(frozen=True, slots=True)
class Spread:
    """A mean with its 95 % interval; a single value has the interval it was given."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through values 0, 1, 2 ...; slope per step with its 95 % interval."""

    start: float
    slope: float
    half: float  # of the slope
    residual: float  # standard deviation around the line
    n: int

    def at(self, k: float) -> float:
        """The line at step k."""
        return self.start + self.slope * k

    def band(self, k: float) -> float:
        """Half width of the line's 95 % band at step k."""
        middle = (self.n - 1) / 2.0
        wide = sum((i - middle) ** 2 for i in range(self.n))
        return t95(self.n - 2) * self.residual * math.sqrt(1.0 / self.n + (k - middle) ** 2 / wide)

    @property
    def is_sure(self) -> bool:
        """Whether the interval of the slope leaves out zero."""
        return abs(self.slope) > self.half

    @property
    def change(self) -> float:
        """From the first value to the last, along the line."""
        return self.slope * (self.n - 1)


def t95(freedom: int) -> float:
    """Two-sided 95 % point of Student's t; series of Cornish and Fisher, within 0.3 % from 5 on."""
    if freedom < 5:
        return {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776}.get(freedom, math.inf)
    z, v = 1.959964, float(freedom)
    one = (z**3 + z) / 4.0
    two = (5 * z**5 + 16 * z**3 + 3 * z) / 96.0
    three = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384.0
    return z + one / v + two / v**2 + three / v**3


def spread(values: Sequence[float], least_half: float = 0.0) -> Spread | None:
    """Mean and 95 % interval from the spread between values; never narrower than `least_half`."""
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return None
    mean = sum(known) / len(known)
    half = least_half
    if len(known) > 1:
        variance = sum((value - mean) ** 2 for value in known) / (len(known) - 1)
        half = max(t95(len(known) - 1) * math.sqrt(variance / len(known)), least_half)
    low = mean - half if min(known) < 0 else max(mean - half, 0.0)  # sizes and times stay sizes and times
    return Spread(mean, low, mean + half, len(known))


def trend(values: Sequence[float]) -> Trend | None:
    """The line of least squares; None with fewer than LEAST_TREND values."""
    n = len(values)
    if n < LEAST_TREND:
        return None
    middle, mean = (n - 1) / 2.0, sum(values) / n
    wide = sum((k - middle) ** 2 for k in range(n))
    slope = sum((k - middle) * (value - mean) for k, value in enumerate(values)) / wide
    start = mean - slope * middle
    rest = sum((value - start - slope * k) ** 2 for k, value in enumerate(values))
    residual = math.sqrt(rest / (n - 2))
    return Trend(start, slope, t95(n - 2) * residual / math.sqrt(wide), residual, n)
