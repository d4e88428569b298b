"""`--html` as a stranger types it."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from distal.cli import cli


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_page_is_written_beside_the_output(still_csv: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    result = run("analyze", "--left", still_csv, "--json", "--html", out)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["sets"] == []
    assert "<h1>No reps and no steps found.</h1>" in out.read_text(encoding="utf-8")


def test_other_language_changes_every_word(still_csv: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    run("analyze", "--left", still_csv, "--html", out, "--lang", "pseudo")
    assert "No reps" not in out.read_text(encoding="utf-8")


def test_mistakes_end_with_what_to_do(still_csv: Path, tmp_path: Path) -> None:
    cases = {
        ("--set", "1"): "Give --html",
        ("--html", tmp_path / "out.html", "--set", "1"): "Leave out --set",
        ("--html", tmp_path / "nowhere" / "out.html"): "there is no folder",
    }
    for more, wanted in cases.items():
        result = run("analyze", "--left", still_csv, *more)
        assert result.exit_code != 0
        assert wanted in result.output + str(result.exception)
