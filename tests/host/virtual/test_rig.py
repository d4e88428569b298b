"""Interpreters, boards, radio and central together."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("bumble")

from bleak import BleakClient, BleakScanner
from bleak.exc import BleakGATTProtocolError

from distal.errors import VirtualError
from distal.link.hci import open_backend
from distal.model import FloatArray
from distal.units import G
from distal.virtual.clockloop import run
from distal.virtual.rig import CuffSetup, RadioFaults, VirtualRig
from distal_wire import parse, spec

pytestmark = pytest.mark.usefixtures("micropython")

SCRIPTS = Path(__file__).parent / "cuff_scripts"
COUNT, SAY, KEEP, SECRET = (f"77d8000{n}-5e1d-45fc-9ff2-ace950e41fb5" for n in (2, 3, 4, 5))


class Still:
    """Lying on a table, for an hour."""

    duration_s = 3600.0

    def sample(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        return np.zeros((len(t), 3)), np.tile([0.0, 0.0, G], (len(t), 1))


def talkers(n: int = 1) -> list[CuffSetup]:
    return [CuffSetup(Still(), script=SCRIPTS / "talker.py") for _ in range(n)]


def in_rig(
    setups: list[CuffSetup],
    test: Callable[[VirtualRig], Awaitable[object]],
    radio: RadioFaults | None = None,
    speed: float = math.inf,
) -> object:
    """Run a test with a rig, in virtual time if nothing else is said."""

    async def main() -> object:
        async with VirtualRig(setups, radio) as rig:
            result = await test(rig)
            rig.check()
            return result

    return run(main(), speed)


@dataclass
class Talk:
    """A connection with a talker: what was said, and when it came."""

    client: BleakClient
    counted: list[tuple[float, bytes]] = field(default_factory=list)
    said: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)

    async def ask(self, text: str) -> bytes:
        await self.client.write_gatt_char(SAY, text.encode(), response=True)
        return await asyncio.wait_for(self.said.get(), 40)

    async def tell(self, text: str) -> None:
        await self.client.write_gatt_char(SAY, text.encode(), response=True)

    @property
    def numbers(self) -> list[int]:
        return [int.from_bytes(value[:4], "little") for _, value in self.counted]


async def talk_to(rig: VirtualRig, cuff: int = 0) -> Talk:
    target = rig.cuffs[cuff].address
    found = await BleakScanner.find_device_by_address(target, timeout=5, backend=rig.backend.scanner)
    assert found is not None
    talk = Talk(BleakClient(found, backend=rig.backend.client))
    loop = asyncio.get_running_loop()
    await talk.client.connect()
    await talk.client.start_notify(COUNT, lambda _, value: talk.counted.append((loop.time(), bytes(value))))
    await talk.client.start_notify(SAY, lambda _, value: talk.said.put_nowait(bytes(value)))
    return talk


# ---- a script of ours on the rig


def test_cuff_is_found_talks_and_answers() -> None:
    async def test(rig: VirtualRig) -> None:
        talk = await talk_to(rig)
        assert talk.client.name == "Distal talker"
        assert await talk.ask("hello") == b"hello"
        assert bytes(await talk.client.read_gatt_char(KEEP)) == b"kept" * 60
        with pytest.raises(BleakGATTProtocolError):
            await talk.client.read_gatt_char(SECRET)
        # connected, MTU, two writes with their indications, two reads asked for in between
        assert (await talk.ask("events"))[:2] == b"\x01\x15"

    in_rig(talkers(), test)


def test_shadow_of_bluetooth_keeps_its_promises() -> None:
    async def test(rig: VirtualRig) -> str:
        await rig.died()
        return rig.cuffs[0].interpreter.console()

    setup = CuffSetup(Still(), script=SCRIPTS / "promises.py")

    async def main() -> object:
        async with VirtualRig([setup]) as rig:
            return await test(rig)

    assert run(main(), math.inf) == "ok"


def test_program_that_ends_is_an_error_that_shows_why(tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text("import bus\nraise ValueError('no such thing')\n", encoding="utf-8")

    async def test(rig: VirtualRig) -> None:
        assert "no such thing" in str(await rig.died())

    with pytest.raises(VirtualError, match="cuff 0"):
        in_rig([CuffSetup(Still(), script=script)], test)


def test_same_seed_gives_the_same_arrival_times_to_the_last_bit() -> None:
    async def test(rig: VirtualRig) -> list[list[tuple[float, bytes]]]:
        talks = [await talk_to(rig, cuff) for cuff in range(2)]
        for talk in talks:
            await talk.tell("count 50 244 80")
        await asyncio.sleep(8)
        return [talk.counted for talk in talks]

    first, second, other = (in_rig(talkers(2), test, RadioFaults(loss=0.1, seed=seed)) for seed in (3, 3, 4))
    assert first == second
    assert first != other


def test_lossy_radio_loses_nothing_that_was_accepted() -> None:
    async def test(rig: VirtualRig) -> None:
        talk = await talk_to(rig)
        await talk.tell("count 300 244 0")
        await asyncio.sleep(30)
        assert talk.numbers == list(range(300))
        assert rig.cuffs[0].stats.no_memory == int(await talk.ask("refused")) > 10

    in_rig(talkers(), test, RadioFaults(loss=0.3))


def test_without_mtu_exchange_a_notification_has_20_bytes() -> None:
    async def test(rig: VirtualRig) -> None:
        rig.backend.terms.mtu = None
        talk = await talk_to(rig)
        await talk.tell("count 3 244 50")
        await asyncio.sleep(1)
        assert [len(value) for _, value in talk.counted] == [20, 20, 20]

    in_rig(talkers(), test)


def test_cuff_out_of_range_is_lost_on_both_ends_and_comes_back() -> None:
    async def test(rig: VirtualRig) -> None:
        talk, cuff = await talk_to(rig), rig.cuffs[0]
        cuff.move_out_of_range()
        await asyncio.sleep(5)
        assert not talk.client.is_connected
        assert cuff.radio.connections == 0
        cuff.move_into_range()
        assert await (await talk_to(rig)).ask("again") == b"again"

    in_rig(talkers(), test)


def test_cuff_can_be_switched_off_rebooted_and_found_again() -> None:
    async def test(rig: VirtualRig) -> None:
        cuff = rig.cuffs[0]
        talk = await talk_to(rig)
        cuff.power_off()
        await asyncio.sleep(5)
        assert not talk.client.is_connected
        cuff.power_on()
        talk = await talk_to(rig)
        cuff.reboot()
        await asyncio.sleep(5)
        assert not talk.client.is_connected
        assert await (await talk_to(rig)).ask("new") == b"new"
        assert cuff.interpreter.boots == 3

    in_rig(talkers(), test)


def test_distance_shows_in_the_signal() -> None:
    setups = [CuffSetup(Still(), script=SCRIPTS / "talker.py", distance_m=metres) for metres in (1.0, 30.0)]

    async def test(rig: VirtualRig) -> None:
        found = await BleakScanner.discover(3, return_adv=True, backend=rig.backend.scanner)
        near, far = (found[cuff.address][1].rssi for cuff in rig.cuffs)
        assert near - far == pytest.approx(29.5, abs=12)  # two flutters of 2 dB, 4 sigma

    in_rig(setups, test)


def test_lent_controller_serves_another_stack_in_real_time() -> None:
    async def test(rig: VirtualRig) -> None:
        for _ in range(2):  # one guest after another
            backend = await open_backend(f"tcp-client:127.0.0.1:{await rig.serve_hci()}")
            found = await BleakScanner.find_device_by_name("Distal talker", 5, backend=backend.scanner)
            assert found is not None
            async with BleakClient(found, backend=backend.client) as client:
                assert bytes(await client.read_gatt_char(KEEP)) == b"kept" * 60
            await backend.close()

    in_rig(talkers(), test, speed=8.0)


# ---- the firmware on the rig


async def command(client: BleakClient, answers: "asyncio.Queue[bytes]", op: int) -> int:
    """Send a command; the index in its answer."""
    request = parse.build(spec.KIND_COMMAND, op=op, seq=op, key=0, value=0)
    await client.write_gatt_char(spec.CONTROL, request, response=True)
    answer = parse.parse(await asyncio.wait_for(answers.get(), 10))
    assert (answer.op, answer.error) == (op, spec.OK)
    return int(answer.index)


async def record(rig: VirtualRig, address: str, seconds: float) -> tuple[int, int, list[bytes]]:
    """Start, wait, stop: (first index, end index, sample messages)."""
    found = await BleakScanner.find_device_by_address(address, timeout=5, backend=rig.backend.scanner)
    assert found is not None
    async with BleakClient(found, backend=rig.backend.client) as client:
        heard: list[bytes] = []
        answers: asyncio.Queue[bytes] = asyncio.Queue()
        await client.start_notify(spec.STREAM, lambda _, value: heard.append(bytes(value)))
        await client.start_notify(spec.CONTROL, lambda _, value: answers.put_nowait(bytes(value)))
        first = await command(client, answers, spec.COMMAND_START)
        await asyncio.sleep(seconds)
        end = await command(client, answers, spec.COMMAND_STOP)
        return first, end, [message for message in heard if message[0] == spec.KIND_SAMPLES]


@pytest.mark.parametrize(("n", "speed", "seconds"), [(2, math.inf, 10.0), (8, math.inf, 3.0), (2, 8.0, 8.0)])
def test_every_sample_of_the_firmware_arrives(n: int, speed: float, seconds: float) -> None:
    async def test(rig: VirtualRig) -> None:
        addresses = [cuff.address for cuff in rig.cuffs]
        recorded = await asyncio.gather(*(record(rig, address, seconds) for address in addresses))
        for cuff, (first, end, messages) in zip(rig.cuffs, recorded, strict=True):
            samples = [parse.parse(message) for message in messages]
            assert samples[0].index == first == 0
            assert all(a.index + a.count == b.index for a, b in pairwise(samples))
            assert samples[-1].index + samples[-1].count == end
            assert end <= cuff.taken <= end + 1  # one may come between the last look and the switch
            # 10 ms to begin and to end, and the way of the commands
            assert end == pytest.approx(seconds * 40000 / 192, abs=0.25 * 208)

    in_rig([CuffSetup(Still(), side="left") for _ in range(n)], test, speed=speed)
