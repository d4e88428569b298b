"""bleak on a bumble central, against a bumble peripheral on the virtual air."""

import asyncio
import inspect
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

pytest.importorskip("bumble")

from bleak import BleakClient, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import att, hci
from bumble.core import AdvertisingData
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service

from distal.errors import BluetoothOff
from distal.link.hci import Backend, backend_on, open_backend
from distal.link.hci_client import STEP_S
from distal.virtual.air import Air, RadioFaults
from distal.virtual.clockloop import run
from distal.virtual.controller import AirController

SERVICE = "77d80001-5e1d-45fc-9ff2-ace950e41fb5"
TELL, KEEP, LONG, REFUSE, ASK = (f"77d8000{n}-5e1d-45fc-9ff2-ace950e41fb5" for n in range(2, 7))
SHORT = 0x2A19
LONG_VALUE = bytes(range(256)) + b"tail"
Properties = Characteristic.Properties


@dataclass
class Peer:
    """A peripheral with one characteristic of each kind."""

    radio: Device
    controller: AirController
    tellers: dict[str, Characteristic[bytes]]
    written: list[bytes] = field(default_factory=list)

    @property
    def connection(self) -> Connection:
        return next(iter(self.radio.connections.values()))


@dataclass
class Room:
    """A backend and its peers on one air."""

    air: Air
    backend: Backend
    peers: list[Peer]

    async def find(self, name: str = "peer 0") -> BLEDevice:
        found = await BleakScanner.find_device_by_name(name, timeout=5, backend=self.backend.scanner)
        assert found is not None
        return found

    async def connect(self) -> BleakClient:
        client = BleakClient(await self.find(), backend=self.backend.client)
        await client.connect()
        return client


def refuse(_connection: Connection, _value: bytes) -> None:
    raise att.ATT_Error(att.ErrorCode.WRITE_REQUEST_REJECTED)


async def make_peer(air: Air, number: int) -> Peer:
    controller = AirController(air, f"peer {number}", f"24:00:00:00:00:{number:02X}")
    radio = Device.with_hci(
        f"peer {number}", hci.Address(f"C0:00:00:00:00:{number:02X}"), controller, controller
    )
    written: list[bytes] = []
    keep = CharacteristicValue(
        read=lambda _: written[-1], write=lambda _, value: written.append(bytes(value))
    )
    both = Characteristic.READABLE | Characteristic.WRITEABLE
    writes = Properties.READ | Properties.WRITE | Properties.WRITE_WITHOUT_RESPONSE
    tellers: dict[str, Characteristic[bytes]] = {
        uuid: Characteristic(uuid, kind, Characteristic.READABLE, b"")
        for uuid, kind in ((TELL, Properties.NOTIFY), (ASK, Properties.INDICATE))
    }
    members: list[Characteristic[bytes]] = [
        *tellers.values(),
        Characteristic(KEEP, writes, both, keep),
        Characteristic(LONG, Properties.READ, Characteristic.READABLE, LONG_VALUE),
        Characteristic(REFUSE, Properties.WRITE, both, CharacteristicValue(write=refuse)),
    ]
    battery: Characteristic[bytes] = Characteristic(
        f"{SHORT:04X}", Properties.READ, Characteristic.READABLE, b"\x64"
    )
    radio.add_services([Service(SERVICE, members), Service("180F", [battery])])
    await radio.power_on()
    await advertise(radio, number)
    return Peer(radio, controller, tellers, written)


async def advertise(radio: Device, number: int) -> None:
    kinds = AdvertisingData.Type
    await radio.start_advertising(
        own_address_type=hci.OwnAddressType.PUBLIC,
        auto_restart=True,
        advertising_data=bytes(
            AdvertisingData(
                [
                    (kinds.FLAGS, b"\x06"),
                    (
                        kinds.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
                        bytes.fromhex(SERVICE.replace("-", ""))[::-1],
                    ),
                ]
            )
        ),
        scan_response_data=bytes(
            AdvertisingData(
                [
                    (kinds.COMPLETE_LOCAL_NAME, f"peer {number}".encode()),
                    (kinds.MANUFACTURER_SPECIFIC_DATA, b"\x34\x12made"),
                    (kinds.SERVICE_DATA_16_BIT_UUID, b"\x0f\x18d"),
                    (kinds.TX_POWER_LEVEL, b"\xfd"),
                ]
            )
        ),
        advertising_interval_min=100,
        advertising_interval_max=100,
    )


