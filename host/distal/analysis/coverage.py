"""Where samples are missing or clipped, on the true grid of a leg, and what that forbids.

A number from too few samples is no number: below the share in `LEAST` a metric is null and a warning says
which, of which leg, and how much was there. Reps and strides with a hole stay, flagged.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from distal.model import BoolArray, FloatArray

# Share of samples a metric needs in its own span. A tenth lost as whole packets moves stride times by
# 27 ms instead of 14 and finds as many (measured on feet, design notes); at a half every second stride has a
# hole. Sway adds up small motion, which a bridge does not have: path falls by the share that is missing.
LEAST = {"cadence": 0.6, "load": 0.8, "sway": 0.9}


MOST_GYR, MOST_ACC = 1e3, 1e4  # rad/s, m/s2: ten times what any sensor on a leg can give


def is_whole(gyr: FloatArray, acc: FloatArray) -> bool:
    """Whether every sample is there and believable."""
    return _is_within(gyr, MOST_GYR) and _is_within(acc, MOST_ACC)


def _is_within(rows: FloatArray, most: float) -> bool:
    """False with NaN, too."""
    return bool(rows.max(initial=0.0) <= most and rows.min(initial=0.0) >= -most)


def usable(gyr: FloatArray, acc: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The same rows without unbelievable ones, not turning where the gyro alone is silent."""
    gyr, acc = believable(gyr, acc)
    return still_where_silent(gyr, acc), acc


def still_where_silent(gyr: FloatArray, acc: FloatArray) -> FloatArray:
    """An accelerometer alone still counts as present: its gyro is taken not to turn."""
    known: BoolArray = np.isfinite(gyr.sum(axis=1)) | ~np.isfinite(acc.sum(axis=1))
    out: FloatArray = np.where(known[:, None], gyr, 0.0)
    return out


def believable(gyr: FloatArray, acc: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The same rows; those no sensor can have measured (infinite, huge) are missing."""
    with np.errstate(invalid="ignore"):
        wild: BoolArray = np.any(np.abs(acc) > MOST_ACC, axis=1) | np.any(np.abs(gyr) > MOST_GYR, axis=1)
    if not wild.any():
        return gyr, acc
    return np.where(wild[:, None], np.nan, gyr), np.where(wild[:, None], np.nan, acc)


class Marks:
    """Samples with a mark (missing, clipped) of one leg, kept as spans [low, high). Streaming."""

    def __init__(self) -> None:
        self._edges: list[NDArray[np.int64]] = []  # where the mark turns on or off, ascending
        self._is_on = False
        self._seen = 0
        self._table: FloatArray | None = None
        self._sums: FloatArray = np.zeros(0)

    def update(self, marked: BoolArray) -> None:
        """Take the next samples."""
        if not marked.any():
            if self._is_on and len(marked):
                self._edges.append(np.array([self._seen]))
                self._is_on, self._table = False, None
            self._seen += len(marked)
            return
        before = np.concatenate([[self._is_on], marked[:-1]])
        turned = np.flatnonzero(marked != before)
        if len(turned):
            self._edges.append(turned + self._seen)
        self._is_on = bool(marked[-1])
        self._seen += len(marked)
        self._table = None

    def count(self, low: float, high: float) -> float:
        """Marked samples in [low, high), positions may be fractional."""
        if not self._edges:
            return 0.0
        return self._before(high) - self._before(low) if high > low else 0.0

    def any(self, low: float, high: float) -> bool:
        """Whether a marked sample lies in [low, high]."""
        return self.count(low, high + 1e-9) > 0.0

    def present(self, low: float, high: float) -> float:
        """Share of samples in [low, high) without a mark."""
        return 1.0 - self.count(low, high) / (high - low) if high > low else 0.0

    def spans(self) -> FloatArray:
        """(k, 2) spans in order."""
        if self._table is None:
            edges = np.concatenate([*self._edges, [self._seen]] if self._is_on else [*self._edges, []])
            self._table = np.asarray(edges, dtype=np.float64).reshape(-1, 2)
            self._sums = np.cumsum(self._table[:, 1] - self._table[:, 0])
        return self._table

    def _before(self, at: float) -> float:
        """Marked samples before `at`."""
        spans = self.spans()
        k = int(np.searchsorted(spans[:, 0], at))
        return float(self._sums[k - 1] - max(spans[k - 1, 1] - at, 0.0)) if k else 0.0


def share_of(spans: Iterable[tuple[float, float]], holes: Marks) -> float | None:
    """Share of samples that are there in all these spans together; None without any span."""
    listed = list(spans)
    whole = sum(high - low for low, high in listed)
    return 1.0 - sum(holes.count(low, high) for low, high in listed) / whole if whole > 0 else None
