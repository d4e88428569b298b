"""Write the golden vectors of a new wire version. Existing vectors are never rewritten: they stay for ever.

python tests/protocol/make_vectors.py
"""

import json
import math
import zlib
from collections.abc import Callable
from pathlib import Path

from distal_wire import codec, curve, proof, spec
from distal_wire.parse import build

VECTORS = Path(__file__).resolve().parents[2] / "protocol" / "vectors"

CUFF_ID = bytes(range(1, 7)) + b"\0\0"
KEY, SECRET = bytes(range(32)), bytes(range(100, 132))
NONCE, OTHER = bytes(range(16)), bytes(range(240, 256))

HEADER = {
    "boot": 0xBEEF,
    "index": 1234,
    "clock": 987654,
    "rate_hz": 208,
    "encoding": spec.ENCODING_RAW,
    "flags": 0,
    "imu": 1,
    "acc_range_g": 32,
    "gyr_range": 16,
}


def rows(count: int) -> list[dict[str, int]]:
    """Counts that differ in every byte, with both ends of the scale."""
    names = [name for name, *_ in spec.SAMPLE]
    values = [[((i * 6 + j) * 2477 + 13) % 65536 - 32768 for j in range(6)] for i in range(count)]
    values[0][0], values[-1][5] = -32768, 32767
    return [dict(zip(names, row, strict=True)) for row in values]


def samples(count: int, **changes: int) -> tuple[int, dict[str, object]]:
    """Kind and fields of a sample packet."""
    return spec.KIND_SAMPLES, {**HEADER, "count": count, "samples": rows(count), **changes}


def packed(count: int, value: Callable[[int, int], float], **changes: int) -> tuple[int, dict[str, object]]:
    """Kind and fields of a packed sample packet; `value` of (sample, axis) is rounded into 16 bits."""
    names = [name for name, *_ in spec.SAMPLE]
    wrapped = [[(round(value(i, j)) + 32768) % 65536 - 32768 for j in range(6)] for i in range(count)]
    table = [dict(zip(names, row, strict=True)) for row in wrapped]
    fields = {**HEADER, "encoding": spec.ENCODING_PACKED, "count": count, "samples": table}
    return spec.KIND_SAMPLES, {**fields, **changes}


def coded(count: int, value: Callable[[int, int], float], **changes: int) -> tuple[int, dict[str, object]]:
    """Kind and fields of a Rice-coded sample packet."""
    return packed(count, value, encoding=spec.ENCODING_RICE, **changes)


def rest(i: int, axis: int) -> float:
    """A few counts of noise about a pose."""
    return (0, 2, -1, 12, -37, 1023)[axis] + (i * i * 7 + axis * 5 + i * 3) % 4 - 2


def knocked(i: int, axis: int) -> float:
    """A leg at rest that is hit once: the longest codes that there are."""
    return rest(i, axis) + 7 * (i == 33) * (axis - 2)


def walking(i: int, axis: int) -> float:
    """Smooth as a swinging leg on some axes, shaken on others."""
    return 4000 * math.sin(0.09 * i + axis) + (i * 31 % 17 - 8) * (1, 0, 0, 20, 30, 3)[axis]


def extremes(i: int, axis: int) -> float:
    """From one end of the scale to the other, at once, in steps, or not at all."""
    return (32767 - 65535 * (i % 2), -32768, 21845 * i, 16384 * i, 32767, (i % 3 - 1) * 32767)[axis]


def changed(**changes: int) -> bytes:
    kind, fields = samples(2, **changes)
    return build(kind, **fields)


