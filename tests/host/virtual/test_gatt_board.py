"""A cuff's radio as MicroPython sees it: calls on the bus here, bleak on the other side of the air."""

import asyncio
import errno
import inspect
import math
import re
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

pytest.importorskip("bumble")

from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError, BleakGATTProtocolError
from bumble import hci
from bumble.device import Device

from distal.link.hci import Backend, backend_on
from distal.virtual import bus, gatt_board, gatt_table
from distal.virtual.air import Air, RadioFaults
from distal.virtual.bus import BusClock, Port
from distal.virtual.clockloop import run
from distal.virtual.controller import AirController
from distal.virtual.gatt_board import GattBoard
from distal.virtual.interpreter import SHADOW_BLUETOOTH

READ, WRITE, NOTIFY, INDICATE, GUARDED = 0x02, 0x08, 0x10, 0x20, 0x200
COUNT, SAY, KEEP, SECRET = (f"77d8000{n}-5e1d-45fc-9ff2-ace950e41fb5" for n in (2, 3, 4, 5))
FLAGS = {COUNT: NOTIFY, SAY: WRITE | INDICATE, KEEP: READ | WRITE, SECRET: READ | GUARDED}
NAME = b"\x05\x09talk"

Test = Callable[..., Awaitable[object]]


class Cuff:
    """Stands in for the interpreter: calls and events by hand."""

    def __init__(self, air: Air, backend: Backend) -> None:
        self.port = Port(0, BusClock(asyncio.get_running_loop()))
        self.radio = GattBoard(self.port, air, "cuff")
        self.backend = backend
        self.handles: dict[str, int] = {}
        self.answers_reads = True
        self.read_error = 0
        self.irqs: list[tuple[int, bytes]] = []
        self.port.wake = self.fetch

    def call(self, op: int, a: int = 0, arg: int = 0, payload: bytes = b"") -> bytes | int:
        return self.port.answer(op, a, arg, payload)

    def fetch(self) -> None:
        """Take the events that wait, and answer read requests as the shadow does."""
        while event := self.call(bus.NEXT_EVENT):
            assert isinstance(event, bytes)
            code, irq, body = event[0], event[1], event[2:]
            assert code == gatt_board.EVENT_IRQ
            self.irqs.append((irq, body))
            if irq == gatt_board.IRQ_READ_REQUEST and self.answers_reads:
                (key,) = struct.unpack("<I", body)
                asyncio.get_running_loop().call_soon(self.call, gatt_board.READ_ANSWER, self.read_error, key)

    def heard(self, irq: int) -> list[bytes]:
        return [body for each, body in self.irqs if each == irq]

    def boot(self) -> None:
        """What a firmware does at its start."""
        self.call(gatt_board.BOOT)
        self.call(gatt_board.ACTIVE, 1)
        entries = gatt_table.ENTRY.pack(gatt_table.ENTRY_SERVICE, 2, 0) + b"\x00\xfe"
        for uuid, flags in FLAGS.items():
            entries += gatt_table.ENTRY.pack(gatt_table.ENTRY_CHARACTERISTIC, 16, flags)
            entries += bytes.fromhex(uuid.replace("-", ""))[::-1]
        handles = self.call(gatt_board.REGISTER, payload=entries)
        assert isinstance(handles, bytes)
        self.handles = dict(zip(FLAGS, struct.unpack("<4H", handles), strict=True))
        self.advertise()

    def advertise(self) -> None:
        how = gatt_board.ADVERTISE_CONNECTABLE | gatt_board.ADVERTISE_DATA
        assert self.call(gatt_board.ADVERTISE, how, 100_000, bytes((len(NAME),)) + NAME) == b""

    @property
    def connection(self) -> int:
        (handle,) = struct.unpack_from("<H", self.heard(gatt_board.IRQ_CONNECT)[-1])
        return int(handle)

    def notify(self, value: bytes) -> bytes | int:
        return self.call(gatt_board.NOTIFY, 1, self.connection | self.handles[COUNT] << 16, value)

    def indicate(self, value: bytes) -> bytes | int:
        return self.call(gatt_board.INDICATE, 1, self.connection | self.handles[SAY] << 16, value)

    async def connect(self) -> BleakClient:
        found = await BleakScanner.find_device_by_name("talk", timeout=5, backend=self.backend.scanner)
        assert found is not None
        client = BleakClient(found, backend=self.backend.client)
        await client.connect()
        return client


