"""The commands as a stranger types them: help, JSON, exit codes, one line for each mistake."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from distal.cli import COMMANDS, cli
from distal.cli.output import live_line, paint
from distal.model import Facts
from distal.pipeline import Live
from distal.recording import Cuff, Recorder
from distal.streams import LegState
from distal_wire import spec


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def recording(tmp_path: Path, fake_cuff: Any) -> Path:
    """Ten seconds of one cuff, one packet lost."""
    path, cuff = tmp_path / "one.distal", fake_cuff()
    packets = cuff.packets(116)
    del packets[50]
    with Recorder(path, Facts(mass_left_kg=1.0)) as recorder:
        recorder.note_cuff(Cuff(cuff.cuff, "left", "Distal left", cuff.info().data))
        for message in (cuff.info(), cuff.answer(spec.COMMAND_START, 0), *packets):
            recorder.append(message)
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example_and_fits(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"  distal {command}" in result.output
    assert "Example" in result.output
    assert max(map(len, result.output.splitlines())) <= 80


def test_help_names_every_command() -> None:
    result = run("--help")
    assert [word for word in COMMANDS if f"  {word} " not in result.output] == []


@pytest.mark.parametrize("words", [(), ("people",), ("service",)])
def test_command_alone_shows_its_help_as_it_is(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stderr) == (2, "")
    assert result.stdout.startswith("Usage: ")
    assert result.stdout.count("\n") > 8


def test_slip_of_the_finger_is_told_what_was_meant() -> None:
    assert "Did you mean report?" in run("repot").stderr
    assert "Did you mean" not in run("xyzzy").stderr


def test_a_terminal_gets_styles_and_the_same_letters() -> None:
    text = "4 reps. Steady.\n\nrange 83 (81 to 86)\nSee: distal explain energy\n"
    painted = paint(text)
    assert click.unstyle(painted) == text
    assert click.style("(81 to 86)", dim=True) in painted
    assert click.style("distal explain energy", fg="cyan") in painted
    assert "\x1b" not in run("explain", "energy").stdout


def test_help_loads_no_heavy_library() -> None:
    """Import time of `distal --help`: 0.3 s at most; what makes it slow is loading these."""
    code = (
        "import sys\nsys.argv = ['distal', '--help']\nfrom distal.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('numpy', 'scipy', 'bleak', 'bumble', 'rich') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"


def test_json_is_one_object_and_nothing_else(still_csv: Path) -> None:
    result = run("analyze", "--left", still_csv, "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    report = json.loads(result.stdout, parse_constant=lambda word: pytest.fail(word))
    assert report["coverage"] == {"left": 1.0, "right": None}
    assert report["sets"] == []


def test_ignored_column_is_in_the_warnings(still_csv: Path) -> None:
    text = still_csv.read_text().replace("gz\n", "gz,mx\n").replace("0.0000\n", "0.0000,1\n")
    still_csv.write_text(text)
    warnings = json.loads(run("analyze", "--left", still_csv, "--json").stdout)["warnings"]
    assert "still.csv: ignored columns mx." in [one["text"] for one in warnings]


def test_recording_is_analysed_with_its_gap(recording: Path) -> None:
    report = json.loads(run("analyze", recording, "--json").stdout)
    assert report["coverage"]["left"] == pytest.approx(115 / 116, abs=1e-4)
    assert "stream_gap" in [one["code"] for one in report["warnings"]]
    assert json.loads(run("report", recording, "--json").stdout) == report


def test_newest_recording_is_reported_without_a_name(
    recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(recording.parent)
    assert run("report").output == run("report", "one.distal").output
    assert run("report").exit_code == 0


def test_info_tells_what_a_recording_holds(recording: Path) -> None:
    about = json.loads(run("info", recording, "--json").stdout)
    assert (about["left"]["samples"], about["left"]["missing"]) == (115 * 18, 18)
    assert "a1b2c3d4e5f6" in run("info", recording).output


MISTAKES = {
    "no command": (["blub"], "No such command"),
    "no option": (["analyze", "--blub"], "No such option"),
    "nothing to analyse": (["analyze"], "nothing to analyse"),
    "both": (["analyze", "a.distal", "--left", "b.csv"], "not both"),
    "no recording": (["analyze", "none.distal"], "is not there"),
    "no report": (["report", "none.distal"], "is not there"),
    "no csv": (["analyze", "--left", "none.csv"], "no such file"),
    "height in cm": (["analyze", "--left", "none.csv", "--height", "175"], "not in the range"),
    "negative mass": (["analyze", "--left", "none.csv", "--mass", "-1"], "not in the range"),
    "no such exercise": (["analyze", "--left", "none.csv", "--exercise", "jogging"], "not one of"),
    "three masses": (
        ["analyze", "--left", "x", "--mass", "1", "--mass-left", "1", "--mass-right", "1"],
        "give one or the others",
    ),
    "script and file": (["demo", "--script", "walk", "--left", "x.csv"], "not both"),
    "no such script": (["demo", "--script", "blub"], "blub"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_one_line_and_exit_2(
    mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, words = MISTAKES[mistake]
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["demo", "simulate"])
def test_missing_extra_is_one_line_that_says_what_to_install(command: str) -> None:
    program = "import sys; sys.modules['bumble'] = None; from distal.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", program, command], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: this needs the package bumble")
    assert "pip install 'distal[virtual]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("content", [b"", b"\x00" * 5000, b"time_s,ax,ay,az\n0,1,2,3\n"])
def test_any_file_gives_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "any.distal"
    path.write_bytes(content)
    for arguments in (("analyze", path), ("analyze", "--left", path), ("report", path), ("info", path)):
        result = run(*arguments)
        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1


def test_recording_without_samples_is_told(tmp_path: Path) -> None:
    with Recorder(tmp_path / "none.distal", Facts()):
        pass
    result = run("analyze", tmp_path / "none.distal")
    assert result.exit_code == 2
    assert "no samples" in result.stderr


def test_computer_without_bluetooth_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real bleak backend, its way to the system cut."""
    monkeypatch.delenv("DISTAL_HCI", raising=False)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    result = run("scan", "--seconds", "0.5")
    if sys.platform != "linux":
        pytest.skip("only Linux reaches Bluetooth over D-Bus")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: no Bluetooth adapter answers.")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sync", "monday.distal", "--seconds", "20"], "--seconds with a recording, which is there already"),
        (["sync", "monday.distal", "--out", "x.distal"], "--out with a recording, which is there already"),
        (["simulate", "7"], "a seed is simulated by: distal replay --seed 7"),
    ],
)
def test_what_cannot_be_done_together_is_an_error_and_not_passed_over(
    arguments: list[str], words: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_live_line_fits_80_columns() -> None:
    leg = LegState("a", 99_999, 1, 100, None, ())
    line = live_line(Live(5999.0, 104.4, {"left": 30, "right": 30}, {"left": leg, "right": leg}))
    assert line == "99:59  104 steps/min  reps L 30 R 30  samples L 99% R 99%  battery L 100% R 100%"
    assert len(line) <= 80
    empty = live_line(Live(0.0, None, {}, {"right": LegState("a", 0, 0, None, None, ())}))
    assert empty == "0:00  - steps/min  reps R 0  samples R -  battery R -"


def test_program_runs_as_a_process(still_csv: Path) -> None:
    command = [sys.executable, "-m", "distal.cli", "analyze", "--right", str(still_csv)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0
    assert "No reps found." in result.stdout
    assert result.stderr == ""