GOOD: dict[str, tuple[int, dict[str, object]]] = {
    "samples_full": samples(18),
    "samples_one": samples(1, flags=spec.FLAG_CLIPPED_ACC | spec.FLAG_CLIPPED_GYR),
    "samples_before_wrap": samples(18, index=2**32 - 9, clock=2**32 - 100, rate_hz=416),
    "samples_small_int_edge": samples(
        7, index=2**30 - 1, clock=2**31 - 1, rate_hz=104, acc_range_g=4, gyr_range=1
    ),
    "samples_overrun": samples(18, flags=spec.FLAG_OVERRUN | spec.FLAG_TIME_JUMP, imu=2, acc_range_g=16),
    "samples_packed_rest": packed(70, rest),
    "samples_packed_walking": packed(27, walking, rate_hz=416, index=2**32 - 5, clock=2**32 - 7),
    "samples_packed_extremes": packed(16, extremes, flags=spec.FLAG_CLIPPED_ACC | spec.FLAG_CLIPPED_GYR),
    "samples_packed_still": packed(179, lambda i, axis: axis - 3),
    "samples_packed_one": packed(1, extremes),
    "samples_packed_block": packed(9, walking),
    "samples_packed_block_and_one": packed(10, walking),
    "samples_rice_rest": coded(80, rest),
    "samples_rice_knocked": coded(50, knocked, index=2**32 - 5, clock=2**32 - 7),
    "samples_rice_extremes": coded(2, lambda i, axis: (32767, -32768)[i] if axis < 2 else 0),
    "samples_rice_two": coded(2, rest),
    "samples_rice_still": coded(200, lambda i, axis: axis - 3),
    "info": (
        spec.KIND_INFO,
        {
            "boot": 7,
            "cuff_id": bytes(range(1, 7)) + b"\0\0",
            "side": spec.SIDE_LEFT,
            "board": 1,
            "imu": 1,
            "firmware_major": 0,
            "firmware_minor": 1,
            "firmware_patch": 0,
            "rate_hz": 208,
            "acc_range_g": 32,
            "gyr_range": 16,
            "mass_g": 1000,
            "ring_slots": 58,
            "encodings": 1,
        },
    ),
    "challenge": (
        spec.KIND_CHALLENGE,
        {
            "seq": 200,
            "flags": spec.CHALLENGE_LOCKED | spec.CHALLENGE_WINDOW,
            "boot": 0xBEEF,
            "nonce": NONCE,
            "public": curve.public_of(SECRET),
        },
    ),
    "proof": (
        spec.KIND_PROOF,
        {
            "seq": 200,
            "direction": spec.PROOF_HOST,
            "nonce": OTHER,
            "mac": proof.mac(KEY, spec.PROOF_HOST, (NONCE, OTHER), (CUFF_ID, 0xBEEF)),
            "public": bytes(32),
        },
    ),
    "fetch": (
        spec.KIND_FETCH,
        {"op": spec.FETCH_RANGE, "seq": 200, "boot": 7, "first": 2**32 - 9, "count": 4000},
    ),
    "fetched": (
        spec.KIND_FETCHED,
        {
            "op": spec.FETCH_RANGE,
            "seq": 200,
            "error": spec.OK,
            "boot": 7,
            "first": 2**32 - 9,
            "end": 3991,
            "sent": 222,
            "missing": 18,
        },
    ),
    "kept": (
        spec.KIND_KEPT,
        {
            "boot": 7,
            "first": 0,
            "end": 125_000,
            "clock": 40,
            "age_s": spec.UNKNOWN_S,
            "rate_hz": 208,
            "flags": spec.KEPT_ALONE,
        },
    ),
    "store": (
        spec.KIND_STORE,
        {
            "boot": 7,
            "up_s": 86_400,
            "size": 0x180000,
            "held": 2**30 - 1,
            "lost": 18,
            "missed": 80,
            "errors": 1,
            "torn": 2,
            "alone": spec.ALONE_MOTION,
            "still_min": 5,
        },
    ),
    "moment": (
        spec.KIND_MOMENT,
        {
            "boot": 7,
            "clock": 2**32 - 40000,
            "crystal_us": 2**32 - 1,
            "presses": 255,
            "flags": spec.MOMENT_MOVING | spec.MOMENT_PRESSED,
        },
    ),
    "origin": (spec.KIND_ORIGIN, {"boot": 7, "before": 0xBEEF, "clock": 2**32 - 40000}),
    "marked": (
        spec.KIND_MARKED,
        {
            "event": spec.MARK_STOP,
            "reason": spec.REASON_MOTION,
            "boot": 7,
            "index": 125_000,
            "clock": 2**32 - 40000,
            "crystal_us": 2**31,
        },
    ),
    "status": (
        spec.KIND_STATUS,
        {
            "boot": 7,
            "index": 2**31,
            "clock": 2**32 - 1,
            "battery_mv": 3912,
            "battery_pct": 76,
            "flags": spec.STATUS_STREAMING,
            "ring_fill": 3,
            "lost": 1800,
            "overruns": 1,
            "no_buffer": 65535,
            "imu_errors": 2,
            "bad_commands": 4,
        },
    ),
    "command_start": (spec.KIND_COMMAND, {"op": spec.COMMAND_START, "seq": 1, "key": 0, "value": 0}),
    "command_set": (
        spec.KIND_COMMAND,
        {"op": spec.COMMAND_SET, "seq": 255, "key": spec.SET_MASS_G, "value": -1},
    ),
    "response_small_mtu": (
        spec.KIND_RESPONSE,
        {
            "op": spec.COMMAND_START,
            "seq": 1,
            "key": 0,
            "error": spec.ERROR_SMALL_MTU,
            "detail": 23,
            "index": 0,
            "clock": 2**30,
        },
    ),
}

