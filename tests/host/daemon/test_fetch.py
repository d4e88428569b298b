"""What the cuffs recorded without a computer comes by itself, also beside a session that runs."""

import asyncio
import json
from pathlib import Path

import pytest
from tests.host.daemon.stage import Play, Stage

from distal import bring
from distal.keeping import open_people
from distal.model import Received
from distal.own import Own
from distal.recording import Recording
from distal_wire import batch, parse, spec


def switched_off(stage: Stage) -> None:
    stage.has_radio = False


def indices(path: Path) -> set[int]:
    with Recording(path) as recording:
        decoded = batch.decode([message.data for message in recording.received()])
    return {int(row["index"]) + i for row in decoded.header for i in range(row["count"])}


@pytest.fixture
def ann(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Somebody whom the file of people knows."""
    monkeypatch.setenv("DISTAL_PEOPLE", str(tmp_path / "people.sqlite"))
    with open_people() as people:
        people.add("Ann", height_m=1.68)
    return "Ann"


def test_a_session_without_a_computer_is_imported_beside_a_live_one(play: Play, ann: str) -> None:
    """And both are in the history of who wears the cuffs."""
    taken = []

    async def act(stage: Stage) -> None:
        (cuff,) = stage.rig.cuffs
        await asyncio.sleep(2)
        stage.legs[0].is_moving = True
        await cuff.press_button()
        await asyncio.sleep(20)
        await cuff.press_button()
        await asyncio.sleep(1)
        taken.append(cuff.taken)
        stage.has_radio = True
        await stage.linked()
        kept = await stage.until(lambda now: any(one.kept_sessions for one in now.cuffs))
        assert [(one.kept_sessions, round(one.kept_s or 0.0)) for one in kept.cuffs] == [(1, taken[0] // 208)]
        stage.daemon.start("command")
        await stage.until(lambda now: any((one.fetching or 0.0) > 0.5 for one in now.cuffs))
        assert stage.daemon.state().phase == "recording"
        await stage.until(lambda now: any("without a computer" in one.text for one in now.messages))
        stage.daemon.stop("command")
        await stage.until(lambda now: sum("wearer's history" in one.text for one in now.messages) == 2)
        assert [one.kept_s for one in stage.daemon.state().cuffs] == [0.0]
        told = stage.daemon.metrics()
        assert b'distal_imported_sessions_total{side="left"} 1.0' in told
        assert f'distal_fetched_samples_total{{side="left"}} {taken[0]}.0'.encode() in told

    stage = play(act, ("left",), before=switched_off, wearer={"person": ann})
    alone, live = sorted(stage.recordings(), key=lambda path: min(indices(path)))
    assert indices(alone) == set(range(taken[0]))
    assert min(indices(live)) == taken[0]
    for path in (alone, live):
        report = json.loads(path.with_suffix(".json").read_text())
        assert report["coverage"]["left"] == 1.0
    assert alone.stem.startswith("session-")
    with open_people() as people, Recording(alone) as recording:
        rows = people.sessions(people.person(ann))
        assert recording.facts().height_m == 1.68
    assert {row["recording"] for row in rows} == {str(path.resolve()) for path in (alone, live)}


def test_what_both_cuffs_recorded_alone_becomes_one_session(
    play: Play, ann: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each cuff is fetched by itself; the page is told of both legs, the history has it once."""
    monkeypatch.setattr(bring, "wall_offset", lambda: 1.8e9)  # as virtual time goes

    async def act(stage: Stage) -> None:
        await asyncio.sleep(2)
        for cuff in stage.rig.cuffs:
            await cuff.press_button()
        await asyncio.sleep(12)
        for cuff in stage.rig.cuffs:
            await cuff.press_button()
        await asyncio.sleep(1)
        stage.has_radio = True
        await stage.until(lambda now: any("both legs now" in one.text for one in now.messages))
        await stage.until(lambda now: [one.alone for one in now.reports] == [("left", "right")])
        await stage.until(lambda now: any("wearer's history" in one.text for one in now.messages))

    stage = play(act, before=switched_off, wearer={"person": ann})
    (path,) = stage.recordings()
    report = json.loads(path.with_suffix(".json").read_text())
    assert report["coverage"] == {"left": 1.0, "right": 1.0}
    assert report["sync"]["heard"] is False
    assert report["sync"]["p95_ms"] < 200
    with open_people() as people:
        assert [row["recording"] for row in people.sessions(people.person(ann))] == [str(path.resolve())]


def packet(boot: int, index: int) -> Received:
    values = {"clock": 1, "rate_hz": 208, "count": 1, "encoding": 0, "flags": 0, "imu": 1}
    row = dict.fromkeys(("gx", "gy", "gz", "ax", "ay", "az"), 0)
    ranges = {"acc_range_g": 32, "gyr_range": 16, "samples": [row]}
    return Received("a1", 0.0, parse.build(spec.KIND_SAMPLES, boot=boot, index=index, **values, **ranges))


def test_a_recording_keeps_what_came_since_its_start_and_nothing_older() -> None:
    own = Own()
    own.expect("a1", 7)
    early = [packet(7, 99), packet(7, 100)]
    assert not any(own.has(one) for one in early)
    assert own.began("a1", 7, 100) == early[1:]
    assert [own.has(packet(7, index)) for index in (99, 100, 2**32 - 1)] == [False, True, False]
    assert not own.has(packet(6, 100))
    own.expect("a1", 7)  # the link was made again
    assert own.has(packet(7, 100))
    assert own.began("a1", 7, 500) == []
    assert own.has(packet(7, 400))
    damaged = Received("a1", 0.0, packet(6, 1).data[:-1])
    assert own.has(damaged)
