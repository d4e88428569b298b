"""A disk that is full and has room again: SQLite's own limit plays the disk."""

from pathlib import Path
from typing import Any

import pytest

from distal.appending import close_unfinished
from distal.daemon.room import PatientRecorder, free_mb
from distal.model import Facts
from distal.recording import Cuff, Recording


class Disk:
    """Takes no more pages than it is told to."""

    def __init__(self, recorder: PatientRecorder) -> None:
        self._recorder = recorder

    def fill(self) -> None:
        (pages,) = self._recorder._db.execute("PRAGMA page_count").fetchone()
        self._recorder._db.execute(f"PRAGMA max_page_count={pages}")

    def clear(self) -> None:
        self._recorder._db.execute("PRAGMA max_page_count=1000000")


@pytest.fixture
def told() -> list[str | None]:
    return []


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The recorder's clock, s: a test turns it."""
    clock = [0.0]
    monkeypatch.setattr("distal.daemon.room.time.monotonic", lambda: clock[0])
    return clock


@pytest.fixture
def recorder(tmp_path: Path, told: list[str | None], now: list[float]) -> PatientRecorder:
    return PatientRecorder(tmp_path / "one.distal", Facts(), on_full=told.append)


def kept(path: Path) -> list[bytes]:
    with Recording(path) as recording:
        return [row.data for row in recording.received()]


def feed(recorder: PatientRecorder, now: list[float], messages: list[Any]) -> None:
    for message in messages:
        now[0] += 0.1
        recorder.append(message)
        recorder.flush()


def test_full_disk_is_told_once_and_costs_nothing_when_there_is_room(
    recorder: PatientRecorder, told: list[str | None], now: list[float], fake_cuff: Any
) -> None:
    messages, disk = fake_cuff().packets(300), Disk(recorder)
    feed(recorder, now, messages[:50])
    disk.fill()
    feed(recorder, now, messages[50:200])
    assert len(told) == 1
    assert "full" in str(told[0])
    assert recorder.is_full
    disk.clear()
    now[0] += 1.0
    feed(recorder, now, messages[200:])
    assert told[1:] == [None]
    recorder.close()
    assert kept(recorder.path) == [message.data for message in messages]
    assert recorder.given_up == 0


def test_what_was_committed_is_readable_while_the_disk_is_full(
    recorder: PatientRecorder, now: list[float], fake_cuff: Any
) -> None:
    messages = fake_cuff().packets(200)
    feed(recorder, now, messages[:50])
    Disk(recorder).fill()
    feed(recorder, now, messages[50:])
    found = kept(recorder.path)
    assert found == [message.data for message in messages[: len(found)]]
    assert len(found) >= 40  # all but the last half second before it was full
    Disk(recorder).clear()
    recorder.close()


def test_facts_and_cuffs_wait_too(
    recorder: PatientRecorder, now: list[float], fake_cuff: Any, told: list[str | None]
) -> None:
    Disk(recorder).fill()
    feed(recorder, now, fake_cuff().packets(100))
    recorder.note_facts(Facts(height_m=1.8))
    recorder.note_cuff(Cuff("a1", "left", "Distal left"))
    Disk(recorder).clear()
    now[0] += 1.0
    recorder.flush()
    recorder.close()
    with Recording(recorder.path) as recording:
        assert recording.facts().height_m == 1.8
        assert [cuff.cuff for cuff in recording.cuffs()] == ["a1"]


def test_disk_that_stays_full_loses_what_waits_and_says_how_much(
    recorder: PatientRecorder, now: list[float], fake_cuff: Any
) -> None:
    messages = fake_cuff().packets(200)
    feed(recorder, now, messages[:50])
    Disk(recorder).fill()
    feed(recorder, now, messages[50:])
    recorder.close()
    assert recorder.given_up + len(kept(recorder.path)) == len(messages)


def test_memory_has_an_end(
    recorder: PatientRecorder, now: list[float], fake_cuff: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("distal.daemon.room.MOST_WAITING", 60)
    messages = fake_cuff().packets(200)
    Disk(recorder).fill()
    feed(recorder, now, messages)
    Disk(recorder).clear()
    recorder.close()
    assert recorder.given_up > 0
    assert kept(recorder.path)[-60:] == [message.data for message in messages[-60:]]
    assert recorder.given_up + len(kept(recorder.path)) == len(messages)


def test_recording_that_is_open_or_was_closed_is_not_taken_for_unfinished(recorder: PatientRecorder) -> None:
    assert not close_unfinished(recorder.path)
    recorder.close()
    assert not close_unfinished(recorder.path)


def test_room_is_that_of_the_nearest_folder(tmp_path: Path) -> None:
    assert free_mb(tmp_path / "not" / "yet") == pytest.approx(free_mb(tmp_path), rel=0.05)
