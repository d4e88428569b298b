"""The flash ring: every finished packet, in flash before the next one comes, through any power cut.

Blocks of one erase unit are begun in turn, so each is erased as often as any other. What `append`
returned True for is read back after a cut at any byte; a record that a cut went through is refused by
its CRC. A boot never goes on in a block of an earlier one, and never trusts a block that it did not
erase itself: a cut erase may read as clean and not hold. See spec.STORE_HEADER for the bytes.
"""

import struct
import time

from micropython import const

from distal_cuff import packing
from distal_cuff import store_bytes as raw
from distal_cuff.store_walk import Walk
from distal_wire import codec, spec

_HEADER = const(47)
_FOOTER = const(16)
_FOOTER_CRC_AT = const(11)
_PAGE = const(256)  # what NOR flash programs at once
_SEQ_AT = const(5)
_RUN_AT = const(9)
_TOTAL_AT = const(13)
_GONE_AT = const(17)
_LOST_AT = const(21)
_INDEX_AT = const(27)
_CLOCK_AT = const(31)
_HEADER_CRC_AT = const(43)
_COUNT_AT = codec.HEADER_SIZE - 6  # samples of a packet
_MARK_INDEX_AT = const(6)
_MARK_CLOCK_AT = const(10)
# Blocks kept erased: 16 packets each, so 2.8 s at 416 Hz in which no erase can be done
_AHEAD = const(4)
# An erase stops everything for 45 ms, 400 at worst (W25Q64JV); between two the IMU's FIFO is emptied
_APART_MS = const(250)
_MOST = const(0x3FFFFFFF)
_ERASE = const(6)  # ioctl of a block device
_SIZE = const(5)
_COUNT = const(4)

assert (_HEADER, _FOOTER) == (
    struct.calcsize(codec.struct_format(spec.STORE_HEADER)),
    struct.calcsize(codec.struct_format(spec.STORE_FOOTER)),
)
_SYNCED = b"\0"
_MARK = codec.struct_format(spec.STORE_MARK)


