"""What every way to a cuff offers: find it, connect, ask, and let its messages come in."""

import asyncio
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from distal.errors import CommandRefused, LinkError
from distal.model import Received, Side
from distal_wire import batch, codec, spec

Inbox = asyncio.Queue[Received]
Keys = Callable[[str], bytes | None]  # cuff id -> its key of 32 bytes, None if none is known
INBOX_SIZE = 8192  # messages; 5 min of two cuffs, so that a slow disk costs nothing
COMMAND_TIMEOUT_S = 5.0
_SIDES: dict[int, Side] = {spec.SIDE_LEFT: "left", spec.SIDE_RIGHT: "right"}


@dataclass(frozen=True, slots=True)
class Found:
    """A cuff that advertises."""

    address: str
    name: str
    rssi: int | None = None  # dBm
    handle: Any = None  # what the backend wants to connect to


@dataclass(frozen=True, slots=True)
class Response:
    """A cuff's answer to a command; t_sent and t_host: the host's clock around it, s."""

    op: int
    index: int
    clock: int
    detail: int
    t_sent: float
    t_host: float


@dataclass(frozen=True, slots=True)
class Info:
    """What a cuff says of itself."""

    cuff: str
    boot: int
    side: Side | None
    board: str
    imu: str | None
    firmware: str
    rate_hz: int
    acc_range_g: int
    gyr_range_dps: int
    mass_g: int | None
    ring_slots: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """How a fetch ended. `end`: one past the last sample looked for, less than asked where the cuff has not
    finished its packets yet. `missing`: samples before `end` that it does not have and never will."""

    boot: int
    first: int
    end: int
    sent: int  # packets
    missing: int


@dataclass(frozen=True, slots=True)
class KeptSession:
    """One session, or what is left of it, in a cuff's flash."""

    boot: int
    first: int
    end: int
    clock: int  # at `first`
    rate_hz: int
    age_s: int | None  # since `first` was taken; None: before this boot, so nobody knows
    is_open: bool  # still being taken
    is_alone: bool  # began without a host
    is_released: bool  # a host has all of it

    @property
    def count(self) -> int:
        """Samples from the first to the last, those lost in between too."""
        return (self.end - self.first) % 2**32


@dataclass(frozen=True, slots=True)
class Kept:
    """What a cuff keeps; see spec.STORE. Sessions newest first. `size` is 0 where there is no flash ring."""

    boot: int
    up_s: int
    size: int
    held: int
    lost: int
    missed: int
    errors: int
    torn: int
    alone: str  # off, button, motion
    still_min: int
    sessions: tuple[KeptSession, ...] = ()


class Link(Protocol):
    """A connected cuff. Its messages go to the inbox given at connect, the info message first."""

    name: str
    mtu: int
    info: Info
    info_bytes: bytes
    lost: asyncio.Event  # set when the connection has ended
    dropped: int  # messages that found the inbox full

    async def command(self, op: int, key: int = 0, value: int = 0) -> Response:
        """Ask the cuff. raises CommandRefused, LinkLost"""
        ...

    async def fetch(self, boot: int, first: int, count: int) -> Fetched:
        """Have the packets that hold these samples sent once more, in order, also while it streams.

        They come to the inbox as all others do, before this returns; whole packets, so some hold samples
        before `first` or after the end. One fetch runs at a time, others wait.
        raises CommandRefused, LinkLost
        """
        ...

    async def kept(self) -> Kept:
        """What the cuff keeps. raises CommandRefused, LinkLost"""
        ...

    async def release(self, boot: int, end: int) -> None:
        """Say that a host has every sample of that boot before `end`. raises CommandRefused, LinkLost

        Nothing is erased: what a host has is no loss when it gives way to newer samples.
        """
        ...

    async def close(self) -> None:
        """Disconnect; quiet when already lost."""
        ...


class Radio(Protocol):
    """A way to find cuffs and connect to them."""

    async def scan(
        self, timeout_s: float, enough: int | None = None, meant: Collection[str] = ()
    ) -> list[Found]:
        """Return the cuffs heard, strongest first. raises BluetoothOff

        It ends early after `enough` cuffs; with `meant` only those at these addresses count.
        """
        ...

    async def connect(self, found: Found, inbox: Inbox) -> Link:
        """Connect and subscribe. raises CuffNotFound, LinkLost"""
        ...

    async def close(self) -> None:
        """Let go of the adapter."""
        ...


