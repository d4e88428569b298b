# The viper functions against plain Python integers of any size.
import binascii

from distal_cuff import packing

EDGES = (0, 1, 2**16 - 1, 2**16, 2**30 - 1, 2**30, 2**31 - 1, 2**31, 2**32 - 1)


def four(value):
    return bytearray((value & 0xFFFFFFFF).to_bytes(4, "little"))


def test_crc_is_that_of_zlib():
    data = bytearray([(i * 37 + 11) & 255 for i in range(300)])
    for size in range(4, 296):
        packing.seal(data, size)
        assert data[size : size + 4] == four(binascii.crc32(data[:size])), size


def test_counters_add_modulo_two_to_the_32():
    for value in EDGES:
        for plus in (-(2**29), -1, 0, 1, 18, 2**29):
            out = bytearray(6)
            packing.put32(out, 1, four(value), plus)
            assert out[1:5] == four(value + plus), (value, plus)
        for other in EDGES:
            out = bytearray(b"\0") + four(value)
            packing.add32(out, 1, four(other))
            assert out[1:] == four(value + other), (value, other)


def test_span_is_right_over_every_wrap_and_refuses_what_no_small_int_holds():
    for old in EDGES:
        for span in (0, 1, 192, 65535, 65536, 2**30 - 1):
            assert packing.span32(four(old), bytearray(2) + four(old + span), 2) == span, (old, span)
        for span in (-1, 2**30, 2**31, 2**32 - 1000):
            assert packing.span32(four(old), four(old + span), 0) == -1, (old, span)


def flags_of(axis, value):
    packet = bytearray(20 + 2 * 12)
    packet[20 + 12 + 2 * axis : 20 + 14 + 2 * axis] = (value & 0xFFFF).to_bytes(2, "little")
    return packing.clipped(packet, 2)


def test_counts_at_the_end_of_the_scale_are_flagged_by_sensor():
    for axis in range(6):
        flag = 2 if axis < 3 else 1
        for value, expected in (
            (0, 0),
            (32699, 0),
            (32700, flag),
            (32767, flag),
            (-32699, 0),
            (-32700, flag),
        ):
            assert flags_of(axis, value) == expected, (axis, value)
        assert flags_of(axis, -32768) == flag


def test_clipping_looks_at_the_samples_of_the_packet_only():
    packet = bytearray(b"\0" * 32 + b"\xff\x7f")
    assert packing.clipped(packet, 1) == 0
