"""Packed samples: how much shorter, how fast to pack on the cuff and to unpack on the host."""

import os
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.bench import still
from tests.bench.cuff import PERIOD_US
from tests.bench.row import Row

import distal_wire
from distal.model import SIDES
from distal.virtual.imu_signal import Converters, ImuFaults, World
from distal.virtual.interpreter import find_micropython, firmware_folder
from distal.virtual.motion import scripts
from distal_wire import batch, codec, packed, spec

GROUP = "packed samples"
SCRIPT = Path(__file__).with_name("mp_squeeze.py")
DATA = Path(os.environ.get("DISTAL_DATA") or Path(__file__).resolve().parents[2].parent / "shared" / "data")
RATE_HZ = spec.CLOCK_HZ / 192
WALK, REST = 1.6, still.REST  # targets: raw bytes / packed bytes, headers and CRC counted in both
SPEED, AGAINST_BITS = 20e6, 100.0  # targets: samples/s, and times a reader that takes bit by bit
SAMPLES = 1_500_000  # one hour of two cuffs
_GYR_CODE, _ACC_CODE = 6, 1  # 2000 deg/s, 32 g

Counts = NDArray[np.int16]


def virtual(script: str, start_s: float, end_s: float) -> Iterator[Counts]:
    """What both virtual cuffs sample of a script, the chip's typical noise included."""
    performed = scripts.by_name(script).perform()
    for place, side in enumerate(SIDES):
        world = World()
        world.begin(0, 0.0)
        converters = Converters(performed.motion(side), world, ImuFaults(seed=place + 1))
        converters.gyr_code, converters.acc_code = _GYR_CODE, _ACC_CODE
        yield np.hstack(converters.counts(np.arange(start_s, end_s, 1 / RATE_HZ), RATE_HZ))


def recorded(pattern: str) -> Iterator[Counts]:
    """Other people's recordings in this sensor's counts, sample by sample, whatever their rate."""
    for path in sorted(DATA.glob(pattern)):
        yield still.recorded(path)[1]


