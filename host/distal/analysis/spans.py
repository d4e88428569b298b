"""Spans of movement that are not walking: where sets are looked for.

A span opens with turning above `ACTIVE`, ends with `PAUSE_S` of quiet or when walking begins, and carries
a little rest at both ends. Decisions are made second by second, `LAG_S` late, when the steps are known.
"""

import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from distal.analysis.even import RATE_HZ, Even, join, part_of
from distal.analysis.flight import Flight
from distal.analysis.gait import AHEAD_S, PAGE_S, Swing
from distal.analysis.rotate import lengths, unit
from distal.analysis.zero import MOST, Zero
from distal.model import FloatArray
from distal.units import RAD_PER_DEG

# rad/s, mean over a quarter of a second: quiet stance stays below 2 degrees/s, a slow calf raise has 5
ACTIVE = 4.0 * RAD_PER_DEG
PAUSE_S = 12  # a rest between sets; slow reps pause less
HELD_S = 32  # a hold may last as long
SAME_POSE = 0.9962  # cosine of 5 degrees
LOOK_S = 5  # three swings in a row of the slowest walkers
LAG_S = int(PAGE_S + AHEAD_S) + LOOK_S + 1  # by then the swings of the next LOOK_S are known
SWING_KNOWN_S = int(PAGE_S + AHEAD_S) + 1  # a swing is known this long after it
EDGE_S = 3  # rest kept at both ends
BOUT_GAP_S = 2.5  # strides of the slowest walkers
LEAST_BOUT = 3  # swings of one leg that make walking
LOOK_BACK, BACK = 8, 2  # swings; so many of them that go the other way are no walk
ONWARD_M, ONWARD = 0.3, 0.5  # they go on by as much in all, and by this share of their ways
TWICE = 2.0  # of the usual way: no stride of a row is longer
SECOND = int(RATE_HZ)


@dataclass(frozen=True, slots=True)
class Span:
    """Samples [start, start + len(even)) at RATE_HZ."""

    start: int
    even: Even