FULL = build(GOOD["samples_full"][0], **GOOD["samples_full"][1])
PACKED = build(*packed(7, walking)[:1], **packed(7, walking)[1])


CODED = build(*coded(40, rest)[:1], **coded(40, rest)[1])


def recoded(**places: int) -> bytes:
    """A Rice-coded packet with bits of `shifts`, `widths` or its `last` byte set, or `more` bytes behind."""
    body = bytearray(CODED[: -codec.SEAL_SIZE])
    body[codec.HEADER_SIZE + codec.SAMPLE_SIZE + 1] |= places.get("shifts", 0)
    body[codec.HEADER_SIZE + codec.SAMPLE_SIZE + 4] |= places.get("widths", 0)
    body[-1] |= places.get("last", 0)
    size = len(body) + places.get("more", 0)
    return sealed(bytes(body[:size]).ljust(size, b"\0"))


def repacked(**places: int) -> bytes:
    """A packed packet with `order` or its `last` byte changed, or `more` bytes behind; its CRC is right."""
    body = bytearray(PACKED[: -codec.SEAL_SIZE])
    body[codec.HEADER_SIZE + codec.SAMPLE_SIZE] |= places.get("order", 0)
    body[-1] |= places.get("last", 0)
    size = len(body) + places.get("more", 0)
    return sealed(bytes(body[:size]).ljust(size, b"\0"))


def sealed(body: bytes) -> bytes:
    message = body + bytes(codec.SEAL_SIZE - codec.CRC_SIZE)
    return message + zlib.crc32(message).to_bytes(codec.CRC_SIZE, "little")


BAD: dict[str, tuple[bytes, str]] = {
    "bad_empty": (b"", "EMPTY"),
    "bad_kind": (b"\xff" + FULL[1:], "KIND"),
    "bad_version": (FULL[:1] + b"\x02" + FULL[2:], "VERSION"),
    "bad_truncated": (FULL[:100], "LENGTH"),
    "bad_flipped_bit": (FULL[:50] + bytes([FULL[50] ^ 1]) + FULL[51:], "CRC"),
    "bad_encoding": (changed(encoding=9), "ENCODING"),
    "bad_rate": (changed(rate_hz=207), "RATE"),
    "bad_packed_order": (repacked(order=0x40), "PACKED"),
    "bad_packed_spare_bit": (repacked(last=0x80), "PACKED"),
    "bad_packed_short": (repacked(more=-1), "PACKED"),
    "bad_packed_long": (repacked(more=1), "PACKED"),
    "bad_packed_empty": (sealed(PACKED[: codec.HEADER_SIZE + codec.SAMPLE_SIZE]), "PACKED"),
    "bad_packed_count": (build(spec.KIND_SAMPLES, **{**packed(7, walking)[1], "count": 0}), "COUNT"),
    "bad_packed_size": (build(*packed(60, extremes)[:1], **packed(60, extremes)[1]), "LENGTH"),
    "bad_rice_shifts": (recoded(shifts=0x10), "PACKED"),
    "bad_rice_widths": (recoded(widths=0xFF), "PACKED"),
    "bad_rice_spare_bit": (recoded(last=0x80), "PACKED"),
    "bad_rice_short": (recoded(more=-1), "PACKED"),
    "bad_rice_long": (recoded(more=1), "PACKED"),
    "bad_rice_zeros": (sealed(CODED[: codec.HEADER_SIZE] + bytes(216)), "PACKED"),
    "bad_imu": (changed(imu=200), "IMU"),
}


def write(name: str, data: bytes, meaning: dict[str, object]) -> None:
    """One vector: NAME.hex with the bytes, NAME.json with what they mean."""
    if (VECTORS / f"{name}.hex").exists():
        return
    (VECTORS / f"{name}.hex").write_text(data.hex() + "\n")
    text = json.dumps(meaning, indent=1, default=lambda value: value.hex())
    (VECTORS / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    VECTORS.mkdir(exist_ok=True)
    for good_name, (kind, fields) in GOOD.items():
        write(good_name, build(kind, **fields), {"kind": kind, "version": spec.VERSION, **fields})
    for bad_name, (data, fault) in BAD.items():
        write(bad_name, data, {"fault": fault})
