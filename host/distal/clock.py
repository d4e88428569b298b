"""Cuff time -> session time: unwrap 32-bit counters, fit each cuff's clock to the host's. Pure.

Between two radio events a packet waits, never the other way round: arrival minus cuff clock is the true
offset plus a delay that is only ever too long. The line under all those points is therefore the clock, and
the points touching it are the packets that waited least.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from distal_wire import spec

TICK_S = 1.0 / spec.CLOCK_HZ
PERIOD_TICKS = dict(spec.PERIOD_TICKS)
_WRAP = 1 << 32
# The IMU's oscillator may be off by some percent, a line through few early packets by more.
_MAX_SKEW = 0.06
_MIN_SPAN_S = 20.0  # shorter: the slope would be radio jitter (tens of ms), so the nominal rate is kept
_BACKLOG_S = 0.25  # above what radio events and FIFO reads make a packet wait
_KEPT_RESIDUALS = 4096  # about 6 min of packets: memory stays flat over a day


def sample_rate(rate_hz: int) -> float:
    """True output rate for a nominal one: the chip divides 6666.67 Hz, so "208" is 208.33."""
    return spec.CLOCK_HZ / PERIOD_TICKS[rate_hz]


class Unwrap:
    """Make a 32-bit counter endless: each value is the one nearest to the newest seen."""

    def __init__(self) -> None:
        self._newest: int | None = None

    def __call__(self, value: int) -> int:
        """Return `value` plus the number of wraps; older values (repeats) are understood too."""
        if self._newest is None:
            self._newest = value
            return value
        ahead = (value - self._newest + _WRAP // 2) % _WRAP - _WRAP // 2
        full = self._newest + ahead
        self._newest = max(self._newest, full)
        return full


@dataclass(frozen=True, slots=True)
class Line:
    """Host seconds of a cuff clock: host = cuff_s * slope + offset_s."""

    offset_s: float
    slope: float

    def host_s(self, cuff_s: float) -> float:
        """Host time, s, of a cuff time, s; late by the least delay of the radio."""
        return cuff_s * self.slope + self.offset_s


@dataclass(frozen=True, slots=True)
class SyncReceipt:
    """How one clock was fitted and how far the arrivals scatter above the line."""

    packets: int
    skew_ppm: float
    delay_p50_ms: float
    delay_p95_ms: float
    method: str = "lower hull of packet arrivals"


class HostFit:
    """Lower hull of (cuff time, arrival - cuff time); the edge below the mean time is the clock.

    It is the line that stays under all points with the least sum of distances (a linear program whose
    answer is that edge), O(1) amortised a packet.
    """

    def __init__(self) -> None:
        self.count = 0
        self._sum_s = 0.0
        self._hull: list[tuple[float, float]] = []
        self._recent: deque[tuple[float, float]] = deque(maxlen=_KEPT_RESIDUALS)

    def add(self, cuff_s: float, host_s: float) -> None:
        """Add a packet: cuff time of its *last* sample and its arrival, both in s."""
        if self._hull and cuff_s <= self._hull[-1][0]:
            return  # sent again: it waited longer than the first time, so it cannot touch the line
        point = (cuff_s, host_s - cuff_s)
        self._forget_backlog(point)
        while len(self._hull) > 1 and _is_above(self._hull[-2], self._hull[-1], point):
            self._hull.pop()
        self._hull.append(point)
        self._recent.append(point)
        self.count += 1
        self._sum_s += cuff_s

    def _forget_backlog(self, point: tuple[float, float]) -> None:
        """Drop first packets that waited in the cuff: later than this one, far beyond any skew."""
        x, y = point
        start = 0
        while start < len(self._hull) and self._waited(self._hull[start], x, y):
            start += 1
        if start:
            del self._hull[:start]
            first_s = self._hull[0][0] if self._hull else x
            kept = [one for one in self._recent if one[0] >= first_s]
            self._recent = deque(kept, maxlen=_KEPT_RESIDUALS)
            self.count, self._sum_s = len(kept), sum(one[0] for one in kept)

    @staticmethod
    def _waited(old: tuple[float, float], x: float, y: float) -> bool:
        return old[1] > y + _BACKLOG_S + _MAX_SKEW * (x - old[0])

    def line(self) -> Line:
        """Return the clock, of nominal slope until the packets span 20 s. raises ValueError if empty."""
        if not self._hull:
            raise ValueError("no packet yet")
        skew = self._skew()
        offset_s = min(delay - skew * cuff_s for cuff_s, delay in self._hull)
        return Line(offset_s, 1.0 + skew)

    def _skew(self) -> float:
        if self._hull[-1][0] - self._hull[0][0] < _MIN_SPAN_S:
            return 0.0
        mean_s = self._sum_s / self.count
        for (x0, y0), (x1, y1) in zip(self._hull, self._hull[1:], strict=False):
            if x0 <= mean_s <= x1:
                return min(max((y1 - y0) / (x1 - x0), -_MAX_SKEW), _MAX_SKEW)
        return 0.0

    def receipt(self) -> SyncReceipt:
        """Say how well the line describes the last minutes of arrivals."""
        line = self.line()
        x, y = np.array(self._recent).T
        delay_ms = (y - (line.slope - 1.0) * x - line.offset_s) * 1e3
        p50, p95 = np.quantile(delay_ms, [0.5, 0.95])
        return SyncReceipt(self.count, (line.slope - 1.0) * 1e6, float(p50), float(p95))


def _is_above(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    """Whether b lies on or above the straight line from a to c, so that it is not part of the lower hull."""
    return (b[0] - a[0]) * (c[1] - a[1]) <= (c[0] - a[0]) * (b[1] - a[1])
