"""A bleak backend on a raw HCI controller: bumble is the stack, no help from the operating system.

Virtual cuffs are reached through it, and a user whose desktop's Bluetooth misbehaves can plug in a USB or
serial dongle and set DISTAL_HCI=<bumble transport> (`usb:0`, `serial:/dev/ttyUSB0`, `tcp-client:host:port`).

    backend = await open_backend("usb:0")
    async with BleakScanner(backend=backend.scanner) as scanner: ...
    async with BleakClient(cuff, backend=backend.client) as client: ...
    await backend.close()
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakError
from bumble import core, hci
from bumble.core import AdvertisingData
from bumble.device import Advertisement, Device
from bumble.pairing import PairingConfig
from bumble.transport import open_transport
from bumble.transport.common import Transport

from distal.errors import BluetoothOff
from distal.link.hci_client import HciClient, as_bleak_errors, uuid_text

OPEN_TIMEOUT_S = 10.0
NAMES = (AdvertisingData.Type.COMPLETE_LOCAL_NAME, AdvertisingData.Type.SHORTENED_LOCAL_NAME)
UUID_LISTS: dict[int, int] = {  # kind of list -> bytes of one UUID
    AdvertisingData.Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    AdvertisingData.Type.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    AdvertisingData.Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    AdvertisingData.Type.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
}
SERVICE_DATA: dict[int, int] = {
    AdvertisingData.Type.SERVICE_DATA_128_BIT_UUID: 16,
    AdvertisingData.Type.SERVICE_DATA_16_BIT_UUID: 2,
}

# bumble warns on the terminal of whatever it finds odd in a peer; what matters reaches us as an error
logging.getLogger("bumble").setLevel(logging.ERROR)


@dataclass(slots=True)
class Terms:
    """What the next connections ask for."""

    mtu: int | None = 517  # as BlueZ; None asks for none and leaves the 23 bytes of the specification
    interval_min_ms: float = 15.0
    interval_max_ms: float = 30.0
    timeout_ms: float = 4000.0  # supervision timeout: a leg may shade the radio for a second or two


class Backend:
    """A central on one controller; `scanner` and `client` are the classes that bleak asks for."""

    def __init__(self, central: Device, transport: Transport | None = None, name: str = "") -> None:
        self.central = central
        self.terms = Terms()
        self.connecting = asyncio.Lock()  # a controller sets up one connection at a time
        self._transport, self._name = transport, name
        self._opening = asyncio.Lock()
        self._heard: dict[str, hci.Address] = {}
        self._scans: list[HciScanner] = []
        self._clients: set[HciClient] = set()

        class Scanner(HciScanner):
            backend = self

        class Client(HciClient):
            backend = self

        self.scanner: type[BaseBleakScanner] = Scanner
        self.client: type[BaseBleakClient] = Client

    async def close(self) -> None:
        """End scans and connections, and give the controller back."""
        for client in list(self._clients):
            with suppress(BleakError):  # a controller that was reset knows the connection no more
                await client.disconnect()
        for scanner in list(self._scans):
            await self.end_scan(scanner)
        await self.central.power_off()
        if self._transport is not None:
            await self._transport.close()

    async def ready(self) -> None:
        """A controller that has gone would never answer: open it anew. raises BleakError while it is away"""
        async with self._opening:
            gone = self._transport
            if gone is None or not gone.source.terminated.done():
                return
            try:
                self.central, self._transport = await _open_central(self._name)
            except BluetoothOff as error:
                raise BleakError("the controller has gone") from error
            self._scans.clear()
            self._clients.clear()
            with suppress(Exception):  # what is left of it has nobody to say goodbye to
                await gone.close()

    def address(self, text: str) -> hci.Address:
        """The address as it was heard; one never heard is taken as public, which an ESP32's is."""
        return self._heard.get(text.upper()) or hci.Address(f"{text}/P")

    def hear(self, text: str, address: hci.Address) -> None:
        """Remember whether an address is public or random: its text does not say."""
        self._heard[text] = address

    def joined(self, client: "HciClient") -> None:
        """Remember a connection that `close` must end."""
        self._clients.add(client)

    def parted(self, client: "HciClient") -> None:
        """Forget a connection that is over."""
        self._clients.discard(client)

    async def begin_scan(self, scanner: "HciScanner", is_active: bool) -> None:
        """Let a scanner hear advertisements; the first one switches scanning on."""
        await self.ready()
        self.central.on(Device.EVENT_ADVERTISEMENT, scanner.on_advertisement)
        self._scans.append(scanner)
        if len(self._scans) == 1:
            with as_bleak_errors("The controller refused to scan"):
                await self.central.start_scanning(active=is_active)

    async def end_scan(self, scanner: "HciScanner") -> None:
        """The last scanner switches scanning off."""
        if scanner not in self._scans:
            return
        self.central.remove_listener(Device.EVENT_ADVERTISEMENT, scanner.on_advertisement)
        self._scans.remove(scanner)
        if not self._scans:
            await self.central.stop_scanning()


