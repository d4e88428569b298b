"""The line under the arrivals of a sliding window. Pure.

Arrivals are gathered in blocks of 15 s, each put on the radio's connection events, on the crystal's time
where `moment` messages tell it, and reduced to its lower hull. A line under the blocks of some minutes gives
the clock in their middle; from middle to middle it is straight. So the clock may drift, and memory grows by
three numbers a block.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from distal.clock.anchors import TURN_S, Rhythm, on_events
from distal.clock.course import Course
from distal.clock.edges import LEAST, Between, line_between
from distal.clock.hull import Line, Low, joined, line_under, low_of
from distal.model import FloatArray

BLOCK_S = 15.0
BLOCKS = 27  # of the widest window, 6.75 min
CRYSTAL_SKEW = 150e-6  # two crystals of +-40 ppm, the host's share with room for a cheap one
_MIN_SPAN_S = 20.0
_LONG_INTERVAL_S = 0.045  # from there on a window is BLOCKS wide
_FEW = 11
_BEND = 1.2e-8  # 1/s: rate of a crystal's change of rate that is allowed for, +-2 ppm in 20 min
# how well arrivals of one block are put on their events; less so when an event's messages fill it
_GRID_S, _GRID_FULL = 0.12e-3, 48.0
_WIDER = 1.15  # what the line between edges leaves out, as runs showed
_RANK = 4  # of the hull points above a line, the one whose height says how sure the line is
_WAIT_S = 0.1  # so long the only arrival may have waited; the quickest of n, an n-th of it

_FREE, _FREE_S = 2.0, 0.1  # so many intervals the usual message waits at most where none waits for another
_CROWDED_S = 4.0  # a crowd of messages may take so long before one does not wait

Knot = tuple[float, float, float]  # cuff s, host s, standard error s


class Arrival(NamedTuple):
    """A message: cuff time (of its last sample, or of when it was stamped) and arrival, s."""

    cuff_s: float
    host_s: float
    is_stamp: bool
    place: int  # in the order in which the host heard all cuffs


@dataclass(frozen=True, slots=True)
class Block:
    """Some arrivals: cuff time of the first and last, cuff -> steady time, hull in steady time."""

    first_s: float
    last_s: float
    steady: Line
    low: Low
    stamps: FloatArray  # (n, 4) as edges.line_between takes them; none without a grid
    rhythm: Rhythm | None  # of the radio's events; None when they were not found
    usual: tuple[float, float]  # place and delay, s, of the message in the middle of all, by its delay
    places: tuple[int, int]

    @property
    def middle_s(self) -> float:
        """Cuff time between the first and the last."""
        return (self.first_s + self.last_s) / 2


def block_of(arrivals: Sequence[Arrival], steady: Line, rhythm: Rhythm | None) -> Block:
    """Reduce arrivals, in order and not none; `rhythm` is that of the block before."""
    x = np.array([one.cuff_s for one in arrivals])
    a = np.array([one.host_s for one in arrivals])
    is_stamp = np.array([one.is_stamp for one in arrivals])
    at = steady.offset_s + steady.slope * x
    events = on_events(a, is_stamp, rhythm)
    interval_s = np.full(len(at), events.rhythm.interval_s if events.rhythm else 0.0)
    stamps = np.column_stack([at, events.event_s - at, events.host_s - at, interval_s])
    low = low_of(list(zip(at.tolist(), (events.host_s - at).tolist(), strict=True)))
    sure = stamps[is_stamp & events.is_sure]
    places = arrivals[0].place, arrivals[-1].place
    usual = _usual(stamps[is_stamp] if is_stamp.any() else stamps)
    return Block(float(x[0]), float(x[-1]), steady, low, sure, events.rhythm, usual, places)


def _usual(stamps: FloatArray) -> tuple[float, float]:
    """Place and delay, s, of the message in the middle of all."""
    at = np.argsort(stamps[:, 1])[len(stamps) // 2]
    return float(stamps[at, 0]), float(stamps[at, 1])


@dataclass(frozen=True, slots=True)
class _Window:
    """A line under neighbouring blocks, steady -> host."""

    line: Line
    middle_s: float  # steady time
    span_s: float
    blocks: int
    hull_error_s: float
    between: Between | None
    held_s: float  # standard error for messages that all waited for one another

    def knot(self, block: Block, cuff_s: float) -> Knot:
        """The line at a time of a block."""
        at_s = block.steady.host_s(cuff_s)
        error_s = _WIDER * self.between.sd_s(at_s) if self.between else self.hull_error_s
        bent_s = _BEND * abs((at_s - self.middle_s) ** 2 - self.span_s**2 / 12) / 2
        full = TURN_S / block.rhythm.interval_s if block.rhythm else 0.0
        grid_s = _GRID_S * (1.0 + _GRID_FULL * full**3)
        return (
            cuff_s,
            self.line.host_s(at_s),
            math.hypot(error_s, bent_s, grid_s / math.sqrt(self.blocks), self.held_s),
        )


def _window(blocks: Sequence[Block], limit: float) -> _Window:
    low = joined([block.low for block in blocks])
    line = line_under(low, limit, _MIN_SPAN_S)
    first_s = blocks[0].steady.host_s(blocks[0].first_s)
    span_s = blocks[-1].steady.host_s(blocks[-1].last_s) - first_s
    stamps = np.concatenate([block.stamps for block in blocks])
    if len(stamps) >= LEAST and (span_s >= _MIN_SPAN_S or limit <= CRYSTAL_SKEW):
        between = line_between(stamps, line, limit)
        if between:
            held_s = _held_s(blocks, between.line, span_s)
            return _Window(between.line, first_s + span_s / 2, span_s, len(blocks), 0.0, between, held_s)
    above = sorted(y - (line.slope - 1.0) * x - line.offset_s for b in blocks for x, y in b.low.hull)
    error_s = max(above[min(_RANK, len(above) - 1)], _WAIT_S / low.count)
    held_s = _held_s(blocks, line, span_s)
    return _Window(line, first_s + span_s / 2, span_s, len(blocks), error_s, None, held_s)


def _held_s(blocks: Sequence[Block], line: Line, span_s: float) -> float:
    """How far even the quickest message may have waited behind others, s: from how long the usual one did.

    One of many does not wait: over a longer span the quickest is quicker.
    """
    waits = []
    for block in blocks:
        at_s, delay_s = block.usual
        free_s = _FREE * block.rhythm.interval_s if block.rhythm else _FREE_S
        waits.append(delay_s - (line.slope - 1.0) * at_s - line.offset_s - free_s)
    return max(float(np.median(waits)), 0.0) / 2 / math.sqrt(max(span_s / _CROWDED_S, 1.0))


def _width(block: Block) -> int:
    """Blocks of a window: where radio jitter, interval / width, is as large as drift, bend * width ** 2."""
    share = block.rhythm.interval_s / _LONG_INTERVAL_S if block.rhythm else 1.0
    return min(max(round(BLOCKS * math.pow(share, 2 / 3)), _FEW), BLOCKS)


class Strand:
    """Blocks between two jumps of the host's clock: one course."""

    def __init__(self) -> None:
        self._knots: list[Knot] = []
        self._blocks: deque[Block] = deque(maxlen=BLOCKS)
        self._fresh = 0  # the newest blocks that have no knot yet
        self._places: tuple[int, int] | None = None

    @property
    def is_empty(self) -> bool:
        """No block yet."""
        return self._places is None

    @property
    def last(self) -> int:
        """Place of its last arrival; it must not be empty."""
        assert self._places is not None
        return self._places[1]

    def add(self, block: Block, limit: float) -> None:
        """Add a closed block; what has enough blocks after it gets its knot."""
        self._blocks.append(block)
        self._places = (self._places or block.places)[0], block.places[1]
        self._fresh += 1
        if len(self._blocks) == BLOCKS:
            settled = range(BLOCKS - self._fresh, BLOCKS // 2 + 1)
            self._knots += self._knots_of(list(self._blocks), settled, limit)
            self._fresh = BLOCKS // 2

    def _knots_of(self, blocks: list[Block], which: range, limit: float) -> list[Knot]:
        """Knots of some blocks, each from a window about it; the first also has one at its start."""
        windows: dict[tuple[int, int], _Window] = {}
        found: list[Knot] = []
        for at in which:
            width = min(_width(blocks[at]), len(blocks))
            first = min(max(at - width // 2, 0), len(blocks) - width)
            if (first, width) not in windows:
                windows[first, width] = _window(blocks[first : first + width], limit)
            window, block = windows[first, width], blocks[at]
            if not (self._knots or found):
                found.append(window.knot(block, block.first_s))
            found.append(window.knot(block, block.middle_s))
            if at == len(blocks) - 1:
                found.append(window.knot(block, block.last_s))
        return found

    def course(self, rest: Block | None, limit: float) -> Course | None:
        """The clock up to now; `rest` is the block that is not closed."""
        blocks = [*self._blocks, *([rest] if rest else [])]
        if not blocks:
            return None
        fresh = range(len(blocks) - self._fresh - bool(rest), len(blocks))
        knots = [*self._knots, *self._knots_of(blocks, fresh, limit)]
        knots = [knot for k, knot in enumerate(knots) if k == 0 or knot[0] > knots[k - 1][0]]
        x, y, error = np.array(knots).T
        window = _window(blocks[-BLOCKS:], limit)
        tail = window.line.slope * blocks[-1].steady.slope
        head = (y[1] - y[0]) / (x[1] - x[0]) if len(x) > 1 else tail
        places = (self._places or blocks[0].places)[0], blocks[-1].places[1]
        return Course(x, y, error, (float(head), tail), window.between is not None, limit, places)

    def line(self, rest: Block | None, limit: float) -> Line | None:
        """The clock of the newest window."""
        blocks = [*self._blocks, *([rest] if rest else [])][-BLOCKS:]
        if not blocks:
            return None
        line, steady = _window(blocks, limit).line, blocks[-1].steady
        return Line(line.slope * steady.offset_s + line.offset_s, line.slope * steady.slope)
