"""The byte work of the flash ring: copies, running CRC, records. Nothing here allocates.

As in `packing`: a 32-bit board keeps 31 bits in a small int, so indices and checksums stay bytes.
"""

# ruff: noqa: F821  (ptr8, ptr32 and uint are viper's own names)

import micropython
from micropython import const

from distal_cuff import packing
from distal_wire import spec

_HEAD = const(2)
_MAX = const(250)
_SMALLEST = const(22)
_FAR = const(0x1FFFFFFF)

assert (_HEAD, _MAX) == (spec.RECORD_HEAD, spec.RECORD_MAX)

CRC_TABLE = packing._CRC


@micropython.viper
def copy(to: ptr8, at: int, source: ptr8, start: int, count: int):
    """to[at:at + count] = source[start:start + count]"""
    i = 0
    while i < count:
        to[at + i] = source[start + i]
        i += 1


@micropython.viper
def blank(buffer: ptr8, size: int):
    """Fill with 0xFF: programming that leaves flash as it is."""
    i = 0
    while i < size:
        buffer[i] = 255
        i += 1


@micropython.viper
def put(to: ptr8, at: int, value: int, size: int):
    """Write a small int, little-endian."""
    i = 0
    while i < size:
        to[at + i] = value
        value >>= 8
        i += 1


@micropython.viper
def number(buffer: ptr8, at: int) -> int:
    """32 bits as a small int; -1 from 2**30 on."""
    if int(buffer[at + 3]) >= 64:
        return -1
    low = int(buffer[at]) | (int(buffer[at + 1]) << 8)
    return low | (int(buffer[at + 2]) << 16) | (int(buffer[at + 3]) << 24)


@micropython.viper
def ahead(a: ptr8, a_at: int, b: ptr8, b_at: int) -> int:
    """a - b of two 32-bit counters that wrap: exact within 2**29, else -2**29 or 2**29."""
    low = (int(a[a_at]) | (int(a[a_at + 1]) << 8)) - (int(b[b_at]) | (int(b[b_at + 1]) << 8))
    high = (int(a[a_at + 2]) | (int(a[a_at + 3]) << 8)) - (int(b[b_at + 2]) | (int(b[b_at + 3]) << 8))
    if low < 0:
        low += 65536
        high -= 1
    high &= 65535
    if high >= 32768:
        high -= 65536
    if high >= 8192:
        return _FAR + 1
    if high < -8192:
        return 0 - _FAR - 1
    return high * 65536 + low


@micropython.viper
def crc_begin(state: ptr8):
    """`state` is 4 bytes: the inverted CRC-32 of nothing."""
    i = 0
    while i < 4:
        state[i] = 255
        i += 1


@micropython.viper
def crc_more(state: ptr8, buffer: ptr8, at: int, count: int):
    """Take buffer[at:at + count] into the running CRC-32."""
    table = ptr32(CRC_TABLE)
    crc = uint(state[0]) | (uint(state[1]) << 8) | (uint(state[2]) << 16) | (uint(state[3]) << 24)
    i = at
    end = at + count
    while i < end:
        crc ^= uint(buffer[i])
        crc = uint(table[crc & 15]) ^ (crc >> 4)
        crc = uint(table[crc & 15]) ^ (crc >> 4)
        i += 1
    i = 0
    while i < 4:
        state[i] = crc
        crc >>= 8
        i += 1


@micropython.viper
def crc_put(state: ptr8, to: ptr8, at: int):
    """Write the CRC-32 that `state` stands for."""
    i = 0
    while i < 4:
        to[at + i] = int(state[i]) ^ 255
        i += 1


@micropython.viper
def is_sound(buffer: ptr8, at: int, count: int) -> bool:
    """Whether the last 4 of these bytes are the CRC-32 of those before."""
    table = ptr32(CRC_TABLE)
    crc = uint(0)
    i = 0
    while i < count - 4:
        byte = int(buffer[at + i])
        if i < 4:
            byte ^= 255
        crc ^= uint(byte)
        crc = uint(table[crc & 15]) ^ (crc >> 4)
        crc = uint(table[crc & 15]) ^ (crc >> 4)
        i += 1
    while i < count:
        if int(crc & 255) ^ 255 != int(buffer[at + i]):
            return False
        crc >>= 8
        i += 1
    return True


@micropython.viper
def seek(window: ptr8, at: int, end: int) -> int:
    """The next place from `at` on where a record may begin; `end` if there is none."""
    while at < end - 1:
        length = int(window[at])
        if length ^ int(window[at + 1]) == 255 and length >= _SMALLEST and length <= _MAX:
            return at
        at += 1
    return end


@micropython.viper
def is_blank(window: ptr8, at: int) -> bool:
    """Whether nothing was written where the next record would begin."""
    return int(window[at]) == 255 and int(window[at + 1]) == 255
