"""One boot's clock against the host's: the line under the arrivals of a sliding window. Pure.

Arrivals are gathered in blocks of 15 s. A closed block is put on the radio's connection events, on the
crystal's time where `moment` messages tell it, and reduced to its lower hull. A line under the blocks of
some minutes gives the clock in their middle; from middle to middle it is straight. So the clock may drift,
and memory grows by three numbers a block.

A host's clock that was set, or slept with its computer, begins a new era: arrivals far under the line, or
far above it for long. The cuff's own time says how far it jumped.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from distal.clock.anchors import TURN_S, Rhythm, on_events
from distal.clock.course import Course
from distal.clock.crystal import Crystal
from distal.clock.edges import LEAST, Between, line_between
from distal.clock.hull import Line, Low, Point, joined, line_under, low_of
from distal.model import FloatArray

BLOCK_S = 15.0
BLOCKS = 27  # of the widest window, 6.75 min
IMU_SKEW = 0.06  # the IMU's oscillator may be off by some percent, a line through few early packets by more
CRYSTAL_SKEW = 150e-6  # two crystals of +-40 ppm, the host's share with room for a cheap one
_MIN_SPAN_S = 20.0
_JUMP_S = 0.25  # above what radio events and FIFO reads make a packet wait
_SURE_JUMP_S = 0.1  # the same, where the crystal tells how time goes on
_LEAST_ERA_S = 5.0  # what waited in the cuff comes in a burst, shorter than that
# Late by the same for so long, cuff and host alike, is no queue: stamped messages wait for the radio only.
_STEP_S, _STEP_STAMPS, _STEP_SPREAD_S = 3.0, 3, 0.2
_HELD_S, _FAR_STEP_S = 2.0, 0.8  # what a radio holds is younger than that: a farther step is sure sooner
_LONG_S = 10.0
_KEPT_DELAYS = 4096  # about 6 min of packets: memory stays flat over a day
_LONG_INTERVAL_S = 0.045  # from there on a window is BLOCKS wide
_FEW = 11
_BEND = 1.2e-8  # 1/s: rate of a crystal's change of rate that is allowed for, +-2 ppm in 20 min
_GRID_S = 0.25e-3  # how well arrivals of one block are put on their events; less so when those are near
_RANK = 4  # of the hull points above a line, the one whose height says how sure the line is


@dataclass(frozen=True, slots=True)
class ClockReceipt:
    """How one boot's clock was fitted and how far the arrivals scatter above it."""

    packets: int
    skew_ppm: float
    delay_p50_ms: float
    delay_p95_ms: float
    has_crystal: bool  # the IMU's clock was read beside the cuff's crystal


@dataclass(frozen=True, slots=True)
class _Block:
    """Some arrivals: cuff time of the first and last, cuff -> steady time, hull in steady time."""

    first_s: float
    last_s: float
    steady: Line
    low: Low
    stamps: FloatArray  # (n, 4) as edges.line_between takes them; none without a grid
    rhythm: Rhythm | None  # of the radio's events; None when they were not found

    @property
    def middle_s(self) -> float:
        return (self.first_s + self.last_s) / 2


@dataclass(frozen=True, slots=True)
class _Window:
    """A line under neighbouring blocks, steady -> host."""

    line: Line
    middle_s: float  # steady time
    span_s: float
    blocks: int
    hull_error_s: float
    between: Between | None

    def knot(self, block: _Block, cuff_s: float) -> tuple[float, float, float]:
        """(cuff s, host s, standard error s) at a time of a block."""
        at_s = block.steady.host_s(cuff_s)
        error_s = self.between.sd_s(at_s) if self.between else self.hull_error_s
        bent_s = _BEND * abs((at_s - self.middle_s) ** 2 - self.span_s**2 / 12) / 2
        grid_s = _GRID_S * (1.0 + (TURN_S / block.rhythm.interval_s if block.rhythm else 0.0))
        return cuff_s, self.line.host_s(at_s), math.sqrt(error_s**2 + bent_s**2 + grid_s**2 / self.blocks)


