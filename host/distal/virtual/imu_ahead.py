"""Coming samples of a chip, made many at a time: its master looks some fifty times a second."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from distal.virtual.imu_fifo import WORD, Words
from distal.virtual.imu_signal import Counts, Floats

MOST = 64  # samples; a motion that is changed from outside shows so many later


@dataclass(frozen=True, slots=True)
class Slots:
    """Samples of n slots. Arrays that follow one another in time.

    instants  (n,) loop seconds
    words     (n, 3, 7) as the FIFO holds gyr, acc, timestamp
    present   (n, 3) which of them it stores
    """

    instants: Floats
    gyr: Counts
    acc: Counts
    words: Words
    present: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.instants)

    def part(self, rows: slice) -> "Slots":
        """Some of them."""
        return Slots(
            self.instants[rows], self.gyr[rows], self.acc[rows], self.words[rows], self.present[rows]
        )


_NONE = np.zeros((0, 3), np.int16)


class Ahead:
    """Keeps what was made and not taken yet."""

    def __init__(self) -> None:
        self._made = Slots(
            np.zeros(0), _NONE, _NONE, np.zeros((0, 3, WORD), np.uint8), np.zeros((0, 3), np.bool_)
        )
        self._next, self._left = 0, 0  # number of the slot after the last that was taken; how many are ready
        self._course: object = None

    def take(self, first: int, n: int, course: object, make: Callable[[int], Slots]) -> Slots:
        """Slots `first` to `first` + n.

        course  what they depend on: when it is another, those that were made are of no use
        make    the next so many
        """
        if (first, course) != (self._next, self._course) or n > self._left:
            self._made = make(max(n, MOST))
            self._left, self._course = len(self._made), course
        begin = len(self._made) - self._left
        self._next, self._left = first + n, self._left - n
        return self._made.part(slice(begin, begin + n))
