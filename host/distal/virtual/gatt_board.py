"""The radio of one virtual cuff: serves MicroPython's `bluetooth` on the bus, with NimBLE's manners.

Twin: `shadow_bluetooth/bluetooth.py`, same op numbers (a test compares both files).
A call is answered at once, the interpreter is blocked meanwhile; what takes bumble time runs as a task.
"""

import asyncio
import errno
import struct
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bumble import att, core, hci
from bumble.device import AdvertisingType, Connection, Device
from bumble.gatt import GATT_DEVICE_NAME_CHARACTERISTIC
from bumble.pairing import PairingConfig, PairingDelegate

from distal.virtual.air import Air
from distal.virtual.bus import Answer, Port
from distal.virtual.controller import AirController
from distal.virtual.gatt_table import GattTable, NimbleServer, Slot

# ---- ops: a and arg, payload -> reply
BOOT = 0x40  # the interpreter has started: forget everything -> address (6 bytes, big-endian)
ACTIVE = 0x41  # a 1 on, 0 off
CONFIG = 0x42  # a index into SETTINGS, arg value
NAME = 0x43  # payload the GAP name
ADVERTISE = 0x44  # a ADVERTISE_* bits, arg interval us, payload length and data for each bit
ADVERTISE_STOP = 0x45
REGISTER = 0x46  # payload entries -> value handles, 16 bits each
READ = 0x47  # arg handle -> value
WRITE = 0x48  # a 1 tells subscribers, arg handle, payload value
NOTIFY = 0x49  # a 1 with payload, 0 the stored value; arg connection | handle << 16
INDICATE = 0x4A  # as NOTIFY
SET_BUFFER = 0x4B  # a 1 appends, arg handle | size << 16
DISCONNECT = 0x4C  # arg connection -> 1, or 0 if there is none
PAIR = 0x4D  # arg connection
READ_ANSWER = 0x4E  # a ATT error or 0, arg connection | handle << 16

EVENT_IRQ = 0x40  # body: irq, data
ADVERTISE_CONNECTABLE = 1
ADVERTISE_DATA = 2
ADVERTISE_RESPONSE = 4
MAX_ADVERTISING_BYTES = 31
SETTINGS = ("mtu", "bond", "mitm", "le_secure", "io", "addr_mode", "rxbuf")
DEFAULT_MTU = 256  # MYNEWT_VAL_BLE_ATT_PREFERRED_MTU of the ESP32 port
DEFAULT_NAME = "MPY ESP32"

# ---- irq numbers of MicroPython
IRQ_CONNECT = 1
IRQ_DISCONNECT = 2
IRQ_WRITE = 3
IRQ_READ_REQUEST = 4
IRQ_INDICATE_DONE = 20
IRQ_MTU = 21
IRQ_CONNECTION_UPDATE = 27
IRQ_ENCRYPTION = 28

NOT_CONNECTED = 7  # BLE_HS_ENOTCONN: status of an indication that outlived its connection
NO_ANSWER = 13  # BLE_HS_ETIMEOUT
READ_PATIENCE_S = 1.0  # for the firmware's answer to IRQ_READ_REQUEST


@dataclass(slots=True)
class RadioStats:
    """What the rig counts on a cuff's radio since it was made, reboots included."""

    notified: int = 0  # notifications accepted
    no_memory: int = 0  # ENOMEM answers
    cut_notifications: int = 0  # longer than MTU - 3
    connections: int = 0
    disconnections: int = 0