def with_cuff(faults: RadioFaults | None = None) -> Callable[[Test], Callable[..., None]]:
    """Run a test in virtual time with a booted cuff as its first argument."""

    async def main(test: Test, arguments: dict[str, Any]) -> None:
        air = Air(faults)
        controller = AirController(air, "central", "F0:00:00:00:00:01")
        central = Device.with_hci("central", hci.Address("F0:00:00:00:00:01"), controller, controller)
        await central.power_on()
        cuff = Cuff(air, backend_on(central))
        cuff.boot()
        await test(cuff, **arguments)
        await cuff.backend.close()
        cuff.radio.silence()

    def decorate(test: Test) -> Callable[..., None]:
        def in_virtual_time(**arguments: Any) -> None:
            run(main(test, arguments), speed=math.inf)

        others = list(inspect.signature(test).parameters.values())[1:]
        vars(in_virtual_time)["__signature__"] = inspect.Signature(others)
        return in_virtual_time

    return decorate


def test_both_sides_of_the_bus_use_the_same_numbers() -> None:
    shadow = (SHADOW_BLUETOOTH / "bluetooth.py").read_text(encoding="utf-8")
    numbers = {
        name: int(text, 0) for name, text in re.findall(r"^([A-Z][A-Z_]+) = const\((\w+)\)", shadow, re.M)
    }
    shared = {name: value for name, value in numbers.items() if not name.startswith("FLAG_")}
    assert len(shared) >= 20
    for name, value in shared.items():
        assert value == getattr(gatt_board, name, None) or value == getattr(gatt_table, name, None), name
    settings = re.search(r"_SETTINGS = (\(.*\))", shadow)
    assert settings is not None
    assert settings[1] == str(gatt_board.SETTINGS).replace("'", '"')


# ---- connection


@with_cuff()
async def test_connection_is_told_with_address_mtu_and_end(cuff: Cuff) -> None:
    client = await cuff.connect()
    assert client.mtu_size == 256
    (connected,) = cuff.heard(gatt_board.IRQ_CONNECT)
    assert connected[2:] == b"\x01" + bytes.fromhex("F00000000001")  # random address, big-endian
    assert cuff.heard(gatt_board.IRQ_MTU) == [struct.pack("<HH", cuff.connection, 256)]
    await client.disconnect()
    assert cuff.heard(gatt_board.IRQ_DISCONNECT) == [connected]
    assert cuff.radio.connections == 0


@with_cuff()
async def test_preferred_mtu_limits_the_exchange(cuff: Cuff) -> None:
    cuff.call(gatt_board.CONFIG, gatt_board.SETTINGS.index("mtu"), 247)
    assert (await cuff.connect()).mtu_size == 247


@with_cuff()
async def test_new_connection_terms_are_told(cuff: Cuff) -> None:
    await cuff.connect()
    (connection,) = cuff.backend.central.connections.values()
    await connection.update_parameters(15, 15, 0, 4000)
    await asyncio.sleep(0.2)
    assert cuff.heard(gatt_board.IRQ_CONNECTION_UPDATE) == [
        struct.pack("<HHHHB", cuff.connection, 12, 0, 400, 0)
    ]


@with_cuff()
async def test_cuff_can_end_the_connection(cuff: Cuff) -> None:
    client = await cuff.connect()
    assert cuff.call(gatt_board.DISCONNECT, 0, cuff.connection) == b"\x01"
    await asyncio.sleep(0.2)
    assert not client.is_connected
    assert cuff.call(gatt_board.DISCONNECT, 0, cuff.connection) == b"\x00"


@with_cuff()
async def test_advertising_ends_with_a_connection_and_begins_only_when_asked(cuff: Cuff) -> None:
    await (await cuff.connect()).disconnect()
    assert await BleakScanner.discover(2, backend=cuff.backend.scanner) == []
    cuff.advertise()
    assert len(await BleakScanner.discover(2, backend=cuff.backend.scanner)) == 1
    cuff.call(gatt_board.ADVERTISE_STOP)
    assert await BleakScanner.discover(2, backend=cuff.backend.scanner) == []


@with_cuff()
async def test_too_long_advertisement_is_refused(cuff: Cuff) -> None:
    payload = bytes((32,)) + bytes(32)
    assert cuff.call(gatt_board.ADVERTISE, gatt_board.ADVERTISE_DATA, 100_000, payload) == errno.EINVAL


