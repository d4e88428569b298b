"""Decoding one hour of two cuffs, from verified bytes in memory; CRC and SQLite apart."""

import sqlite3
import struct
import zlib

import numpy as np
from tests.bench.row import Row, best_of

from distal_wire import batch, codec, spec
from distal_wire.parse import STRUCTS

GROUP = "decode 1 h × 2 cuffs"
COUNT = spec.SAMPLES_PER_PACKET
PACKETS = int(2 * 3600 * spec.CLOCK_HZ / 192 / COUNT)
PART = 50  # construct is timed on one packet in PART


def make_packets() -> list[bytes]:
    """Walking-like counts in good packets."""
    rng = np.random.default_rng(1)
    rows = np.zeros(PACKETS, batch.packet_dtype(COUNT))
    rows["kind"], rows["version"], rows["rate_hz"], rows["count"] = (
        spec.KIND_SAMPLES,
        spec.VERSION,
        208,
        COUNT,
    )
    rows["imu"], rows["acc_range_g"], rows["gyr_range"] = 1, 32, 16
    rows["index"] = np.arange(PACKETS) * COUNT
    rows["clock"] = (np.arange(PACKETS) * COUNT * 192) % 2**32
    rows["samples"] = rng.integers(-3000, 3000, rows["samples"].shape)
    bodies = [row.tobytes()[:-4] for row in rows]
    return [body + zlib.crc32(body).to_bytes(4, "little") for body in bodies]


def physical(packets: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Index of every sample and SI values: what the pipeline needs."""
    header, counts, _ = batch.decode_verified(packets)
    index = (header["index"].astype(np.int64)[:, None] + np.arange(COUNT)).ravel()
    acc, gyr = batch.lsb(1, 32, 16)
    scale = np.array([np.radians(gyr)] * 3 + [acc * 9.80665] * 3)
    return index, counts * scale


def store(packets: list[bytes]) -> None:
    with sqlite3.connect(":memory:") as base:
        base.execute("create table received(id integer primary key, cuff text, t_host real, bytes blob)")
        base.executemany(
            "insert into received(cuff, t_host, bytes) values('a', 0, ?)", ((p,) for p in packets)
        )
        base.execute("select bytes from received order by id").fetchall()


def rows() -> list[Row]:
    """Times of every reader; ratios to the memory copy and to construct."""
    packets = make_packets()
    joined = b"".join(packets)
    octets = np.frombuffer(joined, np.uint8)
    target = np.empty_like(octets)
    whole = struct.Struct(f"{codec.struct_format(spec.SAMPLES)}{COUNT * 6}hII")
    parser = STRUCTS[spec.KIND_SAMPLES]
    some = packets[::PART]
    timed = {
        "memory copy of the same bytes (limit)": best_of(20, lambda: np.copyto(target, octets)),
        "construct (1 in 50 packets, scaled)": best_of(2, lambda: [parser.parse(p) for p in some]) * PART,
        "struct, one unpack a packet": best_of(3, lambda: [whole.unpack(p) for p in packets]),
        "ours: header + int16 samples": best_of(5, lambda: batch.decode_verified(packets)),
        "ours: + sample index and SI units": best_of(3, lambda: physical(packets)),
        "ours: + every check and CRC": best_of(3, lambda: batch.decode(packets)),
        "CRC-32 alone (zlib)": best_of(3, lambda: [zlib.crc32(p) for p in packets]),
        "SQLite in and out (in memory)": best_of(1, lambda: store(packets)),
    }
    copy, slow = (timed[name] for name in list(timed)[:2])
    result = [Row(GROUP, name, 1e3 * t, "ms", t / copy, "memory copy") for name, t in timed.items()]
    ours = timed["ours: header + int16 samples"]
    speedup = slow / ours
    result.append(
        Row(GROUP, "ours against construct", speedup, "× faster", speedup / 1000, "target of 1000 ×")
    )
    assert len(packets[0]) == codec.message_size(spec.KIND_SAMPLES, COUNT)
    return result
