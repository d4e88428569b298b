"""A bug in one file: packed without the person, played back as live."""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("bumble")

from click.testing import CliRunner

from distal.cli import cli
from distal.errors import DataError
from distal.model import Facts, Received
from distal.pipeline import Pipeline
from distal.recording import Cuff, Recorder, Recording
from distal.sim.bug import FORMAT, Bug, pack, replay


@pytest.fixture
def recording(tmp_path: Path, fake_cuff: Any) -> Path:
    """Ten seconds of one cuff, with a hole, a repeat and a damaged packet."""
    cuff = fake_cuff()
    messages = [cuff.info(), *cuff.packets(120)]
    del messages[40]
    messages.insert(50, messages[48])
    messages.append(Received(cuff.cuff, 111.0, b"\x01\x01damaged"))
    path = tmp_path / "field.distal"
    facts = Facts(height_m=1.75, body_mass_kg=70.0)
    with Recorder(path, facts, {"about": "Anna's Monday"}) as recorder:
        recorder.note_cuff(Cuff(cuff.cuff, "left", "Anna left", messages[0].data))
        recorder.append_all(messages)
    return path


def bytes_of(path: Path) -> list[tuple[str, float, bytes]]:
    with Recording(path) as opened:
        return [(one.cuff, one.t_host, one.data) for one in opened.received()]


def test_bug_file_holds_the_bytes_and_not_the_person(recording: Path, tmp_path: Path) -> None:
    about = pack(recording, tmp_path / "bug.zip")
    assert about["distal"]
    assert any("missing" in text for text in about["faults"])
    with Bug(tmp_path / "bug.zip") as bug:
        assert bytes_of(bug.recordings[0]) == bytes_of(recording)
        with Recording(bug.recordings[0]) as inside:
            assert inside.facts() == Facts()
            assert inside.sides() == {"a1b2c3d4e5f6": "left"}
        written = b"".join(path.read_bytes() for path in bug.recordings)
    assert b"Anna" not in written
    assert b"1.75" not in written


def test_facts_stay_when_they_are_wanted(recording: Path, tmp_path: Path) -> None:
    pack(recording, tmp_path / "bug.zip", keep_facts=True)
    with Bug(tmp_path / "bug.zip") as bug, Recording(bug.recordings[0]) as inside:
        assert inside.facts().height_m == 1.75


def test_replay_gives_the_events_of_the_live_view_in_their_order(recording: Path, tmp_path: Path) -> None:
    with Recording(recording) as opened:
        live = Pipeline(opened.facts(), opened.sides())
        wanted = [event for message in opened.received() for event in live.feed(message)]
    found = replay(recording)
    assert list(found.events) == wanted
    assert found.error is None
    assert any("damaged" in text or "left out" in text for text in found.notices)


def test_fault_of_the_analysis_is_named_with_its_message(
    recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Pipeline.feed_all

    def fail(self: Pipeline, messages: Sequence[Received]) -> Any:
        if messages[0].data.endswith(b"damaged"):
            raise ZeroDivisionError("planted")
        return plain(self, messages)

    monkeypatch.setattr(Pipeline, "feed_all", fail)
    assert replay(recording).error == "message 121 of a1b2c3d4e5f6: ZeroDivisionError: planted"


def test_file_that_is_no_bug_is_told(tmp_path: Path) -> None:
    for name, content in (("text.zip", b"no zip"), ("empty.zip", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match="--pack"):
            Bug(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as odd:
        odd.writestr("about.json", json.dumps({"recordings": ["../../outside.distal"]}))
    with pytest.raises(DataError):
        Bug(tmp_path / "odd.zip")


def test_command_packs_and_plays(recording: Path, tmp_path: Path) -> None:
    runner, bug = CliRunner(), str(tmp_path / "bug.zip")
    packed = runner.invoke(cli, ["replay", "--pack", str(recording), bug], standalone_mode=False)
    assert "without names" in packed.output
    played = runner.invoke(cli, ["replay", bug, "--json"], standalone_mode=False)
    answer = json.loads(played.stdout)
    assert answer["recordings"][0]["messages"] == 122
    assert answer["about"]["wire"] == 1
    shown = runner.invoke(cli, ["replay", bug], standalone_mode=False).output
    assert "Event(" not in shown


def test_bug_of_another_format_and_a_zip_that_was_cut_off_are_told(recording: Path, tmp_path: Path) -> None:
    bug = tmp_path / "bug.zip"
    pack(recording, bug)
    with zipfile.ZipFile(bug) as whole, zipfile.ZipFile(tmp_path / "later.zip", "w") as later:
        for name in whole.namelist():
            later.writestr(name, whole.read(name).replace(b'"format": 1', b'"format": 99'))
    with pytest.raises(DataError, match="format 99, this version reads 1"):
        Bug(tmp_path / "later.zip")
    (tmp_path / "cut.zip").write_bytes(bug.read_bytes()[:-400])
    result = CliRunner().invoke(cli, ["replay", str(tmp_path / "cut.zip")])
    assert result.exit_code == 2
    assert "no whole zip file. Send or copy it again." in result.output


def test_zip_that_would_fill_the_disk_is_refused_before_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "bug.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("about.json", json.dumps({"format": FORMAT, "recordings": ["a.distal"]}))
        zipped.writestr("a.distal", bytes(50_000_000))
    assert path.stat().st_size < 100_000
    with pytest.raises(DataError, match=r"a\.distal is no recording"):
        Bug(path)
