"""Finished raw packets become packed ones: the same samples in fewer bytes, as many as fit.

For what is kept in flash, and for a stream that saves air time. The formats are in protocol/README.md; the
plain versions are distal_wire/packed.py and rice.py, and this must give the same bytes. Nothing here
allocates while samples flow, and no integer needs more than 24 bits.
"""

# ruff: noqa: F821  (ptr8, ptr16 and ptr32 are viper's own names)

from array import array

import micropython
from micropython import const

from distal_cuff import packing, rice
from distal_wire import codec, spec

MOST = const(80)  # samples that wait at most: 0.4 s at 208 Hz, and what fits a packet at rest

_AXES = const(6)
_HEADER = const(20)
_SAMPLE = const(12)
_INDEX_AT = const(4)
_CLOCK_AT = const(8)
_COUNT_AT = const(14)
_ENCODING_AT = const(15)
_FLAGS_AT = const(16)
_ROOM = const(1728)  # bits of a full payload
_HEAD = const(104)  # bits before the first block: a sample and the order of each axis
_WIDTHS = const(24)  # bits at the start of a block
_BLOCK = const(8)
_RAW = const(18)  # samples that fit unpacked
_MOVES = const(48)  # bits of a packed sample from which on the leg moves too much for Rice codes

# places in the state of `gather`; of each 12 six are for first differences, then six for second ones
_ROWS = const(0)  # samples in the window
_BITS = const(1)  # of the payload that they make
_CLOSED = const(2)  # 12: bits of the fields in finished blocks
_OPEN = const(14)  # 12: widths in the block that is open
_NEXT = const(26)  # 12: those widths with one sample more
_STATE_SIZE = const(38)
_WIDTHS_AT = const(48)  # in the block that `write` works on: 8 rows of residuals, then their widths

_SAME = (0, 1, 2, 3, 12, 13, 17, 18, 19)  # bytes of the header that the packets of one stream share
_BREAKS = const(12)  # flags that tell of a break before a packet

# viper folds literals only: here they are held against the one definition
assert (_HEADER, _SAMPLE, _RAW) == (codec.HEADER_SIZE, codec.SAMPLE_SIZE, spec.SAMPLES_PER_PACKET)
assert (_ROOM, _BLOCK) == (8 * (spec.MAX_BYTES - codec.message_size(spec.KIND_SAMPLES)), spec.PACKED_BLOCK)
assert [spec.SAMPLES[i][0] for i in (3, 4, 6, 7, 8)] == ["index", "clock", "count", "encoding", "flags"]
assert spec.FLAG_OVERRUN | spec.FLAG_TIME_JUMP == _BREAKS


# Longer than our functions should be: a call from viper to viper would go through Python objects.
@micropython.viper
def gather(packet: ptr8, row: int, window: ptr8, most: int, state: ptr32) -> int:  # noqa: C901
    """Copy samples of a raw packet, from `row` on, behind those in the window, while they fit one packet.

    Returns the row at which it stopped: the packet's count, or the first that did not fit.
    """
    count = int(packet[_COUNT_AT])
    while row < count:
        rows = int(state[_ROWS])
        if rows == most:
            return row
        at = _HEADER + rows * _SAMPLE
        i = 0
        while i < _SAMPLE:
            window[at + i] = packet[_HEADER + row * _SAMPLE + i]
            i += 1
        held = (rows - 1) & 7  # samples in the open block
        bits = _HEAD
        if rows > 0:
            bits += _WIDTHS * ((rows + 7) >> 3)
        axis = 0
        while axis < _AXES and rows > 0:
            place = at + 2 * axis
            value = int(window[place]) | (int(window[place + 1]) << 8)
            before = int(window[place - 12]) | (int(window[place - 11]) << 8)
            step = ((value - before + 32768) & 65535) - 32768
            bend = step
            if rows > 1:
                value = int(window[place - 24]) | (int(window[place - 23]) << 8)
                bend = ((step - before + value + 32768) & 65535) - 32768
            least = 65536
            order = axis
            while order < 12:
                value = bend if order >= _AXES else step
                value = -2 * value - 1 if value < 0 else 2 * value
                width = 1
                if held > 0:
                    width = int(state[_OPEN + order])
                while value >> width:
                    width += 1
                state[_NEXT + order] = width
                width = int(state[_CLOSED + order]) + (held + 1) * width
                if width < least:
                    least = width
                order += _AXES
            bits += least
            axis += 1
        if rows >= _RAW and bits > _ROOM:
            return row
        i = 0
        while i < 12:
            state[_OPEN + i] = state[_NEXT + i]
            if rows == 0:
                state[_CLOSED + i] = 0
            elif held == 7:
                state[_CLOSED + i] = int(state[_CLOSED + i]) + _BLOCK * int(state[_NEXT + i])
            i += 1
        state[_ROWS] = rows + 1
        state[_BITS] = bits
        row += 1
    return row


