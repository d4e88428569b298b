"""Facts that are corrected: dated rows, packets untouched, also while a session writes."""

import hashlib
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distal import dated
from distal.calibration import Calibration
from distal.dated import Amendment
from distal.errors import RecordingError
from distal.model import Facts, Received
from distal.recording import Cuff, Recorder, Recording, amend
from distal_wire import batch

FACTS = Facts(mass_left_kg=2.0, mass_right_kg=1.5, height_m=1.75)
PLAIN = Calibration(
    acc_bias=(0.1, -0.2, 0.3),
    acc_matrix=((1.01, 0.001, 0.0), (0.001, 0.99, 0.0), (0.0, 0.0, 1.0)),
    gyr_bias=(0.01, 0.0, 1 / 3),
    acc_bias_half=(0.01, 0.01, 0.01),
    acc_scale_half=(0.001, 0.001, 0.001),
    gyr_bias_half=(0.001, 0.001, 0.001),
    cross_half=0.004,
    residual_mps2=0.002,
    method="rests",
    points=6,
    faces=("+x",),
    coverage=0.23,
    cuff="a1b2c3d4e5f6",
    imu="LSM6DSO32",
    acc_range_g=32,
    gyr_range_dps=2000,
    made="2026-11-20T10:00:00+00:00",
)
WRITER = """
import sys, time
from pathlib import Path
from distal.model import Facts, Received
from distal.recording import Recorder
with Recorder(Path(sys.argv[1]), Facts(mass_left_kg=2.0)) as recorder:
    print("ready", flush=True)
    for i in range(10**9):
        recorder.append(Received("a1", i * 0.001, i.to_bytes(4, "little") * 50))
        time.sleep(0.02)  # two cuffs send as often
"""


@pytest.fixture
def path(tmp_path: Path, fake_cuff: Any) -> Path:
    """Ten seconds of one cuff, ended cleanly."""
    out, cuff = tmp_path / "one.distal", fake_cuff()
    with Recorder(out, FACTS) as recorder:
        recorder.note_cuff(Cuff(cuff.cuff, "left", "Distal left", cuff.info().data))
        for message in (cuff.info(), *cuff.packets(116)):
            recorder.append(message)
    return out


def packets_hash(path: Path) -> str:
    """SHA-256 over every message with its row, cuff and time, and over their index."""
    digest = hashlib.sha256()
    with sqlite3.connect(path) as db:
        for table in ("received", "packets"):
            for row in db.execute(f"SELECT * FROM {table} ORDER BY rowid"):
                digest.update(repr(row).encode())
    db.close()
    return digest.hexdigest()


def test_correction_leaves_every_packet_as_it_was(path: Path) -> None:
    before = packets_hash(path)
    amend(path, Amendment(replace(FACTS, mass_left_kg=1.0), note="read the wrong label"))
    amend(path, Amendment(FACTS, calibrations={PLAIN.cuff or "": PLAIN}))
    assert packets_hash(path) == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]  # one file, no log beside it


def test_newest_row_counts_and_all_are_kept(path: Path) -> None:
    amend(path, Amendment(replace(FACTS, mass_left_kg=1.0), note="why"))
    with Recording(path) as recording:
        assert recording.facts().mass_left_kg == 1.0
        history = recording.history()
        assert [row.facts.mass_left_kg for row in history] == [2.0, 1.0]
        assert [row.note for row in history] == [None, "why"]
        assert history[0].noted <= history[1].noted
        assert dated.changes(history)[1] == {"mass_left_kg": (2.0, 1.0)}
        assert recording.damage == []


def test_corrected_sides_are_those_of_the_recording(path: Path) -> None:
    amend(path, Amendment(FACTS, sides={"a1b2c3d4e5f6": "right"}))
    with Recording(path) as recording:
        assert recording.sides() == {"a1b2c3d4e5f6": "right"}
        assert [one.side for one in recording.cuffs()] == ["right"]
        assert dated.changes(recording.history())[1] == {"side of a1b2c3d4e5f6": (None, "right")}


