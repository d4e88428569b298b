"""CuffLink against a fake of bleak's own client interface: answers, refusals, silence, a lost link."""

import asyncio
import math
from collections.abc import Coroutine
from typing import Any, ClassVar

import pytest
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError

from distal.errors import CommandRefused, CuffNotFound, LinkError, LinkLost
from distal.link.base import Found, build_command, read_info
from distal.link.ble import BleRadio, CuffLink
from distal.model import Received
from distal.virtual import clockloop
from distal_wire import parse, spec

ADDRESS = "02:00:00:00:00:01"
PROPERTIES: dict[str, list[Any]] = {
    spec.STREAM: ["notify"],
    spec.CONTROL: ["write", "indicate"],
    spec.INFO_VALUE: ["read"],
}


class FakeClient(BaseBleakClient):
    """A cuff behind bleak's client interface; `plan` says how it behaves."""

    plan: ClassVar[dict[str, Any]] = {}
    written: ClassVar[list[bytes]] = []

    def __init__(self, address_or_ble_device: Any, services: Any = None, **options: Any) -> None:
        super().__init__(address_or_ble_device, services=services, **options)
        self._open = False
        self._callbacks: dict[str, Any] = {}

    @property
    def name(self) -> str:
        return "Distal left"

    @property
    def mtu_size(self) -> int:
        return int(self.plan.get("mtu", 247))

    @property
    def is_connected(self) -> bool:
        return self._open

    async def connect(self, pair: bool = False, **options: Any) -> None:
        if error := self.plan.get("connect"):
            raise error
        self._open = True
        self.services = BleakGATTServiceCollection()
        service = BleakGATTService(None, 1, spec.SERVICE)
        self.services.add_service(service)
        for handle, (uuid, properties) in enumerate(PROPERTIES.items(), 2):
            one = BleakGATTCharacteristic(None, handle, uuid, properties, lambda: 244, service)
            self.services.add_characteristic(one)

    async def disconnect(self) -> None:
        self.lose()

    def lose(self) -> None:
        self._open = False
        if self._disconnected_callback:
            self._disconnected_callback()

    async def read_gatt_char(self, characteristic: Any, **options: Any) -> bytearray:
        return bytearray(self.plan["info"])

    async def start_notify(self, characteristic: Any, callback: Any, **options: Any) -> None:
        self._callbacks[characteristic.uuid] = callback

    async def write_gatt_char(self, characteristic: Any, data: Any, response: bool) -> None:
        assert self._open
        self.written.append(bytes(data))
        for answer in self.plan["answer"](parse.parse(bytes(data))):
            if answer is None:
                self.lose()
            else:
                self.say(spec.CONTROL, answer)

    def say(self, uuid: str, data: bytes) -> None:
        self._callbacks[uuid](bytearray(data))

    async def pair(self, *a: Any, **k: Any) -> None: ...
    async def unpair(self) -> None: ...
    async def stop_notify(self, characteristic: Any) -> None: ...
    async def read_gatt_descriptor(self, descriptor: Any, **options: Any) -> bytearray: ...
    async def write_gatt_descriptor(self, descriptor: Any, data: Any) -> None: ...


class FakeBackend:
    client = FakeClient
    scanner = BaseBleakScanner


def answer(command: Any, **other: Any) -> bytes:
    fields = {
        "op": command.op,
        "seq": command.seq,
        "key": 0,
        "error": 0,
        "detail": 0,
        "index": 42,
        "clock": 9,
    }
    return parse.build(spec.KIND_RESPONSE, **{**fields, **other})


@pytest.fixture
def plan(fake_cuff: Any) -> dict[str, Any]:
    FakeClient.plan = {"info": fake_cuff().info().data, "answer": lambda command: [answer(command)]}
    FakeClient.written = []
    return FakeClient.plan


def run(coro: Coroutine[Any, Any, Any]) -> Any:
    return clockloop.run(coro, speed=math.inf)


async def connect() -> tuple[CuffLink, "asyncio.Queue[Received]"]:
    inbox: asyncio.Queue[Received] = asyncio.Queue(4)
    return await BleRadio(FakeBackend()).connect(Found(ADDRESS, "Distal left"), inbox), inbox


def client_of(link: CuffLink) -> FakeClient:
    assert link._client is not None
    backend = link._client._backend
    assert isinstance(backend, FakeClient)
    return backend


def test_info_is_read_and_is_the_first_message(plan: dict[str, Any]) -> None:
    async def go() -> None:
        link, inbox = await connect()
        assert (link.info.cuff, link.info.side, link.info.firmware) == ("a1b2c3d4e5f6", "left", "0.1.0")
        assert (link.info.gyr_range_dps, link.info.mass_g, link.mtu) == (2000, 1000, 247)
        assert inbox.get_nowait().data == plan["info"]

    run(go())


def test_stream_reaches_the_inbox_with_the_loops_time(plan: dict[str, Any]) -> None:
    async def go() -> None:
        link, inbox = await connect()
        inbox.get_nowait()
        await asyncio.sleep(5.0)
        client_of(link).say(spec.STREAM, b"anything")
        now = asyncio.get_running_loop().time()
        assert inbox.get_nowait() == Received("a1b2c3d4e5f6", now, b"anything")

    run(go())


