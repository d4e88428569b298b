"""Ten million damaged and foreign messages: none raises, none passes as good."""

import os
import random

from distal_wire import batch, spec
from distal_wire.parse import build

INPUTS = int(os.environ.get("FUZZ_INPUTS", "10000000"))


def good_packet(draw: random.Random) -> bytes:
    count = draw.randint(1, spec.SAMPLES_PER_PACKET)
    names = [name for name, *_ in spec.SAMPLE]
    rows = [{name: draw.randint(-32768, 32767) for name in names} for _ in range(count)]
    encoding = draw.choice([spec.ENCODING_RAW, spec.ENCODING_PACKED, spec.ENCODING_RICE])
    if encoding != spec.ENCODING_RAW:  # smaller numbers, or it would not fit
        count = max(count, 2)
        rows = rows if len(rows) > 1 else rows * 2
        smaller = 6 if encoding == spec.ENCODING_PACKED else 12
        rows = [{name: value >> smaller for name, value in row.items()} for row in rows]
    fields = {"boot": 1, "index": 2, "clock": 3, "rate_hz": 208, "encoding": encoding, "flags": 0}
    scale = {"imu": 1, "acc_range_g": 32, "gyr_range": 16}
    return build(spec.KIND_SAMPLES, count=count, samples=rows, **fields, **scale)


def damaged(packet: bytes, draw: random.Random) -> bytes:
    """One of: bits flipped, cut, lengthened, two spliced, random bytes behind a right start."""
    way = draw.randrange(5)
    if way == 0:
        octets = bytearray(packet)
        for _ in range(draw.randint(1, 8)):
            octets[draw.randrange(len(octets))] ^= 1 << draw.randrange(8)
        return bytes(octets)
    if way == 1:
        return packet[: draw.randrange(len(packet))]
    if way == 2:
        return packet + draw.randbytes(draw.randint(1, 20))
    if way == 3:
        cut = draw.randrange(1, len(packet))
        return packet[:cut] + packet[: len(packet) - cut]
    return packet[:2] + draw.randbytes(draw.randrange(260))


def test_no_damaged_message_is_accepted_and_none_raises() -> None:
    draw = random.Random(20230501)
    packets = [good_packet(draw) for _ in range(50)]
    wrong = 0
    for _ in range(INPUTS):
        packet = draw.choice(packets)
        message = damaged(packet, draw)
        wrong += message != packet and batch.check(message) is None
    assert wrong == 0
