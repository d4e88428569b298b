"""`distal trial` as its user types it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from distal.cli import cli
from distal.model import Facts
from distal.recording import Cuff, Recorder
from distal_wire import spec


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["trial", *map(str, arguments)])


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    file = tmp_path / "me.trial"
    result = run("new", file, "--outcome", "cadence", "--least-effect", 2, "--seed", 1)
    assert (result.exit_code, result.stderr) == (0, "")
    return file


def test_a_new_trial_says_its_first_block(begun: Path) -> None:
    assert run("next", begun).stdout.startswith("Block 1 of 24: ")
    assert json.loads(run("next", begun, "--json").stdout)["arm"] in ("loaded", "unloaded")


def test_a_trial_is_never_begun_over_another(begun: Path) -> None:
    before = begun.read_bytes()
    result = run("new", begun, "--outcome", "sway", "--least-effect", 1)
    assert result.exit_code == 2
    assert "already there" in result.stderr
    assert begun.read_bytes() == before


def test_an_empty_trial_has_no_answer_yet(begun: Path) -> None:
    assert run("result", begun).stdout.startswith("No answer yet.")
    assert json.loads(run("result", begun, "--json").stdout)["answer"] == "not_yet"


@pytest.mark.parametrize("text", ["", "{}", "[1]", "\xff"])
def test_a_file_that_is_no_trial_is_one_line(tmp_path: Path, text: str) -> None:
    bad = tmp_path / "bad.trial"
    bad.write_text(text, encoding="latin-1")
    result = run("result", bad)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1


def test_a_trial_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert run("next", tmp_path / "none.trial").exit_code == 2


def test_a_block_that_does_not_show_the_outcome_is_refused_and_not_added(
    begun: Path, tmp_path: Path, fake_cuff: Any
) -> None:
    path, cuff = tmp_path / "rest.distal", fake_cuff()
    with Recorder(path, Facts()) as recorder:
        recorder.note_cuff(Cuff(cuff.cuff, "left", "Distal left", cuff.info().data))
        for message in (cuff.info(), cuff.answer(spec.COMMAND_START, 0), *cuff.packets(40)):
            recorder.append(message)
    result = run("add", begun, path)
    assert result.exit_code == 2
    assert "does not show the cadence" in result.stderr
    assert json.loads(begun.read_text())["blocks"] == []


def test_trial_subcommands_have_an_example() -> None:
    for name in ("new", "next", "add", "result"):
        assert f"  distal trial {name}" in run(name, "--help").stdout
