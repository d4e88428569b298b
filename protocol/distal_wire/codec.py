"""Write and read one message with `struct` alone: runs on the cuff and on the host."""

import struct

from distal_wire import spec


def struct_format(fields: tuple) -> str:
    """Join the struct codes of `fields`, little-endian, no padding."""
    return "<" + "".join([field[1] for field in fields])


_FORMATS = {}
_SIZES = {}
_TRAILERS = {}
for _kind, _name, _fields, _trailer in spec.MESSAGES:
    _FORMATS[_kind] = struct_format(_fields)
    _SIZES[_kind] = struct.calcsize(_FORMATS[_kind])
    _TRAILERS[_kind] = struct.calcsize(struct_format(_trailer))

HEADER_SIZE = _SIZES[spec.KIND_SAMPLES]
SAMPLE_SIZE = struct.calcsize(struct_format(spec.SAMPLE))
SEAL_SIZE = _TRAILERS[spec.KIND_SAMPLES]
CRC_SIZE = 4


def message_size(kind: int, count: int = 0) -> int:
    """Bytes of a whole message; `count` raw samples for KIND_SAMPLES."""
    return _SIZES[kind] + count * SAMPLE_SIZE + _TRAILERS[kind]


def write_fields(buffer: bytearray, kind: int, *values: int) -> int:
    """Write the fields after kind and version at the start of `buffer`; returns the place after them."""
    struct.pack_into(_FORMATS[kind], buffer, 0, kind, spec.VERSION, *values)
    return _SIZES[kind]


def read_fields(message: bytes) -> tuple:
    """Return the fields of a message as a tuple, kind and version included.

    raises ValueError for an unknown kind, another version or a message that is too short
    """
    if len(message) < 2 or message[0] not in _FORMATS:
        raise ValueError("unknown kind")
    if message[1] != spec.VERSION:
        raise ValueError("unknown version")
    kind = message[0]
    if len(message) < _SIZES[kind] + _TRAILERS[kind]:
        raise ValueError("truncated")
    return struct.unpack_from(_FORMATS[kind], message)
