"""The IMU's own oscillator -> the processor's crystal, from `moment` messages. Pure.

The cuff's clock is the IMU's and may be percents off and wander; the crystal beside it is good to some tens
of millionths and steady. Some times a second both are read together. A boot of the processor sets the
crystal's count to anything; where the IMU's clock went on, it carries the count over.
"""

from collections import deque

import numpy as np

from distal.model import FloatArray

_WRAP_US = 1 << 32
_KEPT = 100  # moments: some 15 s, short against how fast a chip's temperature changes
_LEAST = 4
_LEAST_SPAN_S = 2.5
_FARTHEST = 0.06  # skew of an IMU that is believed
CARRIED_S = 20.0  # over so long without a reading an IMU carries the time to some hundredths of a ms


class Crystal:
    """Cuff seconds -> crystal seconds by a line through the newest moments.

    before  of an earlier boot of the same cuff: how fast the IMU runs until this one knows better
    """

    def __init__(self, before: "Crystal | None" = None) -> None:
        self._pairs: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._line: tuple[float, float] | None = None  # of the pairs as they are
        self._likely = before.slope if before else None
        self._boot: int | None = None
        self._zero_s = 0.0  # crystal seconds at which this boot's count was zero

    def add(self, cuff_s: float, crystal_us: int, boot: int = 0) -> None:
        """Note one moment; crystal_us has 32 bits and begins anew with each boot."""
        if self._pairs and cuff_s <= self._pairs[-1][0]:
            return
        if boot != self._boot:
            self._begin(cuff_s, crystal_us * 1e-6, boot)
        crystal_s = self._zero_s + crystal_us * 1e-6
        if self._pairs:
            last_s, last_crystal_s = self._pairs[-1]
            wraps = round((last_crystal_s + (cuff_s - last_s) * self._rate() - crystal_s) * 1e6 / _WRAP_US)
            crystal_s += wraps * _WRAP_US * 1e-6
            if abs((crystal_s - last_crystal_s) / (cuff_s - last_s) - 1.0) > _FARTHEST:
                return
        self._pairs.append((cuff_s, crystal_s))
        self._line = None

    def _begin(self, cuff_s: float, count_s: float, boot: int) -> None:
        """The count of another boot goes on where the IMU says that the last one's would be."""
        self._boot, self._zero_s = boot, 0.0
        if self._pairs:
            slope = self.slope
            self._zero_s = self.seconds(cuff_s) - count_s
            if cuff_s - self._pairs[-1][0] > CARRIED_S:
                self._likely = slope
                self._pairs.clear()

    @property
    def slope(self) -> float | None:
        """Crystal seconds a cuff second; None: not known."""
        return self.line()[0] if self.is_known else None

    @property
    def is_known(self) -> bool:
        """There are enough moments for a slope, or it was told."""
        return self._likely is not None or self._is_measured()

    def _is_measured(self) -> bool:
        pairs = self._pairs
        return len(pairs) >= _LEAST and pairs[-1][0] - pairs[0][0] >= _LEAST_SPAN_S

    def _rate(self) -> float:
        """Crystal seconds a cuff second, as far as one pair and another tell."""
        (x0, y0), (x1, y1) = self._pairs[0], self._pairs[-1]
        return (y1 - y0) / (x1 - x0) if x1 > x0 else self._likely or 1.0

    def line(self) -> tuple[float, float]:
        """(slope, crystal seconds at cuff second 0) of the newest moments.

        A reading that was interrupted comes with a late crystal: those far off the middle are left out.
        """
        if self._line is None:
            self._line = self._fitted()
        return self._line

    def _fitted(self) -> tuple[float, float]:
        if not self._pairs:
            return self._likely or 1.0, 0.0
        x, y = np.array(self._pairs).T
        if len(x) < _LEAST or (self._likely and not self._is_measured()):
            slope = self._likely or 1.0
            return slope, float(np.median(y - slope * x))
        since, ahead = x - x[0], y - x
        slope, at_first = _line(since, ahead)
        off = np.abs(ahead - at_first - slope * since)
        good = off <= max(3.0 * float(np.median(off)), 60e-6)
        slope, at_first = _line(since[good], ahead[good])
        return 1.0 + slope, at_first - slope * float(x[0])

    def seconds(self, cuff_s: float) -> float:
        """Crystal seconds of a cuff time, s."""
        slope, at_zero_s = self.line()
        return slope * cuff_s + at_zero_s


def _line(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    """Least squares: slope, and value at 0."""
    mean_x, mean_y = float(x.mean()), float(y.mean())
    from_mean = x - mean_x
    slope = float((from_mean * (y - mean_y)).sum()) / float((from_mean**2).sum())
    return slope, mean_y - slope * mean_x
