"""What a gyro says while nothing turns: its zero, found again in every second of rest.

A part that nobody calibrated is off by some degrees a second, more than a slow lift turns. A second shows the
zero when the gyro is even in it and gravity does not move as the gyro's mean would have it move.
"""

import numpy as np

from distal.model import FloatArray
from distal.units import RAD_PER_DEG

EVEN = 2.0 * RAD_PER_DEG  # rad/s: noise of a poor sensor on a quiet limb, or a hand's tremor
MOST = 12.0 * RAD_PER_DEG  # rad/s: no part for sale is farther off
LEAST = 1.0 * RAD_PER_DEG  # rad/s: what a calibrated part has left disturbs nothing and is left alone
HALF = 0.5  # of the turning that the gyro tells: gravity would show more
LEAST_MOVED = 0.1 * RAD_PER_DEG  # rad: what noise moves gravity from one tenth of a second to another
LEARNS = 0.25  # of what a further second of rest says


class Zero:
    """Streaming, second by second: a second is corrected by what is known with it."""

    def __init__(self) -> None:
        self._zero: FloatArray | None = None

    def update(self, gyr: FloatArray, acc: FloatArray) -> None:
        """Take a whole second (n, 3) in which nothing is missing."""
        mean = _rest_mean(gyr, acc)
        if mean is not None:
            self._zero = mean if self._zero is None else self._zero + LEARNS * (mean - self._zero)

    @property
    def found(self) -> FloatArray | None:
        """(3,) rad/s; None while it is not known or too small to disturb."""
        zero = self._zero
        return zero if zero is not None and float(zero @ zero) > LEAST**2 else None


def zero_of(gyr: FloatArray, acc: FloatArray, second: int) -> FloatArray | None:
    """Of the seconds of rest in a span (n, 3) with so many samples a second; None without or too small."""
    starts = range(0, len(gyr) - second + 1, second)
    means = [x for k in starts if (x := _rest_mean(gyr[k : k + second], acc[k : k + second])) is not None]
    mean: FloatArray | None = np.mean(means, axis=0) if means else None
    return mean if mean is not None and float(mean @ mean) > LEAST**2 else None


def _rest_mean(gyr: FloatArray, acc: FloatArray) -> FloatArray | None:
    """Mean of a second of rest; None when the limb moves."""
    mean: FloatArray = np.einsum("ni->i", gyr) / len(gyr)
    size2 = float(mean @ mean)
    if np.einsum("ni,ni->", gyr, gyr) / len(gyr) - size2 > EVEN**2 or size2 > MOST**2:
        return None
    tenth = len(gyr) // 10
    first, last = np.einsum("ni->i", acc[:tenth]), np.einsum("ni->i", acc[-tenth:])
    first, last = (x / max(float(np.sqrt(x @ x)), 1e-9) for x in (first, last))
    along = float(first @ mean)
    told = (1.0 - tenth / len(gyr)) * float(np.sqrt(max(size2 - along**2, 0.0)))
    gone = last - first
    return mean if float(np.sqrt(gone @ gone)) <= max(HALF * told, LEAST_MOVED) else None
