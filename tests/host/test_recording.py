"""What was committed is there, whatever happened to the writer."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from distal.errors import RecordingError
from distal.model import Facts
from distal.recording import Cuff, Recorder, Recording
from distal_wire import batch

WRITER = """
import sys, time
from pathlib import Path
from distal.model import Facts, Received
from distal.recording import Recorder
with Recorder(Path(sys.argv[1]), Facts(height_m=1.75)) as recorder:
    for i in range(10**9):
        recorder.append(Received("a1", i * 0.001, i.to_bytes(4, "little") * 50))
        if i % 100 == 0:
            recorder.commit()
            print(i, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "one.distal"


def test_messages_come_back_as_they_came(path: Path, fake_cuff: Any) -> None:
    cuff = fake_cuff()
    messages = [cuff.info(), *cuff.packets(20), cuff.status()]
    with Recorder(path, Facts(mass_left_kg=2.0)) as recorder:
        recorder.note_cuff(Cuff(cuff.cuff, "left", "Distal left", cuff.info().data))
        recorder.note("truth", {"reps": 5})
        for message in messages:
            recorder.append(message)
    with Recording(path) as recording:
        assert list(recording.received()) == messages
        assert recording.facts() == Facts(mass_left_kg=2.0)
        assert recording.sides() == {cuff.cuff: "left"}
        assert recording.meta["truth"] == {"reps": 5}
        assert recording.meta["started"]
        assert recording.damage == []


def test_clean_end_leaves_one_file(path: Path, fake_cuff: Any) -> None:
    with Recorder(path, Facts()) as recorder:
        recorder.append(fake_cuff().info())
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_newest_facts_count(path: Path) -> None:
    with Recorder(path, Facts(mass_left_kg=2.0)) as recorder:
        recorder.note_facts(Facts(mass_left_kg=1.0))
    with Recording(path) as recording:
        assert recording.facts().mass_left_kg == 1.0


def test_repeat_is_kept_as_received_but_indexed_once(path: Path, fake_cuff: Any) -> None:
    packet = fake_cuff().packet(0)
    with Recorder(path, Facts()) as recorder:
        recorder.append(packet)
        recorder.append(packet)
    db = sqlite3.connect(path)
    assert db.execute("SELECT count(*) FROM received").fetchone() == (2,)
    assert db.execute("SELECT boot, first, count, received_id FROM packets").fetchall() == [(7, 0, 18, 1)]
    db.close()


def test_damaged_message_is_kept(path: Path, fake_cuff: Any) -> None:
    bad = fake_cuff().packet(0)
    bad = type(bad)(bad.cuff, bad.t_host, bad.data[:-1] + b"\0\0")
    with Recorder(path, Facts()) as recorder:
        recorder.append(bad)
    with Recording(path) as recording:
        assert list(recording.received()) == [bad]


def test_index_order_survives_the_wrap_of_the_index(path: Path, fake_cuff: Any) -> None:
    cuff = fake_cuff(first_index=2**32 - 36)
    packets = cuff.packets(6)
    with Recorder(path, Facts()) as recorder:
        for i in (0, 2, 1, 5, 3, 4):
            recorder.append(packets[i])
    with Recording(path) as recording:
        assert recording.in_index_order() == packets


def test_reader_sees_a_running_writer(path: Path, fake_cuff: Any) -> None:
    recorder = Recorder(path, Facts())
    recorder.append(fake_cuff().packet(0))
    recorder.commit()
    with Recording(path) as recording:
        assert len(list(recording.received())) == 1
    recorder.close()


@pytest.mark.parametrize("seed", range(3))
def test_what_was_committed_survives_sigkill(path: Path, seed: int) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout
    wanted = random.Random(seed).randrange(100, 3000, 100)
    committed = 0
    for line in writer.stdout:
        committed = int(line)
        if committed >= wanted:
            break
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    assert path.with_name(path.name + "-wal").exists()
    with Recording(path) as recording:
        times = [message.t_host for message in recording.received()]
        assert recording.facts().height_m == 1.75
    assert len(times) > committed
    assert times == [i * 0.001 for i in range(len(times))]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_killed_file_opens_in_a_folder_that_cannot_be_written(path: Path, fake_cuff: Any) -> None:
    leave_unclosed(path, fake_cuff)
    path.parent.chmod(0o500)
    try:
        with Recording(path) as recording:
            assert len(list(recording.received())) == 1
    finally:
        path.parent.chmod(0o700)


def test_killed_file_opens_from_a_copy_when_sqlite_cannot_share_it(
    path: Path, fake_cuff: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_unclosed(path, fake_cuff)
    connect = Recording._connect

    def refuse_here(self: Recording, where: Path) -> sqlite3.Connection:
        if where == path:
            raise sqlite3.OperationalError("unable to open database file")
        return connect(self, where)

    monkeypatch.setattr(Recording, "_connect", refuse_here)
    with Recording(path) as recording:
        assert len(list(recording.received())) == 1


def leave_unclosed(path: Path, fake_cuff: Any) -> None:
    """A file with its log, as after a kill: copied away from a living writer."""
    living = path.with_name("living.distal")
    with Recorder(living, Facts()) as recorder:
        recorder.append(fake_cuff().packet(0))
        recorder.commit()
        for suffix in ("", "-wal"):
            path.with_name(path.name + suffix).write_bytes(
                living.with_name(living.name + suffix).read_bytes()
            )


def test_commits_without_being_asked_within_a_second(path: Path, fake_cuff: Any, monkeypatch: Any) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    recorder = Recorder(path, Facts())
    recorder.append(fake_cuff().packet(0))
    with Recording(path) as recording:
        assert list(recording.received()) == []
    now[0] += 0.5
    recorder.flush()
    with Recording(path) as recording:
        assert len(list(recording.received())) == 1
    recorder.close()


def test_existing_file_is_never_overwritten(path: Path) -> None:
    path.write_text("precious")
    with pytest.raises(RecordingError, match="already there"):
        Recorder(path, Facts())
    assert path.read_text() == "precious"


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "is not there"), (b"", "no recording"), (b"time_s,ax\n1,2\n" * 100, "cannot be read")],
)
def test_other_files_are_refused_in_one_line(path: Path, content: bytes | None, words: str) -> None:
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecordingError, match=words) as raised:
        Recording(path)
    assert "\n" not in str(raised.value)


def test_foreign_database_is_refused(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE meta(key, value)")
    db.close()
    with pytest.raises(RecordingError, match="no recording of Distal"):
        Recording(path)


def test_damaged_page_costs_only_what_was_on_it(path: Path, fake_cuff: Any) -> None:
    packets = fake_cuff().packets(500)
    with Recorder(path, Facts()) as recorder:
        for packet in packets:
            recorder.append(packet)
    data = bytearray(path.read_bytes())
    at = data.find(packets[250].data) // 4096 * 4096
    data[at : at + 4096] = b"\xff" * 4096
    path.write_bytes(data)
    with Recording(path) as recording:
        rows = list(recording.received())
        assert recording.damage
    assert len(rows) > 400
    assert rows[0] == packets[0]
    assert rows[-1] == packets[-1]


def test_file_cut_short_gives_what_came_before(path: Path, fake_cuff: Any) -> None:
    packets = fake_cuff().packets(500)
    with Recorder(path, Facts()) as recorder:
        for packet in packets:
            recorder.append(packet)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with Recording(path) as recording:
        rows = list(recording.received())
        assert recording.damage
    whole = [row for row in rows if batch.check(row.data) is None]
    assert len(whole) > 150
    assert [row for row in packets if row in whole] == whole