def squeeze(stretches: list[Counts]) -> tuple[list[bytes], float]:
    """Packets as the cuff's own interpreter makes them, and microseconds for each."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / str(i) for i in range(len(stretches))]
        for file, counts in zip(files, stretches, strict=True):
            file.write_bytes(counts.astype("<i2").tobytes())
        wire = Path(distal_wire.__file__).parent.parent
        environment = {**os.environ, "MICROPYPATH": f"{firmware_folder()}:.frozen:{wire}"}
        command = [*find_micropython(), "-X", "heapsize=64M", str(SCRIPT), *map(str, files)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    head, *lines = done.stdout.splitlines()
    spent, made = map(float, head.split())
    return [bytes.fromhex(line) for line in lines], spent / made


def shorter(name: str, stretches: list[Counts]) -> tuple[float, list[bytes]]:
    """Raw bytes / packed bytes for the same samples; every sample is read back and compared."""
    packets, _ = squeeze(stretches)
    decoded = batch.decode(packets)
    if decoded.faults or not np.array_equal(decoded.counts, np.concatenate(stretches)):
        raise RuntimeError(f"{name}: samples came back changed")
    return sum(map(still.raw_bytes, stretches)) / sum(map(len, packets)), packets


def read_bits(payload: bytes, bit: int, width: int) -> int:
    value = 0
    for i in range(width):
        value |= (payload[bit + i >> 3] >> (bit + i & 7) & 1) << i
    return value - (value >> width - 1 << width)


def unpack_bit_by_bit(payload: bytes, count: int) -> list[list[int]]:
    """The format as one would first write it down: a reader of bits, a field at a time."""
    rows = [[read_bits(payload, 16 * axis, 16) for axis in range(6)]]
    order, bit, slopes = payload[12], 104, [0] * 6
    widths: list[int] = []
    for t in range(1, count):
        if t % spec.PACKED_BLOCK == 1:
            bit = bit + 7 & ~7
            widths = [(payload[(bit >> 3) + axis // 2] >> axis % 2 * 4 & 15) + 1 for axis in range(6)]
            bit += 24
        row = []
        for axis, width in enumerate(widths):
            slopes[axis] = read_bits(payload, bit, width) + (slopes[axis] if order >> axis & 1 else 0)
            row.append((rows[-1][axis] + slopes[axis] + 32768 & 65535) - 32768)
            bit += width
        rows.append(row)
    return rows


def best_of(times: int, call: Callable[[], object]) -> float:
    """Shortest of several runs, s of this process alone: the targets are for one core."""
    shortest = float("inf")
    for _ in range(times):
        begin = time.process_time()
        call()
        shortest = min(shortest, time.process_time() - begin)
    return shortest


def hour(packets: list[bytes]) -> tuple[list[bytes], int]:
    """As many of these as make an hour of two cuffs, each in memory of its own, and their samples."""
    per_packet = np.mean([packet[14] for packet in packets])
    many = [bytes(bytearray(packets[i % len(packets)])) for i in range(int(SAMPLES / per_packet))]
    return many, sum(packet[14] for packet in many)


def of(encoding: int, packets: list[bytes]) -> list[bytes]:
    return [packet for packet in packets if packet[15] == encoding]


def speeds(packets: list[bytes], coded: list[bytes]) -> Iterator[Row]:
    """Unpacking an hour of two cuffs: of packed packets, and of Rice-coded ones."""
    many, samples = hour(packets)
    rest, still_samples = hour(coded)
    some = [(one[codec.HEADER_SIZE : -codec.SEAL_SIZE], one[14]) for one in packets[:100]]
    of_some = sum(count for _, count in some)
    assert unpack_bit_by_bit(*some[0]) == batch.decode(packets[:1]).counts.tolist()
    octets = np.zeros((samples, 6), np.int16)
    target = np.empty_like(octets)
    copy = best_of(10, lambda: np.copyto(target, octets)) / samples
    ours = best_of(7, lambda: batch.decode_verified(many)) / samples
    ours_coded = best_of(7, lambda: batch.decode_verified(rest)) / still_samples
    checked = best_of(5, lambda: batch.decode(many)) / samples
    plain = best_of(3, lambda: [packed.unpack(*one) for one in some]) / of_some
    bits = best_of(3, lambda: [unpack_bit_by_bit(*one) for one in some]) / of_some
    crc = best_of(3, lambda: [zlib.crc32(one) for one in many]) / samples
    for name, spent in {
        "unpack, one core": ours,
        "unpack Rice-coded, one core": ours_coded,
        "unpack + every check and CRC": checked,
        "CRC-32 alone (zlib)": crc,
        "unpack, plain Python": plain,
        "unpack, Python bit reader": bits,
    }.items():
        yield Row(GROUP, name, 1e-6 / spent, "M samples/s", 1 / spent / SPEED, "target of 20 M samples/s")
    yield Row(
        GROUP, "unpack against memory copy", ours / copy, "× slower", ours / copy, "copy of the samples"
    )
    faster = bits / ours
    limit = f"target of {AGAINST_BITS:g} ×"
    yield Row(GROUP, "unpack against bit reader", faster, "× faster", faster / AGAINST_BITS, limit)


def ratios() -> tuple[list[Row], list[bytes], list[bytes]]:
    """How much shorter, on virtual and real movement; the packets of the virtual stand and walk."""
    feet = [counts[400:6400] for counts in recorded("feet_events/walk_2x20m_*.csv.gz")]
    shanks = [counts[2000:-2000] for counts in recorded("treadmill/*_shank.csv.gz")]
    sources = [
        ("walk, virtual athlete", list(virtual("walk", 8, 62)), WALK),
        ("standing, virtual athlete", list(virtual("stand", 1, 29)), REST),
        ("walk, real feet, 204.8 Hz", feet, WALK),
        ("walk, real shanks, 128 Hz", shanks, WALK),
    ]
    result: list[Row] = []
    made: list[list[bytes]] = []
    for name, stretches, target in sources:
        if stretches:
            ratio, packets = shorter(name, stretches)
            made.append(packets)
            result.append(Row(GROUP, name, ratio, "× shorter", ratio / target, f"target of {target:g} ×"))
    walk, stood, *_ = made
    return [*result, *still.summary(DATA)], stood, walk


def rows() -> list[Row]:
    """Ratios, then times."""
    result, stood, packets = ratios()
    noise = np.random.default_rng(1).integers(-32768, 32768, (1800, 6)).astype(np.int16)
    made = [*squeeze([noise])[0], *stood, *packets]
    worst = max(len(one) - codec.message_size(spec.KIND_SAMPLES, one[14]) for one in made)
    result.append(Row(GROUP, "longest packet less its raw one", worst, "B", float(worst), "at most 1 B"))
    result += speeds(of(spec.ENCODING_PACKED, packets), of(spec.ENCODING_RICE, stood))
    spent = squeeze(list(virtual("walk", 8, 62)))[1]
    filled = np.mean([packet[14] for packet in packets]) / spec.SAMPLES_PER_PACKET * PERIOD_US
    result.append(
        Row(GROUP, "pack on the cuff, a packet", spent, "µs", spent / filled, "time it takes to fill")
    )
    return result
