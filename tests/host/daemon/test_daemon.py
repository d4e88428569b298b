"""The daemon with the real firmware on virtual cuffs, in virtual time."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from distal.daemon.config import Config
from distal.daemon.daemon import Daemon, running
from distal.daemon.logs import make_log
from distal.daemon.source import Refused
from distal.daemon.state import State
from distal.device.keys import CuffStore, KnownCuff
from distal.link.base import Keys, Radio
from distal.link.ble import BleRadio
from distal.model import Side
from distal.recording import Recording
from distal.virtual import clockloop
from distal.virtual.rig import CuffSetup, VirtualRig


class Leg:
    """At rest until a test says otherwise; then it turns at 100 deg/s."""

    duration_s = 1e6

    def __init__(self) -> None:
        self.is_moving = False

    def sample(self, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        gyr, acc = np.zeros((len(t), 3)), np.zeros((len(t), 3))
        acc[:, 0] = -9.80665
        if self.is_moving:
            gyr[:, 2] = np.radians(100)
        return gyr, acc


class Stage:
    """Two virtual cuffs, a daemon that knows them, and what a test does to them."""

    def __init__(self, rig: VirtualRig, legs: list[Leg], folder: Path, **settings: Any) -> None:
        self.rig, self.legs, self.folder = rig, legs, folder
        self.store = CuffStore(folder / "cuffs.json")
        for cuff in rig.cuffs:
            self.store.put(KnownCuff(cuff.cuff, name=cuff.setup.name, side=cuff.setup.side, mass_g=1000))
        self.sessions = folder / "sessions"
        config = Config.model_validate({**settings, "recordings": {"folder": self.sessions}})
        self.log = open(folder / "log.jsonl", "a", encoding="utf-8")  # noqa: SIM115  closed by `stage`
        self.daemon = Daemon(config, self.open_radio, self.store, make_log(self.log))

    @asynccontextmanager
    async def open_radio(self, keys: Keys) -> AsyncIterator[Radio]:
        yield BleRadio(self.rig.backend, keys)

    async def until(self, what: Callable[[State], bool], seconds: float = 60.0) -> State:
        """Wait for a state. Fails with the messages when it does not come."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not what(self.daemon.state()):
            assert loop.time() < end, self.daemon.state()
            await asyncio.sleep(0.1)
        return self.daemon.state()

    async def linked(self) -> State:
        return await self.until(lambda now: [one.link for one in now.cuffs] == ["linked"] * len(self.legs))

    async def phase(self, phase: str, seconds: float = 60.0) -> State:
        return await self.until(lambda now: now.phase == phase, seconds)

    def texts(self) -> list[str]:
        return [message.text for message in self.daemon.state().messages]

    def recordings(self) -> list[Path]:
        return sorted(self.sessions.glob("*.distal"))


