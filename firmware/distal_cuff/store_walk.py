"""Reading the flash ring: record by record, by boot and index, by session. Never returns what its CRC
refuses. Nothing here allocates while it walks."""

from micropython import const

from distal_cuff import store_bytes as raw
from distal_wire import spec

_HEADER = const(47)
_FOOTER = const(16)
_HEAD = const(2)
_SEQ_AT = const(5)
_RUN_AT = const(9)
_BOOT_AT = const(25)
_INDEX_AT = const(27)
_WINDOW = const(256)  # holds any record
_COUNT_AT = const(14)


class Walk:
    """A place in the ring. `packet` holds the last record's message."""

    def __init__(self, store):
        self.packet = bytearray(_WINDOW)
        self.header = bytearray(_HEADER)
        self.seq = 0
        self.damaged = 0  # places where no record could be read
        self._store = store
        self._window = bytearray(_WINDOW)
        self._tail = bytearray(1)
        self._at = 0

    def seq_at(self, place):
        """The block that lies there; -1 if none that can be read does."""
        header = self.header
        self._store.device.readblocks(place, header, 0)
        if header[0] | header[1] << 8 != spec.STORE_MAGIC or header[2] != spec.STORE_LAYOUT:
            return -1
        blocks = self._store.blocks
        seq = raw.number(header, _SEQ_AT)
        is_here = header[3] | header[4] << 8 == blocks and seq >= 0 and seq % blocks == place
        return seq if is_here and raw.is_sound(header, 0, _HEADER) else -1

    def load(self, seq):
        """Read that block's header; False if it is not there any more, or damaged."""
        return self.seq_at(seq % self._store.blocks) == seq

    def begin(self, seq):
        """The next record is the first one of that block."""
        self.seq = seq
        self._at = 0

    def next(self):
        """Length of the next message, in `packet`; 0 at the end, for now: the ring may grow."""
        store = self._store
        while self.seq <= store.newest:
            if self.seq < store.oldest:
                self.begin(store.oldest)  # what stood here has given way
            if self._at or self.load(self.seq):
                self._at = self._at or _HEADER
                length = self._record()
                if length:
                    return length
            elif self.seq < store.newest:
                self.damaged += 1
            if self.seq == store.newest:
                return 0
            self.begin(self.seq + 1)
        return 0

    def _record(self):
        """The next whole record of this block."""
        store, window = self._store, self._window
        is_open = store.at and self.seq == store.newest
        limit = store.at if is_open else store.size - _FOOTER
        is_lost = False  # after damage a record may begin anywhere
        while self._at + _HEAD < limit:
            base = min(self._at, store.size - _WINDOW)
            store.device.readblocks(self.seq % store.blocks, window, base)
            at = self._at - base
            if not is_lost and raw.is_blank(window, at):
                break
            length = window[at]
            is_whole = raw.seek(window, at, at + _HEAD) == at and self._at + _HEAD + length <= limit
            if is_whole and raw.is_sound(window, at + _HEAD, length):
                raw.copy(self.packet, 0, window, at + _HEAD, length)
                self._at += _HEAD + length
                return length
            if not is_lost:
                self.damaged += 1
                is_lost = True
            self._at = base + max(at + 1, min(raw.seek(window, at + 1, _WINDOW), _WINDOW - 1))
        self._at = limit
        return 0

    # ---- by boot and index

    def session_before(self, stop):
        """First block still here of the session that the newest readable block before `stop` belongs to;
        -1 if there is none. That newest block's header stays in `header`."""
        store = self._store
        seq = stop - 1
        while seq >= store.oldest and not self.load(seq):
            seq -= 1
        return -1 if seq < store.oldest else max(store.oldest, raw.number(self.header, _RUN_AT))

    def span_of(self, boot):
        """(first, stop) of that boot's blocks, (0, 0) if it has none. Reads one header a session."""
        first = stop = 0
        before = self._store.newest + 1
        while True:
            begin = self.session_before(before)
            is_it = begin >= 0 and self.header[_BOOT_AT] | self.header[_BOOT_AT + 1] << 8 == boot
            if begin < 0 or (stop and not is_it):
                return first, stop
            if is_it:
                first = begin
                stop = stop or before
            before = begin

    def place_of(self, first, stop, index):
        """The last block in [first, stop) whose first index is not after `index` (4 bytes); else `first`."""
        while stop - first > 1:
            middle = probe = (first + stop) // 2
            while probe < stop and not self.load(probe):
                probe += 1
            if probe == stop or raw.ahead(index, 0, self.header, _INDEX_AT) < 0:
                stop = middle
            else:
                first = probe
        return first

    # ---- what a host has

    def is_synced(self, seq):
        """Whether a host has every sample of that block."""
        store = self._store
        store.device.readblocks(seq % store.blocks, self._tail, store.size - 1)
        return self._tail[0] == 0

    def samples(self, seq):
        """Samples in the packets of that block, which `load` has just read."""
        samples = 0
        self.seq = seq
        self._at = _HEADER
        while self._record():
            if self.packet[0] == spec.KIND_SAMPLES:
                samples += self.packet[_COUNT_AT]
        return samples

    def blocks_before(self, boot, end):
        """(first, stop) of the finished blocks of that boot that hold nothing from index `end` on."""
        index = (end & 0xFFFFFFFF).to_bytes(4, "little")
        first, stop = self.span_of(boot)
        if not stop:
            return 0, 0
        last = self.place_of(first, stop, index)
        if self._ends_by(last, index):
            last += 1
        return first, last

    def _ends_by(self, seq, index):
        """Whether that block is finished and all its samples are before `index`."""
        if (self._store.at and seq == self._store.newest) or not self.load(seq):
            return False
        if raw.ahead(index, 0, self.header, _INDEX_AT) < 0:
            return False
        self.seq = seq
        self._at = _HEADER
        while self._record():
            samples = self.packet[_COUNT_AT] if self.packet[0] == spec.KIND_SAMPLES else 0
            if samples and raw.ahead(index, 0, self.packet, 4) < samples:
                return False
        return True

    def first_unsynced(self, first, stop):
        """Where the blocks begin that are not marked; marks go from old to new."""
        while first < stop:
            middle = (first + stop) // 2
            if self.is_synced(middle):
                first = middle + 1
            else:
                stop = middle
        return first