@with_cuff()
async def test_boot_forgets_table_and_connection_without_a_word(cuff: Cuff) -> None:
    client = await cuff.connect()
    cuff.call(gatt_board.WRITE, 0, cuff.handles[KEEP], b"before")
    cuff.boot()
    assert client.is_connected  # the host cannot know before its supervision timeout
    await asyncio.sleep(5)
    assert not client.is_connected
    again = await cuff.connect()
    assert bytes(await again.read_gatt_char(KEEP)) == b""


# ---- writing


@with_cuff()
async def test_too_long_write_is_cut_without_a_word(cuff: Cuff) -> None:
    client = await cuff.connect()
    await client.write_gatt_char(SAY, bytes(range(30)), response=True)
    assert cuff.heard(gatt_board.IRQ_WRITE) == [struct.pack("<HH", cuff.connection, cuff.handles[SAY])]
    assert cuff.call(gatt_board.READ, 0, cuff.handles[SAY]) == bytes(range(20))
    assert cuff.radio.cut_writes == 1


@with_cuff()
async def test_larger_buffer_takes_what_fits_and_can_append(cuff: Cuff) -> None:
    cuff.call(gatt_board.SET_BUFFER, 1, cuff.handles[SAY] | 50 << 16)
    client = await cuff.connect()
    for _ in range(2):
        await client.write_gatt_char(SAY, bytes(range(30)), response=True)
    stored = bytes(range(30)) + bytes(range(20))
    assert [cuff.call(gatt_board.READ, 0, cuff.handles[SAY]) for _ in range(2)] == [stored, b""]


@with_cuff()
async def test_small_mtu_writes_arrive_whole_as_prepared_writes(cuff: Cuff) -> None:
    cuff.backend.terms.mtu = None
    cuff.call(gatt_board.SET_BUFFER, 0, cuff.handles[SAY] | 100 << 16)
    client = await cuff.connect()
    await client.write_gatt_char(SAY, bytes(range(100)), response=True)
    assert cuff.call(gatt_board.READ, 0, cuff.handles[SAY]) == bytes(range(100))
    assert len(cuff.heard(gatt_board.IRQ_WRITE)) == 1


# ---- reading


@with_cuff()
async def test_read_asks_the_firmware_first(cuff: Cuff) -> None:
    cuff.call(gatt_board.WRITE, 0, cuff.handles[KEEP], b"kept" * 30)
    client = await cuff.connect()
    assert bytes(await client.read_gatt_char(KEEP)) == b"kept" * 30
    request = struct.pack("<HH", cuff.connection, cuff.handles[KEEP])
    assert cuff.heard(gatt_board.IRQ_READ_REQUEST) == [request]
    cuff.read_error = 0x80
    with pytest.raises(BleakGATTProtocolError) as caught:
        await client.read_gatt_char(KEEP)
    assert caught.value.code == 0x80


@with_cuff()
async def test_read_is_answered_even_if_the_firmware_is_not(cuff: Cuff) -> None:
    client = await cuff.connect()
    cuff.answers_reads = False
    cuff.call(gatt_board.WRITE, 0, cuff.handles[KEEP], b"kept")
    assert bytes(await client.read_gatt_char(KEEP)) == b"kept"


@pytest.mark.parametrize(("uuid", "error"), [(SECRET, 0x05), (COUNT, 0x02)])
@with_cuff()
async def test_refused_read_has_nimbles_error(cuff: Cuff, uuid: str, error: int) -> None:
    client = await cuff.connect()
    with pytest.raises(BleakGATTProtocolError) as caught:
        await client.read_gatt_char(uuid)
    assert caught.value.code == error


@with_cuff()
async def test_encryption_opens_what_is_guarded(cuff: Cuff) -> None:
    client = await cuff.connect()
    await client.pair()
    assert bytes(await client.read_gatt_char(SECRET)) == b""
    (told,) = cuff.heard(gatt_board.IRQ_ENCRYPTION)
    assert told[2:4] == b"\x01\x00"  # encrypted, and not authenticated: Just Works


# ---- notifying


@with_cuff()
async def test_notification_goes_out_whether_or_not_anybody_subscribed(cuff: Cuff) -> None:
    await cuff.connect()
    assert cuff.notify(b"unasked") == b""
    assert cuff.radio.stats.notified == 1


