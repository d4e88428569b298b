"""The samples of many RICE packets at once with numpy: what `rice.unpack` does one by one.

The codes of three axes are at most 16 bits long together: one look into a table reads them.
"""

import numpy as np
from numpy.typing import NDArray

from distal_wire import codec, rice, spec
from distal_wire.sweep import Int64, Sweep, Work

_AXES = len(spec.SAMPLE)
_HALF = _AXES // 2
_U64 = np.uint64
_WINDOW = (1 << rice.CODES) - 1
_LENGTH_AT = 12
_LARGEST = np.uint16(15)
_TOO_LONG = np.uint32(1 << 18)  # as a length: behind every payload, so that the end is missed
_SHIFTS = np.arange(0, 2 * _AXES, 2, dtype=np.int64)[:, None]
_WIDTHS = np.arange(0, 4 * _AXES, 4, dtype=np.int64)[:, None]
_PLACES = np.array([0, 4, 8], np.uint32)[:, None]


def _make_table() -> NDArray[np.uint32]:
    """What 16 bits begin with: three codes, 4 bits each, 8 too high; the bits that they took or _TOO_LONG."""
    window = np.arange(1 << rice.CODES, dtype=np.uint32)
    found = np.zeros_like(window)
    length = np.zeros_like(window)
    is_short = np.ones(len(window), np.bool_)
    for place in _PLACES[:, 0]:
        is_short &= window > 0
        lowest = window & -window
        zeros = np.bitwise_count(lowest - np.uint32(1)).astype(np.uint32) * is_short
        found |= np.where(zeros & 1, 7 - (zeros >> 1), 8 + (zeros >> 1)).astype(np.uint32) << place
        length += zeros + np.uint32(1)
        window = window >> zeros >> np.uint32(1)
    return found | np.where(is_short, length, _TOO_LONG) << np.uint32(_LENGTH_AT)


_TABLE = _make_table()


class RiceWork(Work):
    """What every sweep uses again."""

    def __init__(self, packets: int, samples: int) -> None:
        super().__init__(packets, samples)
        self.words = np.empty((2, packets), _U64)
        self.places = np.empty((2, 2, packets), np.int64)
        self.codes = np.empty((3, packets), np.uint32)
        self.found = np.empty((_AXES, packets), np.uint32)
        self.fields = np.empty((2, _AXES, packets), np.uint16)
        self.sums = np.empty((2, _AXES, packets), np.int32)


