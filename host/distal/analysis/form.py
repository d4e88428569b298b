"""Has the person changed? Only what lies beyond the person's own repeats is called a change.

A new value is held against the interval in which the next one of unchanged repeats would lie (prediction
interval of Student's t). With many repeats that is the minimal detectable change at 95 %,
1.96 * sqrt(2) * SEM, of two single values; with few it is wider, as it must be.
Source: Weir 2005, J Strength Cond Res 19:231 for the minimal detectable change (from memory).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from distal.model import Estimate

LEAST_REPEATS = 4  # with three the interval is so wide that nothing would ever be said
CHANGED = 0.05  # of unchanged people are called changed


@dataclass(frozen=True, slots=True)
class Compared:
    """A value beside the person's own repeats.

    says    higher, lower: beyond them; same: within; unknown: too few repeats
    usual   mean of the repeats with the interval of the next value
    """

    value: float
    usual: Estimate | None
    says: Literal["higher", "lower", "same", "unknown"]


def compare(value: float, repeats: Sequence[float], alarms: float = CHANGED) -> Compared:
    """Hold a new value against earlier ones, each a mean of one session or set of the same task.

    error    called changed in `alarms` of unchanged people, whatever the number of repeats (test_fatigue.py)
    """
    n = len(repeats)
    if n < LEAST_REPEATS:
        return Compared(value, None, "unknown")
    seen = np.asarray(repeats, np.float64)
    mean = float(seen.mean())
    half = float(stdtrit(n - 1, 1.0 - alarms / 2.0)) * float(seen.std(ddof=1)) * sqrt(1.0 + 1.0 / n)
    usual = Estimate(mean, mean - half, mean + half, n)
    if usual.low <= value <= usual.high:
        return Compared(value, usual, "same")
    return Compared(value, usual, "higher" if value > mean else "lower")


def detectable_change(repeats: Sequence[float]) -> float | None:
    """The smallest difference of two single values that is beyond chance, 95 %; None with too few repeats."""
    n = len(repeats)
    if n < LEAST_REPEATS:
        return None
    return float(stdtrit(n - 1, 1.0 - CHANGED / 2.0)) * sqrt(2.0) * float(np.std(repeats, ddof=1))
