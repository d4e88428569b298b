"""A dump of a cuff's flash -> every packet in it, once, and an account of what is damaged or gone.

The dump may be the ring's partition or the whole flash: blocks are known by their headers, wherever they
lie. What a block says of itself is believed only where a CRC agrees. Layout: spec.STORE_HEADER.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from distal.errors import RecordingError
from distal.link.base import short_id
from distal.model import Received, Side
from distal.recording import Cuff, Recorder
from distal_wire import codec, spec

BLOCK = 4096
BETWEEN_S = 10.0  # set between two boots: nothing in flash tells how long the cuff was off
_HEADER = struct.Struct(codec.struct_format(spec.STORE_HEADER))
_FOOTER = struct.Struct(codec.struct_format(spec.STORE_FOOTER))
_MARK = struct.Struct(codec.struct_format(spec.STORE_MARK))
_SAMPLES = struct.Struct(codec.struct_format(spec.SAMPLES))
_TOTAL_MASK = (1 << 30) - 1
_REASONS = dict(spec.MARK_REASONS)
_LEAST = _MARK.size  # the shortest message of a record


@dataclass(frozen=True, slots=True)
class Packet:
    """One sample packet as it was sent."""

    boot: int
    first: int
    count: int
    clock: int
    rate_hz: int
    data: bytes

    @property
    def end(self) -> int:
        """Index after its last sample."""
        return self.first + self.count


@dataclass(frozen=True, slots=True)
class Mark:
    """The begin or end of a session."""

    event: int
    reason: str
    boot: int
    index: int
    clock: int
    crystal_us: int


@dataclass(frozen=True, slots=True)
class Head:
    """What a block says of itself; spec.STORE_HEADER."""

    blocks: int
    seq: int
    run: int
    total: int
    gone: int
    lost: int
    boot: int
    index: int
    cuff: str


@dataclass(frozen=True, slots=True)
class Block:
    """One block whose header is good. `state`: whole, open (no footer: cut off or still written), damaged."""

    place: int  # in the dump
    head: Head
    state: str
    is_synced: bool  # a host has every sample of it
    packets: tuple[Packet, ...]
    marks: tuple[Mark, ...]

    @property
    def samples(self) -> int:
        """Samples in its packets."""
        return sum(packet.count for packet in self.packets)


@dataclass(frozen=True, slots=True)
class Stream:
    """What one boot left: its packets in order, and the index ranges between them that are missing."""

    boot: int
    packets: tuple[Packet, ...]
    missing: tuple[tuple[int, int], ...]

    @property
    def samples(self) -> int:
        """Samples that are there."""
        return sum(packet.count for packet in self.packets)


@dataclass(frozen=True, slots=True)
class Session:
    """A session, numbered from the oldest. `reason` is unknown when its begin gave way to newer ones."""

    number: int
    boot: int
    first: int
    end: int
    samples: int
    rate_hz: int
    reason: str
    is_whole: bool
    is_stopped: bool


@dataclass(frozen=True, slots=True)
class Recovered:
    """Everything that a dump held."""

    cuff: str
    blocks: tuple[Block, ...]
    streams: tuple[Stream, ...]
    sessions: tuple[Session, ...]
    salvaged: tuple[Packet, ...]  # out of blocks without a readable header
    erased: int
    torn: int  # blocks in the ring that are neither erased nor readable
    damage: tuple[str, ...] = field(default=())

    @property
    def samples(self) -> int:
        """Samples found."""
        return sum(stream.samples for stream in self.streams)

    @property
    def gave_way(self) -> int:
        """Samples that newer ones took the place of, since the ring was new (modulo 2**30)."""
        return self.blocks[0].head.total if self.blocks else 0

    @property
    def lost(self) -> int:
        """Of these, how many no host had; at most, where a host took them just before they went."""
        if not self.blocks:
            return 0
        oldest, newest = self.blocks[0], self.blocks[-1]
        since = 0 if oldest.is_synced else (oldest.head.total - newest.head.gone) & _TOTAL_MASK
        return newest.head.lost + since


def read_dump(data: bytes) -> Recovered:
    """Find everything in a dump, however damaged. raises RecordingError when nothing of ours is in it"""
    if not data.strip(b"\xff"):
        what = "is erased: nothing was kept in it" if data else "is empty"
        raise RecordingError(f"this dump {what}. Read the ring's partition, or all of the flash.")
    blocks, rest = [], []
    for place in range(-(-len(data) // BLOCK)):
        content = data[place * BLOCK : (place + 1) * BLOCK]
        block = _read_block(place, content)
        if block:
            blocks.append(block)
        else:
            rest.append((place, content))
    blocks.sort(key=lambda block: block.head.seq)
    ring = _ring(blocks)
    erased = sum(not content.strip(b"\xff") for place, content in rest if place in ring)
    torn = sum(bool(content.strip(b"\xff")) for place, content in rest if place in ring)
    salvaged = tuple(packet for _, content in rest for packet in _salvage(content))
    if not blocks and not salvaged:
        raise RecordingError(
            "no packet of a cuff is in this dump. Read the ring's partition, or all of the flash."
        )
    streams = _streams(blocks, salvaged)
    damage = (*_cut_off(data, ring), *_damage(blocks, torn, salvaged))
    cuff = blocks[-1].head.cuff if blocks else "unknown"
    return Recovered(cuff, tuple(blocks), streams, tuple(_sessions(blocks)), salvaged, erased, torn, damage)


def _ring(blocks: Sequence[Block]) -> range:
    """Where in the dump the ring lies."""
    if not blocks:
        return range(0)
    newest = blocks[-1]
    base = newest.place - newest.head.seq % newest.head.blocks
    return range(base, base + newest.head.blocks)


def _cut_off(data: bytes, ring: range) -> Iterator[str]:
    """What was not read of the ring."""
    missing = max(ring.stop - len(data) // BLOCK, 0) + max(-ring.start, 0)
    if missing:
        here = f"{missing} of {len(ring)} blocks are not in it"
        yield f"the dump does not hold all of the ring: {here}, or not whole. Read the flash again"


def _read_block(place: int, content: bytes) -> Block | None:
    if len(content) < _HEADER.size:
        return None
    values = _HEADER.unpack_from(content)
    is_ours = values[:2] == (spec.STORE_MAGIC, spec.STORE_LAYOUT)
    if not is_ours or zlib.crc32(content[: _HEADER.size - 4]) != values[-1]:
        return None
    messages, is_clean = _records(content)
    footer = _footer(content)
    state = "damaged" if not is_clean or footer is False else "whole" if footer else "open"
    state = "open" if len(content) < BLOCK else state  # the dump ends here, the cuff did nothing wrong
    packets = tuple(_packet(message) for message in messages if message[0] == spec.KIND_SAMPLES)
    marks = tuple(_mark(message) for message in messages if message[0] == spec.KIND_MARK)
    is_synced = content[BLOCK - 1 : BLOCK] == b"\0"
    _, _, of, seq, run, total, gone, lost, boot, index, _, cuff_id, _ = values
    head = Head(of, seq, run, total, gone, lost, boot, index, short_id(cuff_id))
    return Block(place, head, state, is_synced, packets, marks)


def _footer(content: bytes) -> bool | None:
    """True: it agrees with all of the block; None: there is none; False: it does not agree."""
    at = BLOCK - _FOOTER.size
    written = content[at : BLOCK - 1]
    if not written.strip(b"\xff"):
        return None
    if len(content) < BLOCK:
        return False
    _, _, used, _, _, crc, _ = _FOOTER.unpack_from(content, at)
    covered = content[: _HEADER.size + used] + written[: _FOOTER.size - 5]
    return bool(used <= at - _HEADER.size and zlib.crc32(covered) == crc)


def _records(content: bytes) -> tuple[list[bytes], bool]:
    """The whole messages of a block, and whether nothing but they is in it."""
    at, end = _HEADER.size, min(len(content), BLOCK - _FOOTER.size)
    found: list[bytes] = []
    while at + spec.RECORD_HEAD < end:
        message = _message(content, at, end)
        if not message:
            rest = content[at:end]
            if not rest.strip(b"\xff"):
                return found, True
            return found + list(_sound(rest)), False
        found.append(message)
        at += spec.RECORD_HEAD + len(message)
    return found, True


def _message(content: bytes, at: int, end: int) -> bytes | None:
    length = content[at]
    begin, stop = at + spec.RECORD_HEAD, at + spec.RECORD_HEAD + length
    if length ^ content[at + 1] != 255 or not _LEAST <= length <= spec.RECORD_MAX or stop > end:
        return None
    message = content[begin:stop]
    if message[1] != spec.VERSION or message[0] not in (spec.KIND_SAMPLES, spec.KIND_MARK):
        return None
    return message if zlib.crc32(message[:-4]).to_bytes(4, "little") == message[-4:] else None


def _sound(content: bytes) -> Iterator[bytes]:
    """Every message in bytes that may begin anywhere. Looks only where a length has its complement."""
    if len(content) < spec.RECORD_HEAD + _LEAST:
        return
    octets = np.frombuffer(content, np.uint8)
    lengths, complements, kinds = octets[:-3], octets[1:-2], octets[2:-1]
    likely = (lengths ^ complements == 255) & (lengths >= _LEAST) & (lengths <= spec.RECORD_MAX)
    likely &= (kinds == spec.KIND_SAMPLES) | (kinds == spec.KIND_MARK)
    end = 0
    for at in np.flatnonzero(likely & (octets[3:] == spec.VERSION)).tolist():
        message = _message(content, at, len(content)) if at >= end else None
        if message:
            end = at + spec.RECORD_HEAD + len(message)
            yield message


def _salvage(content: bytes) -> Iterator[Packet]:
    return (_packet(message) for message in _sound(content) if message[0] == spec.KIND_SAMPLES)


def _packet(message: bytes) -> Packet:
    _, _, boot, first, clock, rate_hz, count, *_ = _SAMPLES.unpack_from(message)
    return Packet(boot, first, count, clock, rate_hz, message)


def _mark(message: bytes) -> Mark:
    _, _, event, reason, boot, index, clock, crystal_us, _ = _MARK.unpack(message)
    return Mark(event, _REASONS.get(reason, _REASONS[0]), boot, index, clock, crystal_us)


def _streams(blocks: Sequence[Block], salvaged: Sequence[Packet]) -> tuple[Stream, ...]:
    """One for each boot, in the order in which the boots came; what was salvaged goes to its boot."""
    found: dict[int, dict[int, Packet]] = {}
    for packet in [*(packet for block in blocks for packet in block.packets), *salvaged]:
        of_boot = found.setdefault(packet.boot, {})
        known = of_boot.get(packet.first)
        if known is None or known.count < packet.count:
            of_boot[packet.first] = packet
    return tuple(_stream(boot, list(packets.values())) for boot, packets in found.items())


def _stream(boot: int, packets: list[Packet]) -> Stream:
    base = packets[0].first
    packets.sort(key=lambda packet: (packet.first - base + (1 << 31)) % (1 << 32))
    missing = [
        (one.end, after.first) for one, after in pairwise(packets) if (after.first - one.end) % (1 << 32)
    ]
    return Stream(boot, tuple(packets), tuple(missing))


def _sessions(blocks: Sequence[Block]) -> Iterator[Session]:
    """Blocks of one run belong to one session."""
    runs: dict[int, list[Block]] = {}
    for block in blocks:
        runs.setdefault(block.head.run, []).append(block)
    for number, (run, of_run) in enumerate(runs.items(), 1):
        packets = [packet for block in of_run for packet in block.packets]
        marks = [mark for block in of_run for mark in block.marks]
        start = next((mark for mark in marks if mark.event == spec.MARK_START), None)
        if not packets:
            continue
        yield Session(
            number,
            packets[0].boot,
            packets[0].first,
            packets[-1].end,
            sum(packet.count for packet in packets),
            packets[0].rate_hz,
            start.reason if start else _REASONS[0],
            of_run[0].head.seq == run,
            bool(marks) and marks[-1].event == spec.MARK_STOP,
        )


def _damage(blocks: Sequence[Block], torn: int, salvaged: Sequence[Packet]) -> Iterator[str]:
    """What is wrong, each with the samples it costs: the counts of neighbours tell."""
    if torn:
        what = "1 block has no readable header" if torn == 1 else f"{torn} blocks have no readable header"
        yield f"{what}: an erase or a write was cut off there, or a bit turned over"
    for block, after in pairwise(blocks):
        due = (after.head.total - block.head.total) & _TOTAL_MASK
        found = block.samples + sum(one.count for one in salvaged if _is_between(block, one, after))
        is_one = after.head.seq == block.head.seq + 1
        where = f"block {block.head.seq}" if is_one else f"blocks {block.head.seq} to {after.head.seq - 1}"
        if found < due:
            yield f"{where}: {due - found} samples of {due} cannot be read"
        elif block.state == "damaged":
            yield f"{where}: a write was cut off or a bit turned over; it cost no sample"
    if blocks and blocks[-1].state == "damaged":
        newest = blocks[-1].head.seq
        yield f"block {newest}, the newest: the packet that was written when the power failed is lost"


def _is_between(block: Block, packet: Packet, after: Block) -> bool:
    """Whether a packet without a readable block was written between these two."""
    is_behind = packet.boot == block.head.boot and _is_ahead(packet.first, block.head.index)
    is_before = packet.boot == after.head.boot and not _is_ahead(packet.first, after.head.index)
    return is_behind and is_before if block.head.boot == after.head.boot else is_behind or is_before


def _is_ahead(index: int, of: int) -> bool:
    return (index - of) % (1 << 32) < 1 << 31


def chosen(found: Recovered, session: int | None) -> list[Packet]:
    """The packets of one session by its number, of all without. raises RecordingError"""
    if session is None:
        return [packet for stream in found.streams for packet in stream.packets]
    wanted = next((one for one in found.sessions if one.number == session), None)
    if wanted is None:
        raise RecordingError(f"there is no session {session} in this dump. See their numbers with --list.")
    span = (wanted.end - wanted.first) % (1 << 32)
    stream = next(stream for stream in found.streams if stream.boot == wanted.boot)
    return [packet for packet in stream.packets if (packet.first - wanted.first) % (1 << 32) < span]


def write_recording(
    found: Recovered, packets: Sequence[Packet], recorder: Recorder, side: Side | None
) -> None:
    """Put them into a new recording. Arrival times come from the cuff's own clock, and the file says so."""
    recorder.note_cuff(Cuff(found.cuff, side, f"recovered {found.cuff}"))
    recorder.note("recovered", {"t_host": "the cuff's own clock; the time between boots is not known"})
    for t_host, packet in _times(packets):
        recorder.append(Received(found.cuff, t_host, packet.data))


def _times(packets: Sequence[Packet]) -> Iterator[tuple[float, Packet]]:
    """Host seconds at which each would have arrived over a radio without delay: when it was full."""
    t, boot, clock = 0.0, -1, 0
    for packet in packets:
        if packet.boot == boot:
            t += ((packet.clock - clock + (1 << 31)) % (1 << 32) - (1 << 31)) / spec.CLOCK_HZ
        elif boot >= 0:
            t += BETWEEN_S
        boot, clock = packet.boot, packet.clock
        yield t + packet.count / packet.rate_hz, packet
