"""Read many messages with numpy: the path that recordings and the live stream take.

Nothing in here raises on bytes from the air: what does not follow `spec` comes back as a counted Fault.
"""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from distal_wire import codec, spec
from distal_wire.unpack import PLAIN, unpack

_CODES = {"B": "u1", "h": "<i2", "H": "<u2", "i": "<i4", "I": "<u4", "8s": "V8", "16s": "V16", "32s": "V32"}
_PACKED = np.isin(np.arange(256), list(PLAIN))  # by encoding: a look into it is quicker than a search
_RATES = frozenset(rate for rate, _ in spec.PERIOD_TICKS)
_IMUS = {imu: (acc_ug, gyr_udps) for imu, _, acc_ug, gyr_udps in spec.IMUS}
_FEW = 16  # so few messages are quicker one by one
_CRC_OF_RIGHT = 0x2144DF1C  # CRC-32 over any message that ends with its own right CRC-32
_FIXED = {kind: codec.message_size(kind) for kind, *_ in spec.MESSAGES if kind != spec.KIND_SAMPLES}


class Fault(Enum):
    """Why a byte string was not read; the value is what the user is shown."""

    EMPTY = "no kind and version"
    KIND = "unknown kind"
    VERSION = "another wire version"
    LENGTH = "wrong length"
    CRC = "damaged (CRC)"
    COUNT = "impossible sample count"
    ENCODING = "unknown encoding"
    PACKED = "packed samples that do not follow their encoding"
    RATE = "unknown rate"
    IMU = "unknown IMU or range"


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a list of messages held.

    header     (m,) structured array, field names of spec.SAMPLES, one row a good sample packet
    counts     (n, 6) int16, gx gy gz ax ay az, all packets' samples one after the other
    starts     (m + 1,) int64: samples of packet i are counts[starts[i]:starts[i + 1]]
    positions  (m,) int64: place of packet i in the list
    others     (place, kind) of good messages of other kinds
    faults     (place, Fault) of everything else
    """

    header: NDArray[Any]
    counts: NDArray[np.int16]
    starts: NDArray[np.int64]
    positions: NDArray[np.int64]
    others: tuple[tuple[int, int], ...]
    faults: tuple[tuple[int, Fault], ...]

    def fault_counts(self) -> dict[Fault, int]:
        """How often each fault occurred."""
        return dict(Counter(fault for _, fault in self.faults))


def _dtype(fields: Sequence[tuple[str, str, str, str]]) -> list[tuple[str, str]]:
    return [(name, _CODES[code]) for name, code, _, _ in fields]


HEADER = np.dtype(_dtype(spec.SAMPLES))
_AT: dict[str, int] = {name: offset for name, (_, offset, *_) in (HEADER.fields or {}).items()}


@cache
def packet_dtype(count: int) -> np.dtype[Any]:
    """The whole sample packet with `count` raw samples, as one numpy record."""
    fields: list[Any] = [*_dtype(spec.SAMPLES), ("samples", "<i2", (count, 6)), *_dtype(spec.SEALED_TRAILER)]
    return np.dtype(fields)


def view(data: bytes, count: int) -> NDArray[Any]:
    """Look at joined, already verified packets of `count` samples each without copying: (m,) packet_dtype."""
    return np.frombuffer(data, packet_dtype(count))


def message_dtype(kind: int) -> np.dtype[Any]:
    """A message without samples as one numpy record."""
    fields, trailer = next((f, t) for k, _, f, t in spec.MESSAGES if k == kind)
    return np.dtype([*_dtype(fields), *_dtype(trailer)])


def check(message: bytes) -> Fault | None:
    """Say what is wrong with one message, or None."""
    fault = _check_outside(message)
    if not fault and message[0] == spec.KIND_SAMPLES and message[_AT["encoding"]] in PLAIN:
        payload = message[codec.HEADER_SIZE : -codec.SEAL_SIZE]
        try:
            PLAIN[message[_AT["encoding"]]](payload, message[_AT["count"]])
        except ValueError:
            return Fault.PACKED
    return fault


def _check_outside(message: bytes) -> Fault | None:
    """As `check`, without looking into packed samples."""
    if len(message) < 2:
        return Fault.EMPTY
    kind = message[0]
    if kind != spec.KIND_SAMPLES and kind not in _FIXED:
        return Fault.KIND
    if message[1] != spec.VERSION:
        return Fault.VERSION
    if kind != spec.KIND_SAMPLES:
        return _check_whole(message, _FIXED[kind])
    return _check_samples(message)


def _check_whole(message: bytes, size: int) -> Fault | None:
    if len(message) != size:
        return Fault.LENGTH
    if zlib.crc32(message[:-4]) != int.from_bytes(message[-4:], "little"):
        return Fault.CRC
    return None


def _check_samples(message: bytes) -> Fault | None:
    if len(message) < codec.message_size(spec.KIND_SAMPLES, 1):
        return Fault.LENGTH
    count, encoding = message[_AT["count"]], message[_AT["encoding"]]
    is_packed = encoding in PLAIN
    size = min(len(message), spec.MAX_BYTES) if is_packed else codec.message_size(spec.KIND_SAMPLES, count)
    fault = _check_whole(message, size)
    if fault:
        return fault
    if not 1 <= count <= (255 if is_packed else spec.SAMPLES_PER_PACKET):
        return Fault.COUNT
    if encoding != spec.ENCODING_RAW and not is_packed:
        return Fault.ENCODING
    return _check_scale(message)


def _check_scale(message: bytes) -> Fault | None:
    at = _AT["rate_hz"]
    if message[at] + 256 * message[at + 1] not in _RATES:
        return Fault.RATE
    if message[_AT["imu"]] not in _IMUS or not (message[_AT["acc_range_g"]] and message[_AT["gyr_range"]]):
        return Fault.IMU
    return None


def decode(messages: Sequence[bytes]) -> Decoded:
    """Read messages in the order given; see Decoded. Never raises, whatever the bytes."""
    places = _plain_samples(messages)
    others: list[tuple[int, int]] = []
    faults: list[tuple[int, Fault]] = []
    for place in np.flatnonzero(~places).tolist():
        message = messages[place]
        fault = _check_outside(message)
        if fault:
            faults.append((place, fault))
        elif message[0] == spec.KIND_SAMPLES:
            places[place] = True
        else:
            others.append((place, message[0]))
    good: list[int] = np.flatnonzero(places).tolist()
    *parts, whole = _read([messages[place] for place in good])
    if not whole.all():
        faults += [(good[i], Fault.PACKED) for i in np.flatnonzero(~whole).tolist()]
        good = [good[i] for i in np.flatnonzero(whole).tolist()]
        *parts, whole = _read([messages[place] for place in good])
    header, counts, starts = parts
    positions = np.array(good, np.int64)
    return Decoded(header, counts, starts, positions, tuple(others), tuple(sorted(faults, key=_place)))


def _plain_samples(messages: Sequence[bytes]) -> NDArray[np.bool_]:
    """Which are surely sample packets that `_check_outside` passes. Others are looked at one by one."""
    passed = np.zeros(len(messages), np.bool_)
    sizes = np.fromiter(map(len, messages), np.int64, len(messages))
    fits = (sizes >= codec.message_size(spec.KIND_SAMPLES, 1)) & (sizes <= spec.MAX_BYTES)
    if len(messages) < _FEW or not fits.any():
        return passed
    places = np.flatnonzero(fits)
    chosen = messages if len(places) == len(messages) else [messages[place] for place in places.tolist()]
    crc = np.fromiter(map(zlib.crc32, chosen), np.uint32, len(places)) == _CRC_OF_RIGHT
    header = _headers(b"".join(chosen), sizes[places])
    count = header["count"].astype(np.int64)
    is_raw = (header["encoding"] == spec.ENCODING_RAW) & (count <= spec.SAMPLES_PER_PACKET)
    is_raw &= sizes[places] == codec.message_size(spec.KIND_SAMPLES) + count * codec.SAMPLE_SIZE
    right = crc & (header["kind"] == spec.KIND_SAMPLES) & (header["version"] == spec.VERSION) & (count > 0)
    right &= is_raw | _is_packed(header)
    right &= np.isin(header["rate_hz"], list(_RATES)) & np.isin(header["imu"], list(_IMUS))
    passed[places] = right & (header["acc_range_g"] > 0) & (header["gyr_range"] > 0)
    return passed


def _place(fault: tuple[int, Fault]) -> int:
    return fault[0]


def decode_verified(packets: Sequence[bytes]) -> tuple[NDArray[Any], NDArray[np.int16], NDArray[np.int64]]:
    """Read sample packets that `check` has passed; returns header, counts, starts as in Decoded."""
    header, counts, starts, _ = _read(packets)
    return header, counts, starts


def _read(
    packets: Sequence[bytes],
) -> tuple[NDArray[Any], NDArray[np.int16], NDArray[np.int64], NDArray[np.bool_]]:
    """Header, counts, starts of packets that are right outside, and which of them are right inside."""
    sizes = np.fromiter(map(len, packets), np.int64, len(packets))
    data = b"".join(packets)
    header = _headers(data, sizes)
    starts = np.zeros(len(packets) + 1, np.int64)
    np.cumsum(header["count"], out=starts[1:])
    is_packed = _is_packed(header)
    whole = np.ones(len(packets), np.bool_)
    if not is_packed.any():
        return header, _raw_samples(data, sizes), starts, whole
    counts = np.empty((starts[-1], 6), np.int16)
    for encoding in PLAIN:
        places = np.flatnonzero(header["encoding"] == encoding)
        chosen = [packets[place] for place in places.tolist()]
        whole[places] = unpack(chosen, np.diff(starts)[places], starts[places], counts, encoding)
    places = np.flatnonzero(~is_packed)
    if len(places):
        raw = b"".join([packets[place] for place in places.tolist()])
        counts[~np.repeat(is_packed, np.diff(starts))] = _raw_samples(raw, sizes[places])
    return header, counts, starts, whole


def _is_packed(header: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray(_PACKED[header["encoding"]])


def _headers(data: bytes, sizes: NDArray[np.int64]) -> NDArray[Any]:
    octets = np.frombuffer(data, np.uint8)
    if len(sizes) and (sizes == sizes[0]).all():
        heads = octets.reshape(len(sizes), -1)[:, : codec.HEADER_SIZE]
    else:
        heads = octets[(np.cumsum(sizes) - sizes)[:, None] + np.arange(codec.HEADER_SIZE)]
    return np.ascontiguousarray(heads).view(HEADER).reshape(-1)


def _raw_samples(data: bytes, sizes: NDArray[np.int64]) -> NDArray[np.int16]:
    """Samples of joined raw packets."""
    octets = np.frombuffer(data, np.uint8)
    if len(sizes) and (sizes == sizes[0]).all():  # one strided copy, the fastest numpy has
        samples = octets.reshape(len(sizes), -1)[:, codec.HEADER_SIZE : -codec.SEAL_SIZE]
        return np.ascontiguousarray(samples).view("<i2").reshape(-1, 6)
    ends = np.cumsum(sizes)
    keep = np.ones(len(octets), bool)  # packets of several lengths: drop what is around the samples
    keep[(ends - sizes)[:, None] + np.arange(codec.HEADER_SIZE)] = False
    keep[ends[:, None] - 1 - np.arange(codec.SEAL_SIZE)] = False
    return octets[keep].view("<i2").reshape(-1, 6)


def read(message: bytes) -> dict[str, Any]:
    """The fields of one good message that carries no samples, by name, as Python values."""
    record = np.frombuffer(message, message_dtype(message[0]))[0]
    names = [name for name in record.dtype.names or () if name not in ("kind", "version", "crc")]
    return {name: record[name].item() for name in names}


def lsb(imu: int, acc_range_g: int, gyr_range: int) -> tuple[float, float]:
    """Size of one count: (g, deg/s), from the header's fields. raises KeyError for an unknown IMU."""
    acc_ug, gyr_udps = _IMUS[imu]
    return acc_ug * acc_range_g * 1e-6, gyr_udps * gyr_range * 125 * 1e-6
