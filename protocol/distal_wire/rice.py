"""Samples without loss in fewer bytes still: encoding RICE, for a leg that rests, written out plainly.

Noise around a value that stays is told best by its distance from a mean that moves slowly, in codes whose
length follows their size (R. F. Rice, "Some practical universal noiseless coding techniques", JPL 1979).
The cuff's viper (`distal_cuff/rice.py`) and the host's numpy (`unrice.py`) must agree with this file.
"""

import struct

from distal_wire import codec, spec

# (part, bytes, meaning), in this order
LAYOUT = (
    ("first", "12", "the first sample as a row of SAMPLE"),
    ("shifts", "2", "six 2-bit numbers, gx in the low bits: g of that axis; the highest 4 bits are zero"),
    ("widths", "3", "six 4-bit numbers, gx in the low bits: k of that axis; 32 together at most"),
    (
        "low",
        "⌈(samples − 1) × sum of k / 8⌉",
        "the low k bits of every field, sample by sample, gx first, low bits first; spare bits are zero",
    ),
    (
        "high",
        "the rest",
        "what is left of every field in the same order: 0, -1, 1, -2 … as no, one, two, three … zeros, "
        "then a one; codes of gx gy gz, and of ax ay az, are 16 bits together at most; spare bits are zero",
    ),
)

_ROW = codec.struct_format(spec.SAMPLE)
_AXES = len(spec.SAMPLE)
_HALF = _AXES // 2
_TRIED = (0, 2)  # shifts that are tried: with all four a packet is a hundredth shorter, for twice the work
_TRIED_WIDTHS = 8
_SHIFTS_AT = codec.SAMPLE_SIZE
_WIDTHS_AT = _SHIFTS_AT + 2
HEAD = _WIDTHS_AT + 3  # bytes before the fields
LOW = 32  # bits that the low parts of six axes take at most
CODES = 16  # bits that the codes of three axes take at most
_MOST = CODES - _HALF  # zeros in them
Rows = list


