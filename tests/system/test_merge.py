"""What both cuffs recorded without a host becomes one recording, left today and right tomorrow."""

import asyncio
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from distal import bring
from distal.bring import Bring, Brought, Survey, Target
from distal.errors import LinkLost
from distal.hold import Cuffs
from distal.link.ble import BleRadio
from distal.model import SIDES, Side, Timebase
from distal.recording import Recording, keep
from distal.review import load_report
from distal.shelf import PLACED, TAP
from distal.streams import Streams
from distal.tap import evidence, load_knocks
from distal.virtual.clockloop import run
from distal.virtual.motion.knocks import Knocks
from distal.virtual.rig import CuffSetup, ImuFaults, VirtualCuff, VirtualRig

WALL_S = 1.8e9  # at loop time 0
CRYSTALS = {"left": -20.0, "right": 15.0}  # ppm
BLOWS = (8.0, 9.1, 10.4, 11.3, 12.7, 13.5)  # of the cuffs against each other
IMUS = {"left": 4000.0, "right": -6000.0}


class Stage:
    """Two cuffs, a folder, and when each sample was taken."""

    def __init__(self, rig: VirtualRig, folder: Path) -> None:
        self.rig, self.folder = rig, folder
        self.cuffs: dict[Side, VirtualCuff] = dict(zip(SIDES, rig.cuffs, strict=True))
        self.instants: dict[Side, list[np.ndarray]] = {side: [] for side in SIDES}
        for side, cuff in self.cuffs.items():
            cuff.port.clock.set_drift(CRYSTALS[side])
            cuff.imu.on_stored = lambda at, _gyr, _acc, side=side: self.instants[side].append(at)

    async def press(self, side: Side) -> None:
        await self.cuffs[side].press_button()

    async def fetch(self, side: Side, until: int = 10**9) -> tuple[Survey, list[Brought]]:
        """One cuff is met, the other is far. `until`: so many samples, then the link is lost."""

        def tell(_want: Any, done: int, _count: int) -> None:
            if done >= until:
                raise LinkLost("interrupted")

        for name, cuff in self.cuffs.items():
            cuff.move_into_range() if name == side else cuff.move_out_of_range()
        radio = BleRadio(self.rig.backend)
        async with Cuffs(radio) as cuffs:
            found = (await radio.scan(8.0, 1))[0]
            held = cuffs.hold(found, await cuffs.connect(found), side)
            target = Target(self.folder, side=side)
            async with Bring(cuffs, held, target, tell, lambda _text: None) as bring:
                survey = await bring.survey()
                brought = [await bring.fetch(survey, want) for want in survey.wants]
                await bring.release(survey)
                return survey, brought

    def apart_ms(self, times: dict[Side, Timebase]) -> np.ndarray:
        """By how much a time on the right leg is wrong against one on the left, over both."""
        off = {}
        for side in SIDES:
            true_s = np.concatenate(self.instants[side])
            found_s = np.array([times[side].seconds(row) for row in range(0, len(true_s), 208)])
            off[side] = true_s[::208], found_s - true_s[::208]
        at = off["left"][0]
        return 1e3 * (np.interp(at, *off["right"]) - off["left"][1])


def play(folder: Path, act: Any) -> None:
    async def main() -> None:
        setups = [
            CuffSetup(Knocks(BLOWS, 1e4), side=side, mass_g=1000, imu=ImuFaults(drift_ppm=IMUS[side]))
            for side in SIDES
        ]
        async with VirtualRig(setups) as rig:
            await asyncio.sleep(2.0)
            await act(Stage(rig, folder))
            rig.check()

    run(main(), speed=math.inf)


@pytest.fixture(autouse=True)
def wall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bring, "wall_offset", lambda: WALL_S)


def read(path: Path) -> Streams:
    with Recording(path) as recording:
        assert recording.damage == []
        streams = Streams(recording.sides())
        streams.name_placed(recording.meta[PLACED], recording.meta.get(TAP))
        streams.feed(recording.in_index_order())
    streams.flush()
    return streams


async def train(stage: Stage, seconds: float) -> dict[Side, int]:
    """Button to button on both legs, the right one later; how many samples each sensor took."""
    await stage.press("left")
    await asyncio.sleep(5.0)
    await stage.press("right")
    await asyncio.sleep(seconds)
    await stage.press("left")
    await stage.press("right")
    await asyncio.sleep(1.0)
    return {side: cuff.taken for side, cuff in stage.cuffs.items()}


def counts(streams: Streams) -> dict[Side, tuple[int, int]]:
    return {side: (leg.present, leg.lost) for side, leg in streams.legs().items()}


@pytest.mark.slow
def test_both_legs_of_one_training_become_one_recording(tmp_path: Path) -> None:
    """The right cuff begins anew before it is met: its sensor's clock bridges that, and the receipt holds.
    Knocks tell the rest."""

    async def act(stage: Stage) -> None:
        taken = await train(stage, 30.0)
        stage.cuffs["right"].reboot()
        await asyncio.sleep(30.0)
        _, (left,) = await stage.fetch("left")
        _, (right,) = await stage.fetch("right")
        assert (left.want.joins, right.want.joins, right.path) == (None, left.path, left.path)
        (path,) = tmp_path.glob("*.distal")
        streams = read(path)
        assert counts(streams) == {side: (n, 0) for side, n in taken.items()}
        receipt, apart = streams.sync(), stage.apart_ms(dict(streams.times()))
        assert receipt
        assert receipt.method.startswith("each cuff's own crystal")
        assert float(np.quantile(np.abs(apart), 0.95)) < receipt.p95_ms < 100.0
        assert load_report(path).report.coverage == {"left": 1.0, "right": 1.0}
        keep(path, TAP, evidence(*load_knocks(path)))
        streams = read(path)
        receipt, apart = streams.sync(), stage.apart_ms(dict(streams.times()))
        assert receipt
        assert float(np.quantile(np.abs(apart), 0.95)) < receipt.p95_ms < 10.0

    play(tmp_path, act)


def test_the_order_of_meetings_does_not_matter_and_nothing_comes_twice(tmp_path: Path) -> None:
    """Fetched right first; the second meeting is interrupted and goes on."""

    async def act(stage: Stage) -> None:
        taken = await train(stage, 12.0)
        _, (right,) = await stage.fetch("right")
        with pytest.raises(LinkLost):
            await stage.fetch("left", until=1)
        await stage.fetch("left")
        assert [path for path in tmp_path.glob("*.distal")] == [right.path]
        assert counts(read(tmp_path / str(right.path))) == {side: (n, 0) for side, n in taken.items()}
        before = (tmp_path / str(right.path)).read_bytes()
        assert [(await stage.fetch(side))[1] for side in SIDES] == [[], []]
        assert (tmp_path / str(right.path)).read_bytes() == before

    play(tmp_path, act)


def test_legs_that_were_not_surely_recorded_together_stay_two(tmp_path: Path) -> None:

    async def act(stage: Stage) -> None:
        for side in SIDES:
            await stage.press(side)
            await asyncio.sleep(6.0)
            await stage.press(side)
        _, (left,) = await stage.fetch("left")
        _, (right,) = await stage.fetch("right")
        assert (left.want.home, right.want.home) == ("none", "none")
        assert len(list(tmp_path.glob("*.distal"))) == 2

    play(tmp_path, act)
