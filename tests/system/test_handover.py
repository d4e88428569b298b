"""What a cuff keeps becomes recordings: sessions without a host, and what a killed host's recording lacks."""

import asyncio
import json
import math
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.system.conftest import Swing

from distal import bring
from distal.bring import Bring, Brought, Survey, Target
from distal.cli import fetch as cli
from distal.cli.fetched import Outcome, show_all, show_history
from distal.device.keys import CuffStore
from distal.errors import LinkLost
from distal.hold import Cuffs
from distal.keeping import open_people
from distal.link import ble
from distal.link.ble import BleRadio
from distal.recording import Recording
from distal.review import load_report
from distal.session import Plan, Session
from distal.streams import LegState, Streams
from distal.virtual.clockloop import run
from distal.virtual.rig import CuffSetup, VirtualRig

WALL_S = 1.8e9  # at loop time 0
HOURS = 600.0  # of the swing; no test is longer


@pytest.fixture(autouse=True)
def wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wall clock goes as virtual time does."""
    monkeypatch.setattr(bring, "wall_offset", lambda: WALL_S)


class Stage:
    """A virtual cuff and a folder."""

    def __init__(self, rig: VirtualRig, folder: Path) -> None:
        self.rig, self.cuff, self.folder = rig, rig.cuffs[0], folder

    async def alone(self, seconds: float) -> int:
        """A session from one press to the next; how many samples the sensor took in it."""
        before = self.cuff.taken
        await self.cuff.press_button()
        await asyncio.sleep(seconds)
        await self.cuff.press_button()
        await asyncio.sleep(1.0)
        return self.cuff.taken - before

    async def fetch(self, until: int = 10**9, only: Path | None = None) -> tuple[Survey, list[Brought]]:
        """Fetch everything, or be interrupted after so many samples of a recording."""

        def tell(_want: Any, done: int, _count: int) -> None:
            if done >= until:
                raise LinkLost("interrupted")

        radio = BleRadio(self.rig.backend)
        async with Cuffs(radio) as cuffs:
            found = (await radio.scan(8.0, 1))[0]
            held = cuffs.hold(found, await cuffs.connect(found), "left")
            target = Target(self.folder, only, side="left")
            async with Bring(cuffs, held, target, tell, lambda _text: None) as bring:
                survey = await bring.survey()
                brought = [await bring.fetch(survey, want) for want in survey.wants]
                await bring.release(survey)
                return survey, brought


def play(folder: Path, act: Any) -> None:
    async def main() -> None:
        async with VirtualRig([CuffSetup(Swing(HOURS), side="left", mass_g=1000)]) as rig:
            await asyncio.sleep(2.0)
            await act(Stage(rig, folder))
            rig.check()

    run(main(), speed=math.inf)


def leg_of(path: Path) -> LegState:
    with Recording(path) as recording:
        assert recording.damage == []
        streams = Streams(recording.sides())
        streams.feed(recording.in_index_order())
    streams.flush()
    return streams.legs()["left"]


def rows(path: Path) -> int:
    with Recording(path) as recording:
        return len(list(recording.received()))


def test_sessions_without_a_host_become_recordings_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def act(stage: Stage) -> None:
        taken = await stage.alone(24.0)
        stage.cuff.power_off()
        stage.cuff.imu.power_on(asyncio.get_running_loop().time())  # its clock begins anew, too
        stage.cuff.power_on()
        await asyncio.sleep(2.0)
        begun = asyncio.get_running_loop().time()
        later = await stage.alone(9.0)
        with pytest.raises(LinkLost):
            await stage.fetch(until=4000)
        (part,) = tmp_path.glob("kept-*")
        assert 0 < leg_of(part).present < taken
        survey, brought = await stage.fetch()
        assert [(one.missing, one.left) for one in brought] == [(0, 0), (0, 0)]
        assert brought[0].path == part
        new = brought[1].path
        assert new is not None
        assert leg_of(part).present == taken
        assert [leg_of(path).coverage for path in (part, new)] == [1.0, 1.0]
        assert leg_of(new).present == later
        _, _, meta = load_report(new)
        late = datetime.fromisoformat(meta["started"]) - datetime.fromtimestamp(WALL_S + begun, UTC)
        assert abs(late) < timedelta(seconds=2)
        with Recording(part) as recording:
            assert recording.meta["started"] is None
            assert recording.facts().mass_left_kg is None  # nobody said who wore it
        before = rows(part), rows(new)
        survey, brought = await stage.fetch()
        assert (brought, survey.wants) == ([], ())
        assert all(one.is_released for one in survey.kept.sessions)
        assert (rows(part), rows(new)) == before
        (found,), _ = await typed(stage, monkeypatch)
        assert [session["wanted"] for session in found.facts()["sessions"]] == [0, 0]
        told = capsys.readouterr().out
        assert "keeps 2 sessions" in told
        assert told.count("nothing to fetch") == 2

    play(tmp_path, act)


async def typed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, only_list: bool = True, person: str | None = None
) -> tuple[list[Outcome], list[Path]]:
    """`distal fetch`, its loop being this one; what it found, what entered the person's history."""

    @asynccontextmanager
    async def open_radio(_keys: Any = None) -> AsyncIterator[BleRadio]:
        yield BleRadio(stage.rig.backend)

    monkeypatch.setattr(ble, "open_radio", open_radio)
    order = cli.Order((), False, only_list, False, False, False, 8.0, stage.folder, person)
    history = cli.History(order.wearer(), pytest.fail)
    store = CuffStore(stage.folder / "cuffs.json")
    found = await cli._fetch(order, store, cli.Bar(False), history)
    json.dumps([one.facts() for one in found])
    show_all(found, only_list)
    show_history(person, history.entered)
    return found, history.entered


