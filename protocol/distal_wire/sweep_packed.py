"""The samples of many PACKED packets at once with numpy: what `packed.unpack` does one by one."""

import numpy as np
from numpy.typing import NDArray

from distal_wire import codec, spec
from distal_wire.sweep import Int64, Out, Sweep, Work

_AXES = len(spec.SAMPLE)
_HALF = _AXES // 2  # three fields of at most 16 bits, from any bit of a 16-bit word on, fit in 64
_PLACES = np.arange(0, 4 * _AXES, 4, dtype=np.uint64).reshape(2, _HALF, 1)
_AXIS = np.arange(_AXES, dtype=np.uint8)[:, None]
_WIDTHS_BITS = 24
_U64 = np.uint64


class PackedWork(Work):
    """What every sweep uses again."""

    def __init__(self, packets: int, samples: int) -> None:
        super().__init__(packets, samples)
        self.triples = np.empty((3, 2, _HALF, packets), _U64)
        self.pairs = np.empty((3, 2, packets), np.int64)
        self.residuals = np.empty((_AXES, packets), np.int16)


class PackedSweep(Sweep):
    """Packets in order of falling count. Arrays are (gyr and acc, x y z, packet)."""

    WORK = PackedWork
    _work: PackedWork

    def __init__(self, packets: list[bytes], counts: Int64, work: PackedWork) -> None:
        super().__init__(packets, counts, work)
        self._block = self._start * 8  # bit at which the current block begins
        self._rest = np.zeros(self._n, np.int64)  # bits used of the last byte of the last block
        self._order = self._data[self._start + codec.SAMPLE_SIZE]

    def run(self) -> None:
        """Unpack all rows into work.rows, (sample, axis, packet)."""
        n, rows = self._n, self._work.rows
        self._set_widths(np.full((2, _HALF, n), 16, _U64), self._block)
        self._read_row(rows[0, :, :n])
        self._block += 8 * (codec.SAMPLE_SIZE + 1)
        masks = -((self._order >> _AXIS) & 1).astype(np.int16)
        slopes = np.zeros((_AXES, n), np.int16)
        for t in range(1, int(self._counts[0])):
            if t % spec.PACKED_BLOCK == 1:
                k = self._begin_block(t)
            residuals = self._work.residuals[:, :k]
            self._read_row(residuals)
            slope = slopes[:, :k]
            np.bitwise_and(slope, masks[:, :k], out=slope)
            np.add(slope, residuals, out=slope)
            np.add(rows[t - 1, :, :k], slope, out=rows[t, :, :k])

    def _begin_block(self, t: int) -> int:
        """Read the widths of the block that begins with sample t; returns how many packets have one.

        Those that end inside it go on to its end: what they read is never written out.
        """
        k = self._n - int(np.searchsorted(self._counts[::-1], t, side="right"))
        block = self._block[:k]
        codes = np.take(self._words, block >> 4, mode="clip") >> (block & 15).view(_U64)
        widths = self._work.triples[2, :, :, :k]
        np.right_shift(codes, _PLACES, out=widths)
        np.bitwise_and(widths, _U64(15), out=widths)
        np.add(widths, _U64(1), out=widths)
        self._set_widths(widths, block + _WIDTHS_BITS)
        used = np.minimum(self._counts[:k] - t, spec.PACKED_BLOCK) * self._row_bits
        self._rest[:k] = used & 7
        block += _WIDTHS_BITS + (used + 7 & ~7)
        return k

    def _set_widths(self, widths: NDArray[np.uint64], begin: Int64) -> None:
        """Shifts that bring a field to the top of its 64-bit word and down again, with its sign."""
        k = widths.shape[2]
        self._up, self._down, self._fields = self._work.triples[:, :, :, :k]
        self._bit, self._index, offset = self._work.pairs[:, :, :k]
        self._offset = offset
        np.copyto(self._up, widths)
        for axis in range(1, _HALF):  # cumsum would work on three numbers at a time
            np.add(self._up[:, axis - 1], widths[:, axis], out=self._up[:, axis])
        ends = self._up[:, -1].view(np.int64)
        self._row_bits = ends[0] + ends[1]
        self._bit[0] = begin
        np.add(begin, ends[0], out=self._bit[1])
        np.subtract(_U64(64), self._up, out=self._up)
        np.subtract(_U64(64), widths, out=self._down)

    def _read_row(self, out: Out) -> None:
        """The next fields of every packet that goes on: (6, k)."""
        bit, index, offset = self._bit, self._index, self._offset
        np.right_shift(bit, 4, out=index)
        np.bitwise_and(bit, 15, out=offset)
        words = np.take(self._words, index, mode="clip")
        np.right_shift(words, offset.view(_U64), out=words)
        np.left_shift(words[:, None], self._up, out=self._fields)
        signed = self._fields.view(np.int64)
        np.right_shift(signed, self._down.view(np.int64), out=signed)
        np.copyto(out.reshape(2, _HALF, -1), signed, casting="unsafe")
        np.add(bit, self._row_bits, out=bit)

    def whole(self) -> NDArray[np.bool_]:
        """Which payloads end where they should, with no bit set that means nothing."""
        spare = (self._data[self._end - 1] >> self._rest.astype(np.uint8)).astype(np.bool_)
        has_order = self._order >> _AXES == 0
        is_exact: NDArray[np.bool_] = self._block == self._end * 8
        whole: NDArray[np.bool_] = has_order & is_exact & ~((self._rest > 0) & spare)
        return whole
