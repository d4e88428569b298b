"""Left against right: every row of both legs on one session time, and how sure that is. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from distal.clock.counters import TICK_S
from distal.clock.course import Course
from distal.model import SIDES, Side, SyncReceipt, Timebase

_WRAP_S = 2**32 * TICK_S
_P50, _P95 = 0.8, 2.7  # standard errors: 0.67 and 1.96 for a normal error, widened to what runs showed
BETWEEN = "between connection events"
UNDER = "lower hull of packet arrivals"
TORN = ", but the host's clock jumped while no cuff's own went on"
_TORN_S = 0.05  # a boot may seem to begin so long before the end of the one before
KEPT = "each cuff's own crystal since the session, read when the cuffs were met"


@dataclass(frozen=True, slots=True)
class Span:
    """Rows [start, end) without a pause or reboot.

    boot   the first of those that share the IMU's clock
    clock  of the cuff at row `start`, ticks, no wraps: that of the first boot, carried on
    period ticks from row to row
    zero   what that clock was when this boot's own was 0
    """

    start: int
    end: int
    boot: int
    clock: int
    period: int
    zero: int = 0

    def cuff_s(self, row: float) -> float:
        """Cuff time of a row, s."""
        return (self.clock + (row - self.start) * self.period) * TICK_S

    def row(self, cuff_s: float) -> float:
        """Row of a cuff time."""
        return self.start + (cuff_s / TICK_S - self.clock) / self.period


class LegClock:
    """Cuff time of one leg -> session time: host time without the jumps of the host's clock."""

    def __init__(self, courses: Mapping[int, Course]) -> None:
        """courses: first boot of each clock -> its course in session time, in order."""
        self._courses = dict(courses)

    def seconds(self, boot: int, cuff_s: float) -> float:
        """Session time, s, of a cuff time of a boot."""
        return self._courses[boot].host_s(cuff_s)

    def knots(self, span: Span) -> list[float]:
        """Cuff times at which the clock bends within a span, with its ends."""
        first, last = span.cuff_s(span.start), span.cuff_s(span.end)
        inner = self._courses[span.boot].cuff_s
        return [first, *inner[(inner > first) & (inner < last)].tolist(), last]

    def error_s(self, boot: int, cuff_s: float) -> float:
        """Standard error of the session time."""
        return self._courses[boot].sd_s(cuff_s)

    @property
    def is_between(self) -> bool:
        """Both edges of the radio's events were used."""
        return all(course.between for course in self._courses.values())

    @property
    def is_kept(self) -> bool:
        """Nobody heard the cuff: its own crystal tells."""
        return any(course.kept for course in self._courses.values())


def timebase(clock: LegClock, spans: Sequence[Span], zero_s: float = 0.0) -> Timebase:
    """Rows of a leg -> session seconds since `zero_s`."""
    bends: list[tuple[float, float]] = []
    for span in spans:
        times = [(span.row(x), clock.seconds(span.boot, x) - zero_s) for x in clock.knots(span)]
        while len(bends) > 1 and bends[-1][1] >= times[0][1]:
            bends.pop()  # the time of a gap that has more rows than there were
        for row, t in times:
            if not bends or (row > bends[-1][0] and t > bends[-1][1]):
                bends.append((row, t))
    (x0, y0), (x1, y1) = bends[0], bends[-1]
    rate_hz = (x1 - x0) / (y1 - y0) if len(bends) > 1 else 1.0 / (spans[0].period * TICK_S)
    return Timebase(y0 - x0 / rate_hz, rate_hz, tuple(bends))


@dataclass(frozen=True, slots=True)
class Placed:
    """One leg as the receipt needs it."""

    clock: LegClock
    spans: Sequence[Span]
    packets: int
    has_crystal: bool

    def ends(self) -> tuple[float, float]:
        """Session time of the first and past the last row."""
        first, last = self.spans[0], self.spans[-1]
        return (
            self.clock.seconds(first.boot, first.cuff_s(first.start)),
            self.clock.seconds(last.boot, last.cuff_s(last.end)),
        )

    def nearest(self, clock: int, t: float) -> float:
        """Session time, s, at which the cuff clock (32 bits, of any boot) stood there, nearest to `t`."""
        found = []
        for boot, zero in {(span.boot, span.zero) for span in self.spans}:
            cuff_s = (clock + zero) * TICK_S
            wraps = round((t - self.clock.seconds(boot, cuff_s)) / _WRAP_S)
            found.append(self.clock.seconds(boot, cuff_s + wraps * _WRAP_S))
        return min(found, key=lambda one: abs(one - t))

    def torn_s(self) -> float:
        """By how much the clocks of its boots cannot be true, s: one seems to begin before another ended."""
        back = [0.0]
        for old, new in pairwise(self.spans):
            ends, begins = (old.boot, old.cuff_s(old.end)), (new.boot, new.cuff_s(new.start))
            sure_s = _TORN_S + _P95 * math.hypot(self.clock.error_s(*ends), self.clock.error_s(*begins))
            by_s = self.clock.seconds(*ends) - self.clock.seconds(*begins)
            back.append(by_s if by_s > sure_s else 0.0)
        return max(back)

    def at(self, t: float, base: Timebase) -> tuple[int, float]:
        """Boot and cuff time, s, at a session time."""
        row = base.index(t)
        span = next((one for one in reversed(self.spans) if one.start <= row), self.spans[0])
        return span.boot, span.cuff_s(row)


def receipt(legs: Mapping[Side, Placed], late_ms: float | None = None) -> SyncReceipt | None:
    """How well both legs agree where both recorded; None without two legs that did."""
    if len(legs) < 2:
        return None
    ends = [leg.ends() for leg in legs.values()]
    begin, end = max(a for a, _ in ends), min(b for _, b in ends)
    if end <= begin:
        return None
    bases = {side: timebase(leg.clock, leg.spans) for side, leg in legs.items()}
    times = np.linspace(begin, end, 101).tolist()
    found = {side: [leg.at(t, bases[side]) for t in times] for side, leg in legs.items()}
    errors = [[leg.clock.error_s(*at) for at in found[side]] for side, leg in legs.items()]
    both_ms = 1e3 * np.sqrt(np.sum(np.square(errors), axis=0))
    (left_boot, l0), (right_boot, r0) = (found[side][0] for side in SIDES)
    same = [
        k for k in range(1, 101) if (found["left"][k][0], found["right"][k][0]) == (left_boot, right_boot)
    ]
    l1, r1 = (found[side][same[-1] if same else 0][1] for side in SIDES)
    is_heard = not any(leg.clock.is_kept for leg in legs.values())
    is_between = all(leg.clock.is_between for leg in legs.values())
    method = (BETWEEN if is_between else UNDER) if is_heard else KEPT
    method += ", IMU by crystal" if all(leg.has_crystal for leg in legs.values()) else ""
    torn_ms = 1e3 * max(leg.torn_s() for leg in legs.values())
    return SyncReceipt(
        offset_s=r0 - l0,
        drift_ppm=((r1 - r0) / (l1 - l0) - 1.0) * 1e6 if l1 > l0 else 0.0,
        p50_ms=_P50 * float(np.quantile(both_ms, 0.5)),
        p95_ms=max(_P95 * float(np.quantile(both_ms, 0.95)), torn_ms),
        method=method + (TORN if torn_ms else ""),
        span_s=end - begin,
        packets={side: leg.packets for side, leg in legs.items()},
        late_ms=late_ms,
        heard=is_heard,
    )