def pack(samples: bytes, looked_at: int = 0) -> bytes:
    """Turn the payload of a raw packet of 2 samples or more into a Rice-coded one.

    looked_at  choose shifts and widths by so many samples from the first on; 0: by all of them.
    raises ValueError for samples that move too much
    """
    rows = _rows(samples)
    shifts, widths = choose(rows[: looked_at or len(rows)])
    fields = [_fields(rows, axis, shifts[axis]) for axis in range(_AXES)]
    too_long = [sum(high) > _MOST for half in (0, _HALF) for high in _highs(fields, widths, half)]
    if sum(widths) > LOW or any(too_long):
        raise ValueError("these samples move too much")
    low = high = low_bits = high_bits = 0
    for t in range(len(rows) - 1):
        for axis in range(_AXES):
            low |= (fields[axis][t] & (1 << widths[axis]) - 1) << low_bits
            low_bits += widths[axis]
            high_bits += _zeros(fields[axis][t] >> widths[axis]) + 1
            high |= 1 << high_bits - 1
    head = _number(shifts, 2).to_bytes(2, "little") + _number(widths, 4).to_bytes(3, "little")
    tail = low.to_bytes((low_bits + 7) // 8, "little") + high.to_bytes((high_bits + 7) // 8, "little")
    return samples[:_SHIFTS_AT] + head + tail


def choose(rows: Rows) -> tuple:
    """(shifts, widths) for these samples: what makes each axis' fields smallest, then its codes shortest.

    Where three axes' codes are too long together, the axis with the longest gets a bit more, until they fit.
    """
    shifts = []
    widths = []
    fields = []
    for axis in range(_AXES):
        ways = [_fields(rows, axis, shift) for shift in _TRIED]
        sums = [sum([_zeros(value) for value in way]) for way in ways]
        shifts.append(_TRIED[sums.index(min(sums))])
        fields.append(ways[sums.index(min(sums))])
        costs = [
            sum([_zeros(value >> width) + width for value in fields[axis]]) for width in range(_TRIED_WIDTHS)
        ]
        widths.append(costs.index(min(costs)))
    for half in (0, _HALF):
        while True:
            highs = _highs(fields, widths, half)
            sums = [sum(high) for high in highs]
            if max(sums) <= _MOST:
                break
            worst = highs[sums.index(max(sums))]
            widths[half + worst.index(max(worst))] += 1
    return shifts, widths


def unpack(payload: bytes, count: int) -> bytes:
    """Turn a Rice-coded payload of `count` samples back into the raw one.

    raises ValueError for a payload that is cut short, goes on, or has bits set that mean nothing
    """
    shifts = _parts(payload[_SHIFTS_AT:_WIDTHS_AT], 2)
    if count < 1 or len(payload) < HEAD or payload[_WIDTHS_AT - 1] >> 4:
        raise ValueError("coded samples have no beginning")
    widths = _parts(payload[_WIDTHS_AT:HEAD], 4)
    low_bits = (count - 1) * sum(widths)
    high_at = HEAD + (low_bits + 7) // 8
    low = int.from_bytes(payload[HEAD:high_at], "little")
    high = _Bits(payload[high_at:])
    if sum(widths) > LOW or high_at > len(payload) or low >> low_bits:
        raise ValueError("coded samples are cut short, or have bits that mean nothing")
    values = struct.unpack_from(_ROW, payload)
    means = [value << shift for value, shift in zip(values, shifts)]
    samples = [payload[:_SHIFTS_AT]]
    for _ in range(count - 1):
        row = []
        for axis in range(_AXES):
            if axis % _HALF == 0:
                high.begin(CODES)
            zeros = high.zeros()
            top = -(zeros + 1 >> 1) if zeros & 1 else zeros >> 1
            value = _wrap(top << widths[axis] | low & (1 << widths[axis]) - 1)
            low >>= widths[axis]
            row.append(_wrap((means[axis] >> shifts[axis]) + value))
            means[axis] += value
        samples.append(struct.pack(_ROW, *row))
    high.end()
    return b"".join(samples)


class _Bits:
    """Codes of zeros and a one, read from the low bits of the first byte on."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data, "little")
        self._left = 8 * len(data)
        self._may = 0

    def begin(self, most: int) -> None:
        """So many bits may the next codes take together."""
        self._may = most

    def zeros(self) -> int:
        """The next code."""
        zeros = 0
        while zeros < self._may and not self._number & 1:
            self._number >>= 1
            zeros += 1
        self._may -= zeros + 1
        self._left -= zeros + 1
        self._number >>= 1
        if self._may < 0 or self._left < 0:
            raise ValueError("coded samples are cut short, or have codes that are too long")
        return zeros

    def end(self) -> None:
        """No whole byte may be left, and no bit that means something."""
        if self._left > 7 or self._number:
            raise ValueError("coded samples have another length, or bits that mean nothing")


def _rows(samples: bytes) -> Rows:
    return [struct.unpack_from(_ROW, samples, at) for at in range(0, len(samples), codec.SAMPLE_SIZE)]


def _wrap(value: int) -> int:
    """The int16 that is left of `value`: distances are taken modulo 2**16, so any samples can be coded."""
    return (value + 32768 & 65535) - 32768


def _fields(rows: Rows, axis: int, shift: int) -> Rows:
    """Distance of each sample after the first from the mean before it."""
    mean = rows[0][axis] << shift
    fields = []
    for row in rows[1:]:
        fields.append(_wrap(row[axis] - (mean >> shift)))
        mean += fields[-1]
    return fields


def _zeros(value: int) -> int:
    """0, -1, 1, -2 … as 0, 1, 2, 3 …"""
    return 2 * value if value >= 0 else -2 * value - 1


def _highs(fields: Rows, widths: Rows, half: int) -> Rows:
    """Zeros in the codes of three axes, a row a sample."""
    axes = range(half, half + _HALF)
    return [[_zeros(fields[axis][t] >> widths[axis]) for axis in axes] for t in range(len(fields[0]))]


def _number(parts: Rows, bits: int) -> int:
    return sum([part << bits * i for i, part in enumerate(parts)])


def _parts(data: bytes, bits: int) -> Rows:
    number = int.from_bytes(data, "little")
    return [number >> bits * i & (1 << bits) - 1 for i in range(_AXES)]
