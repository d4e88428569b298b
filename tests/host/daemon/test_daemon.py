"""The daemon with the real firmware on virtual cuffs, in virtual time."""

import asyncio
import json
from pathlib import Path

import pytest
from tests.host.daemon.stage import Play, Stage

from distal.daemon.source import Refused
from distal.recording import Recording


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
        assert [one.name for one in state.reports] == [state.messages[-1].text.split()[0].lower()]

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


@pytest.mark.slow
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

    play(act, ("left",))


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
        await stage.rig.cuffs[0].press_button()
        await asyncio.sleep(5)

    assert play(act, ("left",), start={"button": False}).recordings() == []


@pytest.mark.slow
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

    assert len(play(act, ("left",), start={"motion": True}).recordings()) == 1


@pytest.mark.slow
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

    (path,) = play(act, ("left",)).recordings()
    assert coverage(path)["left"] == 1.0


@pytest.mark.slow
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

    play(act, ("left",))


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

    assert play(act, ("left",), limits={"min_free_mb": 1_000_000}).recordings() == []


@pytest.mark.slow
def test_recording_of_a_killed_daemon_is_closed_and_reported(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("distal.recording.COMMIT_S", 0.0)  # its clock is the real one, ours is not

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

    folder = play(begin, ("left",)).folder
    for suffix in ("", "-wal"):
        name = f"session-20260101-101010.distal{suffix}"
        (folder / name).rename(folder / "sessions" / name)
    stage = play(again, ("left",))
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
