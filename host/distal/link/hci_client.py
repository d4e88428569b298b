"""bleak's client on a bumble central: connection, discovery, reading, writing, subscribing."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from bleak.args import SizedBuffer
from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bleak.uuids import normalize_uuid_str
from bumble import core, hci
from bumble.att import ATT_Error
from bumble.core import UUID
from bumble.device import Connection, ConnectionParametersPreferences, Device, Peer
from bumble.gatt_client import CharacteristicProxy

if TYPE_CHECKING:
    from distal.link.hci import Backend

STEP_S = 5.0  # of setting a link up, some requests each: NimBLE forgets one that finds no room, for good
SUBSCRIPTION = "2902"  # client characteristic configuration descriptor
PROPERTIES: tuple[tuple[int, CharacteristicPropertyName], ...] = (
    (0x01, "broadcast"),
    (0x02, "read"),
    (0x04, "write-without-response"),
    (0x08, "write"),
    (0x10, "notify"),
    (0x20, "indicate"),
    (0x40, "authenticated-signed-writes"),
    (0x80, "extended-properties"),
)

Result = TypeVar("Result")


class HciClient(BaseBleakClient):
    """bleak's client; `backend` is set by the subclass that a Backend makes for itself."""

    backend: ClassVar["Backend"]

    def __init__(self, address_or_ble_device: BLEDevice | str, **options: Any) -> None:
        super().__init__(address_or_ble_device, **options)
        self._name: str | None = None
        self._target = self.backend.address(self.address)
        if isinstance(address_or_ble_device, BLEDevice):
            self._name, self._target = address_or_ble_device.name, address_or_ble_device.details
        self._connection: Connection | None = None
        self._callbacks: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        """The advertised name, or the address."""
        return self._name or self.address

    @property
    def mtu_size(self) -> int:
        """ATT MTU of the connection, 23 without one."""
        return self._connection.att_mtu if self._connection else 23

    @property
    def is_connected(self) -> bool:
        """Whether the connection stands, as far as anyone knows."""
        return self._connection is not None

    # ---- connection

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        """Connect, exchange the MTU, discover everything; all or nothing."""
        self._connection = await self._open()
        self._connection.on(Connection.EVENT_DISCONNECTION, self._on_disconnection)
        self.backend.joined(self)
        try:
            async with asyncio.timeout(self._timeout):
                await self._prepare(pair)
        except TimeoutError as error:
            await self.disconnect()
            raise BleakError(f"{self.name} connected but did not answer") from error
        except BaseException:
            await self.disconnect()
            raise

    async def _open(self) -> Connection:
        terms = self.backend.terms
        preferences = ConnectionParametersPreferences(
            terms.interval_min_ms, terms.interval_max_ms, supervision_timeout=int(terms.timeout_ms)
        )
        async with self.backend.connecting:
            await self.backend.ready()
            central = self.backend.central
            try:
                with as_bleak_errors(f"Cannot connect to {self.name}"):
                    return await central.connect_le(
                        self._target, {hci.Phy.LE_1M: preferences}, timeout=self._timeout
                    )
            except asyncio.CancelledError:
                await _cancel_connecting(central)
                raise
            except BleakError as error:
                if isinstance(error.__cause__, core.TimeoutError):
                    raise BleakDeviceNotFoundError(self.address, f"{self.name} was not found") from error
                raise

    async def _prepare(self, pair: bool) -> None:
        connection = self._connection
        if connection is None:
            raise BleakError(f"{self.name} disconnected at once")
        peer, mtu = Peer(connection), self.backend.terms.mtu
        if mtu is not None:
            await self._step(lambda: peer.request_mtu(mtu))
        if pair:
            await self.pair()
        self.services = await self._discover(peer)

    async def _step(self, request: Callable[[], Awaitable[Result]]) -> Result:
        """A part of the setup: a peer that is silent in it is better called anew than waited for."""
        async with asyncio.timeout(STEP_S):
            return await self._ask(request)

    async def disconnect(self) -> None:
        """Disconnect; out of range this takes the supervision timeout."""
        if self._connection is not None:
            with as_bleak_errors(f"Cannot disconnect from {self.name}"):
                await self._connection.disconnect()

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = None
        self._callbacks.clear()
        self.services = None
        self.backend.parted(self)
        if self._disconnected_callback:
            self._disconnected_callback()

    async def pair(self, *_args: Any, **_kwargs: Any) -> None:
        """Bond with keys kept as long as the backend lives."""
        await self._ask(lambda: self._connected.pair())

    async def unpair(self) -> None:
        """Forget the keys."""
        keys = self.backend.central.keystore
        if keys is not None:
            await keys.delete(str(self._target))

    @property
    def _connected(self) -> Connection:
        if self._connection is None:
            raise BleakError("Not connected")
        return self._connection

    async def _ask(self, request: Callable[[], Awaitable[Result]]) -> Result:
        """Await what needs the peer's answer; every failure becomes a BleakError."""
        assert self._connected
        try:
            with as_bleak_errors(f"{self.name} did not answer"):
                return await request()
        except asyncio.CancelledError:
            # bumble cancels whoever waits for an answer when the connection ends
            task = asyncio.current_task()
            if self.is_connected or (task is not None and task.cancelling()):
                raise
            raise BleakError(f"{self.name} disconnected") from None

    # ---- attributes

    async def _discover(self, peer: Peer) -> BleakGATTServiceCollection:
        table = BleakGATTServiceCollection()
        for service in await self._step(peer.discover_services):
            entry = BleakGATTService(service, service.handle, uuid_text(service.uuid.to_bytes()))
            table.add_service(entry)
            for characteristic in await self._step(service.discover_characteristics):
                await self._discover_characteristic(table, entry, characteristic)
        return table

    async def _discover_characteristic(
        self, table: BleakGATTServiceCollection, service: BleakGATTService, found: CharacteristicProxy[bytes]
    ) -> None:
        entry = BleakGATTCharacteristic(
            found,
            found.handle,
            uuid_text(found.uuid.to_bytes()),
            [name for bit, name in PROPERTIES if found.properties & bit],
            lambda: self.mtu_size - 3,
            service,
        )
        table.add_characteristic(entry)
        for descriptor in await self._step(found.discover_descriptors):
            uuid = uuid_text(descriptor.type.to_bytes())
            table.add_descriptor(BleakGATTDescriptor(descriptor, descriptor.handle, uuid, entry))

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        """Read a value of any length."""
        return bytearray(await self._ask(characteristic.obj.read_value))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        """Read a descriptor."""
        return bytearray(await self._ask(descriptor.obj.read_value))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        """Write; with response, what exceeds one packet goes as Prepare Write."""
        value = bytes(data)
        if not response and len(value) > self.mtu_size - 3:
            limit = self.mtu_size - 3
            raise BleakError(f"{len(value)} bytes exceed the {limit} of one write without response")
        await self._ask(lambda: characteristic.obj.write_value(value, with_response=response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Write a descriptor."""
        await self._ask(lambda: descriptor.obj.write_value(bytes(data), with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: Any
    ) -> None:
        """Subscribe to notifications, or to indications where there are no notifications."""

        def on_value(value: bytes) -> None:
            callback(bytearray(value))

        if not {"notify", "indicate"} & set(characteristic.properties):
            raise BleakError(f"{characteristic.uuid} neither notifies nor indicates")
        if characteristic.get_descriptor(SUBSCRIPTION) is None:
            raise BleakError(f"{characteristic.uuid} lacks the descriptor to subscribe with")
        await self._ask(lambda: characteristic.obj.subscribe(on_value))
        self._callbacks[characteristic.handle] = on_value

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe."""
        callback = self._callbacks.pop(characteristic.handle, None)
        await self._ask(lambda: characteristic.obj.unsubscribe(callback))


def uuid_text(little_endian: bytes) -> str:
    """A 16 or 128 bit UUID as bleak writes it."""
    size = len(little_endian)
    text = UUID.from_bytes(little_endian).to_hex_str("-" if size == 16 else "")
    return normalize_uuid_str(text.lower())


async def _cancel_connecting(central: Device) -> None:
    """Take back a connection request whose asker is gone, or the controller waits for ever."""
    with suppress(core.BaseBumbleError):
        await central.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())


@contextmanager
def as_bleak_errors(what: str) -> Iterator[None]:
    """Turn what bumble raises into BleakError, which callers of bleak expect."""
    try:
        yield
    except ATT_Error as error:
        raise BleakGATTProtocolError(int(error.error_code)) from error
    except (core.BaseBumbleError, TimeoutError, OSError) as error:
        raise BleakError(f"{what}: {error or type(error).__name__}") from error