def test_what_was_recorded_without_a_host_enters_the_history_of_who_wore_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISTAL_PEOPLE", str(tmp_path / "people.sqlite"))
    with open_people() as people:
        ann = people.add("Ann Lee", height_m=1.68)

    async def act(stage: Stage) -> None:
        await stage.alone(6.0)
        _, (path,) = await typed(stage, monkeypatch, False, "Ann Lee")
        assert "Next: distal people history 'Ann Lee'" in capsys.readouterr().out
        with open_people() as people, Recording(path) as recording:
            assert [row["recording"] for row in people.sessions(ann)] == [str(path)]
            assert recording.facts().height_m == 1.68
        found, entered = await typed(stage, monkeypatch, False, "Ann Lee")
        assert (found[0].brought, entered) == ([], [])

    play(tmp_path, act)


def test_the_recording_of_a_killed_host_is_completed_at_the_next_meeting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # of real time, and a virtual minute takes little of it
    monkeypatch.setattr("distal.recording.COMMIT_S", 0.0)
    live, left = tmp_path / "live", tmp_path / "left"
    live.mkdir()
    left.mkdir()

    async def act(stage: Stage) -> None:
        session = Session(BleRadio(stage.rig.backend), live / "a.distal", Plan(cuffs=1))
        running = asyncio.create_task(session.run())
        await asyncio.sleep(8.0)
        stage.cuff.move_out_of_range()
        await asyncio.sleep(12.0)
        stage.cuff.move_into_range()
        await asyncio.sleep(1.5)
        for ending in ("", "-wal"):  # as a kill leaves it
            shutil.copyfile(live / f"a.distal{ending}", left / f"a.distal{ending}")
        stage.cuff.move_out_of_range()  # who was killed stops no cuff
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        stage.rig.hosts[0].controller.drop_links()
        stage.cuff.move_into_range()
        await asyncio.sleep(5.0)
        await stage.cuff.press_button()
        await asyncio.sleep(1.0)
        stage.folder = left
        killed = left / "a.distal"
        before = leg_of(killed)
        assert before.present < stage.cuff.taken
        _, brought = await stage.fetch(only=killed)
        after = leg_of(killed)
        assert (after.present, after.lost, after.coverage) == (stage.cuff.taken, 0, 1.0)
        assert sum(one.samples for one in brought) >= after.present - before.present > 5 * 208
        assert abs(after.sync[0].skew_ppm) < 100  # what came later bends no clock
        count = rows(killed)
        assert (await stage.fetch())[1] == []
        assert rows(killed) == count

    play(left, act)