@micropython.viper
def choose(state: ptr32) -> int:
    """Bit a is set where the second differences of axis a make narrower fields."""
    held = (int(state[_ROWS]) - 1) & 7
    order = 0
    axis = 0
    while axis < _AXES:
        first = int(state[_CLOSED + axis]) + held * int(state[_OPEN + axis])
        second = int(state[_CLOSED + _AXES + axis]) + held * int(state[_OPEN + _AXES + axis])
        if second < first:
            order |= 1 << axis
        axis += 1
    return order


@micropython.viper
def write(window: ptr8, rows: int, order: int, block: ptr16, out: ptr8) -> int:  # noqa: C901
    """Write `rows` samples of the window as a packed payload behind the header of `out`; returns its end."""
    to = _HEADER
    while to < _HEADER + _SAMPLE:
        out[to] = window[to]
        to += 1
    out[to] = order
    to += 1
    row = 1
    while row < rows:
        end = row + _BLOCK
        if end > rows:
            end = rows
        axis = 0
        while axis < _AXES:
            width = 1
            at = row
            while at < end:
                place = _HEADER + at * _SAMPLE + 2 * axis
                value = int(window[place]) | (int(window[place + 1]) << 8)
                before = int(window[place - 12]) | (int(window[place - 11]) << 8)
                value -= before
                if (order >> axis) & 1 and at > 1:
                    value -= before - (int(window[place - 24]) | (int(window[place - 23]) << 8))
                block[(at - row) * _AXES + axis] = value
                value = ((value + 32768) & 65535) - 32768
                value = -2 * value - 1 if value < 0 else 2 * value
                while value >> width:
                    width += 1
                at += 1
            block[_WIDTHS_AT + axis] = width
            axis += 1
        at = _WIDTHS_AT
        while at < _WIDTHS_AT + _AXES:
            out[to] = (int(block[at]) - 1) | ((int(block[at + 1]) - 1) << 4)
            to += 1
            at += 2
        bits = 0
        value = 0  # at most 7 bits that wait and 16 new ones
        at = 0
        axis = 0
        while at < (end - row) * _AXES:
            width = int(block[_WIDTHS_AT + axis])
            value |= (int(block[at]) & ((1 << width) - 1)) << bits
            bits += width
            while bits >= 8:
                out[to] = value
                to += 1
                value >>= 8
                bits -= 8
            axis = 0 if axis == 5 else axis + 1
            at += 1
        if bits:
            out[to] = value
            to += 1
        row = end
    return to