def in_room(test: Callable[[Room], Awaitable[object]], peers: int = 1) -> None:
    """Run a test among peers in virtual time."""

    async def main() -> None:
        air = Air(RadioFaults())
        controller = AirController(air, "central", "F0:00:00:00:00:01")
        central = Device.with_hci("central", hci.Address("F0:00:00:00:00:01"), controller, controller)
        await central.power_on()
        room = Room(air, backend_on(central), [await make_peer(air, n) for n in range(peers)])
        await test(room)
        await room.backend.close()
        assert air.connections == []

    run(main(), speed=math.inf)


# ---- scanning


def test_installed_bleak_asks_for_no_more_than_we_have() -> None:
    async def test(room: Room) -> None:
        for ours, base in ((room.backend.client, BaseBleakClient), (room.backend.scanner, BaseBleakScanner)):
            assert issubclass(ours, base)
            assert not inspect.isabstract(ours)

    in_room(test, peers=0)


def test_scan_joins_advertisement_and_scan_response() -> None:
    async def test(room: Room) -> None:
        found = await BleakScanner.discover(timeout=1, return_adv=True, backend=room.backend.scanner)
        heard, data = found["24:00:00:00:00:00"]
        assert (heard.name, data.local_name) == ("peer 0", "peer 0")
        assert data.service_uuids == [SERVICE]
        assert data.manufacturer_data == {0x1234: b"made"}
        assert data.service_data == {"0000180f-0000-1000-8000-00805f9b34fb": b"d"}
        assert data.tx_power == -3
        assert -70 < data.rssi < 20

    in_room(test)


def test_scan_finds_only_the_services_asked_for() -> None:
    async def test(room: Room) -> None:
        for service, n in ((SERVICE, 2), (TELL, 0)):
            found = await BleakScanner.discover(1, backend=room.backend.scanner, service_uuids=[service])
            assert len(found) == n

    in_room(test, peers=2)


def test_two_scans_at_once_hear_the_same() -> None:
    async def test(room: Room) -> None:
        scans = (BleakScanner.discover(1, backend=room.backend.scanner) for _ in range(2))
        first, second = await asyncio.gather(*scans)
        assert len(first) == len(second) == 1

    in_room(test)


# ---- connecting


def test_connection_has_services_mtu_and_name() -> None:
    async def test(room: Room) -> None:
        client = await room.connect()
        assert client.is_connected
        assert client.name == "peer 0"
        assert client.mtu_size == 517
        properties = {each.uuid: set(each.properties) for each in client.services.characteristics.values()}
        assert properties[TELL] == {"notify"}
        assert properties[KEEP] == {"read", "write", "write-without-response"}

    in_room(test)


def test_default_interval_is_30_ms_and_can_be_set() -> None:
    async def test(room: Room) -> None:
        client = await room.connect()
        assert room.air.connections[0].terms.interval_s == 0.030
        await client.disconnect()
        room.backend.terms.interval_min_ms = room.backend.terms.interval_max_ms = 15
        await room.connect()
        assert room.air.connections[0].terms.interval_s == 0.015

    in_room(test)


def test_address_as_text_connects_too() -> None:
    async def test(room: Room) -> None:
        async with BleakClient("24:00:00:00:00:00", backend=room.backend.client) as client:
            assert client.is_connected

    in_room(test)


def test_connections_asked_for_at_once_are_made_one_after_another() -> None:
    async def test(room: Room) -> None:
        clients = [BleakClient(await room.find(f"peer {n}"), backend=room.backend.client) for n in range(4)]
        await asyncio.gather(*(client.connect() for client in clients))
        assert all(client.is_connected for client in clients)

    in_room(test, peers=4)


def test_absent_cuff_is_not_found() -> None:
    async def test(room: Room) -> None:
        room.peers[0].controller.in_range = False
        with pytest.raises(BleakDeviceNotFoundError):
            await BleakClient("24:00:00:00:00:00", timeout=3, backend=room.backend.client).connect()
        room.peers[0].controller.in_range = True
        assert (await room.connect()).is_connected

    in_room(test)


def test_cancelled_connecting_leaves_the_radio_free() -> None:
    async def test(room: Room) -> None:
        client = BleakClient("24:00:00:00:00:77", backend=room.backend.client)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.connect(), 1)
        assert (await room.connect()).is_connected

    in_room(test)


def test_connection_lost_while_discovering_is_a_bleak_error() -> None:
    async def test(room: Room) -> None:
        client = BleakClient(await room.find(), backend=room.backend.client)
        leave = room.peers[0].radio
        leave.on("connection", lambda _: setattr(room.peers[0].controller, "in_range", False))
        with pytest.raises(BleakError):
            await client.connect()
        assert not client.is_connected

    in_room(test)