class SpanFinder:
    """Streaming; a span is given out PAUSE_S + LAG_S after its last movement at the latest."""

    def __init__(self, walks: bool = True) -> None:
        """walks: whether a row of swings ends a span; a told exercise may be made of steps."""
        self._walks = walks
        self._flights: set[int] = set()  # seconds with a jump or a hop
        self._zero = Zero()
        self._zeros: list[FloatArray | None] = []  # the gyro's zero as known with each of _seconds
        self._seconds: list[Even] = []  # whole seconds from self._first on
        self._rest: list[Even] = []  # samples of the second that is not full yet
        self._first = 0  # second of _seconds[0]
        self._judged = 0  # seconds decided
        self.turning: list[float] = []  # mean of every second, rad/s
        self._active: list[bool] = []  # one a second, from second 0
        self._swings: deque[Swing] = deque()  # not looked at yet
        self._row: list[Swing] = []  # the last swings without a pause
        self._walked: set[int] = set()  # seconds of walking
        self._open: int | None = None  # second in which the open span's movement began
        self._last = 0  # last second with movement

    def update(self, even: Even, swings: list[Swing], flights: Sequence[Flight] = ()) -> list[Span]:
        """Take samples, and the swings and flights that have become known."""
        self._swings += swings
        for one in flights:
            self._flights.update(range(int(one.takeoff // SECOND), int(one.landing // SECOND) + 1))
        self._keep(even)
        out = []
        while self._judged < len(self._active) - LAG_S:
            out += self._judge(self._judged)
        return out

    def finish(self, swings: list[Swing]) -> list[Span]:
        """What is left."""
        self._swings += swings
        out = []
        while self._judged < len(self._active):
            out += self._judge(self._judged)
        return out + self._close(self._end())

    @property
    def judged_s(self) -> int:
        """Seconds that are decided: what is walking there is known."""
        return self._judged

    def pending(self, since_s: int = 0) -> Span | None:
        """The open span from a second on, as far as it goes, for the live view.

        Movement that is not judged yet is taken for a span when SWING_KNOWN_S have brought no swing.
        """
        begun = self._likely() if self._open is None else self._open
        return None if begun is None else self._cut(max(begun, since_s), self._end())

    def _likely(self) -> int | None:
        last = max((one.ic for one in (*self._row, *self._swings)), default=-RATE_HZ)
        begin = max(self._judged, self._first, int(last // SECOND) + 2)
        return next((k for k in range(begin, self._end() - SWING_KNOWN_S) if self._active[k]), None)

    def _end(self) -> int:
        return self._first + len(self._seconds)

    def _keep(self, even: Even) -> None:
        self._rest.append(even)
        have = sum(len(part) for part in self._rest)
        whole = have // SECOND
        if whole == 0:
            return
        rows = join(self._rest)
        full = part_of(rows, 0, whole * SECOND)
        turning = self._turning(full)
        self.turning += turning.reshape(whole, SECOND).mean(axis=1).tolist()
        self._active += (_fastest(turning) > ACTIVE).tolist()
        self._seconds += [part_of(full, k * SECOND, (k + 1) * SECOND) for k in range(whole)]
        self._rest = [part_of(rows, whole * SECOND, have)] if have % SECOND else []

    def _turning(self, full: Even) -> FloatArray:
        """Sizes of turning of whole seconds by quarters (k, 4, 25), rad/s, without the gyro's zero."""
        sizes = _sizes(full.gyr)
        for k, is_slow in enumerate((_fastest(sizes) < MOST).tolist()):
            part = slice(k * SECOND, (k + 1) * SECOND)
            if is_slow and full.present[part].all():
                self._zero.update(full.gyr[part], full.acc[part])
            if self._zero.found is not None:
                sizes[k] = _sizes(full.gyr[part] - self._zero.found)[0]
            self._zeros.append(self._zero.found)
        return sizes

    def _judge(self, second: int) -> list[Span]:
        self._judged += 1
        out: list[Span] = []
        walking = self._is_walking(second)
        if self._active[second] and not walking:
            self._last = second
            if self._open is None:
                self._open = second
        elif walking or second - self._last >= (HELD_S if self._is_held(second) else PAUSE_S):
            out = self._close(second)
        self._forget(second)
        return out

    def _is_held(self, second: int) -> bool:
        """Whether the limb is quiet in another pose than before it moved: a rest comes back to it."""
        if self._open is None or second - self._last < PAUSE_S or self._open - 1 < self._first:
            return False
        before, now = (self._seconds[k - self._first].acc.mean(axis=0) for k in (self._open - 1, second))
        return float(unit(before) @ unit(now)) < SAME_POSE

    def _is_walking(self, second: int) -> bool:
        """Whether the second lies in a row of swings, judged by those that begin soon after at the latest."""
        while self._swings and self._swings[0].ic <= (second + LOOK_S) * SECOND:
            self._walk(self._swings.popleft())
        near = {second - 1, second, second + 1}
        return self._walks and second in self._walked and not near & self._flights

    def _walk(self, swing: Swing) -> None:
        if self._row and swing.ic - self._row[-1].ic > BOUT_GAP_S * RATE_HZ:
            self._row.clear()
        self._row.append(swing)
        row = self._row[-LEAST_BOUT:]
        if len(row) == LEAST_BOUT and _goes_on(row) and not _comes_and_goes(self._row):
            first = row[0].tc
            self._walked.update(range(int(first // SECOND), int(swing.ic // SECOND) + 1))
        del self._row[:-LOOK_BACK]

    def _close(self, second: int) -> list[Span]:
        begun, self._open = self._open, None
        return [self._cut(begun, min(self._last + 1 + EDGE_S, second))] if begun is not None else []

    def _cut(self, begun: int, stop: int) -> Span:
        low = max(begun - EDGE_S, self._first)
        walked = [k + 1 for k in range(low, begun) if k in self._walked]
        low = min(max([low, *walked]), begun)
        even = join(self._seconds[low - self._first : stop - self._first])
        # one zero for the whole span, known with its last rest: a step in it would be a turn
        zero = self._zeros[stop - 1 - self._first]
        return Span(low * SECOND, even if zero is None else replace(even, gyr=even.gyr - zero))

    def _forget(self, second: int) -> None:
        keep = (self._open if self._open is not None else second) - EDGE_S - 1
        drop = keep - self._first
        if drop > 0:
            del self._seconds[:drop], self._zeros[:drop]
            self._first += drop
        if len(self._walked) > 600:
            self._walked = {k for k in self._walked if k >= self._first}


def _sizes(gyr: FloatArray) -> FloatArray:
    """(k * 100, 3) -> sizes (k, 4, 25)."""
    return lengths(gyr).reshape(-1, 4, SECOND // 4)


def _fastest(turning: FloatArray) -> FloatArray:
    """(k,) mean of the fastest quarter of each second."""
    out: FloatArray = turning.mean(axis=2).max(axis=1)
    return out


def _comes_and_goes(row: Sequence[Swing]) -> bool:
    """Whether swings go both ways again and again: steps out and home, with others between that are none."""
    ways = [swing.way_m for swing in row if swing.way_m is not None]
    return min(sum(way > ONWARD_M for way in ways), sum(way < -ONWARD_M for way in ways)) >= BACK


def _goes_on(row: Sequence[Swing]) -> bool:
    """Whether swings lead somewhere: steps away and back, or on the spot, are no walking."""
    ways = [swing.way_m for swing in row if swing.way_m is not None]
    if not ways:
        return True
    if len(ways) > 1 and all(one * two < -(ONWARD_M**2) for one, two in itertools.pairwise(ways)):
        return False  # to and fro, however far one of them was measured
    most = TWICE * median(map(abs, ways))  # one that was measured wrong does not decide
    ways = [min(max(way, -most), most) for way in ways]
    return abs(sum(ways)) > max(ONWARD_M, ONWARD * sum(abs(way) for way in ways))


def bouts(swings: list[Swing]) -> list[tuple[float, float]]:
    """Stretches [first tc, last ic] in samples at RATE_HZ with at least LEAST_BOUT swings in a row."""
    out: list[tuple[float, float]] = []
    begun, count = 0, 0
    for k, swing in enumerate(swings):
        if k and swing.ic - swings[k - 1].ic > BOUT_GAP_S * RATE_HZ:
            begun, count = k, 0
        count += 1
        if count == LEAST_BOUT:
            out.append((swings[begun].tc, swing.ic))
        elif count > LEAST_BOUT:
            out[-1] = (swings[begun].tc, swing.ic)
    return out
