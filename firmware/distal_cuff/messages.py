"""The cuff's own messages, ready to send: response, status, info, and the reading of a command."""

import struct

from distal_cuff import packing
from distal_wire import codec, spec

VERSION = (0, 1, 0)  # of the firmware
_FROM_HOST = {
    kind: codec.message_size(kind) for kind in (spec.KIND_COMMAND, spec.KIND_PROOF, spec.KIND_FETCH)
}


def _sealed(kind, values):
    message = bytearray(codec.message_size(kind))
    packing.seal(message, codec.write_fields(message, kind, *values))
    return message


def number(four_bytes):
    """A 32-bit counter as a Python integer; may allocate on a 32-bit board."""
    return struct.unpack("<I", four_bytes)[0]


def whole(data, at):
    """The message at data[at] as bytes, None if it is not a whole and honest one that a host may send."""
    size = _FROM_HOST.get(data[at], 0)
    if not size or len(data) < at + size or data[at + 1] != spec.VERSION:
        return None
    message = bytes(data[at : at + size])
    check = bytearray(4)
    packing.put_crc(message, size - 4, check, 0)
    return message if check == message[-4:] else None


def response(command, error, detail, counters):
    """Answer to `command` = (op, seq, key, ...); counters = (index, clock)."""
    return _sealed(spec.KIND_RESPONSE, command[:3] + (error, detail) + counters)


def status(boot, counters, battery, flags, faults):
    """counters = (index, clock); faults = ring_fill, lost, overruns, no_buffer, imu_errors, bad_commands."""
    cut = tuple([min(65535, value) for value in faults[2:]])
    values = (boot,) + counters + (battery.mv, battery.pct, flags) + faults[:2] + cut
    return _sealed(spec.KIND_STATUS, values)


def challenge(seq, flags, boot, values):
    """values = (nonce, public)."""
    return _sealed(spec.KIND_CHALLENGE, (seq, flags, boot) + values)


def proof(seq, direction, nonce, mac):
    """A cuff's proof carries no public value: the challenge did."""
    return _sealed(spec.KIND_PROOF, (seq, direction, nonce, mac, bytes(32)))


def moment(boot, times, state):
    """times = (clock, crystal_us); state = (presses, flags)."""
    return _sealed(spec.KIND_MOMENT, (boot,) + times + state)


def origin(boot, before):
    """before = (boot, clock): see spec.ORIGIN."""
    return _sealed(spec.KIND_ORIGIN, (boot,) + before)


def marked(mark):
    """A mark of the flash ring, `mark`, as it is sent."""
    message = bytearray(mark[: codec.message_size(spec.KIND_MARKED)])
    message[0] = spec.KIND_MARKED
    packing.seal(message, len(message) - codec.CRC_SIZE)
    return message


def fetched(values):
    """values = (op, seq, error, boot, first, end, sent, missing)."""
    return _sealed(spec.KIND_FETCHED, values)


def kept(boot, place, flags):
    """place = (first, end, clock, age_s, rate_hz)."""
    return _sealed(spec.KIND_KEPT, (boot,) + place + (flags,))


def store(boot, up_s, values):
    """values = (size, held, lost, missed, errors, torn, alone, still_min)."""
    return _sealed(spec.KIND_STORE, (boot, up_s) + values)


def info(boot, cuff_id, settings, numbers):
    """numbers = (side, board, imu, ring_slots)."""
    side, board, imu, slots = numbers
    ranges = (settings.rate_hz, settings.acc_range_g, settings.gyr_range_dps // 125)
    values = (boot, cuff_id, side, board, imu) + VERSION + ranges
    return _sealed(spec.KIND_INFO, values + (settings.mass_g, slots, 1 << spec.ENCODING_RAW))
