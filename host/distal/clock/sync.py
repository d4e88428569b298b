"""Left against right: every row of both legs on one session time, and how sure that is. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from distal.clock.counters import TICK_S
from distal.clock.course import Course
from distal.model import SIDES, Side, SyncReceipt, Timebase

_WRAP_S = 2**32 * TICK_S
_SAME_JUMP_S, _SAME_S = 0.05, 30.0  # two legs that saw jumps so nearly alike, so soon, saw one
_OTHER: Mapping[Side, Side] = {"left": "right", "right": "left"}
_AWAY_S = 5.0  # what a leg sends around a jump that the other saw may have waited for so long
_P50, _P95 = 0.8, 3.0  # standard errors: 0.67 and 1.96 for a normal error, widened to what runs showed
BETWEEN = "between connection events"
UNDER = "lower hull of packet arrivals"
KEPT = "each cuff's own crystal since the session, read when the cuffs were met"


@dataclass(frozen=True, slots=True)
class Span:
    """Rows [start, end) of one boot without a pause; `clock`: cuff clock of row `start`, ticks, no wraps."""

    start: int
    end: int
    boot: int
    clock: int
    period: int  # ticks from row to row

    def cuff_s(self, row: float) -> float:
        """Cuff time of a row, s."""
        return (self.clock + (row - self.start) * self.period) * TICK_S

    def row(self, cuff_s: float) -> float:
        """Row of a cuff time."""
        return self.start + (cuff_s / TICK_S - self.clock) / self.period


class LegClock:
    """Cuff time of one leg's boots -> session time: host time without the jumps of the host's clock."""

    def __init__(
        self,
        courses: Mapping[int, Sequence[Course]],
        jumps: Sequence[float] | None = None,
        unseen: Mapping[int, float] | None = None,
    ) -> None:
        """courses: boot -> its eras, in order.

        jumps   of the host's clock between eras, s; as this leg saw them if not given
        unseen  boot -> jumps while this leg was away before it, s
        """
        self._courses = {boot: list(eras) for boot, eras in courses.items()}
        self.jumps = [jump.by_s for jump in seen_jumps(courses)] if jumps is None else list(jumps)
        self._shifts: dict[int, list[float]] = {}
        total, left = 0.0, iter(self.jumps)
        for boot, eras in self._courses.items():
            total += (unseen or {}).get(boot, 0.0)
            self._shifts[boot] = [total]
            for _ in eras[1:]:
                total += next(left)
                self._shifts[boot].append(total)

    def seconds(self, boot: int, cuff_s: float) -> float:
        """Session time, s, of a cuff time of a boot."""
        era = self._era(boot, cuff_s)
        return self._courses[boot][era].host_s(cuff_s) - self._shifts[boot][era]

    def knots(self, span: Span) -> list[float]:
        """Cuff times at which the clock bends within a span, with its ends."""
        first, last = span.cuff_s(span.start), span.cuff_s(span.end)
        inner = np.concatenate([course.cuff_s for course in self._courses[span.boot]])
        return [first, *inner[(inner > first) & (inner < last)].tolist(), last]

    def error_s(self, boot: int, cuff_s: float) -> float:
        """Standard error of the session time."""
        return self._courses[boot][self._era(boot, cuff_s)].sd_s(cuff_s)

    @property
    def is_between(self) -> bool:
        """Both edges of the radio's events were used."""
        return all(course.between for eras in self._courses.values() for course in eras)

    @property
    def is_kept(self) -> bool:
        """Nobody heard the cuff: its own crystal tells."""
        return any(course.kept for eras in self._courses.values() for course in eras)

    def _era(self, boot: int, cuff_s: float) -> int:
        eras = self._courses[boot]
        return max(sum(bool(course.cuff_s[0] <= cuff_s) for course in eras) - 1, 0)


@dataclass(frozen=True, slots=True)
class Jump:
    """A step of the host's clock by `by_s`: not before it showed from_s, not after it showed after_s; s."""

    from_s: float
    after_s: float
    by_s: float


def seen_jumps(courses: Mapping[int, Sequence[Course]]) -> list[Jump]:
    """By how much the host's clock jumped between eras: the cuff's own time went on evenly."""
    found = []
    for eras in courses.values():
        for old, new in pairwise(eras):
            from_s, after_s = float(old.at_host_s[-1]), float(new.at_host_s[0])
            found.append(Jump(from_s, after_s, after_s - old.host_s(float(new.cuff_s[0]))))
    return found


def agree(legs: Mapping[Side, Mapping[int, Sequence[Course]]]) -> dict[Side, LegClock]:
    """The clocks of both legs; what one of them saw of the host's clock holds for the other, too."""
    return {side: clock_beside(own, legs.get(_OTHER[side], {})) for side, own in legs.items()}


def clock_beside(own: Mapping[int, Sequence[Course]], other: Mapping[int, Sequence[Course]]) -> LegClock:
    """The clock of one leg; the other's courses tell of jumps while this one was away."""
    mine, its = seen_jumps(own), seen_jumps(other)
    pairs = _pairs(mine, its)
    by_s = [jump.by_s for jump in mine]
    for k, i in pairs:
        by_s[k] = (mine[k].by_s + its[i].by_s) / 2
    alone = [jump for i, jump in enumerate(its) if i not in {pair[1] for pair in pairs}]
    return LegClock(own, by_s, _unseen(own, alone))


def _pairs(left: Sequence[Jump], right: Sequence[Jump]) -> list[tuple[int, int]]:
    """Which of the jumps that two legs saw are the same."""
    found: list[tuple[int, int]] = []
    for i, one in enumerate(left):
        for k, other in enumerate(right):
            is_near = abs(one.by_s - other.by_s) < _SAME_JUMP_S and abs(one.after_s - other.after_s) < _SAME_S
            if is_near and k not in {pair[1] for pair in found}:
                found.append((i, k))
                break
    return found


def _unseen(courses: Mapping[int, Sequence[Course]], jumps: Sequence[Jump]) -> dict[int, float]:
    """Boot -> jumps before it that this leg could not see: it was off, or had not begun."""
    found: dict[int, float] = {}
    for jump in jumps:
        end_s = -np.inf  # of the boot before
        for boot, eras in courses.items():
            begin_s = float(eras[0].at_host_s[0])
            is_before = end_s <= jump.after_s - jump.by_s + _AWAY_S
            if is_before and begin_s >= jump.from_s + jump.by_s - _AWAY_S:
                found[boot] = found.get(boot, 0.0) + jump.by_s
                break
            end_s = float(eras[-1].at_host_s[-1])
    return found


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
        for boot in {span.boot for span in self.spans}:
            wraps = round((t - self.clock.seconds(boot, clock * TICK_S)) / _WRAP_S)
            found.append(self.clock.seconds(boot, clock * TICK_S + wraps * _WRAP_S))
        return min(found, key=lambda one: abs(one - t))

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
    method = BETWEEN if all(leg.clock.is_between for leg in legs.values()) else UNDER
    if any(leg.clock.is_kept for leg in legs.values()):
        method = KEPT
    return SyncReceipt(
        offset_s=r0 - l0,
        drift_ppm=((r1 - r0) / (l1 - l0) - 1.0) * 1e6 if l1 > l0 else 0.0,
        p50_ms=_P50 * float(np.quantile(both_ms, 0.5)),
        p95_ms=_P95 * float(np.quantile(both_ms, 0.95)),
        method=method + (", IMU by crystal" if all(leg.has_crystal for leg in legs.values()) else ""),
        span_s=end - begin,
        packets={side: leg.packets for side, leg in legs.items()},
        late_ms=late_ms,
    )
