"""Packets of one cuff -> rows on an even time grid: order, repeats, gaps, pauses, reboots. Pure.

Rows are counted from the cuff's first sample. The index, not the arrival, says where a sample belongs.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from distal.calibration import Correction
from distal.clock import PERIOD_TICKS, TICK_S, sample_rate
from distal.clock.cuff import CuffClock
from distal.clock.host import Eras, HostClock
from distal.clock.sync import LegClock, Span
from distal.model import BoolArray, FloatArray
from distal.ranges import unwrap
from distal.units import RAD_PER_DEG, G
from distal_wire import batch

WINDOW = 4  # packets that may overtake each other; one link keeps the order, two lanes of a cuff may not
MAX_HOLE_S = 7200.0  # a longer hole is not believed, because it would be filled with rows
_JUMP_S = 0.25  # clock and index disagree by more: the cuff paused sampling
_UNSURE_S = 0.045  # a clock under few arrivals is late by what the quickest of them waited: an interval or so
_ROUNDED = 12**-0.5  # standard error of a whole number in place of a real one
_FULL_SCALE = (-32768, 32767)

Counts = NDArray[np.int16]
Lsb = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Packet:
    """One good sample packet, its counters unwrapped."""

    boot: int
    index: int
    clock: int
    counts: Counts
    lsb: Lsb  # g and deg/s per count
    correction: Correction | None = None  # by the cuff's calibration

    @property
    def end(self) -> int:
        """One past the index of the last sample."""
        return self.index + len(self.counts)


@dataclass(frozen=True, slots=True)
class Rows:
    """Consecutive rows of one leg: gyr rad/s, acc m/s2 (n, 3), NaN where missing; clipped (n,)."""

    gyr: FloatArray
    acc: FloatArray
    clipped: BoolArray


class CuffGrid:
    """Place the packets of one cuff; rows come out as soon as their order is certain.

    counts: packets that were `duplicate`, `late` or `unbelievable`; `gap` holes with `lost` samples in them;
    `boot` reboots; `pause` pauses of sampling
    """

    def __init__(self, rate_hz: int, host: HostClock | None = None) -> None:
        """host: of all cuffs of the session."""
        self.nominal_hz = rate_hz
        self.rate_hz = sample_rate(rate_hz)
        self.counts: Counter[str] = Counter()
        self.length = 0  # rows so far
        self.end = 0  # one past the newest sample that came, in this boot
        self.start_index: int | None = None  # answer to `start`: samples missing before the first packet
        self.starts: Mapping[int, int] = {}  # boot -> the same of each, as it came
        self._period = PERIOD_TICKS[rate_hz]
        self.reboots: list[tuple[int, float]] = []  # rows that each cost, and their standard error
        self.clock = CuffClock(self._period, host or HostClock())
        self._starts: list[tuple[int, int, int]] = []  # row, boot, clock: of each boot and after each pause
        self._boot: int | None = None
        self._anchor = (0, 0)  # index and clock of one sample since the last pause
        self._expected = 0
        self._holes: dict[int, list[tuple[int, int]]] = {}  # boot -> index ranges that never came
        self.ends: dict[int, int] = {}  # boot -> one past its newest sample that came
        self._pending: dict[int, Packet] = {}
        self._ready: list[tuple[Counts | int, Lsb, Correction | None]] = []

    def add(self, packet: Packet) -> None:
        """Place a packet, or hold it while an earlier one may still come."""
        if packet.boot != self._boot and not self._begin(packet):
            return
        self.end = max(self.end, packet.end)
        self.ends[packet.boot] = self.end
        if packet.end <= self._expected:
            self._take_late(packet)
        else:
            held = self._pending.get(packet.index, packet)
            self.counts["duplicate"] += held is not packet
            if len(held.counts) <= len(packet.counts):  # the same samples come raw and, with more, packed
                self._pending[packet.index] = packet
            self._drain(WINDOW)

    def holes(self, boot: int) -> list[tuple[int, int]]:
        """Index ranges of a boot that did not come, oldest first."""
        return list(self._holes.get(boot, []))

    def _take_late(self, packet: Packet) -> None:
        """A packet whose rows have been handed out: it fills a hole, or it is a repeat."""
        came = 0
        left: list[tuple[int, int]] = []
        for start, end in self._holes.get(packet.boot, []):
            low, high = max(start, packet.index), min(end, packet.end)
            came += max(high - low, 0)
            rests = ((start, low), (high, end)) if low < high else ((start, end),)
            left += [(a, b) for a, b in rests if a < b]
        if came:
            self._holes[packet.boot] = left
        self.counts["filled"] += came
        self.counts["late" if came else "duplicate"] += 1

    def flush(self, end_index: int | None = None) -> None:
        """Place all that is held; `end_index`, the answer to `stop`, makes a missing end a gap."""
        self._drain(0)
        if end_index is not None and self._boot is not None:
            end = unwrap(end_index, self._expected)
            if 0 < end - self._expected <= MAX_HOLE_S * self.rate_hz:
                self._holes[self._boot].append((self._expected, end))
                self._add_hole(end - self._expected)
                self._expected = end

    @property
    def is_empty(self) -> bool:
        """No packet has come yet."""
        return not self._starts

    def take(self) -> Rows | None:
        """Hand out the rows that became certain since the last call."""
        ready, self._ready = self._ready, []
        parts = [
            _nan_rows(block) if isinstance(block, int) else _scale(block, lsb, correction)
            for block, lsb, correction in ready
        ]
        if len(parts) < 2:
            return parts[0] if parts else None
        return Rows(
            np.concatenate([part.gyr for part in parts]),
            np.concatenate([part.acc for part in parts]),
            np.concatenate([part.clipped for part in parts]),
        )

    def leg_clock(self, eras: Eras | None = None) -> LegClock:
        """The clocks of all boots that have rows, in session time."""
        return self.clock.leg_clock(self._rowed(), eras)

    def heard(self) -> tuple[int, bool]:
        """Messages behind the clocks, and whether the crystal of every boot was told."""
        return self.clock.heard(self._rowed())

    def _rowed(self) -> list[int]:
        return [boot for _, boot, _ in self._starts]

    def spans(self) -> list[Span]:
        """The rows of each boot, parted at pauses; row 0 is in the first."""
        ends = [row for row, _, _ in self._starts[1:]] + [self.length]
        found = []
        for (row, number, clock), end in zip(self._starts, ends, strict=True):
            boot = self.clock.boots[number]
            last = max(end, row + 1)
            found.append(Span(row, last, boot.root, clock + boot.zero, self._period, boot.zero))
        return found

    def _begin(self, packet: Packet) -> bool:
        """Start the rows of a new boot; False when its packets cannot be placed."""
        if self._boot is None:
            return self._begin_first(packet)
        order = list(self.clock.boots)
        if order.index(packet.boot) < order.index(self._boot):
            self.ends[packet.boot] = max(self.ends.get(packet.boot, 0), packet.end)
            self._take_late(packet)
            return False
        self._drain(0)
        first = unwrap(self.starts.get(packet.boot, packet.index), packet.index)
        hole, error = self._rows_until(packet)
        hole = max(hole, packet.index - first)
        if hole > MAX_HOLE_S * self.rate_hz:
            self.counts["unbelievable"] += 1
            return False
        self.counts["boot"] += 1
        self.reboots.append((max(hole, 0), error))
        self._add_hole(max(hole, 0))
        self._starts.append((self.length, packet.boot, packet.clock))
        self._enter(packet.boot, packet.index, packet.clock)
        if first < packet.index:  # lost on the way: their rows are among those of the reboot
            self._holes[packet.boot].append((first, packet.index))
        return True

    def _rows_until(self, packet: Packet) -> tuple[int, float]:
        """Rows between the end of the last boot and the first packet of the next; their standard error."""
        last, boot = self.spans()[-1], self.clock.boots[packet.boot]
        if boot.root == last.boot:  # the IMU's clock went on while the processor began anew
            passed = packet.clock + boot.zero - (last.clock + (self.length - last.start) * self._period)
            return round(passed / self._period), _ROUNDED
        clock = self.clock.leg_clock([*self._rowed(), packet.boot])
        end_s, begin_s = last.cuff_s(self.length), boot.cuff_s(packet.clock)
        ended_s = clock.seconds(last.boot, end_s)
        row_s = ended_s - clock.seconds(last.boot, last.cuff_s(self.length - 1))
        unsure_s = 0.0 if clock.is_between else _UNSURE_S
        error_s = math.hypot(clock.error_s(last.boot, end_s), clock.error_s(boot.root, begin_s), unsure_s)
        rows = (clock.seconds(boot.root, begin_s) - ended_s) / row_s
        return round(rows), math.hypot(error_s / row_s, _ROUNDED)

    def _begin_first(self, packet: Packet) -> bool:
        missing = packet.index - (packet.index if self.start_index is None else self.start_index)
        if not 0 <= missing <= MAX_HOLE_S * self.rate_hz:
            missing = 0
        zero_clock = packet.clock - missing * self._period
        self._starts.append((0, packet.boot, zero_clock))
        self._enter(packet.boot, packet.index - missing, zero_clock)
        return True

    def _enter(self, boot: int, index: int, clock: int) -> None:
        self._boot, self._anchor, self._expected, self.end = boot, (index, clock), index, index
        self._holes.setdefault(boot, [])

    def _drain(self, window: int) -> None:
        while self._pending:
            first = min(self._pending)
            if first > self._expected and len(self._pending) <= window:
                return
            self._place(self._pending.pop(first))

    def _place(self, packet: Packet) -> None:
        if packet.end <= self._expected:  # inside a longer one that was placed while this one waited
            self.counts["duplicate"] += 1
            return
        missing = max(packet.index - self._expected, 0)
        hole = missing + self._paused_rows(packet)
        if hole > MAX_HOLE_S * self.rate_hz:
            self.counts["unbelievable"] += 1
            return
        if missing:
            self._holes[packet.boot].append((self._expected, packet.index))
        if hole > missing:
            self.counts["pause"] += 1
            self._anchor = (packet.index, packet.clock)
        self._add_hole(hole)
        if hole > missing:
            self._starts.append((self.length, packet.boot, packet.clock))
        block = packet.counts[max(self._expected - packet.index, 0) :]
        self._ready.append((block, packet.lsb, packet.correction))
        self.length += len(block)
        self._expected = packet.end

    def _paused_rows(self, packet: Packet) -> int:
        """Rows of a pause: while sampling stands still the clock runs and the index does not."""
        index, clock = self._anchor
        ahead = packet.clock - clock - (packet.index - index) * self._period
        return round(ahead / self._period) if ahead * TICK_S > _JUMP_S else 0

    def _add_hole(self, rows: int) -> None:
        if rows:
            self.counts["gap"] += 1
            self.counts["lost"] += rows
            self.length += rows
            self._ready.append((rows, (0.0, 0.0), None))


def _nan_rows(n: int) -> Rows:
    return Rows(np.full((n, 3), np.nan), np.full((n, 3), np.nan), np.zeros(n, np.bool_))


def _scale(counts: Counts, lsb: Lsb, correction: Correction | None) -> Rows:
    acc_g, gyr_dps = lsb
    clipped = (counts == _FULL_SCALE[0]) | (counts == _FULL_SCALE[1])
    values = counts.astype(np.float64)
    gyr, acc = values[:, :3] * (gyr_dps * RAD_PER_DEG), values[:, 3:] * (acc_g * G)
    if correction:
        gyr, acc = correction.apply(gyr, acc)
    return Rows(gyr, acc, np.asarray(clipped.any(axis=1)))


def header_lsb(header: np.void) -> Lsb:
    """Size of one count from a packet's header: g, deg/s."""
    return batch.lsb(int(header["imu"]), int(header["acc_range_g"]), int(header["gyr_range"]))
