"""A straight line through values of one kind, in order, with an interval that allows for their memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from distal.model import FloatArray

LEAST = 6  # values; with fewer a line through them says nothing
MOST_MEMORY = 0.9
_SURE = 0.975


@dataclass(frozen=True, slots=True)
class Line:
    """value = start + slope * x, x from the first value's; half: of the slope's 95 % interval."""

    start: float
    slope: float
    half: float
    n: int

    @property
    def is_sure(self) -> bool:
        """Whether the interval of the slope leaves out zero."""
        return abs(self.slope) > self.half


def fit_line(values: Sequence[float], at: Sequence[float] | None = None) -> Line | None:
    """Least squares; None for fewer than LEAST values, or all at one place.

    at       where each value lies, in order; None: at 0, 1, 2, ...
    error    says "sure" of 3 to 4 % of series without a trend, 6 % when neighbours correlate by 0.3 and 8 %
             at 0.5 (6 to 30 values, 4000 series each; test_trend.py repeats a part)
    source   Student's t with the sample size that is left when neighbours are alike, n (1 - r) / (1 + r)
             (Bayley & Hammersley 1946); r of the residuals, its bias -(2 + 4 r) / n taken off (Kendall 1954;
             both from memory)
    """
    y = np.asarray(values, np.float64)
    n = len(y)
    if n < LEAST:
        return None
    x = np.arange(n, dtype=np.float64) if at is None else np.asarray(at, np.float64)
    x = x - x.mean()
    if not x.any():
        return None
    slope = float(x @ y / (x @ x))
    left = y - y.mean() - slope * x
    spread = float(left @ left) / (n - 2)
    grown = growth(left)
    freedom = max(n / grown - 2.0, 1.0)
    half = float(stdtrit(freedom, _SURE)) * float(np.sqrt(spread * grown / (x @ x)))
    return Line(float(y.mean()) + slope * float(x[0]), slope, half, n)


def growth(left: FloatArray) -> float:
    """How much the variance of a mean grows because neighbours are alike. left: five residuals or more"""
    n, size = len(left), float(left @ left)
    if size <= 0.0 or n < 5:
        return 1.0
    seen = float(left[1:] @ left[:-1]) / size
    memory = min(max((n * seen + 2.0) / (n - 4.0), 0.0), MOST_MEMORY)
    return (1.0 + memory) / (1.0 - memory)
