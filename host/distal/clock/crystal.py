"""The IMU's own oscillator -> the processor's crystal, from `moment` messages. Pure.

The cuff's clock is the IMU's and may be percents off and wander; the crystal beside it is good to some tens
of millionths and steady. Each second both are read together.
"""

from collections import deque

import numpy as np

_WRAP_US = 1 << 32
_KEPT = 60  # moments: a minute, short against how fast a chip's temperature changes
_LEAST = 4
_LEAST_SPAN_S = 2.5
_FARTHEST = 0.06  # skew of an IMU that is believed


class Crystal:
    """Cuff seconds -> crystal seconds by a line through the last minute."""

    def __init__(self) -> None:
        self._pairs: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._line: tuple[float, float] | None = None  # of the pairs as they are

    def add(self, cuff_s: float, crystal_us: int) -> None:
        """Note one moment; crystal_us has 32 bits."""
        if self._pairs and cuff_s <= self._pairs[-1][0]:
            return
        crystal_s = crystal_us * 1e-6
        if self._pairs:
            wraps = round((self.seconds(cuff_s) - crystal_s) * 1e6 / _WRAP_US)
            crystal_s += wraps * _WRAP_US * 1e-6
            last_s, last_crystal_s = self._pairs[-1]
            if abs((crystal_s - last_crystal_s) / (cuff_s - last_s) - 1.0) > _FARTHEST:
                return
        self._pairs.append((cuff_s, crystal_s))
        self._line = None

    @property
    def is_known(self) -> bool:
        """There are enough moments for a slope."""
        pairs = self._pairs
        return len(pairs) >= _LEAST and pairs[-1][0] - pairs[0][0] >= _LEAST_SPAN_S

    def line(self) -> tuple[float, float]:
        """(slope, crystal seconds at cuff second 0) of the last minute.

        A reading that was interrupted comes with a late crystal: those far off the middle are left out.
        """
        if self._line is None:
            self._line = self._fitted()
        return self._line

    def _fitted(self) -> tuple[float, float]:
        x, y = np.array(self._pairs).T
        if len(x) < _LEAST:
            return 1.0, float(y[-1] - x[-1])
        slope, ahead = np.polyfit(x - x[0], y - x, 1)
        off = np.abs(y - x - ahead - slope * (x - x[0]))
        good = off <= max(3.0 * float(np.median(off)), 60e-6)
        slope, ahead = np.polyfit((x - x[0])[good], (y - x)[good], 1)
        return 1.0 + float(slope), float(ahead - slope * x[0])

    def seconds(self, cuff_s: float) -> float:
        """Crystal seconds of a cuff time, s."""
        slope, at_zero_s = self.line()
        return slope * cuff_s + at_zero_s