class RiceSweep(Sweep):
    """Packets in order of falling count. Arrays are (axis, packet), or (gyr and acc, x y z, packet)."""

    WORK = RiceWork
    _work: RiceWork

    def __init__(self, packets: list[bytes], counts: Int64, work: RiceWork) -> None:
        super().__init__(packets, counts, work)
        head = self._start + codec.SAMPLE_SIZE
        shifts = self._number(head, 2)
        self._has_spare = shifts >> 2 * _AXES > 0
        self._shifts = (shifts >> _SHIFTS & 3).astype(np.int32)
        widths = self._number(head + 2, 3) >> _WIDTHS & 15
        ends = np.cumsum(widths, axis=0)
        self._before = (ends - widths).astype(np.uint32)
        self._row_bits = ends[-1]
        self._scales = (1 << widths).astype(np.uint16)
        self._masks = self._scales - np.uint16(1)
        self._too_high = self._scales * np.uint16(8)
        fields = 8 * (self._start + rice.HEAD)
        self._low_end = fields + (counts - 1) * self._row_bits
        self._bits = np.stack([fields, self._low_end + 7 & ~7])  # of the next low bits, of the next codes

    def _number(self, place: Int64, size: int) -> Int64:
        """The number in so many bytes at each place."""
        octets = self._data[place + np.arange(size)[:, None]].astype(np.int64)
        return np.asarray((octets << 8 * np.arange(size)[:, None]).sum(axis=0))

    def run(self) -> None:
        """Unpack all rows into work.rows, (sample, axis, packet)."""
        n, rows = self._n, self._work.rows
        first = self._data[self._start + np.arange(codec.SAMPLE_SIZE)[:, None]].astype(np.uint16)
        rows[0, :, :n] = (first[::2] | first[1::2] << 8).view(np.int16)
        means = rows[0, :, :n].astype(np.int32) << self._shifts
        times = np.arange(1, int(self._counts[0]))
        active = n - np.searchsorted(self._counts[::-1], times, side="right")
        for t, k in enumerate(active.tolist(), 1):
            fields = self._read_fields(k)
            mean, (value, residual) = means[:, :k], self._work.sums[:, :, :k]
            np.copyto(residual, fields)
            np.right_shift(mean, self._shifts[:, :k], out=value)
            np.add(value, residual, out=value)
            np.copyto(rows[t, :, :k], value, casting="unsafe")
            np.add(mean, residual, out=mean)

    def _read_fields(self, k: int) -> NDArray[np.int16]:
        """The next fields of the first `k` packets: (6, k)."""
        (index, offset), words = self._work.places[:, :, :k], self._work.words[:, :k]
        np.right_shift(self._bits[:, :k], 4, out=index)
        np.bitwise_and(self._bits[:, :k], 15, out=offset)
        self._words.take(index, out=words, mode="clip")  # 49 bits and more from each place on
        np.right_shift(words, offset.view(_U64), out=words)
        low, fields = self._work.fields[:, :, :k]
        self._read_low(words[0], low)
        self._read_high(words[1], fields)
        np.multiply(fields, self._scales[:, :k], out=fields)
        np.subtract(low, self._too_high[:, :k], out=low)
        np.add(fields, low, out=fields)
        signed: NDArray[np.int16] = fields.view(np.int16)
        return signed

    def _read_low(self, words: NDArray[np.uint64], out: NDArray[np.uint16]) -> None:
        """The low bits of the next fields: (6, k)."""
        k = len(words)
        bits, found = self._work.codes[0, :k], self._work.found[:, :k]
        np.copyto(bits, words, casting="unsafe")
        np.right_shift(bits, self._before[:, :k], out=found)
        np.copyto(out, found, casting="unsafe")
        np.bitwise_and(out, self._masks[:, :k], out=out)
        np.add(self._bits[0, :k], self._row_bits[:k], out=self._bits[0, :k])

    def _read_high(self, words: NDArray[np.uint64], out: NDArray[np.uint16]) -> None:
        """What the next codes say, 8 too high: (6, k)."""
        k = len(words)
        bit, window = self._bits[1, :k], self._work.places[0, 0, :k]
        gyr, acc, length = self._work.codes[:, :k]
        np.bitwise_and(words.view(np.int64), _WINDOW, out=window)
        _TABLE.take(window, out=gyr, mode="clip")
        np.right_shift(gyr, _LENGTH_AT, out=length)
        np.right_shift(words, length, out=words)
        np.add(bit, length, out=bit)
        np.bitwise_and(words.view(np.int64), _WINDOW, out=window)
        _TABLE.take(window, out=acc, mode="clip")
        np.right_shift(acc, _LENGTH_AT, out=length)
        np.add(bit, length, out=bit)
        found = self._work.found[:, :k]
        np.right_shift(gyr, _PLACES, out=found[:_HALF])
        np.right_shift(acc, _PLACES, out=found[_HALF:])
        np.copyto(out, found, casting="unsafe")
        np.bitwise_and(out, _LARGEST, out=out)

    def whole(self) -> NDArray[np.bool_]:
        """Which payloads end where they should, with no bit set that means nothing."""
        is_bad = self._has_spare | (self._row_bits > rice.LOW) | (self._bits[1] + 7 >> 3 != self._end)
        for bit in (self._low_end, self._bits[1]):
            last = self._data[np.minimum(bit >> 3, len(self._data) - 1)] >> (bit & 7).astype(np.uint8)
            is_bad |= (bit & 7 > 0) & (last > 0)
        return np.asarray(~is_bad)
