"""A plan's faults, done to a rig and its host at their time."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from distal.errors import LinkError
from distal.link.base import Found
from distal.link.ble import BleRadio
from distal.sim.host import SimHost
from distal.sim.plan import Fault, FaultPlan
from distal.virtual.rig import VirtualCuff, VirtualRig
from distal_wire import spec

WARM_STEP_S = 0.5
BROWN_OUT_S = 3.0  # so long the flash is given to be written; then the battery simply fails


@dataclass
class Acts:
    """Does what a plan says. `done`: each fault and whether it found what it needed."""

    rig: VirtualRig
    host: SimHost
    plan: FaultPlan
    done: list[tuple[Fault, bool]] = field(default_factory=list)
    begin_s: float = 0.0  # the loop's clock when the plan's began
    rivals_obeyed: int = 0
    _rival_linked: bool = False

    async def run(self, cuffs: Sequence[VirtualCuff]) -> None:
        """All faults at their times; returns when the last is over."""
        loop = asyncio.get_running_loop()
        self.begin_s = begin = loop.time()
        chance = random.Random(f"acts/{self.plan.seed}")
        acting = []
        for fault in sorted(self.plan.faults, key=lambda one: one.at_s):
            await asyncio.sleep(max(begin + fault.at_s - loop.time(), 0.0))
            acting.append(asyncio.create_task(self._act(fault, cuffs[fault.cuff], chance)))
        await asyncio.gather(*acting)

    async def _act(self, fault: Fault, cuff: VirtualCuff, chance: random.Random) -> None:
        if fault.kind in _ON_CUFF:
            hit = await _ON_CUFF[fault.kind](cuff, fault)
        elif fault.kind == "rival":
            hit = await self._rival(cuff, fault)
        elif fault.kind == "loss":
            await self._lose(fault)
            hit = True
        else:
            hit = await self._harm_host(fault, chance)
        self.done.append((fault, hit is not False))

    async def _lose(self, fault: Fault) -> None:
        before = self.rig.air.faults
        self.rig.air.faults = replace(before, loss=max(fault.amount, before.loss))
        await asyncio.sleep(fault.seconds)
        self.rig.air.faults = before

    async def _harm_host(self, fault: Fault, chance: random.Random) -> bool:
        host = self.host
        if fault.kind == "kill":
            return host.kill(fault.seconds)
        if fault.kind == "disk_full":
            return host.fill_disk(fault.seconds)
        if fault.kind == "clock_step":
            host.step_s += fault.amount
            return True
        host.garble(fault.amount, chance)
        await asyncio.sleep(fault.seconds)
        host.garble(0.0, chance)
        return True

    async def _rival(self, cuff: VirtualCuff, fault: Fault) -> bool:
        """The host walks away with its computer; another one that has no key takes the cuff."""
        radio = BleRadio((await self.rig.add_host()).backend)
        self.host.set_range(False)
        cuff.radio.controller.drop_links()
        self._rival_linked = False
        with suppress(LinkError, TimeoutError):
            async with asyncio.timeout(fault.seconds):
                await self._take(radio, cuff)
        self.host.set_range(True)
        return self._rival_linked

    async def _take(self, radio: BleRadio, cuff: VirtualCuff) -> None:
        handles = [one for one in await radio.scan(1.0, 1, [cuff.address]) if one.address == cuff.address]
        link = await radio.connect(handles[0] if handles else Found(cuff.address, "?"), asyncio.Queue())
        try:
            self._rival_linked = True
            await link.command(spec.COMMAND_STOP)
            self.rivals_obeyed += 1
        finally:
            await link.close()


async def _range(cuff: VirtualCuff, fault: Fault) -> None:
    cuff.move_out_of_range()
    await asyncio.sleep(fault.seconds)
    cuff.move_into_range()


async def _drop(cuff: VirtualCuff, fault: Fault) -> bool:
    hit = cuff.radio.connections > 0
    cuff.radio.controller.drop_links()
    return hit


async def _reboot(cuff: VirtualCuff, fault: Fault) -> None:
    cuff.reboot()


async def _brown_out(cuff: VirtualCuff, fault: Fault) -> bool:
    """The power goes in the middle of a write; where nothing is written, some time later."""
    hit = cuff.flash.nor is not None
    if hit:
        cuff.cut_power_in(int(fault.amount))
        for _ in range(int(BROWN_OUT_S / 0.1)):
            await asyncio.sleep(0.1)
            if not cuff.interpreter.is_running:
                break
        hit = not cuff.interpreter.is_running
    if cuff.flash.nor:
        cuff.flash.nor.cut_in = -1
    cuff.power_off()
    cuff.imu.power_on(asyncio.get_running_loop().time())  # it lost its registers with the rest
    await asyncio.sleep(fault.seconds)
    cuff.power_on()
    return hit


async def _stall(cuff: VirtualCuff, fault: Fault) -> None:
    cuff.port.clock.charge(fault.seconds)


async def _no_memory(cuff: VirtualCuff, fault: Fault) -> None:
    pool, cuff.radio.pool = cuff.radio.pool, 0
    await asyncio.sleep(fault.seconds)
    cuff.radio.pool = pool


async def _warm(cuff: VirtualCuff, fault: Fault) -> None:
    """Sensor and crystal warm up by different amounts: two parts, two temperatures."""
    loop = asyncio.get_running_loop()
    before, crystal = cuff.setup.imu.drift_ppm, cuff.port.clock.drift_ppm
    steps = max(int(fault.seconds / WARM_STEP_S), 1)
    for step in range(1, steps + 1):
        cuff.imu.set_drift(before + fault.amount * step / steps, loop.time())
        cuff.port.clock.set_drift(crystal + 0.3 * fault.amount * step / steps)
        await asyncio.sleep(WARM_STEP_S)


_ON_CUFF: dict[str, Callable[[VirtualCuff, Fault], Awaitable[bool | None]]] = {
    "range": _range,
    "drop": _drop,
    "reboot": _reboot,
    "brown_out": _brown_out,
    "stall": _stall,
    "no_memory": _no_memory,
    "warm": _warm,
}
