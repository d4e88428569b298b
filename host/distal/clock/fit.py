"""The clock of one cuff against the host's, as long as its IMU's clock goes on: over reboots, too. Pure.

A host's clock that was set, or slept with its computer, jumps: arrivals far under the line, or far above it
for long. What comes after begins a new strand; the cuff's own time says how far it jumped. The jump holds
for the other cuffs, too: see `host.HostClock`.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from distal.clock.anchors import Rhythm
from distal.clock.course import SWING, Course
from distal.clock.crystal import CARRIED_S, Crystal
from distal.clock.hull import Line, Point
from distal.clock.window import BLOCK_S, CRYSTAL_SKEW, Arrival, Block, Strand, block_of

IMU_SKEW = 0.06  # the IMU's oscillator may be off by some percent, a line through few early packets by more
_OPEN_S = 6.0  # after a block's end it stays open: a jump is seen later than it was
_JUMP_S = 0.25  # above what radio events and FIFO reads make a packet wait
_SURE_JUMP_S = 0.1  # the same, where the crystal tells how time goes on
_LEAST_S = 5.0  # what waited in the cuff comes in a burst, shorter than that
_CLEAR_S = 1.0  # or stamped messages of so long, which all waited alike
_PIECE_S = 0.5  # what came evenly for so long beside a known jump is worth a strand
# Late by the same for so long, cuff and host alike, is no queue: stamped messages wait for the radio only.
# Where many messages share a bad radio they wait long, too, and each for another time.
_STEP_S, _STEP_STAMPS, _STEP_SPREAD_S = 3.0, 3, (0.06, 0.2)
# what a radio holds is younger than that: a farther step is sure sooner
_HELD_S, _FAR_STEP_S, _FAR_SPREAD_S = 2.0, 0.8, (1.0, 1.0)
_PLAIN = 3.0  # a step is so many times what the usual message waited before it
_LONG_S = 10.0
_KEPT_DELAYS = 4096  # about 6 min of packets: memory stays flat over a day


@dataclass(frozen=True, slots=True)
class ClockReceipt:
    """How one boot's clock was fitted and how far the arrivals scatter above it."""

    packets: int
    skew_ppm: float
    delay_p50_ms: float
    delay_p95_ms: float
    has_crystal: bool  # the IMU's clock was read beside the cuff's crystal


@dataclass(frozen=True, slots=True)
class Part:
    """The host's clock jumped by about `by_s` after the arrival at place `low`, not after that at `high`."""

    low: int
    high: int
    by_s: float


