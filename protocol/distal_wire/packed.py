"""Samples without loss in fewer bytes: encoding PACKED, written out plainly. The fast versions must agree.

The cuff packs with viper (`distal_cuff/squeeze.py`), the host unpacks many at once with numpy (`unpack.py`).
Both interpreters run this file.
"""

import struct

from distal_wire import codec, spec

# (part, bytes, meaning), in this order; the last two for each block of up to PACKED_BLOCK further samples
LAYOUT = (
    ("first", "12", "the first sample as a row of SAMPLE"),
    ("order", "1", "bit a: axis a holds differences of differences, else differences; bits 6 and 7 are zero"),
    ("widths", "3", "of a block: six 4-bit numbers, gx in the low bits: bits of that axis' fields, less 1"),
    (
        "fields",
        "⌈samples × sum of widths / 8⌉",
        "of the block: sample by sample, gx first, two's complement, low bits first; spare bits are zero",
    ),
    ("widths, fields", "", "of every further block of up to 8 samples, each from a whole byte on"),
)

_ROW = codec.struct_format(spec.SAMPLE)
_AXES = len(spec.SAMPLE)
_ORDER_AT = codec.SAMPLE_SIZE
_FIRST_BLOCK = codec.SAMPLE_SIZE + 1
_WIDTHS_SIZE = 3
Rows = list


def pack(samples: bytes) -> bytes:
    """Turn the payload of a raw packet into a packed one, whatever it holds; 1 sample or more."""
    rows = [struct.unpack_from(_ROW, samples, at) for at in range(0, len(samples), codec.SAMPLE_SIZE)]
    first, second = _differences(rows)
    order = 0
    for axis in range(_AXES):
        if _bits(second, axis) < _bits(first, axis):
            order |= 1 << axis
            for step, bend in zip(first, second):
                step[axis] = bend[axis]
    return samples[:_ORDER_AT] + bytes([order]) + b"".join([_write(block) for block in _blocks(first)])


def unpack(payload: bytes, count: int) -> bytes:
    """Turn a packed payload of `count` samples back into the raw one.

    raises ValueError for a payload that is cut short, goes on, or has bits set that mean nothing
    """
    if count < 1 or len(payload) < _FIRST_BLOCK or payload[_ORDER_AT] >> _AXES:
        raise ValueError("packed samples have no beginning")
    values = list(struct.unpack_from(_ROW, payload))
    order = payload[_ORDER_AT]
    slopes = [0] * _AXES
    masks = [-(order >> axis & 1) for axis in range(_AXES)]
    samples = [payload[:_ORDER_AT]]
    at = _FIRST_BLOCK
    for left in range(count - 1, 0, -spec.PACKED_BLOCK):
        fields, at = _read(payload, at, min(left, spec.PACKED_BLOCK))
        for row in fields:
            for axis in range(_AXES):
                slopes[axis] = row[axis] + (slopes[axis] & masks[axis])
                values[axis] = _wrap(values[axis] + slopes[axis])
            samples.append(struct.pack(_ROW, *values))
    if at != len(payload):
        raise ValueError("packed samples have another length")
    return b"".join(samples)


def _wrap(value: int) -> int:
    """The int16 that is left of `value`: differences are taken modulo 2**16, so any block can be packed."""
    return (value + 32768 & 65535) - 32768


def _differences(rows: Rows) -> tuple:
    """What each sample after the first adds to the one before, and what that adds to the last difference."""
    first = []
    second = []
    slope = [0] * _AXES
    for before, row in zip(rows, rows[1:]):
        step = [_wrap(b - a) for a, b in zip(before, row)]
        first.append(step)
        second.append([_wrap(b - a) for a, b in zip(slope, step)])
        slope = step
    return first, second


def _blocks(rows: Rows) -> Rows:
    return [rows[at : at + spec.PACKED_BLOCK] for at in range(0, len(rows), spec.PACKED_BLOCK)]


def _width(values: Rows) -> int:
    """Bits of the narrowest field that holds every value, 1 to 16."""
    folded = max([value * 2 if value >= 0 else ~value * 2 + 1 for value in values])
    width = 1
    while folded >> width:
        width += 1
    return width


def _bits(rows: Rows, axis: int) -> int:
    return sum([len(block) * _width([row[axis] for row in block]) for block in _blocks(rows)])


def _write(block: Rows) -> bytes:
    """One block: its widths, then its fields in one number, low bits first."""
    widths = [_width([row[axis] for row in block]) for axis in range(_AXES)]
    codes = [width - 1 for width in widths]
    number = at = 0
    for row in block:
        for value, width in zip(row, widths):
            number |= (value & (1 << width) - 1) << at
            at += width
    head = bytes([low | high << 4 for low, high in zip(codes[::2], codes[1::2])])
    return head + number.to_bytes((at + 7) // 8, "little")


def _read(payload: bytes, at: int, rows: int) -> tuple:
    """The fields of the block at payload[at], and the place after it."""
    head = payload[at : at + _WIDTHS_SIZE]
    widths = [code + 1 for byte in head for code in (byte & 15, byte >> 4)]
    end = at + _WIDTHS_SIZE + (rows * sum(widths) + 7) // 8
    if end > len(payload):
        raise ValueError("packed samples are cut short")
    number = int.from_bytes(payload[at + _WIDTHS_SIZE : end], "little")
    fields = []
    for _ in range(rows):
        row = []
        for width in widths:
            value = number & (1 << width) - 1
            number >>= width
            row.append(value - (1 << width) if value >> width - 1 else value)
        fields.append(row)
    if number:
        raise ValueError("packed samples have bits that mean nothing")
    return fields, end
