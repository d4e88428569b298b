"""What a host asks of the flash ring: a range of samples, and the sessions that are kept."""

import struct

from micropython import const

from distal_cuff import store_bytes as raw
from distal_cuff.store_walk import Walk
from distal_wire import codec, spec

_BOOT_AT = const(2)  # of a packet
_INDEX_AT = const(4)
_COUNT_AT = const(14)
_MARK_BOOT_AT = const(4)
_MARK_INDEX_AT = const(6)
_MARK = codec.struct_format(spec.STORE_MARK)


def four(index):
    """An index as the ring compares it."""
    return (index & 0xFFFFFFFF).to_bytes(4, "little")


class Range:
    """The packets that hold samples `first` to `end` of a boot, in order, and the marks among them.

    `next()` gives the length of the next one, which is then in `packet`, and 0 when there is no more.
    A call reads one record (256 bytes) of flash, finding the first one a header for each session and for
    each halving: about 15 in 4 MB. The ring may go on being written to.
    """

    def __init__(self, store, boot, first, end):
        self._walk = Walk(store)
        self.packet = self._walk.packet
        self._boot = boot
        self._first = four(first)
        self._end = four(end)
        span, stop = self._walk.span_of(boot)
        self._walk.begin(self._walk.place_of(span, stop, self._first) if stop else store.newest + 1)

    def next(self):
        walk, packet = self._walk, self.packet
        length = walk.next()
        while length:
            if packet[0] == spec.KIND_MARK:
                if self._has_mark():
                    return length
            else:
                if packet[_BOOT_AT] | packet[_BOOT_AT + 1] << 8 != self._boot:
                    return 0
                if raw.ahead(packet, _INDEX_AT, self._end, 0) >= 0:
                    return 0
                if raw.ahead(packet, _INDEX_AT, self._first, 0) + packet[_COUNT_AT] > 0:
                    return length
            length = walk.next()
        return 0

    def _has_mark(self):
        """Whether the mark in `packet` belongs to the range; that at its end does."""
        packet = self.packet
        if packet[_MARK_BOOT_AT] | packet[_MARK_BOOT_AT + 1] << 8 != self._boot:
            return False
        is_after = raw.ahead(packet, _MARK_INDEX_AT, self._end, 0) > 0
        return not is_after and raw.ahead(packet, _MARK_INDEX_AT, self._first, 0) >= 0


class Session:
    """One session that is kept, or what is left of it. `end` is one past its last sample."""

    def __init__(self, boot, first):
        self.boot = boot
        self.first = first
        self.end = first
        self.clock = 0  # at `first`
        self.rate_hz = 0
        self.reason = 0  # spec.MARK_REASONS; 0 also when its begin has given way
        self.crystal_us = None  # at its begin; None: that has given way
        self.is_whole = False  # its begin is still here
        self.is_stopped = False  # it ended as it should, not by a power cut
        self.is_open = False
        self.is_released = False  # a host has all of it


def sessions(store):
    """Every session, newest first. Reads one or two blocks of each."""
    walk = Walk(store)
    stop = store.newest + 1
    first = walk.session_before(stop)
    while first >= 0:
        yield _describe(store, walk, first, stop)
        stop = first
        first = walk.session_before(stop)


def _describe(store, walk, first, stop):
    while not walk.load(first):  # its oldest blocks may be damaged
        first += 1
    header = struct.unpack(codec.struct_format(spec.STORE_HEADER), walk.header)
    session = Session(header[8], header[9])
    session.clock = header[10]
    session.is_whole = header[4] == first  # places in spec.STORE_HEADER
    begin = first
    while not (_read_block(walk, begin, session) and session.rate_hz) and begin < stop - 1:
        begin += 1
    last = stop - 1  # a power cut right after its header leaves a block with nothing in it
    while last > begin and not _read_block(walk, last, session):
        last -= 1
    session.is_open = bool(store.run == header[4] and stop > store.newest)
    session.is_released = walk.first_unsynced(first, last + 1) > last
    return session


def _read_block(walk, seq, session):
    """Whether it holds anything that can be read."""
    walk.begin(seq)
    found = False
    while walk.next() and walk.seq == seq:
        found = True
        packet = walk.packet
        if packet[0] == spec.KIND_MARK:
            _, _, event, reason, _, index, _, crystal_us, _ = struct.unpack_from(_MARK, packet)
            if event == spec.MARK_START:
                session.reason, session.crystal_us = reason, crystal_us
            session.is_stopped = event == spec.MARK_STOP
            session.end = index
            continue
        fields = struct.unpack_from(_SAMPLES, packet)
        if not session.rate_hz:
            session.first, session.clock, session.rate_hz = fields[3], fields[4], fields[5]
        session.end = (fields[3] + fields[6]) & 0xFFFFFFFF
    return found


_SAMPLES = codec.struct_format(spec.SAMPLES)