Act = Callable[[Stage], Coroutine[Any, Any, None]]
Play = Callable[..., Stage]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Run a daemon on two cuffs while `act(stage)` runs, then stop it cleanly."""

    def go(act: Act, sides: tuple[Side, ...] = ("left", "right"), **settings: Any) -> Stage:
        async def main() -> Stage:
            legs = [Leg() for _ in sides]
            setups = [
                CuffSetup(leg, side, 1000, f"Distal {side}") for leg, side in zip(legs, sides, strict=True)
            ]
            async with VirtualRig(setups) as rig:
                stage = Stage(rig, legs, tmp_path, **settings)
                with stage.log:
                    async with running(stage.daemon):
                        await act(stage)
            return stage

        return clockloop.run(main(), speed=math.inf)

    return go


def coverage(path: Path) -> dict[str, float]:
    data: dict[str, float] = json.loads(path.with_suffix(".json").read_text())["coverage"]
    return data


def test_paired_cuffs_are_linked_and_a_session_is_recorded_with_its_report(play: Play) -> None:
    async def act(stage: Stage) -> None:
        assert stage.daemon.state().phase == "waiting"
        state = await stage.linked()
        assert state.phase == "ready"
        assert [(one.side, one.mass_g) for one in state.cuffs] == [("left", 1000), ("right", 1000)]
        stage.daemon.start("command", "squat")
        await asyncio.sleep(5)
        state = stage.daemon.state()
        assert state.phase == "recording"
        assert state.session
        assert state.session.seconds == pytest.approx(5, abs=0.1)
        assert state.live
        assert set(state.live.legs) == {"left", "right"}
        assert [one.coverage for one in state.cuffs] == [1.0, 1.0]
        stage.daemon.stop("command")
        state = await stage.phase("ready")
        assert [one.name for one in state.reports] == [state.messages[-1].text.split()[1]]

    stage = play(act)
    (path,) = stage.recordings()
    assert coverage(path) == {"left": 1.0, "right": 1.0}
    assert path.with_suffix(".html").read_text().startswith("<!doctype html>")
    with Recording(path) as recording:
        assert recording.facts().exercise == "squat"
        assert recording.facts().mass_left_kg == 1.0
        assert recording.meta["daemon"] == {"started_by": "command"}
    assert [name.name for name in stage.sessions.iterdir() if name.suffix.endswith("wal")] == []
    log = [json.loads(line) for line in (stage.folder / "log.jsonl").read_text().splitlines()]
    assert {"daemon.linked", "daemon.begun.command", "daemon.saved"} <= {line["event"] for line in log}


def test_many_sessions_run_on_one_link(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.linked()
        for _ in range(2):
            stage.daemon.start("command")
            await asyncio.sleep(2)
            stage.daemon.stop("command")
            await stage.phase("ready")
        assert b"distal_reconnects_total{" not in stage.daemon.metrics()

    stage = play(act)
    assert [coverage(path) for path in stage.recordings()] == [{"left": 1.0, "right": 1.0}] * 2
    for path in stage.recordings():
        with Recording(path) as recording:
            assert len(recording.cuffs()) == 2


def test_commands_at_the_wrong_time_are_refused(play: Play) -> None:
    async def act(stage: Stage) -> None:
        with pytest.raises(Refused, match="No cuff is linked"):
            stage.daemon.start("command")
        await stage.linked()
        with pytest.raises(Refused, match="No session runs"):
            stage.daemon.stop("command")
        with pytest.raises(Refused, match="juggling"):
            stage.daemon.start("command", "juggling")
        stage.daemon.start("command")
        with pytest.raises(Refused, match="runs already"):
            stage.daemon.start("command")

    play(act)


def test_button_begins_and_ends_a_session(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.linked()
        await asyncio.sleep(2)
        await stage.rig.cuffs[1].press_button()
        await stage.phase("recording", 2)
        await asyncio.sleep(3)
        await stage.rig.cuffs[0].press_button()
        await stage.phase("ready")

    stage = play(act)
    assert len(stage.recordings()) == 1
    assert any("by the button" in text for text in stage.texts())


def test_button_can_be_switched_off(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.linked()
        await asyncio.sleep(2)
        await stage.rig.cuffs[1].press_button()
        await asyncio.sleep(5)

    assert play(act, start={"button": False}).recordings() == []


def test_movement_begins_a_session_and_rest_ends_it(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.linked()
        await asyncio.sleep(5)
        assert stage.daemon.state().phase == "ready"
        stage.legs[0].is_moving = True
        await stage.phase("recording", 5)
        await asyncio.sleep(8)
        stage.legs[0].is_moving = False
        await asyncio.sleep(6)
        assert stage.daemon.state().phase == "recording"
        await stage.phase("ready", 10)

    stage = play(act, ("left",), start={"motion": True, "rest_min": 0.1})
    assert len(stage.recordings()) == 1
    assert any("no leg moved for 0.1 min" in text for text in stage.texts())


def test_session_ended_by_hand_is_not_begun_again_by_the_same_movement(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.linked()
        stage.legs[0].is_moving = True
        await stage.phase("recording", 5)
        await asyncio.sleep(3)
        stage.daemon.stop("command")
        await stage.phase("ready")
        await asyncio.sleep(5)
        assert stage.daemon.state().phase == "ready"

    assert len(play(act, start={"motion": True}).recordings()) == 1


def test_lost_cuff_is_told_and_costs_no_sample(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.linked()
        stage.daemon.start("command")
        await asyncio.sleep(3)
        stage.rig.cuffs[0].move_out_of_range()
        state = await stage.until(lambda now: now.cuffs[0].link == "lost")
        assert state.phase == "recording"
        assert state.messages[-1].level == "warning"
        stage.rig.cuffs[0].move_into_range()
        await stage.linked()
        await asyncio.sleep(3)
        stage.daemon.stop("command")
        await stage.phase("ready")
        assert b'distal_reconnects_total{side="left"} 1.0' in stage.daemon.metrics()

    (path,) = play(act).recordings()
    assert coverage(path)["left"] == 1.0


def test_cuff_that_comes_later_joins_the_session(play: Play) -> None:
    async def act(stage: Stage) -> None:
        stage.rig.cuffs[1].move_out_of_range()
        await stage.until(lambda now: now.cuffs[0].link == "linked")
        stage.daemon.start("command")
        await asyncio.sleep(3)
        stage.rig.cuffs[1].move_into_range()
        await stage.linked()
        await asyncio.sleep(3)
        stage.daemon.stop("command")
        await stage.phase("ready")

    (path,) = play(act).recordings()
    assert coverage(path) == {"left": 1.0, "right": 1.0}
    with Recording(path) as recording:
        assert recording.sides() == {cuff: side for cuff, side in recording.sides().items() if side}
        assert len(recording.cuffs()) == 2


def test_cuff_that_is_not_paired_is_left_alone(play: Play) -> None:
    async def act(stage: Stage) -> None:
        stage.store.forget(stage.rig.cuffs[1].cuff)
        await asyncio.sleep(8)
        assert [one.cuff for one in stage.daemon.state().cuffs] == [stage.rig.cuffs[0].cuff]

    play(act)


def test_cuff_lost_for_long_is_found_again(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("distal.daemon.daemon.PATIENCE_S", 5.0)

    async def act(stage: Stage) -> None:
        await stage.linked()
        stage.rig.cuffs[0].move_out_of_range()
        await asyncio.sleep(40)
        assert stage.daemon.state().cuffs[0].link == "lost"
        stage.rig.cuffs[0].move_into_range()
        await stage.linked()

    play(act)


def test_clean_stop_ends_and_saves_the_session(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.linked()
        stage.daemon.start("command")
        await asyncio.sleep(3)

    stage = play(act)
    (path,) = stage.recordings()
    assert coverage(path) == {"left": 1.0, "right": 1.0}
    assert any("the daemon stops" in text for text in stage.texts())


def test_forgotten_session_ends_by_itself(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.linked()
        stage.daemon.start("command")
        await asyncio.sleep(5)
        assert stage.daemon.state().phase == "recording"
        await stage.phase("ready", 3)

    assert len(play(act, ("left",), limits={"longest_min": 0.1}).recordings()) == 1


def test_too_little_room_refuses_a_session(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.linked()
        with pytest.raises(Refused, match="Free some space"):
            stage.daemon.start("command")
        assert "MB free" in stage.daemon.health().reasons[0]

    assert play(act, limits={"min_free_mb": 1_000_000}).recordings() == []


def test_recording_of_a_killed_daemon_is_closed_and_reported(play: Play) -> None:
    async def begin(stage: Stage) -> None:
        await stage.linked()
        stage.daemon.start("command")
        await asyncio.sleep(4)
        (path,) = stage.recordings()
        for suffix in ("", "-wal"):  # as a kill at this moment would leave it
            found = path.with_name(path.name + suffix)
            (stage.folder / f"session-20260101-101010.distal{suffix}").write_bytes(found.read_bytes())

    async def again(stage: Stage) -> None:
        await stage.until(lambda now: len(now.reports) == 2)
        assert any("was cut off" in text for text in stage.texts())

    folder = play(begin).folder
    for suffix in ("", "-wal"):
        name = f"session-20260101-101010.distal{suffix}"
        (folder / name).rename(folder / "sessions" / name)
    stage = play(again)
    assert len(list(stage.sessions.glob("session-20260101*"))) == 3  # recording, page, JSON: no log


def test_metrics_are_what_prometheus_reads(play: Play) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    async def act(stage: Stage) -> None:
        await stage.linked()
        stage.daemon.start("command")
        await asyncio.sleep(5)
        text = stage.daemon.metrics().decode()
        samples = {
            (one.name, one.labels.get("side")): one.value
            for family in text_string_to_metric_families(text)
            for one in family.samples
        }
        assert samples["distal_packets_total", "left"] > 5 * 208 / 18 - 10
        assert samples["distal_coverage_ratio", "right"] == 1.0
        assert samples["distal_gap_samples", "left"] == 0
        assert samples["distal_recording", None] == 1
        assert samples["distal_linked", "left"] == 1
        assert 0 < samples["distal_battery_ratio", "left"] <= 1
        assert samples["distal_disk_free_bytes", None] > 0
        assert samples["distal_sessions_total", None] == 1

    play(act)
