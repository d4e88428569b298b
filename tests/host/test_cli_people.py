"""`distal people` and `distal plan` as their user types them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from distal.cli import cli
from distal.model import Facts
from distal.recording import Cuff, Recorder
from distal_wire import spec


@pytest.fixture(autouse=True)
def own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTAL_PEOPLE", str(tmp_path / "people.sqlite"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def ok(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_a_life_of_a_profile_from_add_to_delete() -> None:
    assert "Next: distal people gate" in ok("people", "add", "Ann", "--height", 1.68)
    ok("people", "gate", "Ann", "--yes-to", "joint", "--no-to-all", "--cleared-by", "J. Roe")
    ok("people", "limits", "Ann", "--mass", 2, "--forbid", "deadlift")
    ok("plan", "add", "Ann", "clamshell", "--reps", 12, "--mass", 1, "--days", "mon,wed,fri")
    shown = ok("people", "show", "Ann")
    for part in ("1.68 m", "cleared by J. Roe", "2 kg; never deadlift", "clamshell, both, 2 x 12"):
        assert part in shown
    stored = json.loads(ok("people", "show", "Ann", "--json"))
    assert (stored["gate"]["is_open"], stored["limits"]["forbidden"]) == (True, ["deadlift"])
    ok("people", "delete", "Ann", "--yes")
    assert json.loads(ok("people", "list", "--json")) == {"people": []}


def test_a_yes_without_a_professional_says_to_ask_one() -> None:
    ok("people", "add", "Ann")
    assert "Ask a physiotherapist" in ok("people", "gate", "Ann", "--yes-to", "surgery", "--no-to-all")


def test_a_recording_is_kept_and_its_mass_held_against_the_limit(tmp_path: Path, fake_cuff: Any) -> None:
    path, cuff = tmp_path / "rest.distal", fake_cuff()
    with Recorder(path, Facts(mass_left_kg=3.0)) as recorder:
        recorder.note_cuff(Cuff(cuff.cuff, "left", "Distal left", cuff.info().data))
        for message in (cuff.info(), cuff.answer(spec.COMMAND_START, 0), *cuff.packets(40)):
            recorder.append(message)
    ok("people", "add", "Ann")
    ok("people", "limits", "Ann", "--mass", 2)
    assert "Limit: Worn mass on the left leg: 3 kg, your limit is 2." in ok("people", "keep", "Ann", path)
    kept = json.loads(ok("people", "history", "Ann", "--json"))["sessions"]
    assert [one["recording"] for one in kept] == [str(path)]
    assert run("people", "say", "Ann", 1, "--effort", 5).exit_code == 2  # it has no set


def test_a_week_without_a_session_shows_what_was_due() -> None:
    ok("people", "add", "Ann")
    ok("plan", "add", "Ann", "clamshell", "--sets", 2)
    out = ok("plan", "week", "Ann", "--until", "2026-03-08")
    assert "0 of  28 sets" in out
    assert "Not a medical device" in out
    assert json.loads(ok("plan", "week", "Ann", "--json"))["plan"][0]["done"] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("people", "show", "Zoe"),
        ("plan", "remove", "Zoe", 1),
        ("people", "gate", "Zoe", "--yes-to", "joint"),
        ("people", "say", "Zoe", 1),
    ],
)
def test_an_unknown_person_is_one_line(words: tuple[object, ...]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: nobody is called Zoe")


@pytest.mark.parametrize(
    ("group", "names"),
    [
        ("people", ("add", "set", "list", "show", "delete", "gate", "limits", "keep", "say", "history")),
        ("plan", ("add", "remove", "show", "week")),
    ],
)
def test_every_part_has_an_example(group: str, names: tuple[str, ...]) -> None:
    for name in names:
        assert f"  distal {group} {name}" in ok(group, name, "--help")


def test_days_without_a_session_have_no_load_and_a_page_all_the_same(tmp_path: Path) -> None:
    ok("people", "add", "Ann")
    assert "No session of Ann" in ok("people", "load", "Ann")
    assert json.loads(ok("people", "load", "Ann", "--by", "week", "--json"))["whole"] is None
    ok("people", "page", "Ann", tmp_path / "ann.html")
    assert "No session in these days." in (tmp_path / "ann.html").read_text(encoding="utf-8")
    assert run("people", "page", "Ann", tmp_path / "nowhere" / "ann.html").exit_code == 2