def _window(blocks: Sequence[_Block], limit: float) -> _Window:
    line = line_under(joined([block.low for block in blocks]), limit, _MIN_SPAN_S)
    first_s = blocks[0].steady.host_s(blocks[0].first_s)
    span_s = blocks[-1].steady.host_s(blocks[-1].last_s) - first_s
    stamps = np.concatenate([block.stamps for block in blocks])
    if len(stamps) >= LEAST and (span_s >= _MIN_SPAN_S or limit <= CRYSTAL_SKEW):
        between = line_between(stamps, line, limit)
        if between:
            return _Window(between.line, first_s + span_s / 2, span_s, len(blocks), 0.0, between)
    above = sorted(y - (line.slope - 1.0) * x - line.offset_s for b in blocks for x, y in b.low.hull)
    error_s = above[min(_RANK, len(above) - 1)]
    return _Window(line, first_s + span_s / 2, span_s, len(blocks), error_s, None)


def _width(block: _Block) -> int:
    """Blocks of a window: where radio jitter, interval / width, is as large as drift, bend * width ** 2."""
    share = block.rhythm.interval_s / _LONG_INTERVAL_S if block.rhythm else 1.0
    return min(max(round(BLOCKS * math.pow(share, 2 / 3)), _FEW), BLOCKS)


