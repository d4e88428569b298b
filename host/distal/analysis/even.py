"""Any sampling rate -> one even rate, with holes filled and marked.

Everything after this works at `RATE_HZ`, so that a movement gives the same numbers whatever the rate
it was sampled at. Element by element arithmetic only: the bits do not depend on how the data is cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from distal.analysis.holes import Holes
from distal.model import BoolArray, FloatArray

RATE_HZ = 100.0  # gait events need 12 Hz of band, load 20 Hz: twice that and some room
BRIDGE_S = 0.5  # a longer hole is held instead of filled: waiting longer would delay every event


@dataclass(frozen=True, slots=True)
class Even:
    """Samples at `RATE_HZ`; `present` is False where the input had none, `clipped` at the sensor's limit."""

    gyr: FloatArray
    acc: FloatArray
    present: BoolArray
    clipped: BoolArray

    def __len__(self) -> int:
        return len(self.gyr)


class EvenRate:
    """Streaming resampler: smooth over the output period, then linear between input samples.

    rate_hz  of the input, 25 to 1000; delay: at most `BRIDGE_S` + two input samples
    """

    def __init__(self, rate_hz: float) -> None:
        self._step = rate_hz / RATE_HZ  # input samples per output sample
        # two boxes of this width keep vibration above 100 Hz from folding into the band of steps
        self._width = max(1, round(self._step))
        self._pad = 2 * self._width
        self._margin = int(BRIDGE_S * rate_hz) + 1
        self._raw = np.zeros((0, 6))
        self._clipped = np.zeros(0, dtype=bool)
        self._first = 0  # input index of _raw[0]
        self._seen = 0  # input samples received
        self._made = 0  # output samples made
        self._holes = Holes(rate_hz, self._margin)

    def needs(self, made: int) -> int:
        """Input samples after which so many output samples are certain."""
        return int(np.ceil((made - 1 - 1e-9) * self._step)) + 1 + self._margin + self._pad

    def update(self, gyr: FloatArray, acc: FloatArray, clipped: BoolArray) -> Even:
        """Take input rows (NaN = missing) and return the output that has become certain."""
        rows = np.concatenate([gyr, acc], axis=1)
        self._raw = np.concatenate([self._raw, rows])
        self._clipped = np.concatenate([self._clipped, clipped])
        self._seen += len(rows)
        self._holes.add(rows)
        return self._make(self._seen - 1 - self._margin - self._pad, self._seen - self._margin)

    def finish(self) -> Even:
        """The rest, up to the last input sample."""
        return self._make(self._seen - 1, self._seen)

    def _make(self, last: int, decided: int) -> Even:
        """Output up to input position `last`; holes that begin before `decided` are filled first."""
        stop = int(np.floor(last / self._step + 1e-9)) + 1 if last >= 0 else 0
        at = np.arange(self._made, max(stop, self._made)) * self._step
        if len(at) == 0:
            nothing = np.zeros(0, dtype=bool)
            return Even(np.zeros((0, 3)), np.zeros((0, 3)), nothing, nothing)
        missing = self._holes.fill(self._raw, decided - self._first)
        below = np.minimum(at.astype(np.int64), self._seen - 1)
        above = np.minimum(below + 1, self._seen - 1)
        part = np.asarray(at - below, dtype=np.float64)
        below, above = below - self._first, above - self._first
        even = _blend(self._raw, below, part, self._width)
        present: BoolArray = np.ones(len(at), np.bool_)
        if missing.any():
            present = ~missing[np.where(part > 0.5, above, below)]
        hit: BoolArray = np.zeros(len(at), np.bool_)
        if self._clipped.any():
            hit = self._clipped[below] | self._clipped[above]
        self._made += len(at)
        self._forget()
        return Even(even[:, :3], even[:, 3:], present, hit)

    def _forget(self) -> None:
        keep = int(self._made * self._step) - 3 * (self._pad + self._margin)
        drop = keep - self._first
        if drop > 0:
            self._holes.forget(self._raw, drop)
            self._raw, self._clipped = self._raw[drop:], self._clipped[drop:]
            self._first += drop


def _blend(rows: FloatArray, below: NDArray[np.int64], part: FloatArray, width: int) -> FloatArray:
    """Rows smoothed by two centred boxes of `width` samples (a triangle), on the line between `below` and
    the sample after it: both in one weight per tap, only where output is wanted. Edges are held."""
    out = np.zeros((len(below), rows.shape[1]))
    for tap in range(1 - width, width + 1):
        left, right = (max(width - abs(x), 0) / width**2 for x in (tap, tap - 1))
        weight = left + (right - left) * part
        picked = rows.take(below + tap, axis=0, mode="clip")
        picked *= weight[:, None]
        out += picked
    return out


def join(parts: Sequence[Even]) -> Even:
    """One after the other."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        nothing = np.zeros(0, dtype=bool)
        return Even(np.zeros((0, 3)), np.zeros((0, 3)), nothing, nothing)
    return Even(
        np.concatenate([part.gyr for part in parts]),
        np.concatenate([part.acc for part in parts]),
        np.concatenate([part.present for part in parts]),
        np.concatenate([part.clipped for part in parts]),
    )


def part_of(even: Even, start: int, stop: int) -> Even:
    """Samples [start, stop)."""
    return Even(
        even.gyr[start:stop], even.acc[start:stop], even.present[start:stop], even.clipped[start:stop]
    )


def vertex(values: FloatArray, at: int) -> float:
    """Where the parabola through three samples has its extremum."""
    if not 0 < at < len(values) - 1:
        return float(at)
    left, here, right = values[at - 1], values[at], values[at + 1]
    bend = left - 2.0 * here + right
    return float(at + (0.5 * (left - right) / bend if bend != 0.0 else 0.0))