class GattBoard:
    """Bumble as peripheral on the Air, driven by one interpreter."""

    def __init__(self, port: Port, air: Air, name: str, distance_m: float = 2.0) -> None:
        address = ":".join(f"{byte:02X}" for byte in port.unique_id)
        self.controller = AirController(air, name, address, distance_m)
        self.stats = RadioStats()
        self._port = port
        self.pool = air.faults.mbufs  # outgoing messages that find room
        self._tasks: set[asyncio.Task[None]] = set()
        self._unanswered = self._cut = 0
        self._functions: dict[int, Callable[[int, int, bytes], Answer]] = {
            BOOT: self._boot,
            ACTIVE: self._active,
            CONFIG: self._config,
            NAME: self._name,
            ADVERTISE: self._advertise,
            ADVERTISE_STOP: self._advertise_stop,
            REGISTER: self._register,
            READ: self._read,
            WRITE: self._write,
            NOTIFY: self._notify,
            INDICATE: self._indicate,
            SET_BUFFER: self._set_buffer,
            DISCONNECT: self._disconnect,
            PAIR: self._pair,
            READ_ANSWER: self._read_answer,
        }
        self._forget()
        port.handle(BOOT, READ_ANSWER, self._serve)

    # ---- for the rig

    @property
    def connections(self) -> int:
        """Connections that stand, as this end knows."""
        return len(self._radio.connections)

    @property
    def unanswered(self) -> int:
        """ATT requests that found no room for their answer."""
        return self._unanswered + self._server.unanswered

    @property
    def cut_writes(self) -> int:
        """Writes that were longer than their buffer."""
        return self._cut + self._table.cut

    def silence(self) -> None:
        """The radio stops in the middle of a word: reset or power cut."""
        self.controller.silence()
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    def _forget(self) -> None:
        """As after a boot: no table, no connection, off."""
        address = hci.Address(bytes(self.controller.public_address), hci.Address.RANDOM_DEVICE_ADDRESS)
        self._radio = Device.with_hci(DEFAULT_NAME, address, self.controller, self.controller)
        self._radio.on(Device.EVENT_CONNECTION, self._on_connection)
        self._radio.pairing_config_factory = self._pairing
        self._table = GattTable(self._before_read, self._after_write)
        self._server = NimbleServer(self._radio, self._has_room)
        self._radio.gatt_server = self._server
        self._settings = dict.fromkeys(SETTINGS, 0) | {"mtu": DEFAULT_MTU}
        self._advertised = self._response = b""
        self._turn = asyncio.Lock()
        self._reads: dict[int, asyncio.Future[int]] = {}
        self._indicating: dict[asyncio.Task[None], tuple[int, int]] = {}

    def _start(self, job: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _in_turn(self, job: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """HCI commands one after another, as the interpreter gave them."""
        async with self._turn:
            with suppress(core.BaseBumbleError):
                await job()

    def _irq(self, irq: int, layout: str, *data: int | bytes) -> None:
        self._port.post(EVENT_IRQ, struct.pack("<B" + layout, irq, *data))

    def _has_room(self) -> bool:
        queue = self._radio.host.le_acl_packet_queue
        return queue is None or queue.pending < self.pool

    # ---- ops

    def _serve(self, op: int, a: int, arg: int, payload: bytes) -> Answer:
        return self._functions[op](a, arg, payload)

    def _boot(self, a: int, arg: int, payload: bytes) -> Answer:
        self._unanswered, self._cut = self.unanswered, self.cut_writes
        self.silence()
        self._forget()
        return self._port.unique_id

    def _active(self, a: int, arg: int, payload: bytes) -> Answer:
        if a:
            self._start(self._in_turn(self._radio.power_on))
        else:
            self._boot(0, 0, b"")
        return b""

    def _config(self, a: int, arg: int, payload: bytes) -> Answer:
        self._settings[SETTINGS[a]] = arg
        self._server.max_mtu = self._settings["mtu"]
        return b""

    def _name(self, a: int, arg: int, payload: bytes) -> Answer:
        self._radio.name = payload.decode(errors="replace")
        for attribute in self._server.attributes:
            if attribute.type == GATT_DEVICE_NAME_CHARACTERISTIC:
                attribute.value = payload
        return b""

    def _advertise(self, a: int, arg: int, payload: bytes) -> Answer:
        for bit in (ADVERTISE_DATA, ADVERTISE_RESPONSE):
            if not a & bit:
                continue
            data, payload = payload[1 : 1 + payload[0]], payload[1 + payload[0] :]
            if len(data) > MAX_ADVERTISING_BYTES:
                return errno.EINVAL
            if bit == ADVERTISE_DATA:
                self._advertised = data
            else:
                self._response = data
        kinds = (AdvertisingType.UNDIRECTED, AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE)
        self._start(self._in_turn(lambda: self._begin_advertising(kinds[a & 1], arg / 1000)))
        return b""

    async def _begin_advertising(self, kind: AdvertisingType, interval_ms: float) -> None:
        await self._radio.start_advertising(
            kind,
            own_address_type=hci.OwnAddressType.PUBLIC,
            advertising_data=self._advertised,
            scan_response_data=self._response,
            advertising_interval_min=interval_ms,
            advertising_interval_max=interval_ms,
        )

    def _advertise_stop(self, a: int, arg: int, payload: bytes) -> Answer:
        self._start(self._in_turn(self._radio.stop_advertising))
        return b""

    def _register(self, a: int, arg: int, payload: bytes) -> Answer:
        self._unanswered, self._cut = self.unanswered, self.cut_writes
        self._table = GattTable(self._before_read, self._after_write)
        self._server = NimbleServer(self._radio, self._has_room)
        self._server.max_mtu = self._settings["mtu"]
        self._radio.gatt_server = self._server
        self._radio.add_default_services()
        return self._table.build(self._server, payload)

    def _read(self, a: int, arg: int, payload: bytes) -> Answer:
        slot = self._table.slots.get(arg)
        return slot.take() if slot else errno.EINVAL

    def _write(self, a: int, arg: int, payload: bytes) -> Answer:
        slot = self._table.slots.get(arg)
        if slot is None:
            return errno.EINVAL
        slot.write_local(payload)
        if a:
            for connection in list(self._radio.connections.values()):
                self._tell(connection, slot)
        return b""

    def _tell(self, connection: Connection, slot: Slot) -> None:
        subscribed = self._server.subscribers.get(connection, {}).get(slot.handle, b"\0")[0]
        if subscribed & 1 and self._has_room():
            self._send_notification(connection, slot.handle, slot.value)
        elif subscribed & 2:
            self._begin_indication(connection, slot, slot.value)

    def _addressed(self, arg: int) -> tuple[Connection, Slot] | int:
        connection = self._radio.connections.get(arg & 0xFFFF)
        if connection is None:
            return errno.ENOTCONN
        slot = self._table.slots.get(arg >> 16)
        if slot is None:
            return errno.EINVAL
        if self._has_room():
            return connection, slot
        self.stats.no_memory += 1
        return errno.ENOMEM

    def _notify(self, a: int, arg: int, payload: bytes) -> Answer:
        """NimBLE asks neither who subscribed nor whether it fits."""
        target = self._addressed(arg)
        if isinstance(target, int):
            return target
        connection, slot = target
        self._send_notification(connection, slot.handle, payload if a else slot.value)
        return b""

    def _send_notification(self, connection: Connection, handle: int, value: bytes) -> None:
        room = connection.att_mtu - 3
        self.stats.notified += 1
        self.stats.cut_notifications += len(value) > room
        pdu = att.ATT_Handle_Value_Notification(attribute_handle=handle, attribute_value=value[:room])
        self._server.send_gatt_pdu(connection, bytes(pdu))

    def _indicate(self, a: int, arg: int, payload: bytes) -> Answer:
        target = self._addressed(arg)
        if isinstance(target, int):
            return target
        connection, slot = target
        self._begin_indication(connection, slot, payload if a else slot.value)
        return b""

    def _begin_indication(self, connection: Connection, slot: Slot, value: bytes) -> None:
        task = self._start(self._indicate_to(connection, slot, value))
        self._indicating[task] = connection.handle, slot.handle
        task.add_done_callback(lambda done: self._indicating.pop(done, None))

    async def _indicate_to(self, connection: Connection, slot: Slot, value: bytes) -> None:
        status = 0
        try:
            assert slot.attribute
            await self._server.indicate_subscriber(connection, slot.attribute, value, force=True)
        except (TimeoutError, core.BaseBumbleError):
            status = NO_ANSWER
        self._irq(IRQ_INDICATE_DONE, "HHB", connection.handle, slot.handle, status)

    def _set_buffer(self, a: int, arg: int, payload: bytes) -> Answer:
        slot = self._table.slots.get(arg & 0xFFFF)
        if slot is None:
            return errno.EINVAL
        slot.limit, slot.appends, slot.value = arg >> 16, bool(a), b""
        return b""

    def _disconnect(self, a: int, arg: int, payload: bytes) -> Answer:
        connection = self._radio.connections.get(arg)
        if connection is not None:
            self._start(self._in_turn(connection.disconnect))
        return bytes((connection is not None,))

    def _pair(self, a: int, arg: int, payload: bytes) -> Answer:
        connection = self._radio.connections.get(arg)
        if connection is None:
            return errno.ENOTCONN
        connection.request_pairing()
        return b""

    def _pairing(self, _connection: Connection) -> PairingConfig:
        return PairingConfig(
            sc=bool(self._settings["le_secure"]),
            mitm=bool(self._settings["mitm"]),
            bonding=bool(self._settings["bond"]),
            delegate=PairingDelegate(),
            identity_address_type=PairingConfig.AddressType.PUBLIC,
        )

    # ---- what the peer does

    def _on_connection(self, connection: Connection) -> None:
        self.stats.connections += 1
        peer = bytes((connection.peer_address.is_random,)) + bytes(connection.peer_address)[::-1]
        handle = connection.handle
        self._irq(IRQ_CONNECT, "H7s", handle, peer)
        connection.on(Connection.EVENT_DISCONNECTION, lambda _reason: self._on_disconnection(handle, peer))
        connection.on(
            Connection.EVENT_CONNECTION_ATT_MTU_UPDATE,
            lambda: self._irq(IRQ_MTU, "HH", handle, connection.att_mtu),
        )
        connection.on(Connection.EVENT_CONNECTION_PARAMETERS_UPDATE, lambda: self._on_terms(connection))
        connection.on(Connection.EVENT_CONNECTION_ENCRYPTION_CHANGE, lambda: self._on_encryption(connection))

    def _on_disconnection(self, handle: int, peer: bytes) -> None:
        self.stats.disconnections += 1
        for task, (connection, value_handle) in list(self._indicating.items()):
            if connection == handle:
                task.cancel()
                self._irq(IRQ_INDICATE_DONE, "HHB", handle, value_handle, NOT_CONNECTED)
        self._irq(IRQ_DISCONNECT, "H7s", handle, peer)

    def _on_terms(self, connection: Connection) -> None:
        terms = connection.parameters
        interval, timeout = round(terms.connection_interval / 1.25), round(terms.supervision_timeout / 10)
        self._irq(
            IRQ_CONNECTION_UPDATE, "HHHHB", connection.handle, interval, terms.peripheral_latency, timeout, 0
        )

    def _on_encryption(self, connection: Connection) -> None:
        # Just Works is encrypted and not authenticated, whatever bumble calls it
        authenticated = bool(connection.authenticated and self._settings["mitm"])
        bonded, encrypted = bool(self._settings["bond"]), bool(connection.encryption)
        self._irq(IRQ_ENCRYPTION, "HBBBB", connection.handle, encrypted, authenticated, bonded, 16)

    async def _before_read(self, connection: Connection, slot: Slot) -> int:
        """NimBLE asks the firmware before each read; 0 or an ATT error."""
        key = connection.handle | slot.handle << 16
        self._reads[key] = answer = asyncio.get_running_loop().create_future()
        self._irq(IRQ_READ_REQUEST, "HH", connection.handle, slot.handle)
        try:
            return await asyncio.wait_for(answer, READ_PATIENCE_S)
        except TimeoutError:
            return 0
        finally:
            self._reads.pop(key, None)

    def _read_answer(self, a: int, arg: int, payload: bytes) -> Answer:
        answer = self._reads.get(arg)
        if answer is not None and not answer.done():
            answer.set_result(a)
        return b""

    def _after_write(self, connection: Connection, slot: Slot) -> None:
        self._irq(IRQ_WRITE, "HH", connection.handle, slot.handle)
