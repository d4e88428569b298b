"""The radio medium, between bumble devices, in virtual time."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import fmean

import pytest

pytest.importorskip("bumble")

from bumble import core, hci
from bumble.core import AdvertisingData
from bumble.device import Advertisement, Connection, ConnectionParametersPreferences, Device, Peer
from bumble.gatt import Characteristic, Service

from distal.virtual.air import Air, RadioFaults
from distal.virtual.clockloop import run
from distal.virtual.controller import AirController

COUNT = "77d80002-5e1d-45fc-9ff2-ace950e41fb5"
PUBLIC = hci.OwnAddressType.PUBLIC
INTERVAL_S = 0.030
TIMEOUT_S = 2.0


@dataclass
class Pair:
    """A central and a peripheral with one characteristic that notifies."""

    air: Air
    central: Device
    peripheral: Device
    count: Characteristic[bytes]
    controllers: tuple[AirController, AirController]

    async def connect(self) -> tuple[Connection, Connection]:
        """Connect at 30 ms, 2 s supervision timeout; (central's end, peripheral's end)."""
        await self.advertise()
        terms = ConnectionParametersPreferences(30, 30, 0, int(TIMEOUT_S * 1000))
        arrived: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
        self.peripheral.once(Device.EVENT_CONNECTION, arrived.set_result)
        target = self.peripheral.public_address
        ours = await self.central.connect_le(target, {hci.Phy.LE_1M: terms}, timeout=10)
        return ours, await arrived

    async def advertise(self, interval_ms: float = 100, response: bytes = b"") -> None:
        """Connectable, from the public address."""
        await self.peripheral.start_advertising(
            own_address_type=PUBLIC,
            advertising_data=bytes(AdvertisingData([(AdvertisingData.Type.COMPLETE_LOCAL_NAME, b"cuff")])),
            scan_response_data=response,
            advertising_interval_min=interval_ms,
            advertising_interval_max=interval_ms,
        )

    async def listen(self, connection: Connection) -> list[tuple[float, int]]:
        """Subscribe; (loop time, number) of each notification as it comes."""
        peer, loop = Peer(connection), asyncio.get_running_loop()
        await peer.request_mtu(247)
        await peer.discover_services()
        await peer.discover_characteristics()
        heard: list[tuple[float, int]] = []
        await peer.get_characteristics_by_uuid(core.UUID(COUNT))[0].subscribe(
            lambda value: heard.append((loop.time(), int.from_bytes(value[:4], "little")))
        )
        return heard

    async def notify(self, connection: Connection, number: int) -> None:
        """244 bytes that begin with a number."""
        value = number.to_bytes(4, "little") + bytes(240)
        await self.peripheral.gatt_server.notify_subscriber(connection, self.count, value)


async def make_pair(faults: RadioFaults | None = None, distance_m: float = 2.0) -> Pair:
    air = Air(faults)
    controllers = (
        AirController(air, "central", "C0:00:00:00:00:01"),
        AirController(air, "peripheral", "24:00:00:00:00:02", distance_m),
    )
    central, peripheral = (
        Device.with_hci(each.name, hci.Address(f"C0:00:00:00:00:0{n}"), each, each)
        for n, each in enumerate(controllers)
    )
    count: Characteristic[bytes] = Characteristic(
        COUNT, Characteristic.Properties.NOTIFY, Characteristic.READABLE, b""
    )
    peripheral.add_service(Service("77d80001-5e1d-45fc-9ff2-ace950e41fb5", [count]))
    await central.power_on()
    await peripheral.power_on()
    return Pair(air, central, peripheral, count, controllers)


def on_air(
    test: Callable[[Pair], Awaitable[object]], faults: RadioFaults | None = None, distance_m: float = 2.0
) -> object:
    """Run a test with a pair in virtual time."""

    async def main() -> object:
        return await test(await make_pair(faults, distance_m))

    return run(main(), speed=math.inf)


async def scan(pair: Pair, seconds: float, active: bool = True) -> list[Advertisement]:
    heard: list[Advertisement] = []
    pair.central.on(Device.EVENT_ADVERTISEMENT, heard.append)
    await pair.central.start_scanning(active=active)
    await asyncio.sleep(seconds)
    await pair.central.stop_scanning()
    return heard


async def stream(pair: Pair, n: int, pause_s: float) -> list[tuple[float, int]]:
    """Notify n times at a steady pace; what was heard until a second after the last."""
    ours, theirs = await pair.connect()
    heard = await pair.listen(ours)
    for number in range(n):
        await pair.notify(theirs, number)
        await asyncio.sleep(pause_s)
    await asyncio.sleep(1.0)
    return heard


# ---- advertising


def test_advertisements_keep_the_interval_asked_for() -> None:
    async def test(pair: Pair) -> None:
        await pair.advertise(interval_ms=100)
        heard = await scan(pair, 100.0, active=False)
        # 100 ms and a random 0 to 10 ms each; a standard deviation of the sum is 2.9 ms * sqrt(952)
        assert 950 <= len(heard) <= 955

    on_air(test)


def test_scan_response_answers_only_an_active_scan() -> None:
    response = bytes(AdvertisingData([(AdvertisingData.Type.MANUFACTURER_SPECIFIC_DATA, b"\x34\x12more")]))

    async def test(pair: Pair) -> None:
        await pair.advertise(response=response)
        for active in (True, False):
            heard = await scan(pair, 1.0, active)
            kinds = {kind for each in heard for kind, _ in each.data.ad_structures}
            assert (AdvertisingData.Type.MANUFACTURER_SPECIFIC_DATA in kinds) is active

    on_air(test)


def test_advertiser_shows_its_public_address() -> None:
    async def test(pair: Pair) -> None:
        await pair.advertise()
        heard = await scan(pair, 1.0)
        assert {str(each.address) for each in heard} == {"24:00:00:00:00:02/P"}

    on_air(test)


def test_rssi_falls_by_20_db_for_ten_times_the_distance() -> None:
    async def mean(pair: Pair) -> float:
        await pair.advertise()
        return fmean(each.rssi for each in await scan(pair, 60.0))

    near, far = on_air(mean, distance_m=1.0), on_air(mean, distance_m=10.0)
    assert isinstance(near, float)
    assert isinstance(far, float)
    # 2 dB of flutter in some 560 reports each: standard error of the difference 0.12 dB
    assert near - far == pytest.approx(20.0, abs=0.5)


def test_nothing_is_heard_out_of_range() -> None:
    async def test(pair: Pair) -> None:
        pair.controllers[1].in_range = False
        await pair.advertise()
        assert await scan(pair, 5.0) == []

    on_air(test)


# ---- connections


def test_packets_come_at_the_connection_interval() -> None:
    async def test(pair: Pair) -> None:
        heard = await stream(pair, 100, 0.0871)
        # each arrives at an anchor plus its time on air, 2.4 ms at most
        phases = [(t - heard[0][0] + 0.010) % INTERVAL_S for t, _ in heard]
        assert max(phases) - min(phases) < 0.0025
        assert [number for _, number in heard] == list(range(100))

    on_air(test)


def test_request_and_answer_need_no_more_than_two_intervals() -> None:
    async def test(pair: Pair) -> None:
        ours, _ = await pair.connect()
        loop, start = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        await Peer(ours).request_mtu(247)
        assert loop.time() - start <= 2 * INTERVAL_S + 0.003

    on_air(test)


def test_lost_packets_are_sent_again_in_order() -> None:
    async def test(pair: Pair) -> None:
        heard = await stream(pair, 500, 0.086)
        assert [number for _, number in heard] == list(range(500))
        assert pair.air.connections[0].retransmitted > 50

    on_air(test, RadioFaults(loss=0.2))


def test_same_seed_gives_the_same_arrival_times() -> None:
    async def test(pair: Pair) -> list[tuple[float, int]]:
        return await stream(pair, 100, 0.086)

    first, second, other = (on_air(test, RadioFaults(loss=0.1, seed=seed)) for seed in (7, 7, 8))
    assert first == second
    assert first != other


@pytest.mark.parametrize(("faults", "seconds"), [
    (RadioFaults(packets_per_event=1), 60 * INTERVAL_S),  # one a connection event
    (RadioFaults(packets_per_event=6), 10 * INTERVAL_S),
    (RadioFaults(packets_per_event=5, data_length=27), 60 * 10 / 5 * INTERVAL_S),  # ten pieces of 251 bytes
    (RadioFaults(packets_per_event=1, interval_ms=60), 120 * INTERVAL_S),
])  # fmt: skip
def test_radio_carries_what_its_events_allow(faults: RadioFaults, seconds: float) -> None:
    async def test(pair: Pair) -> None:
        heard = await stream(pair, 60, 0.0)
        await asyncio.sleep(5.0)
        assert len(heard) == 60
        took = heard[-1][0] - heard[0][0]
        assert took == pytest.approx(seconds, abs=2.1 * INTERVAL_S)

    on_air(test, faults)


def test_leaving_the_range_ends_both_ends_at_the_supervision_timeout() -> None:
    async def test(pair: Pair) -> None:
        loop = asyncio.get_running_loop()
        ended: dict[str, tuple[float, int]] = {}
        for name, end in zip(("central", "peripheral"), await pair.connect(), strict=True):
            end.on("disconnection", lambda reason, name=name: ended.update({name: (loop.time(), reason)}))
        await asyncio.sleep(1.0)
        left = loop.time()
        pair.controllers[1].in_range = False
        await asyncio.sleep(TIMEOUT_S + 1.0)
        for when, reason in ended.values():
            assert reason == hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
            assert TIMEOUT_S - INTERVAL_S <= when - left <= TIMEOUT_S + 2 * INTERVAL_S
        assert set(ended) == {"central", "peripheral"}
        assert pair.air.connections == []

    on_air(test)


def test_short_absence_costs_time_and_no_packet() -> None:
    async def test(pair: Pair) -> None:
        ours, theirs = await pair.connect()
        heard = await pair.listen(ours)
        pair.controllers[1].in_range = False
        for number in range(20):
            await pair.notify(theirs, number)
        await asyncio.sleep(TIMEOUT_S - 0.5)
        assert heard == []
        pair.controllers[1].in_range = True
        await asyncio.sleep(1.0)
        assert [number for _, number in heard] == list(range(20))

    on_air(test)


def test_requested_end_tells_who_asked() -> None:
    async def test(pair: Pair) -> None:
        ours, theirs = await pair.connect()
        reasons: list[int] = []
        for end in (ours, theirs):
            end.on("disconnection", reasons.append)
        await ours.disconnect()
        await asyncio.sleep(0.1)
        assert sorted(reasons) == [
            hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR,
            hci.HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR,
        ]

    on_air(test)


def test_new_terms_hold_for_both_ends() -> None:
    async def test(pair: Pair) -> None:
        ours, theirs = await pair.connect()
        await ours.update_parameters(15, 15, 0, 4000)
        await asyncio.sleep(0.5)
        for end in (ours, theirs):
            assert end.parameters.connection_interval == 15
            assert end.parameters.supervision_timeout == 4000
        assert pair.air.connections[0].terms.interval_s == 0.015

    on_air(test)


def test_connection_that_nobody_hears_was_never_established() -> None:
    async def test(pair: Pair) -> None:
        ours, _ = await pair.connect()
        pair.controllers[1].in_range = False
        loop, start = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        reason: asyncio.Future[int] = loop.create_future()
        ours.on("disconnection", reason.set_result)
        assert await reason == hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR
        assert loop.time() - start < 8 * INTERVAL_S

    on_air(test)


def test_given_up_connection_request_leaves_the_controller_free() -> None:
    async def test(pair: Pair) -> None:
        with pytest.raises(core.TimeoutError):
            await pair.central.connect_le(pair.peripheral.public_address, timeout=1.0)
        assert all(await pair.connect())

    on_air(test)


def test_reset_controller_is_missed_only_at_the_timeout() -> None:
    async def test(pair: Pair) -> None:
        await pair.connect()
        await asyncio.sleep(0.5)
        pair.controllers[1].silence()
        await asyncio.sleep(TIMEOUT_S - 0.2)
        assert len(pair.central.connections) == 1
        await asyncio.sleep(0.4)
        assert len(pair.central.connections) == 0

    on_air(test)


def test_encrypted_connection_still_carries_data() -> None:
    async def test(pair: Pair) -> None:
        ours, theirs = await pair.connect()
        await ours.pair()
        assert ours.encryption
        heard = await pair.listen(ours)
        await pair.notify(theirs, 5)
        await asyncio.sleep(0.1)
        assert [number for _, number in heard] == [5]

    on_air(test)
