# Run by MicroPython: microseconds to turn one packet's FIFO words into a sealed packet,
# and to copy as many bytes.
import time

from distal_cuff import packing
from distal_cuff.ring import Ring
from distal_cuff.sampler import Sampler
from distal_wire import spec

ROUNDS = 400


def word(tag, slot, data):
    head = tag << 3 | (slot & 3) << 1
    odd = head
    odd ^= odd >> 4
    odd ^= odd >> 2
    odd ^= odd >> 1
    return bytes([head | odd & 1]) + data


def words(first, count):
    """FIFO words of `count` slots with a timestamp in every eighth."""
    out = b""
    for n in range(first, first + count):
        out += word(1, n, b"\x10\x01\x20\x02\x30\x03") + word(2, n, b"\x40\x04\x50\x05\x60\x06")
        if n % 8 == 0:
            out += word(4, n, (n * 192).to_bytes(4, "little") + b"\0\0")
    return out


ring = Ring()
ring.resize(4)
ring.write_headers(1, 0, 0, 208, 0, spec.ENCODING_RAW, 0, 1, 32, 16)
sampler = Sampler(ring)
sampler.begin(b"\0\0\0\0", 192)
bursts = [words(18 * i, 18) for i in range(ROUNDS)]
sampler.take(bursts[0], len(bursts[0]))

begin = time.ticks_us()
for burst in bursts[1:]:
    sampler.take(burst, len(burst))
packet_us = time.ticks_diff(time.ticks_us(), begin) / (ROUNDS - 1)

target = bytearray(spec.MAX_BYTES)
source = bytes(spec.MAX_BYTES)
begin = time.ticks_us()
for _ in range(ROUNDS):
    target[:] = source
copy_us = time.ticks_diff(time.ticks_us(), begin) / ROUNDS

begin = time.ticks_us()
for _ in range(ROUNDS):
    packing.put_crc(target, 240, target, 240)
crc_us = time.ticks_diff(time.ticks_us(), begin) / ROUNDS

print(packet_us, copy_us, crc_us, len(bursts[1]), sampler.lost + sampler.bad_words)