class Store:
    """`device` is a block device as esp32.Partition: ioctl, readblocks, writeblocks, both with an offset."""

    def __init__(self, device, boot, cuff_id):
        self.device = device
        self.size = device.ioctl(_SIZE, 0)
        self.blocks = device.ioctl(_COUNT, 0)
        self.total = 0  # samples kept since the ring was new, modulo 2**30
        self.gone = 0  # of these, how many gave way to newer ones, modulo 2**30
        self.lost = 0  # of these, how many went before a host had them
        self.torn = 0  # blocks that were neither erased nor readable at the start: a power cut, or damage
        self.errors = 0  # of the flash
        self.late_erases = 0  # done by `append`, because `step` had no time to
        self.at = 0  # next byte of the open block; 0: none is open
        self.run = -1  # first block of this session; -1: the next block begins one
        self.newest = -1
        self.oldest = 0
        self._ahead = max(1, min(_AHEAD, self.blocks // 4))
        self._limit = self.size - _FOOTER
        self._place = 0
        self._stuck = -1  # a block whose erase failed: `append` will pass over it
        self._page = bytearray(_PAGE)
        self._record = bytearray(spec.RECORD_HEAD + spec.RECORD_MAX)
        self._header = bytearray(_HEADER)
        self._footer = bytearray(_FOOTER)
        self._crc = bytearray(4)
        self._end = bytearray(4)
        self._samples = self._packets = self._marks = 0
        self._boot = boot
        values = (spec.STORE_MAGIC, spec.STORE_LAYOUT, self.blocks, 0, 0, 0, 0, 0, boot, 0, 0, cuff_id, 0)
        struct.pack_into(codec.struct_format(spec.STORE_HEADER), self._header, 0, *values)
        self._walk = Walk(self)
        self._mount()
        self._erased = self.newest + 1  # blocks before this one are ready
        self._erased_at = time.ticks_add(time.ticks_ms(), -_APART_MS)

    def _mount(self):
        """Find the newest and the oldest block: one look at each header."""
        walk = self._walk
        for place in range(self.blocks):
            seq = walk.seq_at(place)
            self.newest = max(self.newest, seq)
            if seq < 0 and not raw.is_blank(walk.header, 0):
                self.torn += 1
        if self.newest < 0:
            return
        walk.load(self.newest)
        self.total = raw.number(walk.header, _TOTAL_AT)
        self.gone = raw.number(walk.header, _GONE_AT)
        self.lost = raw.number(walk.header, _LOST_AT)
        self.total = (self.total + walk.samples(self.newest)) & _MOST
        self._let_go(max(0, self.newest - self.blocks + 1), False)

    def _let_go(self, oldest, is_synced):
        """Blocks before `oldest` have gone, or go now: count what goes with them."""
        walk = self._walk
        while oldest <= self.newest and not walk.load(oldest):
            oldest += 1
        self.oldest = oldest
        gone = raw.number(walk.header, _TOTAL_AT) if oldest <= self.newest else self.total
        if not is_synced:
            self.lost = min(_MOST, self.lost + ((gone - self.gone) & _MOST))
        self.gone = gone

    @property
    def held(self):
        """Blocks with something in them."""
        return self.newest + 1 - self.oldest

    # ---- writing. Nothing here allocates, except for a mark.

    def append(self, packet, length):
        """Keep packet[:length], a finished packet; False if the flash refused it twice."""
        return self._append(packet, length, 4, 8)

    def mark(self, event, reason, index, clock, crystal_us):
        """Keep when a session begins, goes on or ends (spec.MARK_*); it begins in a block of its own."""
        message = bytearray(struct.calcsize(_MARK))
        head = (spec.KIND_MARK, spec.VERSION, event, reason, self._boot)
        struct.pack_into(_MARK, message, 0, *(head + (index, clock, crystal_us, 0)))
        packing.seal(message, len(message) - 4)
        if event == spec.MARK_START:
            self.close()
            self.run = -1
        is_kept = self._append(message, len(message), _MARK_INDEX_AT, _MARK_CLOCK_AT)
        if event == spec.MARK_STOP:
            self.close()
            self.run = -1
        return is_kept

    def close(self):
        """End the open block. What comes next begins another."""
        try:
            self._seal()
        except OSError:
            self._fail()

    def step(self, now):
        """Erase one block ahead if one is due at ticks `now`; True if it did. Call it after the FIFO was
        emptied, and only while sampling: each boot erases anew what it will write to."""
        seq = max(self._erased, self.newest + 1)
        is_due = seq - self.newest <= self._ahead and seq != self._stuck
        if not is_due or time.ticks_diff(now, self._erased_at) < _APART_MS:
            return False
        try:
            self._erase(seq)
        except OSError:
            self.errors += 1
            self._stuck = seq
            return False
        self._erased_at = now
        return True

    def _append(self, message, length, index_at, clock_at):
        if length > spec.RECORD_MAX:
            return False
        for _ in range(2):
            try:
                if self.at and self.at + spec.RECORD_HEAD + length > self._limit:
                    self._seal()
                if not self.at:
                    self._begin(message, index_at, clock_at)
                self._keep(message, length)
                return True
            except OSError:
                self._fail()
        return False

    def _fail(self):
        """The flash refused: leave this block as it is."""
        self.errors += 1
        self.at = 0

    def _begin(self, message, index_at, clock_at):
        seq = self.newest + 1
        try:
            if seq >= self._erased:
                self.late_erases += 1
                self._erase(seq)
        finally:
            self.newest = seq  # a block that cannot be erased is passed over by the next try
        if self.run < 0:
            self.run = seq
        header = self._header
        raw.put(header, _SEQ_AT, seq, 4)
        raw.put(header, _RUN_AT, self.run, 4)
        raw.put(header, _TOTAL_AT, self.total, 4)
        raw.put(header, _GONE_AT, self.gone, 4)
        raw.put(header, _LOST_AT, self.lost, 4)
        raw.copy(header, _INDEX_AT, message, index_at, 4)
        raw.copy(header, _CLOCK_AT, message, clock_at, 4)
        packing.put_crc(header, _HEADER_CRC_AT, header, _HEADER_CRC_AT)
        self._place = seq % self.blocks
        self._program(self._place, 0, header, _HEADER)
        raw.crc_begin(self._crc)
        raw.crc_more(self._crc, header, 0, _HEADER)
        raw.copy(self._end, 0, message, index_at, 4)
        self._samples = self._packets = self._marks = 0
        self.at = _HEADER

    def _keep(self, message, length):
        record = self._record
        record[0] = length
        record[1] = length ^ 255
        raw.copy(record, spec.RECORD_HEAD, message, 0, length)
        length += spec.RECORD_HEAD
        self._program(self._place, self.at, record, length)
        raw.crc_more(self._crc, record, 0, length)
        self.at += length
        if message[0] != spec.KIND_SAMPLES:
            self._marks += 1
            return
        self._packets += 1
        self._samples += message[_COUNT_AT]
        self.total = (self.total + message[_COUNT_AT]) & _MOST
        raw.copy(self._end, 0, message, 4, 4)
        packing.put32(self._end, 0, self._end, message[_COUNT_AT])

    def _seal(self):
        if not self.at:
            return
        footer = self._footer
        raw.copy(footer, 0, self._end, 0, 4)
        raw.put(footer, 4, self._samples, 2)
        raw.put(footer, 6, self.at - _HEADER, 2)
        raw.put(footer, 8, self._packets, 2)
        footer[10] = self._marks
        raw.crc_more(self._crc, footer, 0, _FOOTER_CRC_AT)
        raw.crc_put(self._crc, footer, _FOOTER_CRC_AT)
        self.at = 0
        self._program(self._place, self._limit, footer, _FOOTER - 1)

    def _program(self, place, at, source, count):
        """Page by page, with 0xFF around it: a view of the right length would be an allocation."""
        page = self._page
        done = 0
        while done < count:
            inside = (at + done) % _PAGE
            part = min(_PAGE - inside, count - done)
            raw.blank(page, _PAGE)
            raw.copy(page, inside, source, done, part)
            self.device.writeblocks(place, page, at + done - inside)
            done += part

    def _erase(self, seq):
        """Make the place of block `seq` ready. The block that lies there gives way."""
        old = seq - self.blocks
        if old >= self.oldest:
            self._let_go(old + 1, self._walk.is_synced(old))
        self.device.ioctl(_ERASE, seq % self.blocks)
        self._erased = seq + 1

    # ---- what a host has

    def release(self, boot, end, most=16):
        """A host has the samples of that boot before index `end`: mark up to `most` blocks as its.

        Returns how many blocks are left to mark; call again until it is 0. Takes 1 ms a block.
        """
        walk = self._walk
        begin, stop = walk.blocks_before(boot, end)
        begin = walk.first_unsynced(begin, stop)
        for seq in range(begin, min(stop, begin + most)):
            self._program(seq % self.blocks, self.size - 1, _SYNCED, 1)
        return max(0, stop - begin - most)
