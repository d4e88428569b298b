"""FIFO words in, packets out: byte for byte what the wire format's own writer makes of the same counts."""

import struct
from collections.abc import Callable

import numpy as np

from distal_wire import spec
from distal_wire.parse import build

PERIOD = 96  # 416 Hz
START = 2**31 - 4000
NAMES = [name for name, *_ in spec.SAMPLE]


def word(kind: int, slot: int, data: bytes) -> bytes:
    bits = kind << 3 | (slot & 3) << 1
    return bytes([bits | bits.bit_count() & 1]) + data.ljust(6, b"\0")


def fifo(counts: np.ndarray, rng: np.random.Generator) -> bytes:
    """Words as the chip stores them, those of each slot in random order."""
    out = b""
    for n, row in enumerate(counts.tolist()):
        words = [word(1, n, struct.pack("<3h", *row[:3])), word(2, n, struct.pack("<3h", *row[3:]))]
        if n % 8 == 0:
            words.append(word(4, n, struct.pack("<I", START + n * PERIOD)))
        out += b"".join(words[i] for i in rng.permutation(len(words)))
    return out


def packet(counts: np.ndarray, first: int) -> bytes:
    rows = counts[first : first + 18]
    gyr, acc = (np.abs(part.astype(int)) >= 32700 for part in (rows[:, :3], rows[:, 3:]))
    return build(
        spec.KIND_SAMPLES,
        boot=0xBEEF,
        index=first,
        clock=START + first * PERIOD,
        rate_hz=416,
        count=len(rows),
        encoding=spec.ENCODING_RAW,
        flags=spec.FLAG_CLIPPED_ACC * bool(acc.any()) | spec.FLAG_CLIPPED_GYR * bool(gyr.any()),
        imu=1,
        acc_range_g=16,
        gyr_range=8,
        samples=[dict(zip(NAMES, row, strict=True)) for row in rows.tolist()],
    )


def test_packets_are_those_of_an_independent_writer(
    run_cuff: Callable[..., str], rng: np.random.Generator
) -> None:
    counts = rng.integers(-32768, 32768, (1805, 6)).astype(np.int16)
    counts[500:1200] //= 2  # packets that clip nowhere, too
    expected = [packet(counts, first).hex() for first in range(0, len(counts), 18)]
    assert run_cuff("mp_pack.py", text=fifo(counts, rng).hex()).split() == expected
