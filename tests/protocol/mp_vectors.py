# Run by MicroPython: reads the vectors folder (argument 1) with the cuff's own codec,
# prints one line a vector.
import binascii
import json
import os
import struct
import sys

from distal_wire import codec, packed, rice, spec

ROW = codec.struct_format(spec.SAMPLE)
WAYS = {spec.ENCODING_PACKED: packed, spec.ENCODING_RICE: rice}
FIELDS = {}
TRAILERS = {}
for kind, _, fields, trailer in spec.MESSAGES:
    FIELDS[kind] = [field[0] for field in fields]
    TRAILERS[kind] = struct.calcsize(codec.struct_format(trailer))


def plain(value):
    return binascii.hexlify(value).decode() if isinstance(value, bytes) else value


def is_damaged(data):
    if len(data) < 4:
        return True
    return binascii.crc32(data[:-4]) & 0xFFFFFFFF != struct.unpack_from("<I", data, len(data) - 4)[0]


def sample(data, i):
    return list(struct.unpack_from(ROW, data, codec.HEADER_SIZE + i * codec.SAMPLE_SIZE))


def describe(data):
    if is_damaged(data):
        return {"refused": "crc"}
    values = codec.read_fields(data)
    result = {name: plain(value) for name, value in zip(FIELDS[data[0]], values)}
    if data[0] == spec.KIND_SAMPLES and result["encoding"] == spec.ENCODING_RAW:
        result["samples"] = [sample(data, i) for i in range(result["count"])]
    if data[0] == spec.KIND_SAMPLES and result["encoding"] in WAYS:
        way = WAYS[result["encoding"]]
        payload = data[codec.HEADER_SIZE : -codec.SEAL_SIZE]
        samples = way.unpack(payload, result["count"])
        assert way.pack(samples) == payload
        head = data[: codec.HEADER_SIZE]
        result["samples"] = [sample(head + samples, i) for i in range(result["count"])]
    return result


def rebuild(data):
    """Write the same message again from its fields: bytes must be equal."""
    buffer = bytearray(len(data))
    buffer[:] = data
    end = codec.write_fields(buffer, data[0], *codec.read_fields(data)[2:])
    assert end + TRAILERS[data[0]] <= len(data)
    struct.pack_into("<I", buffer, len(data) - 4, binascii.crc32(buffer[:-4]) & 0xFFFFFFFF)
    return bytes(buffer) == data


for name in sorted(os.listdir(sys.argv[1])):
    if not name.endswith(".hex"):
        continue
    with open(sys.argv[1] + "/" + name) as file:
        data = binascii.unhexlify(file.read().strip())
    try:
        result = describe(data)
        if "refused" not in result:
            result["same"] = rebuild(data)
    except ValueError as error:
        result = {"refused": str(error)}
    print(json.dumps([name[:-4], result]))