def test_calibration_comes_back_bit_for_bit_and_can_be_taken_back(path: Path) -> None:
    with Recording(path) as recording:
        assert recording.calibrations() == []
    amend(path, Amendment(FACTS, calibrations={"a1b2c3d4e5f6": PLAIN}))
    with Recording(path) as recording:
        assert recording.calibrations() == [PLAIN]
    amend(path, Amendment(FACTS, calibrations={"a1b2c3d4e5f6": None}))
    with Recording(path) as recording:
        assert recording.calibrations() == []


def test_recording_of_before_there_were_calibrations_takes_one(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE calibrations")
    db.close()
    with Recording(path) as recording:
        assert recording.calibrations() == []
        assert recording.damage == []
    amend(path, Amendment(FACTS, calibrations={"a1b2c3d4e5f6": PLAIN}))
    with Recording(path) as recording:
        assert recording.calibrations() == [PLAIN]


def test_damaged_rows_are_told_and_the_others_count(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO facts(noted, facts) VALUES('2026', '{broken')")
        db.execute(
            "INSERT INTO calibrations(noted, cuff, calibration) VALUES('2026', 'a', '{\"acc_bias\": 3}')"
        )
    db.close()
    with Recording(path) as recording:
        assert recording.facts() == FACTS
        assert recording.cuffs()
        assert recording.calibrations() == []
        assert len(recording.damage) == 2


def test_what_cannot_be_corrected_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is not there"):
        amend(tmp_path / "none.distal", Amendment(FACTS))
    (tmp_path / "text.distal").write_text("no database, only words " * 100)
    with pytest.raises(RecordingError, match="cannot be read"):
        amend(tmp_path / "text.distal", Amendment(FACTS))


def test_live_writer_and_corrections_do_not_hurt_each_other(tmp_path: Path) -> None:
    """A recorder in this process that commits as a session does; corrections from another thread."""
    path, done = tmp_path / "live.distal", threading.Event()
    failed: list[Exception] = []

    def correct() -> None:
        try:
            for kg in (1.0, 1.1, 1.2):
                amend(path, Amendment(Facts(mass_left_kg=kg)))
        except Exception as error:
            failed.append(error)
        done.set()

    sent = []
    with Recorder(path, Facts(mass_left_kg=2.0)) as recorder:
        thread = threading.Thread(target=correct)
        thread.start()
        while not done.is_set() or len(sent) < 100:
            sent.append(Received("a1", float(len(sent)), len(sent).to_bytes(4, "little") * 50))
            recorder.append(sent[-1])
            recorder.commit()
            done.wait(0.01)
        thread.join()
    assert failed == []
    with Recording(path) as recording:
        assert list(recording.received()) == sent
        assert [row.facts.mass_left_kg for row in recording.history()] == [2.0, 1.0, 1.1, 1.2]
        assert recording.damage == []
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_correction_waits_for_a_session_in_another_process(tmp_path: Path) -> None:
    """It holds the lock but for an instant twice a second; when it is killed nothing is lost."""
    path = tmp_path / "live.distal"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        amend(path, Amendment(Facts(mass_left_kg=1.0)))
    finally:
        writer.kill()
        writer.communicate()
    amend(path, Amendment(Facts(mass_left_kg=0.5), note="after its end"))
    with Recording(path) as recording:
        numbers = [int.from_bytes(one.data[:4], "little") for one in recording.received()]
        assert numbers == list(range(len(numbers)))
        assert [row.facts.mass_left_kg for row in recording.history()] == [2.0, 1.0, 0.5]
        assert recording.damage == []


@given(
    st.floats(0.1, 5), st.floats(0.1, 5), st.sampled_from(["label", "weighed"]), st.floats(0, 0.5) | st.none()
)
def test_swapped_twice_is_as_before(left: float, right: float, known: Any, error: float | None) -> None:
    facts = Facts(mass_left_kg=left, mass_right_kg=right, mass_left_known=known, mass_right_error=error)
    assert dated.swap(dated.swap(facts)) == facts
    assert dated.swap(facts).mass_kg("left") == right
    assert dated.swap(facts).mass_error("right") == facts.mass_error("left")
    assert dated.read("now", dated.write(facts, {"a": "left"}, "x")) == dated.Dated(
        "now", facts, {"a": "left"}, "x"
    )


def test_good_packets_stay_readable(path: Path) -> None:
    amend(path, Amendment(FACTS))
    with Recording(path) as recording:
        assert not batch.decode([one.data for one in recording.received()]).faults
