"""Raw packets in, packed ones out: byte for byte what the plain version makes of as many samples as fit."""

import zlib
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from distal_wire import batch, codec, packed, rice, spec
from distal_wire.parse import build

Counts = NDArray[np.int16]
NAMES = [name for name, *_ in spec.SAMPLE]
PERIOD = 192
ROOM = spec.MAX_BYTES - codec.message_size(spec.KIND_SAMPLES)
START = 2**32 - 1000  # index and clock wrap on the way
MOST = 80


def message(counts: Counts, first: int, **changes: int) -> bytes:
    """Packet of `counts`, whose first is sample START + first; raw unless changed."""
    gyr, acc = (np.abs(part.astype(int)) >= 32700 for part in (counts[:, :3], counts[:, 3:]))
    clipped = spec.FLAG_CLIPPED_ACC * bool(acc.any()) | spec.FLAG_CLIPPED_GYR * bool(gyr.any())
    fields = {
        "boot": 7,
        "index": (START + first) % 2**32,
        "clock": (START + first * PERIOD) % 2**32,
        "rate_hz": 208,
        "encoding": spec.ENCODING_RAW,
        "imu": 1,
        "acc_range_g": 32,
        "gyr_range": 16,
        **changes,
        "flags": clipped | changes.get("flags", 0),
    }
    rows = [dict(zip(NAMES, row, strict=True)) for row in counts.tolist()]
    return build(spec.KIND_SAMPLES, count=len(counts), samples=rows, **fields)


def raw(counts: Counts) -> list[bytes]:
    return [message(counts[at : at + 18], at) for at in range(0, len(counts), 18)]


def squeezed(counts: Counts, most: int = MOST, start: int = 0) -> Iterator[bytes]:
    """What must come out: as many samples as fit a packet packed, and more where Rice codes are shorter."""
    at = 0
    while at < len(counts):
        left = counts[at : at + most]
        fits = 1
        while fits < len(left) and _fits(left[: fits + 1]):
            fits += 1
        size = len(packed.pack(left[:fits].tobytes()))
        if size <= 6 * fits and len(_coded(left[:fits], fits)) < size:
            count = fits
            while count < len(left) and len(_coded(left[: count + 1], fits)) <= ROOM:
                count += 1
            yield coded(left[:count], fits, start + at)
        else:
            count = fits
            yield message(left[:count], start + at, encoding=int(size < 12 * fits))
        at += count


def coded(counts: Counts, looked_at: int = 0, first: int = 0, **changes: int) -> bytes:
    """As `message`, Rice-coded by what the first samples are."""
    head = bytearray(message(counts, first, **changes)[: codec.HEADER_SIZE])
    head[15] = spec.ENCODING_RICE
    body = bytes(head) + _coded(counts, looked_at) + bytes(codec.SEAL_SIZE - codec.CRC_SIZE)
    return body + zlib.crc32(body).to_bytes(4, "little")


def _coded(counts: Counts, looked_at: int) -> bytes:
    """The payload; endless where that cannot be."""
    try:
        return rice.pack(counts.tobytes(), looked_at)
    except ValueError:
        return bytes(spec.MAX_BYTES)


def _fits(counts: Counts) -> bool:
    return len(counts) <= spec.SAMPLES_PER_PACKET or len(packed.pack(counts.tobytes())) <= ROOM


def lively(rng: np.random.Generator) -> Counts:
    """Rest, a walk, noise of the whole scale and ends of it, one after the other; rest that is shaken."""
    rest = np.rint(rng.normal([0, 0, 1, 9, -20, 1024], 1, (300, 6)))
    t = np.arange(300)[:, None]
    walk = 5000 * np.sin(t * [0.1, 0.07, 0.09, 0.2, 0.15, 0.05]) + rng.normal(
        0, [3, 20, 9, 150, 60, 90], (300, 6)
    )
    noise = rng.integers(-32768, 32768, (100, 6))
    ends = rng.choice([-32768, 32767], (60, 6))
    still = np.full((200, 6), -32768)
    steps = np.cumsum(rng.integers(-4096, 4096, (150, 6)), axis=0)
    shaken = rest + np.where(np.arange(300) % 97 == 60, 9, 1)[:, None] * rng.normal(0, 3, (300, 6))
    parts = [rest, walk, noise, ends, rest[:50], still, steps, walk[:100], shaken]
    return (np.rint(np.concatenate(parts)).astype(np.int64) % 65536).astype(np.uint16).view("<i2")


