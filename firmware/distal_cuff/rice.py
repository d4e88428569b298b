"""Samples in a window become a Rice-coded payload: what `distal_wire/rice.py` says plainly, in viper.

Nothing here allocates, and no integer needs more than 30 bits.
"""

# ruff: noqa: F821  (ptr8, ptr16 and ptr32 are viper's own names)

import micropython
from micropython import const

from distal_wire import codec, spec

PLAN_SIZE = const(30)

_AXES = const(6)
_HEADER = const(20)
_SAMPLE = const(12)
_COUNT_AT = const(14)
_ROOM = const(216)  # bytes of a full payload
_HEAD = const(17)  # of these before the fields
_ZEROS = const(13)  # in the codes of three axes, at most
_WIDTHS_TRIED = const(8)
_LOW = const(32)  # bits that the low parts of six axes take, at most

# places in the plan: how the samples of a window are coded
_SHIFTS = const(0)  # 6
_WIDTHS = const(6)  # 6
_MEANS = const(12)  # 6: after the last sample
_LOW_BITS = const(18)  # of a sample
_CODE_BITS = const(19)  # of all samples
_COSTS = const(20)  # 8: bits of the axis that is looked at, by its width
ROWS = const(28)  # samples in the window
MOST = const(29)  # that it has room for

# viper folds literals only: here they are held against the one definition
assert (_HEADER, _SAMPLE) == (codec.HEADER_SIZE, codec.SAMPLE_SIZE)
assert _ROOM == spec.MAX_BYTES - codec.message_size(spec.KIND_SAMPLES)


# Longer than our functions should be: a call from viper to viper would go through Python objects.
@micropython.viper
def choose(window: ptr8, rows: int, fields: ptr16, plan: ptr32):  # noqa: C901
    """Plan how to code `rows` >= 2 samples: shift and width of each axis, and its fields."""
    plan[ROWS] = rows
    axis = 0
    while axis < _AXES:
        place = _HEADER + 2 * axis
        first = ((int(window[place]) | (int(window[place + 1]) << 8)) ^ 32768) - 32768
        least = 1 << 29
        shift = 0
        while shift < 4:
            mean = first << shift
            total = 0
            at = place
            row = 1
            while row < rows:
                at += _SAMPLE
                value = int(window[at]) | (int(window[at + 1]) << 8)
                value = ((value - (mean >> shift) + 32768) & 65535) - 32768
                mean += value
                total += -2 * value - 1 if value < 0 else 2 * value
                row += 1
            if total < least:
                least = total
                plan[_SHIFTS + axis] = shift
            shift += 2
        shift = int(plan[_SHIFTS + axis])
        width = 0
        while width < _WIDTHS_TRIED:
            plan[_COSTS + width] = width * (rows - 1)
            width += 1
        mean = first << shift
        at = place
        row = 1
        while row < rows:
            at += _SAMPLE
            value = int(window[at]) | (int(window[at + 1]) << 8)
            value = ((value - (mean >> shift) + 32768) & 65535) - 32768
            mean += value
            fields[(row - 1) * _AXES + axis] = value
            width = 0
            while width < _WIDTHS_TRIED:
                plan[_COSTS + width] = int(plan[_COSTS + width]) + (
                    -2 * value - 1 if value < 0 else 2 * value
                )
                value >>= 1
                width += 1
            row += 1
        plan[_MEANS + axis] = mean
        plan[_WIDTHS + axis] = 0
        width = 1
        while width < _WIDTHS_TRIED:
            if int(plan[_COSTS + width]) < int(plan[_COSTS + int(plan[_WIDTHS + axis])]):
                plan[_WIDTHS + axis] = width
            width += 1
        axis += 1


