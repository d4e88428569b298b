"""Who may command a cuff, over the whole path: real firmware, virtual radio, bleak, the host's own proof."""

import asyncio
import math
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from tests.system.conftest import Swing

from distal.errors import CommandRefused, CuffLocked, FalseCuff, LinkError, LinkLost, WrongKey
from distal.link import prove
from distal.link.base import Inbox, Keys
from distal.link.ble import BleRadio, CuffLink
from distal.virtual.clockloop import run
from distal.virtual.rig import CuffSetup, ImuFaults, VirtualCuff, VirtualRig
from distal_wire import batch, spec

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))
BOOT_S = 1.0


def with_cuff(happen: Callable[[VirtualRig, VirtualCuff], Coroutine[Any, Any, Any]], **setup: Any) -> Any:
    """Run `happen` beside one cuff that has booted; returns what it does."""

    async def main() -> Any:
        async with VirtualRig([CuffSetup(Swing(), **{"side": "left", "key": KEY, **setup})]) as rig:
            await asyncio.sleep(BOOT_S)
            result = await happen(rig, rig.cuffs[0])
            rig.check()
            return result

    return run(main(), math.inf)


async def connect(rig: VirtualRig, keys: Keys | None, inbox: Inbox | None = None) -> CuffLink:
    radio = BleRadio(rig.backend, keys)
    found = (await radio.scan(5.0, 1))[0]
    return await radio.connect(found, inbox or asyncio.Queue(1000))


def messages(inbox: Inbox) -> list[bytes]:
    return [inbox.get_nowait().data for _ in range(inbox.qsize())]


def test_right_key_opens_the_cuff_and_nothing_about_it_is_recorded() -> None:
    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> list[bytes]:
        inbox: Inbox = asyncio.Queue(1000)
        link = await connect(rig, {cuff.cuff: KEY}.get, inbox)
        assert (await link.command(spec.COMMAND_START)).index == 0
        await asyncio.sleep(2.0)
        await link.command(spec.COMMAND_STOP)
        await link.close()
        return messages(inbox)

    kinds = {data[0] for data in with_cuff(happen)}
    assert kinds == {
        spec.KIND_INFO,
        spec.KIND_RESPONSE,
        spec.KIND_STATUS,
        spec.KIND_MOMENT,
        spec.KIND_SAMPLES,
    }


@pytest.mark.parametrize(
    ("keys", "kind", "words"),
    [
        (lambda _: None, CuffLocked, "distal pair 02d157a10000$"),
        (lambda _: OTHER, WrongKey, "distal pair 02d157a10000 --button$"),
    ],
)
def test_no_key_and_a_wrong_key_are_one_line_each(keys: Keys, kind: type[LinkError], words: str) -> None:
    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> None:
        await connect(rig, keys)

    with pytest.raises(kind, match=words) as caught:
        with_cuff(happen)
    assert "\n" not in str(caught.value)


def test_host_without_the_key_reads_info_and_commands_nothing() -> None:
    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> list[bytes]:
        inbox: Inbox = asyncio.Queue(1000)
        link = await connect(rig, None, inbox)
        assert (link.info.side, link.info.cuff) == ("left", cuff.cuff)
        for op, key, value in (
            (spec.COMMAND_START, 0, 0),
            (spec.COMMAND_STOP, 0, 0),
            (spec.COMMAND_IDENTIFY, 0, 5),
            (spec.COMMAND_SET, spec.SET_MASS_G, 9),
        ):
            with pytest.raises(CommandRefused, match="distal pair") as caught:
                await link.command(op, key, value)
            assert caught.value.error == spec.ERROR_LOCKED
        with pytest.raises(CommandRefused, match="distal pair") as caught:
            await link.kept()
        assert caught.value.error == spec.ERROR_LOCKED
        await asyncio.sleep(2.0)
        assert cuff.taken == 0
        await cuff.press_button()  # told to nobody who has not proven the key
        await asyncio.sleep(2.0)
        await link.close()
        return messages(inbox)

    assert {data[0] for data in with_cuff(happen)} == {spec.KIND_INFO, spec.KIND_RESPONSE}


def test_cuff_without_a_key_obeys_any_host() -> None:
    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> None:
        for keys in (None, lambda _: None):
            link = await connect(rig, keys)
            await link.command(spec.COMMAND_IDENTIFY, 0, 1)
            await link.close()
            await asyncio.sleep(1.0)

    with_cuff(happen, key=None)


def test_cuff_that_asks_for_no_key_is_not_believed_where_one_is_known() -> None:
    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> None:
        await connect(rig, lambda _: KEY)

    with pytest.raises(FalseCuff, match="distal cuffs forget 02d157a10000"):
        with_cuff(happen, key=None)


def test_device_that_takes_any_proof_is_found_out() -> None:
    """It does not have the key: it cannot prove it back."""

    class Impostor:
        name, seq = "Distal left", 0

        def __init__(self, info: Any) -> None:
            self.info = info

        def next_seq(self) -> int:
            self.seq += 1
            return self.seq

        async def exchange(self, message: bytes, read: Any) -> Any:
            from distal.model import Received
            from distal_wire.parse import build, parse

            asked = parse(message)
            fields: dict[str, Any] = {"seq": asked.seq, "nonce": bytes(16), "public": bytes(32)}
            if asked.kind == spec.KIND_COMMAND:
                answer = build(spec.KIND_CHALLENGE, flags=spec.CHALLENGE_LOCKED, boot=1, **fields)
            else:
                answer = build(spec.KIND_PROOF, direction=spec.PROOF_CUFF, mac=asked.mac, **fields)
            return read(Received("x", 0.0, answer), 0.0)

    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> None:
        link = await connect(rig, None)
        with pytest.raises(FalseCuff, match="another device"):
            await prove.authenticate(Impostor(link.info), KEY)

    with_cuff(happen)