def test_peer_that_forgot_a_request_is_given_up_within_seconds() -> None:
    async def test(room: Room) -> None:
        peer = room.peers[0].radio
        peer.gatt_server.on_gatt_pdu = lambda *_: None  # no buffer for its answer
        client = BleakClient(await room.find(), backend=room.backend.client, timeout=30.0)
        begin = asyncio.get_running_loop().time()
        with pytest.raises(BleakError, match="did not answer"):
            await client.connect()
        assert asyncio.get_running_loop().time() - begin < STEP_S + 1.0
        assert not client.is_connected

    in_room(test)


def test_callback_tells_of_an_end_whoever_asked() -> None:
    async def test(room: Room) -> None:
        ended: list[BleakClient] = []
        client = BleakClient(await room.find(), ended.append, backend=room.backend.client)
        await client.connect()
        await room.peers[0].connection.disconnect()
        await asyncio.sleep(0.1)
        assert ended == [client]
        await client.connect()
        await client.disconnect()
        assert ended == [client, client]
        assert not client.is_connected

    in_room(test)


def test_request_cut_off_by_the_end_is_a_bleak_error_not_a_cancellation() -> None:
    async def test(room: Room) -> None:
        client = await room.connect()
        room.peers[0].controller.in_range = False
        with pytest.raises(BleakError, match="disconnected"):
            await client.read_gatt_char(LONG)
        with pytest.raises(BleakError):
            await client.read_gatt_char(LONG)

    in_room(test)


def test_pairing_encrypts_and_survives_a_reconnection() -> None:
    async def test(room: Room) -> None:
        client = await room.connect()
        await client.pair()
        assert room.peers[0].connection.encryption
        await client.disconnect()
        again = await room.connect()
        await again.pair()
        assert room.peers[0].connection.encryption

    in_room(test)


# ---- values


@pytest.mark.parametrize("mtu", [517, 247, None])
def test_long_values_are_read_and_written_whole_at_any_mtu(mtu: int | None) -> None:
    async def test(room: Room) -> None:
        room.backend.terms.mtu = mtu
        client = await room.connect()
        assert client.mtu_size == (mtu or 23)
        assert bytes(await client.read_gatt_char(LONG)) == LONG_VALUE
        await client.write_gatt_char(KEEP, LONG_VALUE, response=True)
        assert room.peers[0].written == [LONG_VALUE]

    in_room(test)


def test_write_without_response_must_fit_into_one_packet() -> None:
    async def test(room: Room) -> None:
        room.backend.terms.mtu = None
        client = await room.connect()
        await client.write_gatt_char(KEEP, bytes(20), response=False)
        with pytest.raises(BleakError, match="20 of one write"):
            await client.write_gatt_char(KEEP, bytes(21), response=False)
        await asyncio.sleep(0.1)
        assert room.peers[0].written == [bytes(20)]

    in_room(test)


def test_refused_write_carries_the_att_error() -> None:
    async def test(room: Room) -> None:
        client = await room.connect()
        with pytest.raises(BleakGATTProtocolError) as caught:
            await client.write_gatt_char(REFUSE, b"x", response=True)
        assert caught.value.code == 0xFC

    in_room(test)


@pytest.mark.parametrize(("uuid", "how"), [(TELL, "notify_subscriber"), (ASK, "indicate_subscriber")])
def test_notification_or_indication_reaches_the_callback(uuid: str, how: str) -> None:
    async def test(room: Room) -> None:
        peer, heard = room.peers[0], bytearray()
        client = await room.connect()
        await client.start_notify(uuid, lambda _, value: heard.extend(value))
        tell = getattr(peer.radio.gatt_server, how)
        await tell(peer.connection, peer.tellers[uuid], b"heard")
        await asyncio.sleep(0.1)
        await client.stop_notify(uuid)
        await tell(peer.connection, peer.tellers[uuid], b"unheard")
        await asyncio.sleep(0.1)
        assert bytes(heard) == b"heard"

    in_room(test)


def test_what_does_not_notify_cannot_be_subscribed_to() -> None:
    async def test(room: Room) -> None:
        client = await room.connect()
        with pytest.raises(BleakError, match="neither notifies"):
            await client.start_notify(LONG, lambda _, __: None)

    in_room(test)


# ---- a controller of one's own


@pytest.mark.parametrize("transport", ["tcp-client:127.0.0.1:1", "no-such-thing:1"])
def test_missing_controller_says_what_to_check(transport: str) -> None:
    with pytest.raises(BluetoothOff, match="DISTAL_HCI"):
        asyncio.run(open_backend(transport))
