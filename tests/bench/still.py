"""Legs that stand or lie still in other people's recordings: what packing reaches, and what could be."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.bench.row import Row

from distal.units import RAD_PER_DEG, G
from distal_wire import batch, codec, spec

GROUP = "still legs"
STILL = (1.5, 15.0)  # deg/s and mg: a second whose every axis has a smaller deviation is rest
LEAST_S = 4
REST = 4.0  # target: raw bytes / packed bytes, headers and CRC counted in both
PLACES = {
    "seated or lying, 25 Hz": "leg_raises/*.csv.gz",
    "standing, 100 Hz": "walk_uturn/*.csv.gz",
    "standing on a treadmill, 128 Hz": "treadmill/*.csv.gz",
}
_ROOM = 8 * (spec.MAX_BYTES - codec.message_size(spec.KIND_SAMPLES))

Counts = NDArray[np.int16]


@dataclass(frozen=True)
class Stretch:
    """Nothing moves in these counts. `name`: of the recording, and from which second to which."""

    name: str
    counts: Counts


def recorded(path: Path) -> tuple[float, Counts]:
    """Samples a second, and the recording in this sensor's counts, sample by sample."""
    acc_g, gyr_dps = batch.lsb(1, 32, 16)
    columns = np.loadtxt(path, delimiter=",", skiprows=1)
    counts = np.hstack([columns[:, 4:7] / (gyr_dps * RAD_PER_DEG), columns[:, 1:4] / (acc_g * G)])
    rate_hz = 1 / float(np.median(np.diff(columns[:, 0])))
    return rate_hz, np.clip(np.rint(counts), -32768, 32767).astype(np.int16)


def stretches(data: Path, pattern: str) -> Iterator[Stretch]:
    """Of every recording of a kind, from LEAST_S on."""
    acc_g, gyr_dps = batch.lsb(1, 32, 16)
    for path in sorted(data.glob(pattern)):
        rate_hz, counts = recorded(path)
        per_s = round(rate_hz)
        seconds = counts[: len(counts) // per_s * per_s].reshape(-1, per_s, 6)
        deviation = seconds.std(axis=1) * ([gyr_dps] * 3 + [1e3 * acc_g] * 3)
        still = (deviation[:, :3].max(axis=1) < STILL[0]) & (deviation[:, 3:].max(axis=1) < STILL[1])
        edges = np.flatnonzero(np.diff(np.concatenate([[False], still, [False]])))
        for start, end in edges.reshape(-1, 2).tolist():
            if end - start >= LEAST_S:
                name = f"{path.name.removesuffix('.csv.gz')} {start} to {end} s"
                yield Stretch(name, seconds[start:end].reshape(-1, 6))


def raw_bytes(counts: Counts) -> int:
    """Of the raw packets of these samples."""
    whole, rest = divmod(len(counts), spec.SAMPLES_PER_PACKET)
    last = codec.message_size(spec.KIND_SAMPLES, rest) if rest else 0
    return whole * codec.message_size(spec.KIND_SAMPLES, spec.SAMPLES_PER_PACKET) + last


def bound(counts: Counts) -> float:
    """Raw bytes / packed bytes of a code that knows how often each value comes, in full packets of our size.

    An axis takes the entropy of what one of these leaves of it, the least: its middle, the sample before, the
    line through two, a mean that moves by a half, a quarter or an eighth. Entropy of a short stretch is
    estimated too small: corrected as by Miller and Madow (1955).
    """
    bits = sum(min(map(_entropy, _residuals(axis.astype(np.int64)))) for axis in counts.T)
    samples = (_ROOM - 8 * codec.SAMPLE_SIZE) / bits + 1
    full = spec.SAMPLES_PER_PACKET
    return samples / full * codec.message_size(spec.KIND_SAMPLES, full) / spec.MAX_BYTES


def _residuals(axis: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    yield axis - int(np.median(axis))
    yield np.diff(axis)
    yield np.diff(axis, 2)
    for shift in (1, 2, 3):
        mean, left = int(axis[0]) << shift, []
        for value in axis[1:].tolist():
            left.append(value - (mean >> shift))
            mean += left[-1]
        yield np.array(left)


def _entropy(values: NDArray[np.int64]) -> float:
    """Bits a value."""
    often = np.unique(values, return_counts=True)[1]
    share = often / len(values)
    return float(-(share * np.log2(share)).sum() + (len(often) - 1) / (2 * len(values) * np.log(2)))


def measured(found: list[Stretch]) -> list[float]:
    """Raw bytes / packed bytes of each, as the cuff's interpreter packs them; every sample is compared."""
    from tests.bench.packed import squeeze

    packets, _ = squeeze([one.counts for one in found])
    decoded = batch.decode(packets)
    if decoded.faults or not np.array_equal(decoded.counts, np.concatenate([one.counts for one in found])):
        raise RuntimeError("samples came back changed")
    begins = np.flatnonzero(decoded.header["index"] == 0).tolist()
    sizes = [sum(map(len, packets[a:b])) for a, b in zip(begins, [*begins[1:], len(packets)], strict=True)]
    return [raw_bytes(one.counts) / size for one, size in zip(found, sizes, strict=True)]


def summary(data: Path) -> Iterator[Row]:
    """For each kind of recording: all stretches together, and how many could and do reach the target."""
    for place, pattern in PLACES.items():
        found = list(stretches(data, pattern))
        if not found:
            continue
        sizes = np.array([raw_bytes(one.counts) for one in found])
        ratios, bounds = np.array(measured(found)), np.array([bound(one.counts) for one in found])
        ratio, limit = (sizes.sum() / (sizes / each).sum() for each in (ratios, bounds))
        yield Row(GROUP, place, ratio, "× shorter", ratio / REST, f"target of {REST:g} ×")
        yield Row(GROUP, f"{place}: no code is shorter than", limit, "× shorter", ratio / limit, "entropy")
        could = bounds >= REST
        what = f"{place}: of {len(found)} stretches, {could.sum()} could reach {REST:g} ×; do"
        reach = int((ratios[could] >= REST).sum())
        yield Row(GROUP, what, reach, "", reach / max(int(could.sum()), 1), "those that could")


def rows() -> list[Row]:
    """Every stretch: python -m tests.bench still."""
    from tests.bench.packed import DATA

    result = []
    for pattern in PLACES.values():
        found = list(stretches(DATA, pattern))
        for one, ratio in zip(found, measured(found) if found else [], strict=True):
            limit = bound(one.counts)
            result.append(Row(GROUP, one.name, ratio, "× shorter", ratio / limit, f"entropy: {limit:.2f} ×"))
    return result
