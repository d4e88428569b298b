"""FIFO words become packets: sample index, clock, and the account of what was lost.

The index counts time slots of the IMU, whether their sample survived or not. Between two timestamps
the slot counter tells of missing words; after an overrun only the timestamps know how many went.
"""

from micropython import const

from distal_cuff import packing
from distal_wire import codec, spec

_INDEX_AT = const(4)
_CLOCK_AT = const(8)
_COUNT_AT = const(14)
_FLAGS_AT = const(16)
assert (codec.HEADER_SIZE, spec.SAMPLES[8][0]) == (20, "flags")


class Sampler:
    """Fills the ring's packets. Nothing here allocates while samples flow."""

    def __init__(self, ring):
        self.ring = ring
        self.index = bytearray(4)  # of the first sample in the open packet, little-endian
        self.lost = 0  # samples, since boot
        self.overruns = 0
        self.bad_words = 0
        self._period = 192
        self._state = bytearray(packing.STATE_SIZE)
        self._packet = None
        self._stamp = bytearray(4)  # the last timestamp that is believed, as the IMU said it
        self._offset = bytearray(4)  # cuff clock - IMU timestamp: it starts anew when the IMU does
        self._lead = 0  # slots from that timestamp to the first sample in the open packet
        self._flags = 0
        self._is_new = False  # `_stamp` is only near the truth: take the next one as it comes
        self._in_doubt = False  # unknown loss before the open packet: the next timestamp tells
        self._is_odd = False  # the last timestamp disagreed and was not believed

    def begin(self, stamp, period):
        """The FIFO was switched on just now, at IMU timestamp `stamp` (4 bytes)."""
        self._stamp[:] = stamp
        self._period = period
        self._lead = 0
        self._is_new = True
        self._in_doubt = self._is_odd = False
        self._state[packing.COUNT] = self._state[packing.MASK] = 0
        self._packet = self.ring.filling()

    def resume(self, stamp, missed):
        """The IMU started anew: `missed` slots by the cuff's own clock, so that index and clock go on."""
        self.finish()
        self.lost += missed
        packing.put32(self.index, 0, self.index, missed)
        packing.add32(self._stamp, 0, self._offset)
        self.align(stamp, self._stamp, (self._lead + missed) * self._period)
        self.begin(stamp, self._period)
        self._flags |= spec.FLAG_OVERRUN

    def align(self, stamp, clock, plus):
        """The IMU's timestamp began anew: `stamp` now, when the cuff's clock is `clock` + `plus` ticks."""
        packing.put32(self._offset, 0, clock, plus)
        minus = bytearray([byte ^ 255 for byte in stamp])  # clock - stamp, by two's complement
        packing.add32(self._offset, 0, minus)
        packing.put32(self._offset, 0, self._offset, 1)
        self._flags = spec.FLAG_TIME_JUMP

    def take(self, words, size):
        """Use `size` bytes of FIFO words, oldest first."""
        state = self._state
        at = 0
        while at < size:
            at = packing.fill(words, at, size, self._packet, state)
            if at < size:
                self._end_slot((words[at] >> 1) & 3)
        self.bad_words += state[packing.BAD]
        state[packing.BAD] = 0

    def doubt(self):
        """Words went missing, nobody knows how many: the next timestamp tells."""
        state = self._state
        if self._in_doubt:
            state[packing.COUNT] = 0
        elif state[packing.MASK] & packing.BOTH == packing.BOTH:
            self.finish()
        elif state[packing.COUNT]:
            self._close()
        state[packing.MASK] = 0
        self._in_doubt = True

    def finish(self):
        """Send off what there is, whole or not."""
        if self._state[packing.MASK]:
            self._end_slot((self._state[packing.SLOT] + 1) & 3)
        if self._state[packing.COUNT]:
            self._close()

    def next_index(self, to):
        """Write the index of the next sample, little-endian, into the 4 bytes of `to`."""
        packing.put32(to, 0, self.index, self._state[packing.COUNT])

    def count(self):
        """Samples in the open packet."""
        return self._state[packing.COUNT]

    def to_cuff_clock(self, stamp):
        """Turn an IMU timestamp (4 bytes) into the cuff's clock, in place."""
        packing.add32(stamp, 0, self._offset)

    def _end_slot(self, next_slot):
        state = self._state
        mask = state[packing.MASK]
        state[packing.MASK] = 0
        if mask & packing.STAMP and not self._judge_stamp():
            mask = 0
        if mask & packing.BOTH == packing.BOTH:
            state[packing.COUNT] += 1
        else:
            self._skip(1)
        if state[packing.COUNT] == packing.FULL:
            self._close()
        missing = (next_slot - state[packing.SLOT] - 1) & 3
        if missing:
            self._skip(missing)

    def _skip(self, missed):
        """Count slots without a sample. A packet holds neighbours only, so the open one ends."""
        if self._in_doubt:  # the open packet has no index yet; the next timestamp counts these too
            self._state[packing.COUNT] = 0
            return
        if self._state[packing.COUNT]:
            self._close()
        self.lost += missed
        self._lead += missed
        packing.put32(self.index, 0, self.index, missed)

    def _judge_stamp(self):
        """Hold the open slot's timestamp against the count; False if its sample has no place."""
        count = self._state[packing.COUNT]
        since = self._lead + count
        keep = True
        if not self._is_new:
            elapsed = packing.span32(self._stamp, self._state, packing.STAMP_AT)
            slots = (elapsed + self._period // 2) // self._period if elapsed >= 0 else -1
            if slots != since or abs(elapsed - slots * self._period) > self._period // 4:
                if not (self._in_doubt or self._is_odd):
                    self._is_odd = True  # one may be a bad read; two in a row are the truth
                    return True
                keep = self._disagree(slots - since)
        self._is_new = self._in_doubt = self._is_odd = False
        for i in range(4):
            self._stamp[i] = self._state[packing.STAMP_AT + i]
        self._lead = -self._state[packing.COUNT]
        return keep

    def _disagree(self, missed):
        """Count what the timestamp says is missing; the open packet shifts only if that was foreseen."""
        keep = self._in_doubt
        if not keep and self._state[packing.COUNT]:
            self._close()
        if missed > 0:
            self.lost += missed
            self.overruns += 1
            self._flags |= spec.FLAG_OVERRUN
            packing.put32(self.index, 0, self.index, missed)
        else:
            self._flags |= spec.FLAG_TIME_JUMP
        return keep

    def _close(self):
        packet = self._packet
        count = self._state[packing.COUNT]
        if self._in_doubt:
            self._flags |= spec.FLAG_TIME_JUMP
        packing.put32(packet, _INDEX_AT, self.index, 0)
        packing.put32(packet, _CLOCK_AT, self._stamp, self._lead * self._period)
        packing.add32(packet, _CLOCK_AT, self._offset)
        packet[_COUNT_AT] = count
        packet[_FLAGS_AT] = self._flags | packing.clipped(packet, count)
        size = codec.HEADER_SIZE + count * codec.SAMPLE_SIZE
        for i in range(size, size + 4):  # the place of the tag is zero, also after a longer packet
            packet[i] = 0
        packing.seal(packet, size + 4)
        self._flags = 0
        self._state[packing.COUNT] = 0
        self._lead += count
        packing.put32(self.index, 0, self.index, count)
        self.ring.push()
        self._packet = self.ring.filling()