def backend_on(central: Device) -> Backend:
    """A backend on a bumble Device that somebody else opened and switched on."""
    return Backend(_with_random_identity(central))


def _with_random_identity(central: Device) -> Device:
    """With a public one the peer stores a key for an address that never connects: reconnecting fails."""
    central.pairing_config_factory = lambda _connection: PairingConfig(
        mitm=False, identity_address_type=PairingConfig.AddressType.RANDOM
    )
    return central


async def open_backend(transport: str) -> Backend:
    """Open a controller by bumble's transport name and become a central; it is opened anew when it was gone.

    raises  BluetoothOff if there is none, or it does not answer
    """
    return Backend(*await _open_central(transport), transport)


async def _open_central(transport: str) -> tuple[Device, Transport]:
    try:
        async with asyncio.timeout(OPEN_TIMEOUT_S):
            opened = await open_transport(transport)
    except (OSError, TimeoutError, ValueError, core.BaseBumbleError) as error:
        raise BluetoothOff(f"No controller at {transport} ({error}). Check DISTAL_HCI.") from error
    address = hci.Address.generate_static_address()
    central = Device.with_hci("Distal host", address, opened.source, opened.sink)
    try:
        async with asyncio.timeout(OPEN_TIMEOUT_S):
            await central.power_on()
    except (OSError, TimeoutError, core.BaseBumbleError) as error:
        await opened.close()
        raise BluetoothOff(f"The controller at {transport} does not answer. Plug it in anew.") from error
    return _with_random_identity(central), opened


class HciScanner(BaseBleakScanner):
    """bleak's scanner; `backend` is set by the subclass that a Backend makes for itself."""

    backend: ClassVar[Backend]

    def __init__(
        self, detection_callback: Any, service_uuids: list[str] | None, scanning_mode: str, **_: Any
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._is_active = scanning_mode == "active"

    async def start(self) -> None:
        """Scan anew."""
        self.seen_devices = {}
        await self.backend.begin_scan(self, self._is_active)

    async def stop(self) -> None:
        """Scan no more."""
        await self.backend.end_scan(self)

    def on_advertisement(self, heard: Advertisement) -> None:
        """Advertisement and scan response arrive here as one."""
        data = _advertisement_data(heard)
        self.backend.hear(heard.address.to_string(with_type_qualifier=False), heard.address)
        if self.is_allowed_uuid(data.service_uuids):
            address = heard.address.to_string(with_type_qualifier=False)
            found = self.create_or_update_device(address, address, data.local_name, heard.address, data)
            self.call_detection_callbacks(found, data)


def _advertisement_data(heard: Advertisement) -> AdvertisementData:
    name, power = None, None
    uuids: list[str] = []
    makers: dict[int, bytes] = {}
    services: dict[str, bytes] = {}
    for kind, body in heard.data.ad_structures:
        if kind in NAMES:
            name = body.decode(errors="replace")
        elif size := UUID_LISTS.get(kind):
            uuids += [uuid_text(body[at : at + size]) for at in range(0, len(body), size)]
        elif size := SERVICE_DATA.get(kind):
            services[uuid_text(body[:size])] = body[size:]
        elif kind == AdvertisingData.Type.MANUFACTURER_SPECIFIC_DATA:
            makers[int.from_bytes(body[:2], "little")] = body[2:]
        elif kind == AdvertisingData.Type.TX_POWER_LEVEL:
            power = int.from_bytes(body, "little", signed=True)
    return AdvertisementData(name, makers, services, uuids, power, heard.rssi, (heard,))
