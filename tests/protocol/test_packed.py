"""Packed samples: lossless for any counts, numpy as the plain version, what is broken a counted fault."""

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from distal_wire import batch, codec, packed, rice, spec
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


def message(payload: bytes, count: int, encoding: int = spec.ENCODING_PACKED) -> bytes:
    """A sample packet around a payload, its CRC right; longer than the air allows if need be."""
    head = bytearray(codec.HEADER_SIZE)
    codec.write_fields(head, spec.KIND_SAMPLES, 1, 2, 3, 208, count, encoding, 0, 1, 32, 16)
    body = bytes(head) + payload + bytes(codec.SEAL_SIZE - codec.CRC_SIZE)
    return body + zlib.crc32(body).to_bytes(4, "little")


def pack(counts: Counts) -> bytes:
    return packed.pack(counts.astype("<i2").tobytes())


def code(counts: Counts) -> bytes | None:
    """Rice-coded; None where that cannot be."""
    try:
        return rice.pack(counts.astype("<i2").tobytes())
    except ValueError:
        return None


def cut(counts: Counts) -> Counts:
    """As many of the samples as fit a packet."""
    while len(pack(counts)) > ROOM:
        counts = counts[:-1]
    return counts


def calm(counts: Counts) -> Counts:
    """2 to 36 of the samples, each axis within 16 counts: what Rice codes can always take."""
    most = np.abs(counts.astype(int)).max(axis=0)
    shifts = np.maximum([int(value).bit_length() - 4 for value in most], 0)
    return (np.concatenate([counts, counts[-1:]])[:36] >> shifts).astype(np.int16)


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
    calmed = [calm(part) for part in parts]
    for encoding, wanted, write in ((1, parts, pack), (2, calmed, code)):
        counts = np.array([len(part) for part in wanted])
        first = np.cumsum(counts) - counts
        out = np.zeros((counts.sum(), 6), np.int16)
        assert unpack([message(write(part) or b"", 1) for part in wanted], counts, first, out, encoding).all()
        np.testing.assert_array_equal(out, np.concatenate(wanted))


@given(blocks())
def test_any_counts_come_back_rice_coded_or_are_refused(counts: Counts) -> None:
    counts = np.concatenate([counts, counts[:1]])
    samples = counts.astype("<i2").tobytes()
    payload = code(counts)
    if payload is None:
        assert np.abs(np.diff(counts.astype(int), axis=0)).max() > 8  # fields of 33 bits: not a leg at rest
    else:
        assert rice.unpack(payload, len(counts)) == samples


@given(blocks(), st.integers(2, 40))
def test_later_samples_are_coded_as_the_first_ones_were_or_refused(counts: Counts, looked_at: int) -> None:
    counts = calm(counts)
    samples = counts.astype("<i2").tobytes()
    try:
        payload = rice.pack(samples, looked_at)
    except ValueError:
        assert looked_at < len(counts)
    else:
        assert rice.unpack(payload, len(counts)) == samples


@given(st.lists(st.tuples(blocks(), st.integers(0, 2)), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_packets_of_every_encoding_mix_in_their_order(parts: list[tuple[Counts, int]]) -> None:
    ways = (lambda part: cut(part)[:18], cut, calm)
    parts = [(ways[encoding](part), encoding) for part, encoding in parts]
    fields = {"boot": 1, "clock": 3, "rate_hz": 208, "flags": 0, "imu": 1, "acc_range_g": 32, "gyr_range": 16}
    messages = [
        build(
            spec.KIND_SAMPLES,
            index=i,
            encoding=encoding,
            count=len(part),
            samples=[dict(zip(NAMES, row, strict=True)) for row in part.tolist()],
            **fields,
        )
        for i, (part, encoding) in enumerate(parts)
    ]
    decoded = batch.decode(messages)
    assert decoded.faults == ()
    assert decoded.header["index"].tolist() == list(range(len(parts)))
    for i, (part, _) in enumerate(parts):
        np.testing.assert_array_equal(decoded.counts[decoded.starts[i] : decoded.starts[i + 1]], part)
        rows = [[row[name] for name in NAMES] for row in parse(messages[i]).samples]
        assert rows == part.tolist()


@given(blocks(), st.randoms(use_true_random=False), st.integers(0, 3), st.booleans())
@settings(max_examples=250, deadline=None)
def test_every_reader_says_the_same_of_a_broken_payload(
    counts: Counts, draw: object, way: int, is_coded: bool
) -> None:
    """CRC right, payload not: all refuse it, or all read the same samples."""
    rng = np.random.default_rng(draw.getrandbits(32))  # type: ignore[attr-defined]
    counts = calm(counts) if is_coded else cut(counts)
    payload = bytearray((code(counts) or b"") if is_coded else pack(counts))
    if way == 0:
        payload[rng.integers(len(payload))] ^= 1 << rng.integers(8)
    elif way == 1:
        payload = payload[: rng.integers(len(payload) + 1)]
    elif way == 2:
        payload += rng.bytes(rng.integers(1, 4))
    count = int(rng.integers(1, 256)) if way == 3 else len(counts)
    one = message(bytes(payload), count, spec.ENCODING_RICE if is_coded else spec.ENCODING_PACKED)
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
    messages = [message(payload, count, encoding) for payload in payloads for encoding in (1, 2)]
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


def test_noise_about_a_pose_takes_fewer_bytes_rice_coded(rng: np.random.Generator) -> None:
    """Normal noise of 2 counts has log2(2 √(2πe)) = 3.05 bits a field; the first sample comes on top."""
    counts = np.rint(rng.normal([0, 5, -9, 300, -20, 1000], 2, (60, 6))).astype(np.int16)
    bits = [8 * len(payload) / counts.size for payload in (code(counts) or b"", pack(counts))]
    assert 3.05 < bits[0] < 3.05 + 0.7 < bits[1] - 0.7


def test_the_longest_packet_is_the_stillest() -> None:
    assert len(pack(np.zeros((179, 6), np.int16))) <= ROOM < len(pack(np.zeros((180, 6), np.int16)))