@pytest.mark.parametrize(("mtu", "length"), [(None, 20), (247, 244)])
@with_cuff()
async def test_notification_is_cut_to_the_mtu(cuff: Cuff, mtu: int | None, length: int) -> None:
    cuff.backend.terms.mtu = mtu
    client, heard = await cuff.connect(), list[bytes]()
    await client.start_notify(COUNT, lambda _, value: heard.append(bytes(value)))
    cuff.notify(bytes(250))
    await asyncio.sleep(0.1)
    assert [len(value) for value in heard] == [length]
    assert cuff.radio.stats.cut_notifications == 1


@with_cuff()
async def test_stored_value_is_sent_when_no_data_is_given(cuff: Cuff) -> None:
    client, heard = await cuff.connect(), list[bytes]()
    await client.start_notify(COUNT, lambda _, value: heard.append(bytes(value)))
    cuff.call(gatt_board.WRITE, 0, cuff.handles[COUNT], b"stored")
    cuff.call(gatt_board.NOTIFY, 0, cuff.connection | cuff.handles[COUNT] << 16)
    cuff.call(gatt_board.WRITE, 1, cuff.handles[COUNT], b"told")
    await asyncio.sleep(0.1)
    assert heard == [b"stored", b"told"]


@with_cuff(RadioFaults(loss=0.05))
async def test_full_pool_refuses_and_whatever_was_accepted_arrives(cuff: Cuff) -> None:
    client, heard = await cuff.connect(), list[int]()
    await client.start_notify(COUNT, lambda _, value: heard.append(int.from_bytes(value[:4], "little")))
    accepted = []
    for number in range(2000):
        answer = cuff.notify(struct.pack("<I240x", number))
        if answer == b"":
            accepted.append(number)
        else:
            assert answer == errno.ENOMEM
        await asyncio.sleep(0.002)
    await asyncio.sleep(1)
    assert cuff.radio.stats.no_memory == 2000 - len(accepted) > 500
    assert heard == accepted


@with_cuff(RadioFaults(mbufs=7))
async def test_pool_holds_as_many_messages_as_it_has_blocks(cuff: Cuff) -> None:
    await cuff.connect()
    await asyncio.sleep(0.1)
    answers = [cuff.notify(bytes(244)) for _ in range(8)]
    assert answers == [b""] * 7 + [errno.ENOMEM]


@with_cuff()
async def test_flooded_cuff_gives_its_host_no_answer(cuff: Cuff) -> None:
    client = await cuff.connect()
    cuff.radio.controller.air.faults = RadioFaults(packets_per_event=1)

    async def flood() -> None:
        while True:
            cuff.notify(bytes(244))
            await asyncio.sleep(0.001)

    flooding = asyncio.ensure_future(flood())
    await asyncio.sleep(1)
    with pytest.raises(BleakError, match="did not answer"):
        await client.write_gatt_char(SAY, b"stop", response=True)
    flooding.cancel()
    assert cuff.radio.unanswered == 1
    assert cuff.call(gatt_board.READ, 0, cuff.handles[SAY]) == b"stop"


@with_cuff()
async def test_nobody_can_be_notified_without_a_connection(cuff: Cuff) -> None:
    assert cuff.call(gatt_board.NOTIFY, 1, 1 | cuff.handles[COUNT] << 16, b"x") == errno.ENOTCONN
    await cuff.connect()
    assert cuff.call(gatt_board.NOTIFY, 1, cuff.connection | 0x999 << 16, b"x") == errno.EINVAL


# ---- indicating


@with_cuff()
async def test_indications_are_confirmed_one_after_another(cuff: Cuff) -> None:
    client, heard = await cuff.connect(), list[bytes]()
    await client.start_notify(SAY, lambda _, value: heard.append(bytes(value)))
    for word in (b"one", b"two"):
        assert cuff.indicate(word) == b""
    await asyncio.sleep(0.3)
    assert heard == [b"one", b"two"]
    done = struct.pack("<HHB", cuff.connection, cuff.handles[SAY], 0)
    assert cuff.heard(gatt_board.IRQ_INDICATE_DONE) == [done, done]


@with_cuff()
async def test_indication_that_outlives_its_connection_failed(cuff: Cuff) -> None:
    await cuff.connect()
    cuff.radio.controller.in_range = False
    cuff.indicate(b"anybody?")
    await asyncio.sleep(5)
    (done,) = cuff.heard(gatt_board.IRQ_INDICATE_DONE)
    assert done[4] == gatt_board.NOT_CONNECTED
    assert len(cuff.heard(gatt_board.IRQ_DISCONNECT)) == 1