class HostFit:
    """Arrivals of one cuff in, its clock out. Same arrivals in the same order, same clock.

    told    hears of every jump of the host's clock that shows
    before  of the same cuff before a boot that its IMU's clock did not outlive
    """

    def __init__(self, told: Callable[[Part], object] = repr, before: "HostFit | None" = None) -> None:
        self.count = 0
        self._told = told
        self._crystal: Crystal = Crystal(before._crystal if before else None)
        self._is_steady: bool | None = None  # decided with a strand's first block: the crystal is known
        self._strands = [Strand()]
        self._open: list[Arrival] = []
        self._lowest: Arrival | None = None  # of them, the one that waited least
        self._late_from: int | None = None  # place of the first of those that are late up to the end
        self._rhythm: Rhythm | None = None  # of the newest block
        self._line: Line | None = None  # at the end of the newest closed block
        self._newest_s = -np.inf
        self._delays: deque[Point] = deque(maxlen=_KEPT_DELAYS)

    @property
    def has_crystal(self) -> bool:
        """The crystal tells how fast the cuff's clock runs; decided with a strand's first block."""
        return self._crystal.is_known if self._is_steady is None else self._is_steady

    def add_moment(self, cuff_s: float, crystal_us: int, boot: int = 0) -> None:
        """Note cuff clock and crystal, read together."""
        self._crystal.add(cuff_s, crystal_us, boot)

    def reboot(self, cuff_s: float) -> None:
        """What comes from now on, not before that cuff time, is of another boot of the processor.

        Over a short one the IMU carries the crystal's time; after a long one the line begins anew.
        """
        if cuff_s - self._newest_s > CARRIED_S:
            self._begin_strand(self._open, [], jumped=False)

    def add(self, cuff_s: float, host_s: float, is_stamp: bool = False, place: int | None = None) -> None:
        """Add a message's cuff time and arrival, both in s, and its place among those of all cuffs.

        The cuff time is that of its *last* sample; a stamp is of when it was handed to the radio.
        """
        if cuff_s <= self._newest_s:
            return  # sent again: it waited longer than the first time, so it cannot touch the line
        arrival = Arrival(cuff_s, host_s, is_stamp, self.count if place is None else place)
        while self._open and cuff_s - self._open[0].cuff_s >= BLOCK_S + _OPEN_S:
            self._close_block()
        if self._is_early(arrival):
            self._take_early(arrival)
        self._newest_s = cuff_s
        self._keep([arrival])
        self._delays.append((cuff_s, host_s))
        self.count += 1
        self._note_late(arrival)

    def _keep(self, arrivals: list[Arrival]) -> None:
        self._open += arrivals
        known = [self._lowest] if self._lowest else []
        self._lowest = min([*known, *arrivals], key=self._ahead, default=None)

    # ---- jumps of the host's clock

    def _ahead(self, one: Arrival) -> float:
        """Host time less the cuff's, by the crystal where it is known."""
        steady = self._steady()
        return one.host_s - steady.slope * one.cuff_s - steady.offset_s

    @property
    def _jump_s(self) -> float:
        return _SURE_JUMP_S if self.has_crystal else _JUMP_S

    @property
    def _limit(self) -> float:
        """Largest skew between steady and host time."""
        return CRYSTAL_SKEW if self.has_crystal else IMU_SKEW

    def _over(self, one: Arrival) -> float:
        """Seconds above the newest line; above the one that waited least where there is none."""
        if self._line:
            return one.host_s - self._line.host_s(one.cuff_s)
        return self._ahead(one) - self._ahead(self._lowest) if self._lowest else 0.0

    def _is_early(self, one: Arrival) -> bool:
        """Earlier than the clock allows: those before waited in the cuff, or the host's clock went back."""
        if self._lowest:
            allowed_s = self._jump_s + self._limit * (one.cuff_s - self._lowest.cuff_s)
            if self._ahead(one) - self._ahead(self._lowest) < -allowed_s:
                return True
        away_s = one.cuff_s - self._newest_s
        return self._line is not None and self._over(one) < -self._jump_s - SWING * away_s

    def _take_early(self, one: Arrival) -> None:
        """Those before it had waited out a lost link, in a burst; or the host's clock went back."""
        is_calm = self._is_clear(self._over(one))
        if not is_calm and self._line and abs(self._over(one)) <= self._jump_s:
            self._forget()
            return
        before = self._open if is_calm else []
        if before or self._is_begun:
            part = Part(self._last(before), one.place, self._over(one))
            self._begin_strand(before, [])
            self._told(part)
        else:
            self.count = 0
            self._delays.clear()
            self._forget()

    def _is_clear(self, over_s: float) -> bool:
        """The open arrivals came as they were sent: an early one tells of a jump of the host's clock."""
        if _is_calm(self._open, _LEAST_S) or self._is_step(self._open, _CLEAR_S, _STEP_SPREAD_S):
            return True
        return over_s < -_HELD_S and _is_calm(self._open, _PIECE_S)

    def _note_late(self, newest: Arrival) -> None:
        """Follow a run of late arrivals; when it cannot be a queue, the host's clock went on meanwhile."""
        if not self.has_crystal:
            return
        over_s = self._over(newest)
        if over_s <= self._jump_s:
            self._late_from = None
            return
        if self._late_from is None:
            self._late_from = self._late_since()
        late = [one for one in self._open if one.place >= self._late_from]
        after = self._step_in(late, over_s)
        if after:
            self._step(len(self._open) - len(late), after)

    def _late_since(self) -> int:
        """Place of the first of those late up to the end: none was while the crystal was unknown."""
        late = list(takewhile(lambda one: self._over(one) > self._jump_s, reversed(self._open)))
        return late[-1].place

    def _step_in(self, late: list[Arrival], over_s: float) -> list[Arrival]:
        """Those of a late run after a step of the host's clock; none where it may be a queue.

        What is later than a radio ever holds was not held, however unevenly a bad radio brings it, and
        whatever other step came right before.
        """
        if over_s <= _HELD_S:
            is_told = self._is_step(late, _STEP_S, _STEP_SPREAD_S) and self._is_plain(late, over_s)
            return late if is_told else []
        far = [one for one in late if self._over(one) > _HELD_S]
        lasting = [one for one in far if far[-1].host_s - one.host_s <= 2 * _FAR_STEP_S]
        for some in (far, lasting):
            if self._is_step(some, _FAR_STEP_S, _FAR_SPREAD_S):
                return some
        return []

    def _is_step(self, late: list[Arrival], least_s: float, spread_s: tuple[float, float]) -> bool:
        """The stamped ones of these arrivals are late by the same: half of them, and all but a tenth."""
        if not late or late[-1].host_s - late[0].host_s < least_s:
            return False
        ahead = sorted(self._ahead(one) for one in late if one.is_stamp)
        if len(ahead) < _STEP_STAMPS:
            return False
        spread = ahead[len(ahead) // 2] - ahead[0], ahead[len(ahead) * 9 // 10] - ahead[0]
        return spread[0] < spread_s[0] and spread[1] < spread_s[1]

    def _is_plain(self, late: list[Arrival], over_s: float) -> bool:
        """What came before, since the line or at all, waited much less than that."""
        before = [one for one in self._open if one.place < late[0].place]
        if not _is_calm(before, _PIECE_S):
            return self._line is not None
        ahead = sorted(self._ahead(one) for one in before)
        return ahead[len(ahead) // 2] - ahead[0] < over_s / _PLAIN

    def _step(self, before: int, after: list[Arrival]) -> None:
        """The host's clock went on after so many of the open arrivals; those in `after` are steady again."""
        kept, level_s = self._open[:before], min(self._over(one) for one in after)
        if kept or self._is_begun:
            part = Part(self._last(kept), after[0].place, level_s)
            self._begin_strand(kept, after)
            self._told(part)
        else:
            self._begin_strand([], after)

    def part(self, told: Part) -> Part:
        """Another cuff saw the host's clock jump. Returns between which places, as this one saw it."""
        at = self._parted_at(told)
        before, after = self._open[:at], self._open[at:]
        is_all = not after and all(strand.is_empty for strand in self._strands)
        self._begin_strand(before if is_all or _is_calm(before, _PIECE_S) else [], after)
        low = self._last(before)
        if low >= told.high:
            return told  # too late: what came after the jump is in a closed block
        return Part(max(told.low, low), min([told.high, *(one.place for one in after)]), told.by_s)

    def _parted_at(self, told: Part) -> int:
        """How many of the open arrivals were before a jump."""
        least = sum(one.place <= told.low for one in self._open)
        most = sum(one.place < told.high for one in self._open)
        if least == most:
            return most
        over = [self._over(one) for one in self._open]
        old_s = 0.0 if self._line else min(over[:least], default=None)
        new_s = min(over[most:], default=None)
        if old_s is None and new_s is None:
            return least
        level_s = (new_s - told.by_s if new_s is not None else 0.0) if old_s is None else old_s
        near_s = min(self._jump_s, abs(told.by_s) / 2)
        between = over[least:most]
        if told.by_s > 0.0:  # what came before it cannot be so late as to seem to come after
            lower = [k for k, one in enumerate(between) if one < level_s + told.by_s - near_s]
            return least + (lower[-1] + 1 if lower else 0)
        return least + sum(1 for _ in takewhile(lambda one: one >= level_s - near_s, between))

    @property
    def _is_begun(self) -> bool:
        """There is something to jump from."""
        return self._line is not None or not self._strands[-1].is_empty

    def _last(self, some: list[Arrival]) -> int:
        """Place of the last of these, or of all that is in a block; -1 if there is none."""
        ended = [strand.last for strand in self._strands if not strand.is_empty]
        return some[-1].place if some else max(ended, default=-1)

    def _forget(self) -> None:
        """Begin the open block anew."""
        self._open, self._lowest, self._late_from = [], None, None

    def _begin_strand(self, before: list[Arrival], after: list[Arrival], jumped: bool = True) -> None:
        """End the strand with what came before; what came after, and will, is of a new one.

        jumped: the line before says nothing of what comes now
        """
        if before:
            self._add_block(before)
        if not self._strands[-1].is_empty:
            self._strands.append(Strand())
        self._forget()
        self._is_steady = None
        self._line = None if jumped else self._line
        self._delays = deque(((one.cuff_s, one.host_s) for one in after), maxlen=_KEPT_DELAYS)
        self._keep(after)

    # ---- blocks

    def _close_block(self) -> None:
        """Close the first 15 s of the open arrivals."""
        end_s = self._open[0].cuff_s + BLOCK_S
        closed = [one for one in self._open if one.cuff_s < end_s]
        rest = self._open[len(closed) :]
        if self._line is not None and self._is_late(closed):
            part = Part(self._strands[-1].last, closed[0].place, min(map(self._over, closed)))
            self._begin_strand([], self._open)
            self._told(part)
        self._add_block(closed)
        late_from = self._late_from
        self._forget()
        self._late_from = late_from
        self._keep(rest)

    def _add_block(self, arrivals: list[Arrival]) -> None:
        if self._is_steady is None:
            self._is_steady = self._crystal.is_known
        block = block_of(arrivals, self._steady(), self._rhythm)
        self._rhythm = block.rhythm
        self._strands[-1].add(block, self._limit)
        self._line = self._strands[-1].line(None, self._limit)

    def _is_late(self, some: list[Arrival]) -> bool:
        """Above the line for so long that nothing can have waited in the cuff: the host's clock went on."""
        return some[-1].host_s - some[0].host_s >= _LONG_S and min(map(self._over, some)) > _JUMP_S

    def _block(self) -> Block | None:
        """The open block as it stands."""
        return block_of(self._open, self._steady(), self._rhythm) if self._open else None

    def _steady(self) -> Line:
        """Cuff -> steady time: the crystal's where it is known."""
        if not self.has_crystal:
            return Line(0.0, 1.0)
        slope, offset_s = self._crystal.line()
        return Line(offset_s, slope)

    # ---- what came out

    def line(self) -> Line:
        """The clock now, of nominal slope until the packets span 20 s. raises ValueError if empty."""
        for strand in reversed(self._strands):
            line = strand.line(self._block() if strand is self._strands[-1] else None, self._limit)
            if line:
                return line
        raise ValueError("no packet yet")

    def courses(self) -> list[Course]:
        """The clock between jumps of the host's and long reboots, in order; none without an arrival."""
        found = [strand.course(None, self._limit) for strand in self._strands[:-1]]
        found.append(self._strands[-1].course(self._block(), self._limit))
        return [course for course in found if course]

    def receipt(self) -> ClockReceipt:
        """Say how well the clock describes the last minutes of arrivals."""
        line = self.line()
        delay_ms = np.array([a - line.host_s(x) for x, a in self._delays]) * 1e3
        p50, p95 = np.quantile(delay_ms, [0.5, 0.95]) if len(delay_ms) else (0.0, 0.0)
        skew_ppm = (line.slope - 1.0) * 1e6
        return ClockReceipt(self.count, skew_ppm, float(p50), float(p95), self.has_crystal)


def _is_calm(arrivals: list[Arrival], least_s: float) -> bool:
    """These came as they were sampled, not in a burst."""
    if not arrivals:
        return False
    came_s = arrivals[-1].host_s - arrivals[0].host_s
    took_s = arrivals[-1].cuff_s - arrivals[0].cuff_s
    return came_s >= least_s and abs(came_s - took_s) < _JUMP_S + IMU_SKEW * took_s
