"""A cuff's attribute table with NimBLE's manners, as MicroPython's ESP32 port shows them.

Read in MicroPython 1.28: extmod/modbluetooth.c (buffers), extmod/nimble/modbluetooth_nimble.c (access).
"""

import struct
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from bumble import att
from bumble.core import UUID
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, Descriptor, Service
from bumble.gatt_server import Server

# ---- entries of a table to register: kind, length of the UUID, flags, UUID (little-endian)
ENTRY_SERVICE = 1
ENTRY_CHARACTERISTIC = 2
ENTRY_DESCRIPTOR = 3
ENTRY = struct.Struct("<BBH")

FLAG_READ = 0x0002
FLAG_WRITE = 0x000C  # with or without response
FLAG_READ_GUARDED = 0x0600  # encrypted or authenticated
FLAG_WRITE_GUARDED = 0x3000

DEFAULT_BYTES = 20  # MP_BLUETOOTH_DEFAULT_ATTR_LEN

BeforeRead = Callable[[Connection, "Slot"], Awaitable[int]]
AfterWrite = Callable[[Connection, "Slot"], None]


@dataclass(slots=True)
class Slot:
    """The value behind one handle."""

    flags: int
    attribute: att.Attribute[bytes] | None = None
    value: bytes = b""
    limit: int = DEFAULT_BYTES
    appends: bool = False

    @property
    def handle(self) -> int:
        """The value handle."""
        return self.attribute.handle if self.attribute else 0

    def write_local(self, data: bytes) -> None:
        """`gatts_write`: the buffer grows if it must."""
        self.value = data
        self.limit = max(self.limit, len(data))

    def write_remote(self, data: bytes) -> bool:
        """From the peer: what exceeds the buffer is cut without a word. Whether something was cut."""
        whole = self.value + data if self.appends else data
        self.value = whole[: self.limit]
        return len(whole) > self.limit

    def take(self) -> bytes:
        """`gatts_read`: empties a buffer that appends."""
        value = self.value
        if self.appends:
            self.value = b""
        return value


class NimbleServer(Server):
    """Bumble's GATT server, but a request that finds the pool of messages empty gets no answer."""

    def __init__(self, radio: Device, has_room: Callable[[], bool]) -> None:
        super().__init__(radio)
        self._has_room = has_room
        self._starved: set[att.Bearer] = set()  # one request at a time is under way on each
        self.unanswered = 0

    def on_gatt_pdu(self, bearer: att.Bearer, att_pdu: att.ATT_PDU) -> None:
        """Room is looked for when the request arrives: NimBLE answers at once or not at all."""
        if att_pdu.op_code in att.ATT_REQUESTS and not self._has_room():
            self._starved.add(bearer)
        super().on_gatt_pdu(bearer, att_pdu)

    def send_response(self, bearer: att.Bearer, response: att.ATT_PDU) -> None:
        """As bumble, unless the request starved."""
        if bearer in self._starved:
            self._starved.discard(bearer)
            self.unanswered += 1
        else:
            super().send_response(bearer, response)


class GattTable:
    """The slots of one boot, by handle; `build` puts them on a server."""

    def __init__(self, before_read: BeforeRead, after_write: AfterWrite) -> None:
        self._before_read, self._after_write = before_read, after_write
        self.slots: dict[int, Slot] = {}
        self.cut = 0  # writes that were longer than their buffer

    def build(self, server: Server, entries: bytes) -> bytes:
        """Add services; returns the value handles in the order of the entries, 16 bits each."""
        added: list[Slot] = []
        for uuid, members in _services(entries):
            characteristics: list[Characteristic[bytes]] = []
            for kind, member, flags in members:
                slot = Slot(flags)
                added.append(slot)
                if kind == ENTRY_CHARACTERISTIC:
                    characteristics.append(self._characteristic(member, slot))
                else:
                    last = characteristics[-1]
                    last.descriptors = [*last.descriptors, self._descriptor(member, slot)]
            server.add_service(Service(uuid, characteristics))
        self.slots.update({slot.handle: slot for slot in added})
        return struct.pack(f"<{len(added)}H", *(slot.handle for slot in added))

    def _characteristic(self, uuid: UUID, slot: Slot) -> Characteristic[bytes]:
        made: Characteristic[bytes] = Characteristic(
            uuid, Characteristic.Properties(slot.flags & 0xFF), _OPEN, self._value(slot)
        )
        slot.attribute = made
        return made

    def _descriptor(self, uuid: UUID, slot: Slot) -> Descriptor:
        made = Descriptor(uuid, _OPEN, self._value(slot))
        slot.attribute = made
        return made

    def _value(self, slot: Slot) -> att.AttributeValue[bytes]:
        async def read(connection: Connection) -> bytes:
            _admit(connection, slot.flags, FLAG_READ, FLAG_READ_GUARDED)
            if error := await self._before_read(connection, slot):
                raise att.ATT_Error(att.ErrorCode(error))
            return slot.value

        def write(connection: Connection, value: bytes) -> None:
            _admit(connection, slot.flags, FLAG_WRITE, FLAG_WRITE_GUARDED)
            self.cut += slot.write_remote(value)
            self._after_write(connection, slot)

        return att.AttributeValue(read=read, write=write)


# access is decided in _admit: bumble answers 0x0F where NimBLE answers 0x05
_OPEN = att.Attribute.Permissions.READABLE | att.Attribute.Permissions.WRITEABLE


def _admit(connection: Connection, flags: int, permitted: int, guarded: int) -> None:
    if not flags & permitted:
        refused = (
            att.ErrorCode.READ_NOT_PERMITTED if permitted == FLAG_READ else att.ErrorCode.WRITE_NOT_PERMITTED
        )
        raise att.ATT_Error(refused)
    if flags & guarded and not connection.encryption:
        raise att.ATT_Error(att.ErrorCode.INSUFFICIENT_AUTHENTICATION)


Member = tuple[int, UUID, int]


def _services(entries: bytes) -> Iterator[tuple[UUID, list[Member]]]:
    """Group what follows each service entry."""
    service: UUID | None = None
    members: list[Member] = []
    at = 0
    while at < len(entries):
        kind, size, flags = ENTRY.unpack_from(entries, at)
        uuid = UUID.from_bytes(entries[at + ENTRY.size : at + ENTRY.size + size])
        at += ENTRY.size + size
        if kind != ENTRY_SERVICE:
            members.append((kind, uuid, flags))
            continue
        if service is not None:
            yield service, members
        service, members = uuid, []
    if service is not None:
        yield service, members
