"""The hot byte work: FIFO words into packets, 32-bit counters, CRC-32.

All of it is viper on buffers that exist already. A 32-bit board keeps only 31 bits in a small int,
so indices, clocks and checksums stay little-endian bytes and never become Python integers here.
"""

# ruff: noqa: F821  (ptr8, ptr32 and uint are viper's own names)

from array import array

import micropython
from micropython import const

from distal_wire import codec, spec

# places in the state of `fill`
COUNT = const(0)  # whole samples in the packet
MASK = const(1)  # words of the open slot that have come: GYR | ACC | STAMP
SLOT = const(2)  # the open slot's 2-bit counter
BAD = const(3)  # words refused: parity or tag
STAMP_AT = const(4)  # 4 bytes, timestamp of the open slot
STATE_SIZE = const(8)

GYR = const(1)
ACC = const(2)
STAMP = const(4)
BOTH = const(3)

WORD = const(7)  # bytes of a FIFO word: tag and 6 data bytes
FULL = const(18)
_HEADER = const(20)
_SAMPLE = const(12)
_CLIPPED = const(32700)  # a count this near to 32767 stands at the end of its scale
_CLIPPED_ACC = const(1)
_CLIPPED_GYR = const(2)

# viper folds literals only: here they are held against the one definition
assert (_HEADER, _SAMPLE, FULL) == (codec.HEADER_SIZE, codec.SAMPLE_SIZE, spec.SAMPLES_PER_PACKET)
assert (_CLIPPED_ACC, _CLIPPED_GYR) == (spec.FLAG_CLIPPED_ACC, spec.FLAG_CLIPPED_GYR)


# Longer than our functions should be: a call from viper to viper would go through Python objects.
@micropython.viper
def fill(words: ptr8, at: int, end: int, packet: ptr8, state: ptr8) -> int:  # noqa: C901
    """Move FIFO words `at`..`end` into the packet; returns where it stopped.

    Words belong together by their slot counter, in any order. It stops before `end` when a slot ends
    that Python must look at: with a timestamp, incomplete, followed by a hole, or filling the packet.
    """
    while at < end:
        tag = int(words[at])
        odd = tag ^ (tag >> 4)
        odd ^= odd >> 2
        odd ^= odd >> 1
        kind = tag >> 3
        bit = 0
        if kind == 1:
            bit = GYR
        elif kind == 2:
            bit = ACC
        elif kind == 4:
            bit = STAMP
        if bit == 0 or odd & 1:
            if state[BAD] < 255:
                state[BAD] += 1
        else:
            slot = (tag >> 1) & 3
            mask = int(state[MASK])
            if mask != 0 and (slot != int(state[SLOT]) or mask & bit):
                count = int(state[COUNT]) + 1
                if mask != BOTH or count == FULL or slot != ((int(state[SLOT]) + 1) & 3):
                    return at
                state[COUNT] = count
                mask = 0
            state[SLOT] = slot
            state[MASK] = mask | bit
            i = 1
            if bit == STAMP:
                while i < 5:
                    state[STAMP_AT - 1 + i] = words[at + i]
                    i += 1
            else:
                to = _HEADER - 1 + int(state[COUNT]) * _SAMPLE + (bit - 1) * 6
                while i < WORD:
                    packet[to + i] = words[at + i]
                    i += 1
        at += WORD
    return at


@micropython.viper
def clipped(packet: ptr8, count: int) -> int:
    """FLAG_CLIPPED_* bits of the packet's samples."""
    flags = 0
    at = _HEADER
    end = _HEADER + count * _SAMPLE
    axis = 0
    while at < end:
        value = int(packet[at]) | (int(packet[at + 1]) << 8)
        if value >= 32768:
            value = 65536 - value
        if value >= _CLIPPED:
            if axis < 3:
                flags |= _CLIPPED_GYR
            else:
                flags |= _CLIPPED_ACC
        axis += 1
        if axis == 6:
            axis = 0
        at += 2
    return flags


@micropython.viper
def put32(to: ptr8, at: int, source: ptr8, plus: int):
    """Write the 32-bit counter `source` + `plus` at to[at], modulo 2**32."""
    value = int(source[0]) | (int(source[1]) << 8) | (int(source[2]) << 16) | (int(source[3]) << 24)
    value += plus
    to[at] = value
    to[at + 1] = value >> 8
    to[at + 2] = value >> 16
    to[at + 3] = value >> 24


@micropython.viper
def add32(to: ptr8, at: int, source: ptr8):
    """Add the 32-bit counter `source` to the one at to[at], modulo 2**32."""
    carry = 0
    i = 0
    while i < 4:
        carry += int(to[at + i]) + int(source[i])
        to[at + i] = carry
        carry >>= 8
        i += 1


@micropython.viper
def span32(old: ptr8, new: ptr8, at: int) -> int:
    """new[at] - old of two 32-bit counters, modulo 2**32; -1 from 2**30 on, no small int there."""
    low = (int(new[at]) | (int(new[at + 1]) << 8)) - (int(old[0]) | (int(old[1]) << 8))
    high = (int(new[at + 2]) | (int(new[at + 3]) << 8)) - (int(old[2]) | (int(old[3]) << 8))
    if low < 0:
        low += 65536
        high -= 1
    high &= 65535
    if high >= 16384:
        return -1
    return (high << 16) | low


# one entry per nibble: 64 bytes of heap instead of 1 kB
_CRC = array("I", [0] * 16)
for _i in range(16):
    _value = _i
    for _ in range(4):
        _value = (_value >> 1) ^ (0xEDB88320 if _value & 1 else 0)
    _CRC[_i] = _value


@micropython.viper
def put_crc(buffer: ptr8, size: int, to: ptr8, at: int):
    """Write the CRC-32 (as zlib) of the first `size` >= 4 bytes at to[at]."""
    table = ptr32(_CRC)
    crc = uint(0)
    i = 0
    while i < size:
        byte = int(buffer[i])
        if i < 4:  # the same as starting from 0xFFFFFFFF, which viper cannot write on 32 bits
            byte ^= 255
        crc ^= uint(byte)
        crc = uint(table[crc & 15]) ^ (crc >> 4)
        crc = uint(table[crc & 15]) ^ (crc >> 4)
        i += 1
    i = 0
    while i < 4:
        to[at + i] = (int(crc) & 255) ^ 255
        crc >>= 8
        i += 1


def seal(buffer, size):
    """Put the checksum of the first `size` bytes behind them."""
    put_crc(buffer, size, buffer, size)
