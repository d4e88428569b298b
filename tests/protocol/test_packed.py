"""Packed samples: lossless for any counts, numpy as the plain version, what is broken a counted fault."""

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from distal_wire import batch, codec, packed, spec
from distal_wire.parse import WireError, build, parse
from distal_wire.unpack import CHUNK, unpack

Counts = NDArray[np.int16]
NAMES = [name for name, *_ in spec.SAMPLE]
ROOM = spec.MAX_BYTES - codec.message_size(spec.KIND_SAMPLES)


@st.composite
def blocks(draw: st.DrawFn) -> Counts:
    """Counts of 1 to 60 samples: from noise of one count to the whole scale, each axis in its own way."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    samples = draw(st.integers(1, 60))
    scale = 2.0 ** rng.integers(0, 17, 6)
    wander = rng.normal(0, 1, (samples, 6)) * scale
    for _ in range(draw(st.integers(0, 2))):
        wander = np.cumsum(wander, axis=0)
    edge = rng.choice([-32768, 32767, 0], (samples, 6))
    return (
        np.where(rng.random((samples, 6)) < 0.02, edge, np.rint(wander) % 65536)
        .astype(np.uint16)
        .view(np.int16)
    )


def message(payload: bytes, count: int) -> bytes:
    """A sample packet around a payload, its CRC right; longer than the air allows if need be."""
    head = bytearray(codec.HEADER_SIZE)
    codec.write_fields(head, spec.KIND_SAMPLES, 1, 2, 3, 208, count, spec.ENCODING_PACKED, 0, 1, 32, 16)
    body = bytes(head) + payload + bytes(codec.SEAL_SIZE - codec.CRC_SIZE)
    return body + zlib.crc32(body).to_bytes(4, "little")


def pack(counts: Counts) -> bytes:
    return packed.pack(counts.astype("<i2").tobytes())


def cut(counts: Counts) -> Counts:
    """As many of the samples as fit a packet."""
    while len(pack(counts)) > ROOM:
        counts = counts[:-1]
    return counts


@given(blocks())
def test_any_counts_come_back(counts: Counts) -> None:
    samples = counts.astype("<i2").tobytes()
    payload = packed.pack(samples)
    assert packed.unpack(payload, len(counts)) == samples
    blocks_of_8 = -(-(len(counts) - 1) // spec.PACKED_BLOCK)
    assert len(payload) <= len(samples) + 1 + 3 * blocks_of_8


@given(st.lists(blocks(), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_numpy_reads_what_the_plain_version_wrote(parts: list[Counts]) -> None:
    counts = np.array([len(part) for part in parts])
    first = np.cumsum(counts) - counts
    out = np.zeros((counts.sum(), 6), np.int16)
    assert unpack([message(pack(part), 1) for part in parts], counts, first, out).all()
    np.testing.assert_array_equal(out, np.concatenate(parts))


@given(st.lists(st.tuples(blocks(), st.booleans()), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_raw_and_packed_packets_mix_in_their_order(parts: list[tuple[Counts, bool]]) -> None:
    parts = [(cut(part)[: 255 if is_packed else 18], is_packed) for part, is_packed in parts]
    fields = {"boot": 1, "clock": 3, "rate_hz": 208, "flags": 0, "imu": 1, "acc_range_g": 32, "gyr_range": 16}
    messages = [
        build(
            spec.KIND_SAMPLES,
            index=i,
            encoding=int(is_packed),
            count=len(part),
            samples=[dict(zip(NAMES, row, strict=True)) for row in part.tolist()],
            **fields,
        )
        for i, (part, is_packed) in enumerate(parts)
    ]
    decoded = batch.decode(messages)
    assert decoded.faults == ()
    assert decoded.header["index"].tolist() == list(range(len(parts)))
    for i, (part, _) in enumerate(parts):
        np.testing.assert_array_equal(decoded.counts[decoded.starts[i] : decoded.starts[i + 1]], part)
        rows = [[row[name] for name in NAMES] for row in parse(messages[i]).samples]
        assert rows == part.tolist()


@given(blocks(), st.randoms(use_true_random=False), st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_every_reader_says_the_same_of_a_broken_payload(counts: Counts, draw: object, way: int) -> None:
    """CRC right, payload not: all refuse it, or all read the same samples."""
    rng = np.random.default_rng(draw.getrandbits(32))  # type: ignore[attr-defined]
    payload = bytearray(pack(cut(counts)))
    if way == 0:
        payload[rng.integers(len(payload))] ^= 1 << rng.integers(8)
    elif way == 1:
        payload = payload[: rng.integers(len(payload) + 1)]
    elif way == 2:
        payload += rng.bytes(rng.integers(1, 4))
    count = int(rng.integers(1, 256)) if way == 3 else len(cut(counts))
    one = message(bytes(payload), count)
    fault = batch.check(one)
    decoded = batch.decode([one] * 9)  # more than are read one by one
    if fault:
        assert decoded.faults == tuple((i, fault) for i in range(9))
        assert decoded.counts.shape == (0, 6)
        with pytest.raises(WireError):
            parse(one)
    else:
        rows = [[row[name] for name in NAMES] for row in parse(one).samples]
        assert decoded.counts.tolist() == rows * 9


@given(st.lists(st.binary(max_size=216), min_size=1, max_size=12), st.integers(0, 255))
def test_any_payload_with_a_right_crc_never_raises(payloads: list[bytes], count: int) -> None:
    messages = [message(payload, count) for payload in payloads]
    decoded = batch.decode(messages)
    found = [batch.check(one) for one in messages]
    assert decoded.faults == tuple((i, fault) for i, fault in enumerate(found) if fault)


def test_a_broken_packet_takes_no_other_with_it(rng: np.random.Generator) -> None:
    """Broken ones between good ones, in more packets than one sweep takes."""
    good = rng.integers(-9, 9, (30, 6)).astype(np.int16)
    right, wrong = message(pack(good), 30), message(pack(good) + b"\0", 30)
    messages = [wrong if i % 7 == 3 else right for i in range(CHUNK + 50)]
    decoded = batch.decode(messages)
    broken = [i for i in range(len(messages)) if i % 7 == 3]
    assert decoded.faults == tuple((i, batch.Fault.PACKED) for i in broken)
    assert decoded.positions.tolist() == [i for i in range(len(messages)) if i % 7 != 3]
    np.testing.assert_array_equal(
        decoded.counts.reshape(-1, 30, 6), np.broadcast_to(good, (len(decoded.header), 30, 6))
    )


def test_every_flipped_bit_of_a_packed_packet_is_refused(rng: np.random.Generator) -> None:
    one = message(pack(rng.integers(-99, 99, (20, 6)).astype(np.int16)), 20)
    for bit in range(8 * len(one)):
        damaged = bytearray(one)
        damaged[bit // 8] ^= 1 << bit % 8
        assert batch.check(bytes(damaged)) is not None, bit


@pytest.mark.parametrize("width", range(1, 17))
def test_a_field_is_as_wide_as_its_value_needs(width: int) -> None:
    """One step after the first sample: its own width, 1 bit for each other axis, to the next whole byte."""
    for step in (2 ** (width - 1) - 1, -(2 ** (width - 1))):
        counts = np.zeros((2, 6), np.int16)
        counts[1, 2] = step
        assert len(pack(counts)) == 13 + 3 + (width + 5 + 7) // 8


def test_the_longest_packet_is_the_stillest() -> None:
    assert len(pack(np.zeros((179, 6), np.int16))) <= ROOM < len(pack(np.zeros((180, 6), np.int16)))