class _Era:
    """Blocks between two jumps of the host's clock."""

    def __init__(self) -> None:
        self.knots: list[tuple[float, float, float]] = []
        self._blocks: deque[_Block] = deque(maxlen=BLOCKS)
        self._open = 0  # the newest blocks that have no knot yet

    def add(self, block: _Block, limit: float) -> None:
        """Add a closed block; what has enough blocks after it gets its knot."""
        self._blocks.append(block)
        self._open += 1
        if len(self._blocks) == BLOCKS:
            settled = range(BLOCKS - self._open, BLOCKS // 2 + 1)
            self.knots += self._knots(list(self._blocks), settled, limit)
            self._open = BLOCKS // 2

    def _knots(self, blocks: list[_Block], which: range, limit: float) -> list[tuple[float, float, float]]:
        """Knots of some blocks, each from a window about it; the first also has one at its start."""
        windows: dict[tuple[int, int], _Window] = {}
        found: list[tuple[float, float, float]] = []
        for at in which:
            width = min(_width(blocks[at]), len(blocks))
            first = min(max(at - width // 2, 0), len(blocks) - width)
            if (first, width) not in windows:
                windows[first, width] = _window(blocks[first : first + width], limit)
            window, block = windows[first, width], blocks[at]
            if not (self.knots or found):
                found.append(window.knot(block, block.first_s))
            found.append(window.knot(block, block.middle_s))
            if at == len(blocks) - 1:
                found.append(window.knot(block, block.last_s))
        return found

    def course(self, rest: _Block | None, limit: float) -> Course | None:
        """The clock up to now; `rest` is the block that is not closed."""
        blocks = [*self._blocks, *([rest] if rest else [])]
        if not blocks:
            return None
        fresh = range(len(blocks) - self._open - bool(rest), len(blocks))
        knots = [*self.knots, *self._knots(blocks, fresh, limit)]
        knots = [knot for k, knot in enumerate(knots) if k == 0 or knot[0] > knots[k - 1][0]]
        x, y, error = np.array(knots).T
        window = _window(blocks[-BLOCKS:], limit)
        tail = window.line.slope * blocks[-1].steady.slope
        head = (y[1] - y[0]) / (x[1] - x[0]) if len(x) > 1 else tail
        return Course(x, y, error, (float(head), tail), window.between is not None)

    def line(self, rest: _Block | None, limit: float) -> Line | None:
        """The clock of the newest window."""
        blocks = [*self._blocks, *([rest] if rest else [])][-BLOCKS:]
        if not blocks:
            return None
        line, steady = _window(blocks, limit).line, blocks[-1].steady
        return Line(line.slope * steady.offset_s + line.offset_s, line.slope * steady.slope)


class HostFit:
    """Arrivals of one boot in, its clock out. Same arrivals in the same order, same clock."""

    def __init__(self) -> None:
        self.count = 0
        self._crystal = Crystal()
        self._is_steady: bool | None = None  # decided with the first block: the crystal is known
        self._eras = [_Era()]
        self._arrivals: list[Point] = []  # (cuff s, host s) of the open block
        self._lowest: Point = (0.0, np.inf)  # of them, the one that waited least
        self._stamps: list[bool] = []  # of them, the ones stamped when sent
        self._rhythm: Rhythm | None = None  # of the newest block
        self._late_from: int | None = None  # of them, the first of those that are late at the end
        self._begun_s: float | None = None  # host time at which the era began
        self._line: Line | None = None  # at the end of the newest closed block
        self._newest_s = -np.inf
        self._delays: deque[Point] = deque(maxlen=_KEPT_DELAYS)

    @property
    def has_crystal(self) -> bool:
        """The crystal tells how fast the cuff's clock runs; decided with the first block."""
        return self._crystal.is_known if self._is_steady is None else self._is_steady

    def add_moment(self, cuff_s: float, crystal_us: int) -> None:
        """Note cuff clock and crystal, read together."""
        self._crystal.add(cuff_s, crystal_us)

    def add(self, cuff_s: float, host_s: float, is_stamp: bool = False) -> None:
        """Add a message's cuff time and arrival, both in s.

        The cuff time is that of its *last* sample; a stamp is of when it was handed to the radio.
        """
        if cuff_s <= self._newest_s:
            return  # sent again: it waited longer than the first time, so it cannot touch the line
        if self._arrivals and cuff_s - self._arrivals[0][0] >= BLOCK_S:
            self._close_block()
        if self._is_early(cuff_s, host_s):
            self._part(cuff_s, host_s)
        self._begun_s = host_s if self._begun_s is None else self._begun_s
        self._newest_s = cuff_s
        if not self._arrivals or self._ahead(cuff_s, host_s) < self._ahead(*self._lowest):
            self._lowest = (cuff_s, host_s)
        self._arrivals.append((cuff_s, host_s))
        self._stamps.append(is_stamp)
        self._delays.append((cuff_s, host_s))
        self.count += 1
        self._note_late(cuff_s, host_s)

    # ---- eras

    def _ahead(self, cuff_s: float, host_s: float) -> float:
        """Host time less the cuff's, by the crystal where it is known."""
        steady = self._steady()
        return host_s - steady.slope * cuff_s - steady.offset_s

    @property
    def _jump_s(self) -> float:
        return _SURE_JUMP_S if self.has_crystal else _JUMP_S

    def _note_late(self, cuff_s: float, host_s: float) -> None:
        """Follow a run of late arrivals; when it cannot be a queue, the host's clock went on meanwhile."""
        if not self.has_crystal:
            return
        over_s = self._late(cuff_s, host_s)
        if over_s <= self._jump_s:
            self._late_from = None
            return
        since = self._late_from = self._late_since() if self._late_from is None else self._late_from
        late, stamps = self._arrivals[since:], self._stamps[since:]
        # what is later than a radio ever holds was not held, however unevenly a bad radio brings it
        least_s, spread_s = (_FAR_STEP_S, _HELD_S / 2) if over_s > _HELD_S else (_STEP_S, _STEP_SPREAD_S)
        if late[-1][1] - late[0][1] >= least_s and self._is_step(late, stamps, spread_s):
            del self._arrivals[since:], self._stamps[since:]
            self._begin_era(is_step=True)
            self._arrivals, self._stamps = late, stamps
            self._lowest = min(late, key=lambda one: self._ahead(*one))
            self.count = max(self.count, len(late))

    def _late_since(self) -> int:
        """The first of the arrivals that are late up to the end: none was while the crystal was unknown."""
        late = (self._late(*one) > self._jump_s for one in reversed(self._arrivals))
        return len(self._arrivals) - sum(1 for _ in takewhile(bool, late))

    def _late(self, cuff_s: float, host_s: float) -> float:
        return self._over(cuff_s, host_s) if self._line else self._above_lowest(cuff_s, host_s)

    def _above_lowest(self, cuff_s: float, host_s: float) -> float:
        return self._ahead(cuff_s, host_s) - self._ahead(*self._lowest)

    def _is_step(self, late: list[Point], stamps: list[bool], spread_s: float) -> bool:
        """The stamped ones of these arrivals are late by the same, but for a few that were sent again."""
        ahead = sorted(self._ahead(*one) for one, is_stamp in zip(late, stamps, strict=True) if is_stamp)
        return len(ahead) >= _STEP_STAMPS and ahead[len(ahead) * 9 // 10] - ahead[0] < spread_s

    def _is_early(self, cuff_s: float, host_s: float) -> bool:
        """Earlier than the clock allows: those before waited in the cuff, or the host's clock went back."""
        if self._arrivals:
            allowed_s = self._jump_s + self._limit * (cuff_s - self._lowest[0])
            if self._above_lowest(cuff_s, host_s) < -allowed_s:
                return True
        return self._line is not None and self._over(cuff_s, host_s) < -self._jump_s

    def _over(self, cuff_s: float, host_s: float) -> float:
        """Seconds above the newest line, less what it may be wrong by."""
        assert self._line is not None
        return host_s - self._line.host_s(cuff_s)

    @property
    def _limit(self) -> float:
        """Largest skew between steady and host time."""
        return CRYSTAL_SKEW if self.has_crystal else IMU_SKEW

    def _part(self, cuff_s: float, host_s: float) -> None:
        """An early arrival ends the era, or a burst of those that had waited out a lost link."""
        is_burst = not self._arrivals or not self._is_calm()
        if is_burst and self._line and abs(self._over(cuff_s, host_s)) <= self._jump_s:
            self._forget()
        else:
            self._begin_era()

    def _forget(self) -> None:
        """Begin the open block anew."""
        self._arrivals.clear()
        self._stamps.clear()
        self._late_from = None

    def _begin_era(self, is_step: bool = False) -> None:
        """Keep the era that ends if it was one, forget a burst of packets that had waited."""
        if self._arrivals and (is_step or self._is_calm()):
            self._close_block()
        self._forget()
        self._line = None
        if self._eras[-1].course(None, self._limit):
            self._eras.append(_Era())
        else:
            self.count, self._begun_s = 0, None
            self._delays.clear()

    def _is_calm(self) -> bool:
        """The open block came as it was sampled, not in a burst."""
        (x0, a0), (x1, a1) = self._arrivals[0], self._arrivals[-1]
        return a1 - a0 >= _LEAST_ERA_S and abs((a1 - a0) - (x1 - x0)) < _JUMP_S + IMU_SKEW * (x1 - x0)

    # ---- blocks

    def _close_block(self) -> None:
        if self._is_steady is None:
            self._is_steady = self._crystal.is_known
        block = self._block()
        if block is None:
            return
        if self._line is not None and self._is_late():
            self._eras.append(_Era())
        self._forget()
        self._rhythm = block.rhythm
        self._eras[-1].add(block, self._limit)
        self._line = self._eras[-1].line(None, self._limit)

    def _is_late(self) -> bool:
        """Above the line for so long that nothing can have waited in the cuff: the host's clock went on."""
        (_, a0), (_, a1) = self._arrivals[0], self._arrivals[-1]
        return a1 - a0 >= _LONG_S and min(self._over(x, a) for x, a in self._arrivals) > _JUMP_S

    def _block(self) -> _Block | None:
        """The open block as it stands."""
        if not self._arrivals:
            return None
        x, a = np.array(self._arrivals).T
        steady = self._steady()
        at = steady.offset_s + steady.slope * x
        is_stamp = np.array(self._stamps)
        events = on_events(a, is_stamp, self._rhythm)
        interval_s = np.full(len(at), events.rhythm.interval_s if events.rhythm else 0.0)
        stamps = np.column_stack([at, events.event_s - at, events.host_s - at, interval_s])
        low = low_of(list(zip(at.tolist(), (events.host_s - at).tolist(), strict=True)))
        return _Block(
            float(x[0]), float(x[-1]), steady, low, stamps[is_stamp & events.is_sure], events.rhythm
        )

    def _steady(self) -> Line:
        """Cuff -> steady time: the crystal's where it is known."""
        if not self.has_crystal:
            return Line(0.0, 1.0)
        slope, offset_s = self._crystal.line()
        return Line(offset_s, slope)

    # ---- what came out

    def line(self) -> Line:
        """The clock now, of nominal slope until the packets span 20 s. raises ValueError if empty."""
        for era in reversed(self._eras):
            line = era.line(self._block() if era is self._eras[-1] else None, self._limit)
            if line:
                return line
        raise ValueError("no packet yet")

    def courses(self) -> list[Course]:
        """The clock in each era of the host's. raises ValueError if empty"""
        found = [era.course(None, self._limit) for era in self._eras[:-1]]
        found.append(self._eras[-1].course(self._block(), self._limit))
        courses = [course for course in found if course]
        if not courses:
            raise ValueError("no packet yet")
        return courses

    def receipt(self) -> ClockReceipt:
        """Say how well the clock describes the last minutes of arrivals."""
        line = self.line()
        delay_ms = np.array([a - line.host_s(x) for x, a in self._delays]) * 1e3
        p50, p95 = np.quantile(delay_ms, [0.5, 0.95])
        skew_ppm = (line.slope - 1.0) * 1e6
        return ClockReceipt(self.count, skew_ppm, float(p50), float(p95), self.has_crystal)
