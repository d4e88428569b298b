"""The quickstarts as a stranger would type them, line by line, with two virtual cuffs in reach."""

import re
import shlex
from pathlib import Path

import pytest
from tests.docs.commands import ROOT
from tests.system.test_pair import LEFT, RIGHT, Room

from distal.device.keys import CuffStore

pytestmark = pytest.mark.slow


def lines(name: str) -> list[list[str]]:
    """Arguments of each command line in the blocks of a quickstart, in order."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    found = [line.strip() for block in blocks for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in found if line.startswith("distal ")]


def test_pairing_quickstart_works_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the ids, which are one's own, and the end of the recording, which is Ctrl-C there."""
    monkeypatch.setenv("DISTAL_CONFIG", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    room, own = Room(CuffStore()), {"a1b2": LEFT[-4:], "c3d4": RIGHT[-4:]}
    room.know(LEFT, RIGHT)
    typed = lines("pair.md")
    assert len(typed) >= 8
    for words in typed:
        if "--button" in words:  # tests/system/test_pair.py holds the button
            room.type(monkeypatch, "cuffs", "rename", LEFT, "Anna left")
            continue
        words = [own.get(word, word) for word in words]
        done = room.type(monkeypatch, *words, *(["--seconds", "4"] if words[0] == "record" else []))
        assert done.exit_code == 0, f"{words}: {done.output}"
    assert (tmp_path / "monday.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize("name", ["flash.md", "daemon.md"])
def test_what_needs_no_board_and_no_service_can_be_typed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTAL_CONFIG", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    room = Room(CuffStore())
    (tmp_path / "daemon.toml").write_text(room.type(monkeypatch, "daemon", "--print-config").stdout)
    harmless = {"--dry-run", "--check", "--print-config"}
    typed = [words for words in lines(name) if harmless & set(words)]
    assert typed
    for words in typed:
        words = words[: words.index(">")] if ">" in words else words
        done = room.type(monkeypatch, *words)
        assert done.exit_code == 0, f"{words}: {done.output}"