def run(run_cuff: Callable[..., str], packets: list[bytes], most: int = MOST) -> list[bytes]:
    text = "\n".join(packet.hex() for packet in packets) + "\n"
    lines = run_cuff("mp_squeezed.py", str(most), text=text).split()
    return [bytes.fromhex(line) for line in lines]


def test_packets_are_those_of_the_plain_version(
    run_cuff: Callable[..., str], rng: np.random.Generator
) -> None:
    counts = lively(rng)
    found = run(run_cuff, raw(counts))
    assert found == list(squeezed(counts))
    encodings = {packet[15] for packet in found}
    assert encodings == {spec.ENCODING_RAW, spec.ENCODING_PACKED, spec.ENCODING_RICE}


def test_a_knock_ends_a_coded_packet_before_its_codes_grow_too_long(
    run_cuff: Callable[..., str], rng: np.random.Generator
) -> None:
    """At rest, knocked at a sample that fits the packet only Rice-coded, or at one before."""
    packets, wanted = [], []
    for place in range(40, 80, 3):
        counts = np.rint(rng.normal(0, 2, (100, 6))).astype("<i2")
        counts[place] += 60
        packets += [*raw(counts), b""]
        wanted += squeezed(counts)
    found = run(run_cuff, packets)
    assert found == wanted
    lengths = {packet[14] for packet in found if packet[15] == spec.ENCODING_RICE}
    assert len(lengths) > 4


def test_no_packet_is_longer_than_its_raw_one_and_the_host_reads_them_all(
    run_cuff: Callable[..., str], rng: np.random.Generator
) -> None:
    counts = lively(rng)
    found = run(run_cuff, raw(counts), 36)
    decoded = batch.decode(found)
    assert decoded.faults == ()
    np.testing.assert_array_equal(decoded.counts, counts)
    for packet, header in zip(found, decoded.header, strict=True):
        assert len(packet) <= min(spec.MAX_BYTES, codec.message_size(spec.KIND_SAMPLES, int(header["count"])))
    assert decoded.header["count"].max() == 36
    expected = (START + np.arange(len(counts))[decoded.starts[:-1]]) % 2**32
    assert decoded.header["index"].tolist() == expected.tolist()


def test_what_does_not_follow_begins_a_packet(run_cuff: Callable[..., str], rng: np.random.Generator) -> None:
    """A hole, a flag, another boot, another range, a clock that jumped: none joins the packet before."""
    counts = np.rint(rng.normal(0, 1, (18, 6))).astype("<i2")
    breaks = [
        {"index": START + 19},
        {"flags": spec.FLAG_OVERRUN},
        {"flags": spec.FLAG_TIME_JUMP},
        {"boot": 8},
        {"acc_range_g": 16},
        {"gyr_range": 8},
        {"clock": (START + 18 * PERIOD + PERIOD // 4 + 1) % 2**32},
        {"clock": (START + 18 * PERIOD - PERIOD // 4 - 1) % 2**32},
    ]
    for change in breaks:
        packets = [message(counts, 0), message(counts, 18, **change)]
        assert run(run_cuff, packets) == [coded(counts), coded(counts, 0, 18, **change)], change
    near = {"clock": (START + 18 * PERIOD + PERIOD // 4) % 2**32}
    joined = coded(np.concatenate([counts, counts]))
    assert run(run_cuff, [message(counts, 0), message(counts, 18, **near)]) == [joined]


def test_finish_sends_what_waits_and_nothing_twice(
    run_cuff: Callable[..., str], rng: np.random.Generator
) -> None:
    counts = np.rint(rng.normal(0, 1, (20, 6))).astype("<i2")
    found = run(run_cuff, [message(counts[:5], 0), b"", b"", message(counts[5:], 5)])
    assert found == [message(counts[:5], 0, encoding=1), coded(counts[5:], 0, 5)]
    assert all(zlib.crc32(one[:-4]) == int.from_bytes(one[-4:], "little") for one in found)