def test_full_inbox_drops_and_counts_instead_of_growing(plan: dict[str, Any]) -> None:
    async def go() -> None:
        link, inbox = await connect()
        for _ in range(10):
            client_of(link).say(spec.STREAM, b"x")
        assert inbox.qsize() == 4
        assert link.dropped == 7

    run(go())


def test_answer_with_the_same_number_is_taken(plan: dict[str, Any]) -> None:
    plan["answer"] = lambda command: [
        answer(command, seq=(command.seq + 1) % 256, index=1),
        b"noise",
        answer(command),
    ]

    async def go() -> None:
        link, _ = await connect()
        assert (await link.command(spec.COMMAND_START)).index == 42
        assert (await link.command(spec.COMMAND_STOP)).index == 42

    run(go())
    sent = [parse.parse(message) for message in FakeClient.written]
    assert [command.op for command in sent] == [spec.COMMAND_START, spec.COMMAND_STOP]
    assert sent[0].seq != sent[1].seq


@pytest.mark.parametrize(
    ("error", "detail", "words"),
    [
        (spec.ERROR_SMALL_MTU, 23, "packets of 23 bytes and 247 are needed"),
        (spec.ERROR_IMU, 500, "reads 500 mg at rest"),
        (spec.ERROR_BUSY, 0, "Stop the session first"),
        (99, 0, "error 99"),
    ],
)
def test_refusal_says_what_to_do(plan: dict[str, Any], error: int, detail: int, words: str) -> None:
    plan["answer"] = lambda command: [answer(command, error=error, detail=detail)]

    async def go() -> None:
        link, _ = await connect()
        await link.command(spec.COMMAND_START)

    with pytest.raises(CommandRefused, match=words) as raised:
        run(go())
    assert (raised.value.error, raised.value.detail) == (error, detail)
    assert str(raised.value).startswith("start refused: ")
    assert str(raised.value).endswith(".")


def test_silent_cuff_is_told_after_the_timeout(plan: dict[str, Any]) -> None:
    plan["answer"] = lambda command: []

    async def go() -> None:
        link, _ = await connect()
        await link.command(spec.COMMAND_START)

    with pytest.raises(LinkLost, match="does not answer"):
        run(go())


def test_link_that_ends_during_a_command_is_told_at_once(plan: dict[str, Any]) -> None:
    plan["answer"] = lambda command: [None]

    async def go() -> float:
        link, _ = await connect()
        begin = asyncio.get_running_loop().time()
        with pytest.raises(LinkLost, match="was lost"):
            await link.command(spec.COMMAND_START)
        with pytest.raises(LinkLost, match="not connected"):
            await link.command(spec.COMMAND_START)
        assert link.lost.is_set()
        return asyncio.get_running_loop().time() - begin

    assert run(go()) < 0.1


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (BleakDeviceNotFoundError(ADDRESS, "not found"), CuffNotFound, "does not answer"),
        (BleakError("le-connection-abort-by-local"), LinkLost, "le-connection-abort"),
        (OSError(5, "Input/output error"), LinkLost, "Input/output error"),
        (TimeoutError(), LinkLost, "TimeoutError"),
    ],
)
def test_failed_connection_is_one_line(plan: dict[str, Any], error: Exception, kind: Any, words: str) -> None:
    plan["connect"] = error
    with pytest.raises(kind, match=words) as raised:
        run(connect())
    assert isinstance(raised.value, LinkError)
    assert "\n" not in str(raised.value)


def test_info_of_another_version_is_told(plan: dict[str, Any]) -> None:
    plan["info"] = bytes([spec.KIND_INFO, 9, 0, 0])
    with pytest.raises(LinkError, match="Update the cuff"):
        run(connect())


def test_command_is_what_construct_reads() -> None:
    command = parse.parse(build_command(spec.COMMAND_SET, 200, spec.SET_MASS_G, -5))
    assert (command.op, command.seq, command.key, command.value) == (
        spec.COMMAND_SET,
        200,
        spec.SET_MASS_G,
        -5,
    )


def test_eight_byte_id_is_kept_whole(fake_cuff: Any) -> None:
    cuff = fake_cuff(cuff="0102030405060708")
    assert read_info(cuff.info().data).cuff == "0102030405060708"


def test_installed_bleak_has_what_the_link_uses() -> None:
    """The fake above is only as good as this."""
    import inspect

    from bleak import BleakClient, BleakScanner

    assert {"service_uuids", "backend"} <= set(inspect.signature(BleakScanner.__init__).parameters)
    client = set(inspect.signature(BleakClient.__init__).parameters)
    assert {"disconnected_callback", "timeout", "backend"} <= client
    for name in ("connect", "disconnect", "read_gatt_char", "write_gatt_char", "start_notify"):
        assert inspect.iscoroutinefunction(getattr(BleakClient, name))
    abstract = {
        name
        for name in dir(BaseBleakClient)
        if getattr(getattr(BaseBleakClient, name), "__isabstractmethod__", False)
    }
    assert abstract <= set(dir(FakeClient))