def test_proof_that_was_overheard_is_worth_nothing() -> None:
    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> None:
        overheard: list[bytes] = []
        link = await connect(rig, None)
        write = link._client.write_gatt_char  # type: ignore[union-attr]

        async def listen(characteristic: Any, data: bytes, response: bool) -> None:
            overheard.append(bytes(data))
            await write(characteristic, data, response=response)

        link._client.write_gatt_char = listen  # type: ignore[union-attr, method-assign, assignment]
        await prove.authenticate(link, KEY)
        await link.command(spec.COMMAND_ECHO)
        replay = next(data for data in overheard if data[0] == spec.KIND_PROOF)
        await link.close()
        await asyncio.sleep(1.0)
        thief = await connect(rig, None)
        assert await prove.ask(thief)
        with pytest.raises(CommandRefused, match="distal pair"):
            await thief.exchange(replay, lambda received, _: prove._read(received, replay[2]))
        with pytest.raises(CommandRefused, match="distal pair"):
            await thief.command(spec.COMMAND_START)

    with_cuff(happen)


def test_proof_dies_with_the_link_and_a_second_host_starts_anew() -> None:
    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> None:
        owner = await connect(rig, lambda _: KEY)
        await owner.command(spec.COMMAND_START)
        cuff.move_out_of_range()
        await owner.lost.wait()
        cuff.move_into_range()
        await asyncio.sleep(2.0)
        stranger = await connect(rig, None)
        with pytest.raises(CommandRefused):
            await stranger.command(spec.COMMAND_STOP)
        await stranger.close()
        await asyncio.sleep(1.0)
        again = await connect(rig, lambda _: KEY)
        answer = await again.command(spec.COMMAND_STOP)
        assert answer.index == cuff.taken > 0

    with_cuff(happen)


def test_wrong_proofs_cost_time_and_the_right_host_waits_it_out() -> None:
    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> float:
        for _ in range(4):
            with pytest.raises(WrongKey):
                await connect(rig, lambda _: OTHER)
            await asyncio.sleep(0.2)
        begin = asyncio.get_running_loop().time()
        link = await connect(rig, lambda _: KEY)
        took = asyncio.get_running_loop().time() - begin
        inbox: Inbox = asyncio.Queue(1000)
        link._inbox = inbox
        await link.command(spec.COMMAND_START)
        await asyncio.sleep(0.5)
        status = next(data for data in messages(inbox) if data[0] == spec.KIND_STATUS)
        assert batch.read(status)["bad_commands"] >= 4
        return took

    assert 3.0 < with_cuff(happen) < 8.0  # the fourth costs 4 s


def test_link_that_proves_nothing_for_a_minute_is_ended_by_the_cuff() -> None:
    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> float:
        link = await connect(rig, None)
        begin = asyncio.get_running_loop().time()
        await asyncio.wait_for(link.lost.wait(), 100.0)
        return asyncio.get_running_loop().time() - begin

    assert 58.0 < with_cuff(happen) < 62.0


@pytest.mark.parametrize("old", [KEY, None], ids=["with a key", "without"])
def test_button_held_lets_a_new_host_take_the_cuff_over(old: bytes | None) -> None:
    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> None:
        link = await connect(rig, None)
        challenge = await prove.ask(link)
        assert not (challenge and challenge.has_window)
        await cuff.press_button(3.2)
        challenge = await prove.ask(link)
        assert challenge
        assert challenge.has_window
        key = await prove.agree(link, challenge)
        await link.command(spec.COMMAND_IDENTIFY, 0, 1)
        await link.close()
        await asyncio.sleep(1.0)
        if old:
            with pytest.raises(WrongKey):
                await connect(rig, lambda _: old)
            await asyncio.sleep(1.0)
        cuff.reboot()
        await asyncio.sleep(3.0)
        link = await connect(rig, lambda _: key)
        await link.command(spec.COMMAND_IDENTIFY, 0, 1)

    with_cuff(happen, key=old)


def test_press_and_the_two_clocks_reach_the_host() -> None:
    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> list[dict[str, Any]]:
        inbox: Inbox = asyncio.Queue(10_000)
        link = await connect(rig, lambda _: KEY, inbox)
        await asyncio.sleep(1.0)
        await cuff.press_button()
        await asyncio.sleep(1.0)
        await link.command(spec.COMMAND_START)
        await asyncio.sleep(20.0)
        found = [batch.read(data) for data in messages(inbox) if data[0] == spec.KIND_MOMENT]
        assert link.info.boot in {moment["boot"] for moment in found}
        return found

    moments = with_cuff(happen, imu=ImuFaults(drift_ppm=8000), ticks_us=2**30 - 20_000_000)
    assert [m["presses"] for m in moments[:3]] == [0, 0, 1]
    assert [m["flags"] & spec.MOMENT_PRESSED for m in moments[:3]] == [0, spec.MOMENT_PRESSED, 0]
    assert moments[-1]["flags"] == spec.MOMENT_MOVING
    first, last = moments[3], moments[-1]
    crystal_s = (last["crystal_us"] - first["crystal_us"]) % 2**32 * 1e-6
    clock_s = (last["clock"] - first["clock"]) % 2**32 / spec.CLOCK_HZ
    assert crystal_s > 15
    # the clocks are read within 0.2 ms of each other, in steps of 25 us
    assert clock_s / crystal_s - 1 == pytest.approx(0.008, abs=0.0002 / 15)


def test_lost_link_during_a_proof_is_told() -> None:
    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> None:
        link = await connect(rig, None)
        cuff.power_off()
        with pytest.raises(LinkLost):
            await prove.ask(link)

    with_cuff(happen)
