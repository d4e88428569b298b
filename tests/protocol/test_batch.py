"""numpy against construct on random traffic, and nothing ever raised by bytes from the air."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distal_wire import batch, codec, spec
from distal_wire.parse import WireError, build, parse

IN16 = st.integers(-32768, 32767)
U32 = st.integers(0, 2**32 - 1)
EDGES = st.sampled_from([0, 1, 2**30 - 1, 2**31 - 1, 2**32 - 18, 2**32 - 1])
ROW = st.fixed_dictionaries({name: IN16 for name, *_ in spec.SAMPLE})


@st.composite
def packets(draw: st.DrawFn) -> bytes:
    rows = draw(st.lists(ROW, min_size=1, max_size=spec.SAMPLES_PER_PACKET))
    return build(
        spec.KIND_SAMPLES,
        boot=draw(st.integers(0, 65535)),
        index=draw(U32 | EDGES),
        clock=draw(U32 | EDGES),
        rate_hz=draw(st.sampled_from([104, 208, 416])),
        count=len(rows),
        encoding=0,
        flags=draw(st.integers(0, 255)),
        imu=draw(st.sampled_from([1, 2])),
        acc_range_g=draw(st.sampled_from([4, 8, 16, 32])),
        gyr_range=draw(st.sampled_from([1, 2, 4, 8, 16])),
        samples=rows,
    )


@st.composite
def traffic(draw: st.DrawFn) -> list[bytes]:
    """Packets lost, repeated and out of order, with foreign bytes between them."""
    sent = draw(st.lists(packets(), max_size=6))
    arrived = draw(st.lists(st.sampled_from(sent), max_size=10)) if sent else []
    for foreign in draw(st.lists(st.binary(max_size=260), max_size=3)):
        arrived.insert(draw(st.integers(0, len(arrived))), foreign)
    return arrived


@given(traffic())
def test_numpy_equals_construct_on_lost_repeated_and_reordered_packets(messages: list[bytes]) -> None:
    decoded = batch.decode(messages)
    good = [m for m in messages if batch.check(m) is None and m[0] == spec.KIND_SAMPLES]
    assert len(decoded.header) == len(good)
    for i, message in enumerate(good):
        found = parse(message)
        names = [name for name, *_ in spec.SAMPLES]
        assert [decoded.header[i][name].item() for name in names] == [found[name] for name in names]
        rows = [[row[name] for name, *_ in spec.SAMPLE] for row in found.samples]
        assert decoded.counts[decoded.starts[i] : decoded.starts[i + 1]].tolist() == rows
        assert messages[decoded.positions[i]] == message


@given(traffic())
def test_every_message_is_counted_once(messages: list[bytes]) -> None:
    decoded = batch.decode(messages)
    places = [*decoded.positions.tolist(), *(p for p, _ in decoded.others), *(p for p, _ in decoded.faults)]
    assert sorted(places) == list(range(len(messages)))
    assert sum(decoded.fault_counts().values()) == len(decoded.faults)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_fault_or_a_message_and_construct_agrees(message: bytes) -> None:
    fault = batch.check(message)
    if fault is None:
        parse(message)
    else:
        with pytest.raises(WireError):
            parse(message)


@given(st.binary(min_size=0, max_size=300), st.sampled_from([kind for kind, *_ in spec.MESSAGES]))
@settings(max_examples=300)
def test_any_bytes_with_a_right_start_and_crc_never_raise(body: bytes, kind: int) -> None:
    start = bytes([kind, spec.VERSION]) + body
    message = start + zlib.crc32(start).to_bytes(4, "little")
    decoded = batch.decode([message])
    assert len(decoded.header) + len(decoded.others) + len(decoded.faults) == 1


@pytest.mark.parametrize("count", [1, spec.SAMPLES_PER_PACKET])
def test_every_flipped_bit_is_refused(count: int) -> None:
    rows = [dict.fromkeys((name for name, *_ in spec.SAMPLE), 7 * i) for i in range(count)]
    message = build(
        spec.KIND_SAMPLES, boot=1, index=2, clock=3, rate_hz=208, count=count, encoding=0, flags=0,
        imu=1, acc_range_g=32, gyr_range=16, samples=rows,
    )  # fmt: skip
    assert batch.check(message) is None
    for bit in range(8 * len(message)):
        damaged = bytearray(message)
        damaged[bit // 8] ^= 1 << bit % 8
        assert batch.check(bytes(damaged)) is not None, bit


def test_nothing_decodes_to_nothing() -> None:
    decoded = batch.decode([])
    assert (len(decoded.header), decoded.counts.shape, decoded.starts.tolist()) == (0, (0, 6), [0])


def test_codec_writes_what_numpy_reads() -> None:
    message = bytearray(codec.message_size(spec.KIND_RESPONSE))
    codec.write_fields(message, spec.KIND_RESPONSE, spec.COMMAND_STOP, 9, 0, spec.OK, 5, 2**32 - 1, 2**31)
    struct.pack_into("<I", message, len(message) - 4, zlib.crc32(message[:-4]))
    fields = batch.read(bytes(message))
    assert list(fields.values()) == [spec.COMMAND_STOP, 9, 0, spec.OK, 5, 2**32 - 1, 2**31]


@pytest.mark.parametrize("message", [b"", b"\x01", b"\x09\x01", b"\x01\x02" + bytes(40), b"\x01\x01\x00"])
def test_codec_refuses_what_it_cannot_read(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"unknown|truncated"):
        codec.read_fields(message)


@pytest.mark.parametrize(("acc_range", "mg"), [(4, 0.122), (8, 0.244), (16, 0.488), (32, 0.976)])
def test_lsb_is_the_datasheets(acc_range: int, mg: float) -> None:
    acc, gyr = batch.lsb(1, acc_range, 16)
    np.testing.assert_allclose([acc, gyr], [mg * 1e-3, 70e-3], rtol=1e-12)


def test_period_ticks_are_the_chips_rates() -> None:
    for rate_hz, ticks in spec.PERIOD_TICKS:
        assert abs(spec.CLOCK_HZ / ticks - rate_hz) < 0.005 * rate_hz


@given(st.lists(traffic(), min_size=8, max_size=16))
@settings(max_examples=20, deadline=None)
def test_many_at_once_are_judged_as_one_by_one(parts: list[list[bytes]]) -> None:
    messages = [message for part in parts for message in part]
    decoded = batch.decode(messages)
    judged = [batch.check(message) for message in messages]
    assert decoded.faults == tuple((i, fault) for i, fault in enumerate(judged) if fault)
    samples = [m[:1] == bytes([spec.KIND_SAMPLES]) for m in messages]
    good = [i for i, fault in enumerate(judged) if not fault and samples[i]]
    assert decoded.positions.tolist() == good


@pytest.mark.parametrize("at", range(codec.HEADER_SIZE))
def test_every_value_of_every_header_byte_is_judged_alike_in_a_crowd(at: int) -> None:
    """All 256 values of one byte with a right CRC, in a raw and a packed packet."""
    row = dict.fromkeys((name for name, *_ in spec.SAMPLE), 7)
    messages = []
    for encoding in (spec.ENCODING_RAW, spec.ENCODING_PACKED):
        whole = build(
            spec.KIND_SAMPLES, boot=1, index=2, clock=3, rate_hz=208, count=3, encoding=encoding, flags=0,
            imu=1, acc_range_g=32, gyr_range=16, samples=[row] * 3,
        )  # fmt: skip
        for value in range(256):
            body = whole[:at] + bytes([value]) + whole[at + 1 : -4]
            messages.append(body + zlib.crc32(body).to_bytes(4, "little"))
    judged = [batch.check(message) for message in messages]
    assert batch.decode(messages).faults == tuple((i, fault) for i, fault in enumerate(judged) if fault)
    assert judged.count(None) >= 2
