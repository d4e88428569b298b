"""Completion as a shell asks for it: the words so far in the environment, what fits on stdout."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from distal.cli import COMMANDS, cli
from distal.device.keys import CuffStore, KnownCuff
from distal.keeping import open_people


@pytest.fixture(autouse=True)
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two cuffs, two people, a recording among other files."""
    monkeypatch.setenv("DISTAL_CONFIG", str(tmp_path / "settings"))
    monkeypatch.delenv("DISTAL_PEOPLE", raising=False)
    monkeypatch.chdir(tmp_path)
    store = CuffStore()
    store.put(KnownCuff("02d157a10000", None, "Anna left"))
    store.put(KnownCuff("03d157a10001", None, "Big one"))
    with open_people() as people:
        people.add("Ann")
        people.add("Bert")
    for name in ("monday.distal", "notes.txt", "week/sunday.distal"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def offered(line: str) -> list[str]:
    """What bash is offered for the last word of a line, through click's protocol."""
    words = line.split(" ")
    asked = {"_DISTAL_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = CliRunner().invoke(cli, [], prog_name="distal", env=asked)
    assert done.exit_code == 0, done.output
    return [one.partition(",")[2] for one in done.stdout.splitlines() if one]


def test_commands_and_options_are_offered() -> None:
    assert offered("distal ") == sorted(COMMANDS, key=COMMANDS.index)
    assert offered("distal cal") == ["calibrate"]
    assert offered("distal cuffs re") == ["rename"]
    assert "--mass-left" in offered("distal analyze --mass")
    assert offered("distal flash --side l") == ["left"]


def test_recordings_and_folders_are_offered_and_no_other_file() -> None:
    assert offered("distal report ") == ["monday.distal", "settings/", "week/"]
    assert offered("distal facts week/") == ["week/sunday.distal"]
    assert offered("distal report no") == ["no"]  # any file then: the shell goes on by itself


def test_paired_cuffs_are_offered_by_id_and_by_name() -> None:
    assert offered("distal cuffs forget 02") == ["02d157a10000"]
    assert offered("distal pair b") == ["Big one"]
    assert offered("distal record --left ") == ["02d157a10000", "03d157a10001", "Anna left", "Big one"]


def test_people_are_offered_whatever_the_case() -> None:
    assert offered("distal people show a") == ["Ann"]
    assert offered("distal plan week ") == ["Ann", "Bert"]
    assert offered("distal record --person B") == ["Bert"]


def test_damaged_store_offers_nothing_and_says_nothing(known: Path) -> None:
    (known / "settings" / "cuffs.json").write_text("{")
    assert offered("distal cuffs forget 0") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_names_the_command_and_is_one_the_shell_reads(shell: str) -> None:
    done = CliRunner().invoke(cli, ["completion", shell])
    assert done.exit_code == 0
    assert "_DISTAL_COMPLETE" in done.stdout
    assert "distal" in done.stdout
    program = shutil.which(shell)
    if program:
        subprocess.run([program, "-n"], input=done.stdout, text=True, check=True)


def test_help_loads_few_modules() -> None:
    """Import time of `distal --help` is at most 0.3 s: counted in modules, which no busy computer changes."""
    code = (
        "import sys\nbefore = set(sys.modules)\nsys.argv = ['distal', '--version']\n"
        "from distal.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
        "ours = set(sys.modules) - before\n"
        "print(len(ours), sorted(m for m in ours if m.startswith('distal')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, _, names = done.stdout.splitlines()[-1].partition(" ")
    assert int(count) < 150
    assert set(ast.literal_eval(names)) <= {"distal", "distal.cli", "distal.errors"}


def test_help_loads_only_the_commands_and_no_heavy_library() -> None:
    """Every command's file is read for its one line of help; none of them may bring what it works with."""
    code = (
        "import sys\nsys.argv = ['distal', '--help']\nfrom distal.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = ('numpy', 'scipy', 'bleak', 'rich', 'fastapi', 'sqlalchemy', 'construct')\n"
        "print(len(sys.modules), [m for m in heavy if m in sys.modules])"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("_DISTAL")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    count, _, heavy = done.stdout.splitlines()[-1].partition(" ")
    assert heavy == "[]"
    assert int(count) < 400