def short_id(cuff_id: bytes) -> str:
    """Cuff id in hex, without the padding of a 6-byte one: what people type and labels show."""
    return (cuff_id[:6] if cuff_id[6:] == b"\0\0" else cuff_id).hex()


def read_info(message: bytes) -> Info:
    """Read an info message. raises LinkError when it is none of this wire version"""
    fault = batch.check(message)
    if fault or message[0] != spec.KIND_INFO:
        why = fault.value if fault else "another message"
        raise LinkError(f"the cuff's info cannot be read ({why}). Update the cuff or this program.")
    names = [name for name, *_ in spec.INFO]
    values = dict(zip(names, codec.read_fields(message), strict=True))
    version = (values["firmware_major"], values["firmware_minor"], values["firmware_patch"])
    return Info(
        cuff=short_id(values["cuff_id"]),
        boot=values["boot"],
        side=_SIDES.get(values["side"]),
        board=dict(spec.BOARDS).get(values["board"], f"board {values['board']}"),
        imu={row[0]: row[1] for row in spec.IMUS}.get(values["imu"]),
        firmware=".".join(map(str, version)),
        rate_hz=values["rate_hz"],
        acc_range_g=values["acc_range_g"],
        gyr_range_dps=values["gyr_range"] * 125,
        mass_g=values["mass_g"] or None,
        ring_slots=values["ring_slots"],
    )


def build_command(op: int, seq: int, key: int = 0, value: int = 0) -> bytes:
    """Write a command message."""
    size = codec.message_size(spec.KIND_COMMAND)
    message = bytearray(size)
    end = codec.write_fields(message, spec.KIND_COMMAND, op, seq, key, value)
    message[end:] = zlib.crc32(message[:end]).to_bytes(codec.CRC_SIZE, "little")
    return bytes(message)


def refusal(what: int | str, error: int, detail: int) -> CommandRefused:
    """The error a cuff answered with, in words that say what to do; `what`: COMMAND_* or a name."""
    name = what if isinstance(what, str) else _OPS.get(what, "the command")
    text = _REFUSALS.get(error, f"the cuff answered error {error}. Update this program.")
    return CommandRefused(f"{name} refused: {text.format(detail=detail)}", error, detail)


_OPS = {
    spec.COMMAND_START: "start",
    spec.COMMAND_STOP: "stop",
    spec.COMMAND_IDENTIFY: "identify",
    spec.COMMAND_SET: "set",
    spec.COMMAND_ECHO: "time echo",
    spec.COMMAND_CHALLENGE: "proof of the key",
}
_REFUSALS = {
    spec.ERROR_UNKNOWN_COMMAND: "the cuff does not know it. Update the cuff's firmware.",
    spec.ERROR_BAD_MESSAGE: "the cuff could not read it. Update the cuff or this program.",
    spec.ERROR_BAD_VALUE: "the value is out of range. Give another one.",
    spec.ERROR_BUSY: "the cuff is streaming. Stop the session first.",
    spec.ERROR_SMALL_MTU: "this connection carries packets of {detail} bytes and 247 are needed. "
    "Use another Bluetooth adapter, or one through DISTAL_HCI.",
    spec.ERROR_IMU: "the motion sensor does not work (reads {detail} mg at rest: 1000 is right, 0 none). "
    "Keep the cuff still and try again; then check its wiring.",
    spec.ERROR_MEMORY: "the cuff is out of memory. Switch it off and on.",
    spec.ERROR_FLASH: "the cuff cannot read its flash. Try again; if it stays so, its flash is worn out.",
    spec.ERROR_LOCKED: "the cuff obeys only hosts that have its key. Pair it with this computer: distal pair",
}


def strongest_first(found: Sequence[Found]) -> list[Found]:
    """Order by signal, then address, so that lists are the same each time."""
    return sorted(found, key=lambda one: (-(one.rssi if one.rssi is not None else -999), one.address))


def is_called(name: str, cuff: str, found: Found | None = None) -> bool:
    """Whether a cuff goes by that id, address or name; the end of an id is enough."""
    name = name.lower()
    return cuff.endswith(name) or (found is not None and name in (found.address.lower(), found.name.lower()))
