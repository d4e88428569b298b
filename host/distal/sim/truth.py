"""What really happened: every sample that a sensor took, with its instant."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from distal.virtual.lsm6dso32 import Lsm6dso32

Floats = NDArray[np.float64]
Counts = NDArray[np.int16]
Ints = NDArray[np.int64]


@dataclass
class SensorLog:
    """Every slot of one sensor's FIFO, also those that were lost in it."""

    sensor: Lsm6dso32
    _instants: list[Floats] = field(default_factory=list)
    _counts: list[Counts] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sensor.on_stored = self._keep

    def _keep(self, instants: Floats, gyr: Counts, acc: Counts) -> None:
        self._instants.append(instants)
        self._counts.append(np.hstack([gyr, acc]))

    def taken(self) -> "Taken":
        """All of it so far."""
        if not self._counts:
            return Taken(np.empty(0), np.empty((0, 6), np.int16))
        return Taken(np.concatenate(self._instants), np.concatenate(self._counts))


@dataclass(frozen=True, slots=True)
class Taken:
    """instants (n,) loop seconds; counts (n, 6) gx gy gz ax ay az. A sample's place is its row."""

    instants: Floats
    counts: Counts

    def find(self, rows: Counts) -> int | None:
        """Place of the only stretch equal to `rows`; None if there is none, or more than one."""
        last = len(self.counts) - len(rows)
        places = np.flatnonzero((self.counts[: max(last + 1, 0)] == rows[0]).all(axis=1))
        found = [p for p in places.tolist() if np.array_equal(self.counts[p : p + len(rows)], rows)]
        return found[0] if len(found) == 1 else None

    def holds(self, place: int, rows: Counts) -> bool:
        """Whether exactly these were taken from that place on."""
        return place >= 0 and np.array_equal(self.counts[place : place + len(rows)], rows)


@dataclass(frozen=True, slots=True)
class Swing:
    """A leg that swings like a pendulum, each axis in motion, in closed form."""

    phase: float = 0.0
    duration_s: float = 1e9

    def sample(self, t: Floats) -> tuple[Floats, Floats]:
        """See virtual.lsm6dso32.Motion."""
        turn = 2 * np.pi * np.clip(t, 0.0, None) + self.phase
        gyr = np.stack([np.sin(turn), 2 * np.cos(turn), 0.5 * np.sin(2 * turn)], 1)
        acc = np.stack([np.sin(turn), np.cos(turn), 9.80665 + 0.5 * np.sin(turn)], 1)
        gyr[t < 0] = 0.0
        return gyr, acc
