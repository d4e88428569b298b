"""What a cuff keeps: holes are filled while it streams, sessions without a host outlive a reboot."""

import asyncio
import math
from typing import Any

import numpy as np
from tests.system.conftest import Swing

from distal.link.base import Inbox, Link
from distal.link.ble import BleRadio
from distal.virtual.clockloop import run
from distal.virtual.rig import CuffSetup, RadioFaults, VirtualCuff, VirtualRig
from distal_wire import batch, spec


def with_cuff(happen: Any, faults: RadioFaults | None = None) -> Any:
    async def main() -> Any:
        setup = CuffSetup(Swing(600.0), side="left", mass_g=1000)
        async with VirtualRig([setup], faults) as rig:
            result = await happen(rig, rig.cuffs[0])
            rig.check()
            return result

    return run(main(), speed=math.inf)


async def connect(rig: VirtualRig, inbox: Inbox) -> Link:
    radio = BleRadio(rig.backend)
    return await radio.connect((await radio.scan(8.0, 1))[0], inbox)


def indices(inbox: Inbox, boot: int) -> np.ndarray:
    """Sample numbers of that boot in everything that came, once each."""
    decoded = batch.decode([inbox.get_nowait().data for _ in range(inbox.qsize())])
    assert not decoded.faults
    rows = [row for row in decoded.header if row["boot"] == boot]
    return np.unique(np.concatenate([np.arange(row["count"]) + int(row["index"]) for row in rows]))


def test_an_outage_longer_than_ram_is_filled_out_of_flash() -> None:
    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> None:
        inbox: Inbox = asyncio.Queue()
        link = await connect(rig, inbox)
        await link.command(spec.COMMAND_START)
        await asyncio.sleep(5.0)
        cuff.move_out_of_range()
        await link.lost.wait()
        await asyncio.sleep(40.0)
        cuff.move_into_range()
        link = await connect(rig, inbox)
        resumed = await link.command(spec.COMMAND_START)
        assert resumed.index > 20 * 208  # RAM has only the last seconds
        done = await link.fetch(link.info.boot, 0, resumed.index)  # at once: what piled up leaves room for it
        assert (done.end, done.missing) == (resumed.index, 0)
        stopped = await link.command(spec.COMMAND_STOP)
        await asyncio.sleep(1.0)
        assert np.array_equal(indices(inbox, link.info.boot), np.arange(stopped.index))
        await link.close()

    with_cuff(happen)


def test_a_session_begun_by_the_button_is_fetched_after_a_reboot() -> None:
    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> None:
        await asyncio.sleep(2.0)
        await cuff.press_button()
        await asyncio.sleep(20.0)
        await cuff.press_button()
        await asyncio.sleep(1.0)
        taken = cuff.taken
        assert taken > 19 * 208
        cuff.power_off()
        cuff.power_on()
        inbox: Inbox = asyncio.Queue()
        link = await connect(rig, inbox)
        (session,) = (await link.kept()).sessions
        assert (session.is_alone, session.is_open, session.age_s) == (True, False, None)
        assert session.count == taken
        done = await link.fetch(session.boot, session.first, session.count)
        assert done.missing == 0
        assert np.array_equal(indices(inbox, session.boot), np.arange(taken))
        await link.release(session.boot, session.end)
        assert (await link.kept()).sessions[0].is_released
        await link.close()

    with_cuff(happen)


def test_slow_flash_costs_no_sample() -> None:
    async def happen(rig: VirtualRig, cuff: VirtualCuff) -> None:
        cuff.flash.erase_s = 0.4
        inbox: Inbox = asyncio.Queue()
        link = await connect(rig, inbox)
        await link.command(spec.COMMAND_START)
        await asyncio.sleep(30.0)
        stopped = await link.command(spec.COMMAND_STOP)
        await asyncio.sleep(1.0)
        assert np.array_equal(indices(inbox, link.info.boot), np.arange(stopped.index))
        kept = await link.kept()
        assert (kept.missed, kept.held) == (0, stopped.index)
        await link.close()

    with_cuff(happen)