@micropython.viper
def fit(fields: ptr16, plan: ptr32) -> int:  # noqa: C901
    """Make codes shorter where three axes' are too long; returns the payload's bytes, 0: moves too much."""
    rows = int(plan[ROWS])
    code_bits = _AXES * (rows - 1)
    low_bits = 0
    half = 0
    while half < _AXES:
        most = _ZEROS + 1
        while most > _ZEROS:
            most = -1
            worst = 0
            total = 0
            row = 0
            while row < rows - 1:
                zeros = 0
                longest = -1
                longest_axis = 0
                axis = half
                while axis < half + 3:
                    value = (int(fields[row * _AXES + axis]) ^ 32768) - 32768
                    value >>= int(plan[_WIDTHS + axis])
                    value = -2 * value - 1 if value < 0 else 2 * value
                    zeros += value
                    if value > longest:
                        longest = value
                        longest_axis = axis
                    axis += 1
                total += zeros
                if zeros > most:
                    most = zeros
                    worst = longest_axis
                row += 1
            if most > _ZEROS:
                plan[_WIDTHS + worst] = int(plan[_WIDTHS + worst]) + 1
        code_bits += total
        low_bits += int(plan[_WIDTHS + half]) + int(plan[_WIDTHS + half + 1]) + int(plan[_WIDTHS + half + 2])
        half += 3
    plan[_LOW_BITS] = low_bits
    plan[_CODE_BITS] = code_bits
    if low_bits > _LOW:
        return 0
    return _HEAD + (((rows - 1) * low_bits + 7) >> 3) + ((code_bits + 7) >> 3)


@micropython.viper
def gather(packet: ptr8, row: int, window: ptr8, fields: ptr16, plan: ptr32) -> int:
    """Copy samples of a raw packet, from `row` on, behind those in the window, while the plan fits them.

    Returns the row at which it stopped: the packet's count, or the first that did not fit. plan[ROWS] says
    how many samples the window has now; there is room for plan[MOST].
    """
    count = int(packet[_COUNT_AT])
    while row < count:
        rows = int(plan[ROWS])
        if rows == int(plan[MOST]):
            return row
        at = _HEADER + row * _SAMPLE
        code_bits = int(plan[_CODE_BITS]) + _AXES
        zeros = 0
        axis = 0
        while axis < _AXES:
            if axis == 3:
                zeros = 0
            value = int(packet[at + 2 * axis]) | (int(packet[at + 2 * axis + 1]) << 8)
            value -= int(plan[_MEANS + axis]) >> int(plan[_SHIFTS + axis])
            value = ((value + 32768) & 65535) - 32768
            fields[(rows - 1) * _AXES + axis] = value
            value >>= int(plan[_WIDTHS + axis])
            value = -2 * value - 1 if value < 0 else 2 * value
            zeros += value
            code_bits += value
            if zeros > _ZEROS:
                return row
            axis += 1
        if _HEAD + ((rows * int(plan[_LOW_BITS]) + 7) >> 3) + ((code_bits + 7) >> 3) > _ROOM:
            return row
        axis = 0
        while axis < _AXES:
            value = (int(fields[(rows - 1) * _AXES + axis]) ^ 32768) - 32768
            plan[_MEANS + axis] = int(plan[_MEANS + axis]) + value
            axis += 1
        axis = 0
        while axis < _SAMPLE:
            window[_HEADER + rows * _SAMPLE + axis] = packet[at + axis]
            axis += 1
        plan[_CODE_BITS] = code_bits
        plan[ROWS] = rows + 1
        row += 1
    return row


@micropython.viper
def write(window: ptr8, fields: ptr16, plan: ptr32, out: ptr8) -> int:
    """Write the planned samples as a payload behind the header of `out`; returns its end."""
    to = _HEADER
    while to < _HEADER + _SAMPLE:
        out[to] = window[to]
        to += 1
    value = 0
    axis = 0
    while axis < _AXES:
        value |= int(plan[_SHIFTS + axis]) << (2 * axis)
        axis += 1
    out[to] = value
    out[to + 1] = value >> 8
    to += 2
    axis = 0
    while axis < _AXES:
        out[to] = int(plan[_WIDTHS + axis]) | (int(plan[_WIDTHS + axis + 1]) << 4)
        to += 1
        axis += 2
    end = (int(plan[ROWS]) - 1) * _AXES
    part = 0
    while part < 2:  # the low bits, then the codes
        value = 0  # at most 7 bits that wait and 15 new ones
        bits = 0
        axis = 0
        at = 0
        while at < end:
            field = (int(fields[at]) ^ 32768) - 32768
            width = int(plan[_WIDTHS + axis])
            if part == 0:
                value |= (field & ((1 << width) - 1)) << bits
                bits += width
            else:
                field >>= width
                bits += -2 * field - 1 if field < 0 else 2 * field
                value |= 1 << bits
                bits += 1
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
        part += 1
    return to