class Squeezer:
    """Give it every finished raw packet; it gives `keep(packet, size)` each packed one, good during the call.

    What comes out is Rice-coded where that is shortest: when no sample more fits packed, it often takes some
    more. It is a raw packet where neither would shrink it. A packet that does not follow the
    one before (a gap, another boot, another range, a jump of the clock) ends what was gathered.
    """

    def __init__(self, keep, most=MOST):
        self._keep = keep
        self._most = most
        self._window = bytearray(_HEADER + most * _SAMPLE)  # one long raw packet
        self._out = bytearray(spec.MAX_BYTES)
        self._block = bytearray(2 * (_WIDTHS_AT + _AXES))
        self._state = array("i", [0] * _STATE_SIZE)
        self._fields = bytearray(most * _SAMPLE)
        self._plan = array("i", [0] * rice.PLAN_SIZE)
        self._plan[rice.MOST] = most
        self._is_looked_at = self._is_coded = False
        self._index = bytearray(4)  # of the next sample, if nothing is missing
        self._clock = bytearray(4)
        self._near = bytearray(4)
        self._period = 0

    @property
    def waiting(self):
        """Samples that have been taken over and not yet given to `keep`."""
        return self._state[_ROWS]

    def add(self, packet):
        """Take over the samples of a finished raw packet; the buffer is free again afterwards."""
        if self._state[_ROWS] and not self._follows(packet):
            self.finish()
        for i in range(4):
            self._index[i] = packet[_INDEX_AT + i]
            self._clock[i] = packet[_CLOCK_AT + i]
        row = 0
        while row < packet[_COUNT_AT]:
            if not self._state[_ROWS]:
                self._begin(packet, row)
            end = self._gather(packet, row)
            packing.put32(self._index, 0, self._index, end - row)
            packing.put32(self._clock, 0, self._clock, (end - row) * self._period)
            row = end
            if row < packet[_COUNT_AT] or self._state[_ROWS] == self._most:
                self.finish()

    def _gather(self, packet, row):
        """Take over what fits, packed or else Rice-coded; returns the row at which it stopped."""
        state = self._state
        if not self._is_coded:
            row = gather(packet, row, self._window, self._most, state)
            if row == packet[_COUNT_AT] or state[_ROWS] == self._most:
                return row
            self._look()
        if self._is_coded:
            row = rice.gather(packet, row, self._window, self._fields, self._plan)
            state[_ROWS] = self._plan[rice.ROWS]
        return row

    def _look(self):
        """Whether what is packed so far would be shorter Rice-coded."""
        rows, bits = self._state[_ROWS], self._state[_BITS]
        self._is_looked_at = True
        if rows > 1 and bits <= _MOVES * rows:
            rice.choose(self._window, rows, self._fields, self._plan)
            size = rice.fit(self._fields, self._plan)
            self._is_coded = 0 < size < (bits + 7) // 8

    def finish(self):
        """Send off what waits."""
        rows = self._state[_ROWS]
        if not rows:
            return
        if not self._is_looked_at:
            self._look()
        out, window = self._out, self._window
        is_shorter = self._is_coded or self._state[_BITS] <= (rows * _SAMPLE - 1) * 8
        end = _HEADER + rows * _SAMPLE
        for i in range(_HEADER if is_shorter else end):
            out[i] = window[i]
        out[_ENCODING_AT] = spec.ENCODING_RAW
        if self._is_coded:
            end = rice.write(window, self._fields, self._plan, out)
            out[_ENCODING_AT] = spec.ENCODING_RICE
        elif is_shorter:
            end = write(window, rows, choose(self._state), self._block, out)
            out[_ENCODING_AT] = spec.ENCODING_PACKED
        out[_COUNT_AT] = rows
        out[_FLAGS_AT] |= packing.clipped(window, rows)
        for _ in range(codec.SEAL_SIZE - codec.CRC_SIZE):  # the tag
            out[end] = 0
            end += 1
        packing.seal(out, end)
        self._state[_ROWS] = 0
        self._keep(out, end + codec.CRC_SIZE)

    def _begin(self, packet, row):
        """The window's header is the packet's, with index and clock of its sample `row`."""
        window = self._window
        self._is_looked_at = self._is_coded = False
        for i in range(_HEADER):
            window[i] = packet[i]
        packing.put32(window, _INDEX_AT, self._index, 0)
        packing.put32(window, _CLOCK_AT, self._clock, 0)
        window[_FLAGS_AT] = 0 if row else packet[_FLAGS_AT] & _BREAKS
        for rate_hz, ticks in spec.PERIOD_TICKS:
            if packet[12] | packet[13] << 8 == rate_hz:
                self._period = ticks

    def _follows(self, packet):
        """Is the packet's first sample the neighbour of the last one here?"""
        if packet[_FLAGS_AT] & _BREAKS:
            return False
        for i in _SAME:
            if packet[i] != self._window[i]:
                return False
        for i in range(4):
            if packet[_INDEX_AT + i] != self._index[i]:
                return False
        slack = self._period // 4  # as much as the sampler itself lets a timestamp be off
        packing.put32(self._near, 0, self._clock, -slack)
        return 0 <= packing.span32(self._near, packet, _CLOCK_AT) <= 2 * slack
