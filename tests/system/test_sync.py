"""Two cuffs whose oscillators are off by thousands of ppm, a lossy radio, knocks: left against right."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from tests.system.conftest import Outcome, Record

from distal.cli import cli
from distal.model import SIDES, Facts
from distal.recording import Recorder, Recording
from distal.streams import Streams
from distal.tap import load_knocks
from distal.virtual.motion.knocks import Knocks
from distal.virtual.rig import CuffSetup, ImuFaults, RadioFaults

SECONDS = 22.0
BLOWS = tuple(4.0 + 1.3 * k for k in range(12))
WRAPS_SOON = 2**32 - 10 * 40_000  # the IMU's timestamp goes round within the session


def knocked(drifts: tuple[float, float] = (3000.0, -4000.0)) -> list[CuffSetup]:
    starts = (WRAPS_SOON, 0)
    return [
        CuffSetup(
            Knocks(BLOWS, SECONDS + 5.0, direction=(0.6, 0.0, 0.8) if side == "left" else (0.0, 0.8, 0.6)),
            side=side,
            imu=ImuFaults(seed=k + 1, drift_ppm=drifts[k], timestamp_start=starts[k]),
            ticks_us=(0, 1 << 29)[k],
        )
        for k, side in enumerate(SIDES)
    ]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.system.conftest import record_in

    folder = tmp_path_factory.mktemp("sync")
    outcome: Outcome = record_in(folder)(SECONDS, RadioFaults(loss=0.1, interval_ms=15.0), None, knocked())
    return outcome.path


def test_the_knocks_fall_together_within_the_receipt(session: Path) -> None:
    sync, reading = load_knocks(session)
    assert sync is not None
    assert sync.method.endswith("IMU by crystal")
    found = reading.right_later_ms
    assert found is not None
    assert found.n >= 8
    assert abs(found.value) <= sync.p95_ms <= 10.0


def test_the_receipt_tells_the_oscillators_apart(session: Path) -> None:
    sync, _ = load_knocks(session)
    assert sync is not None
    assert sync.drift_ppm == pytest.approx((0.996 / 1.003 - 1) * 1e6, abs=150.0)


def test_the_session_keeps_receipt_and_round_trips(session: Path) -> None:
    with Recording(session) as recording:
        meta = recording.meta
    sync, _ = load_knocks(session)
    assert sync is not None
    assert len(meta["round_trips"]) >= 8
    assert meta["sync"]["p95_ms"] == pytest.approx(sync.p95_ms)
    assert 0.0 < sync.late_ms < 60.0  # the rig's interval, the cuff's loop and back


def test_live_and_replay_give_the_same_clock(session: Path) -> None:
    with Recording(session) as recording:
        messages, sides = list(recording.received()), recording.sides()
    one, other = Streams(sides), Streams(sides)
    one.feed(messages)
    for message in messages:
        other.feed([message])
    for streams in (one, other):
        streams.flush()
    assert one.times() == other.times()
    assert one.sync() == other.sync()


def test_sync_tap_prints_and_keeps_what_it_found(session: Path) -> None:
    runner = CliRunner()
    result = runner.invoke(cli, ["sync", str(session), "--tap", "--json"])
    assert result.exit_code == 0, result.output
    printed = json.loads(result.output)
    assert printed["tap"]["agree"] is True
    assert printed["sync"]["method"]
    with Recording(session) as recording:
        assert recording.meta["tap"] == printed["tap"]
    shown = runner.invoke(cli, ["sync", str(session), "--tap"]).output
    assert "agrees with the packets" in shown
    left, right = (line.split("|")[1] for line in shown.splitlines() if "|" in line)
    assert len(left) == len(right) == 71  # one block a millisecond
    assert abs(left.index("█") - right.index("█")) <= 1


def test_a_session_without_knocks_says_how_to_knock(session: Path, tmp_path: Path) -> None:
    with Recording(session) as recording:
        messages, cuffs = list(recording.received()), recording.cuffs()
    early = tmp_path / "still.distal"
    with Recorder(early, Facts()) as recorder:
        for cuff in cuffs:
            recorder.note_cuff(cuff)
        recorder.append_all([one for one in messages if one.t_host < messages[0].t_host + 3.0])
    result = CliRunner().invoke(cli, ["sync", str(early), "--tap"])
    assert result.exit_code == 2
    told = f"{result.exception} {result.output}"
    assert "0 knocks found" in told
    assert "Knock the two cuffs" in told


def test_a_rebooted_cuff_is_on_time_again_to_the_sample(record: Record) -> None:
    import asyncio

    async def trip(rig: object) -> None:
        await asyncio.sleep(6.0)
        rig.cuffs[1].reboot()  # type: ignore[attr-defined]

    outcome = record(14.0, happen=trip, setups=knocked())
    _, reading = load_knocks(outcome.path)
    assert reading.knocks
    late = [abs(one.right_later_ms) for one in reading.knocks]
    assert np.max(late) < 9.0  # of a boot some seconds long; a row is 4.8 ms
