"""Read one message with construct: strict, names the bad field. For people and tests, not for loops."""

import zlib
from collections.abc import Callable, Sequence
from typing import Any

import construct as c

from distal_wire import codec, packed, rice, spec


class WireError(ValueError):
    """A message that does not follow `spec`; the text names the field."""


class Truncated(WireError):
    """The message ends before its fields do, or goes on after them."""


class UnknownVersion(WireError):
    """The message is of a wire version that this host does not read."""


_CODES: dict[str, Callable[[], Any]] = {
    "B": lambda: c.Int8ul,
    "h": lambda: c.Int16sl,
    "H": lambda: c.Int16ul,
    "i": lambda: c.Int32sl,
    "I": lambda: c.Int32ul,
    "8s": lambda: c.Bytes(8),
    "16s": lambda: c.Bytes(16),
    "32s": lambda: c.Bytes(32),
}

Fields = Sequence[tuple[str, str, str, str]]


def _fields(fields: Fields) -> list[Any]:
    return [name / _CODES[code]() for name, code, _, _ in fields]


_ROW = c.Struct(*_fields(spec.SAMPLE))
_PACK = {spec.ENCODING_PACKED: packed.pack, spec.ENCODING_RICE: rice.pack}
_UNPACK = {spec.ENCODING_PACKED: packed.unpack, spec.ENCODING_RICE: rice.unpack}


class _Packed(c.Construct):  # type: ignore[misc]  # construct is untyped
    """Packed samples: everything up to the trailer. It is looked into once the CRC is known to be right."""

    def _parse(self, stream: Any, context: Any, path: str) -> bytes:
        size = c.stream_size(stream) - c.stream_tell(stream, path) - codec.SEAL_SIZE
        payload: bytes = c.stream_read(stream, size, path)
        return payload

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        payload = _PACK[context.encoding](b"".join(_ROW.build(row) for row in obj))
        c.stream_write(stream, payload, len(payload), path)
        return obj


def _message(kind: int, fields: Fields, trailer: Fields) -> Any:
    payload = []
    if kind == spec.KIND_SAMPLES:
        raw = c.Array(c.this.count, _ROW)
        payload = ["samples" / c.Switch(c.this.encoding, dict.fromkeys(_PACK, _Packed()), raw)]
    return c.Struct(*_fields(fields), *payload, *_fields(trailer), c.Terminated)


STRUCTS: dict[int, Any] = {kind: _message(kind, *parts) for kind, _, *parts in spec.MESSAGES}


def parse(message: bytes) -> Any:
    """Return one message as a construct Container with the field names of `spec`.

    raises  UnknownVersion, Truncated, or WireError naming the first field that is wrong
    """
    if len(message) < 2:
        raise Truncated(f"message of {len(message)} bytes has no kind and version")
    if message[0] not in STRUCTS:
        raise WireError(f"kind: {message[0]} is not known")
    if message[1] != spec.VERSION:
        raise UnknownVersion(f"version: {message[1]}, this host reads {spec.VERSION}")
    try:
        container = STRUCTS[message[0]].parse(message)
    except c.ConstructError as error:
        raise Truncated(f"length: {len(message)} bytes do not fit the fields ({error})") from error
    _check_crc(message, container)
    if message[0] == spec.KIND_SAMPLES:
        _check_samples(container)
    return container


def _check_crc(message: bytes, container: Any) -> None:
    found = zlib.crc32(message[:-4])
    if container.crc != found:
        raise WireError(f"crc: message says {container.crc:08x}, its bytes give {found:08x}")


def _check_samples(container: Any) -> None:
    is_packed = container.encoding in _PACK
    most = 255 if is_packed else spec.SAMPLES_PER_PACKET
    if not 1 <= container.count <= most:
        raise WireError(f"count: {container.count} is not 1 to {most}")
    if container.encoding != spec.ENCODING_RAW and not is_packed:
        raise WireError(f"encoding: {container.encoding} is not known")
    if container.rate_hz not in dict(spec.PERIOD_TICKS):
        raise WireError(f"rate_hz: {container.rate_hz} is not known")
    if container.imu not in [row[0] for row in spec.IMUS]:
        raise WireError(f"imu: {container.imu} is not known")
    if not (container.acc_range_g and container.gyr_range):
        raise WireError("range: 0 gives no size of an LSB")
    if is_packed:
        _unpack(container)


def _unpack(container: Any) -> None:
    """Put rows where the packed bytes are."""
    if len(container.samples) > spec.MAX_BYTES - codec.message_size(spec.KIND_SAMPLES):
        raise WireError(f"samples: {len(container.samples)} bytes are more than a message holds")
    try:
        samples = _UNPACK[container.encoding](container.samples, container.count)
    except ValueError as error:
        raise WireError(f"samples: {error}") from error
    container.samples = c.Array(container.count, _ROW).parse(samples)


def build(kind: int, **fields: Any) -> bytes:
    """Write one message from its fields; version, tag and crc are filled in. For vectors and tests."""
    values = {"version": spec.VERSION, "kind": kind, "tag": 0, "crc": 0, **fields}
    message: bytes = STRUCTS[kind].build(values)
    return message[:-4] + zlib.crc32(message[:-4]).to_bytes(4, "little")
