"""What a gyro says while nothing turns: its zero, found again in every second of rest.

A part that nobody calibrated is off by some degrees a second, more than a slow lift turns. A second shows the
zero when the gyro is even in it and gravity does not move as the gyro's mean would have it move.
"""

from collections import deque
from collections.abc import Sequence

import numpy as np

from distal.model import FloatArray
from distal.units import RAD_PER_DEG

EVEN = 2.0 * RAD_PER_DEG  # rad/s: noise of a poor sensor on a quiet limb, or a hand's tremor
MOST = 12.0 * RAD_PER_DEG  # rad/s: no part for sale is farther off
LEAST = 2.0 * RAD_PER_DEG  # rad/s: what is less disturbs no limit and is left alone
SHARE = 0.5  # of the turning that the gyro tells: gravity would show more
LEAST_MOVED = 0.1 * RAD_PER_DEG  # rad: what noise moves gravity from one third of a second to another
SAME = 1.0 * RAD_PER_DEG  # rad/s: seconds of rest agree so well, seconds of a slow movement do not
WITNESSES = 2
LAST = 5  # seconds of rest that have a say: a zero wanders as the part warms


class Zero:
    """Streaming, second by second: a second is corrected by what is known with it."""

    def __init__(self) -> None:
        self._told: deque[FloatArray] = deque(maxlen=LAST)  # by the last seconds of rest
        self.found: FloatArray | None = None  # (3,) rad/s; None while not known or too small to disturb

    def update(self, gyr: FloatArray, acc: FloatArray) -> None:
        """Take a whole second (n, 3) in which nothing is missing."""
        mean = _rest_mean(gyr, acc)
        if mean is not None:
            self._told.append(mean)
            self.found = _agreed(self._told)


def zero_of(gyr: FloatArray, acc: FloatArray, second: int) -> FloatArray | None:
    """Of the seconds of rest in a span (n, 3) with so many samples a second; None without or too small."""
    starts = range(0, len(gyr) - second + 1, second)
    told = (_rest_mean(gyr[k : k + second], acc[k : k + second]) for k in starts)
    return _agreed([mean for mean in told if mean is not None])


def _agreed(told: Sequence[FloatArray]) -> FloatArray | None:
    """Mean of the seconds that agree with the middle one; None with too few, or when it is too small."""
    if not told:
        return None
    middle = np.median(told, axis=0)
    same = [one for one in told if _is_same(one, middle)]
    if len(same) < WITNESSES:
        return None
    mean: FloatArray = np.mean(same, axis=0)
    return mean if float(mean @ mean) > LEAST**2 else None


def _is_same(one: FloatArray, two: FloatArray) -> bool:
    off = one - two
    return float(off @ off) < SAME**2


def _rest_mean(gyr: FloatArray, acc: FloatArray) -> FloatArray | None:
    """Mean of a second of rest; None when the limb moves."""
    mean: FloatArray = np.einsum("ni->i", gyr) / len(gyr)
    size2 = float(mean @ mean)
    if np.einsum("ni,ni->", gyr, gyr) / len(gyr) - size2 > EVEN**2 or size2 > MOST**2:
        return None
    third = len(gyr) // 3
    first, last = np.einsum("ni->i", acc[:third]), np.einsum("ni->i", acc[-third:])
    first, last = (x / max(float(np.sqrt(x @ x)), 1e-9) for x in (first, last))
    along = float(first @ mean)
    told = (1.0 - third / len(gyr)) * float(np.sqrt(max(size2 - along**2, 0.0)))
    gone = last - first
    return mean if float(np.sqrt(gone @ gone)) <= max(SHARE * told, LEAST_MOVED) else None
