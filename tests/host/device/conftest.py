"""A board without a board: a boot ROM and a real MicroPython behind one pty."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.host.device.fake_board import FakeBoard

HERE = Path(__file__).resolve().parent
FAKES = HERE.parents[1] / "firmware" / "fakes"
HEAP = "heapsize=400K"  # what a C3 leaves to MicroPython, in words twice as wide
ESPTOOL = "[esptool]\nconnect_attempts = 1\n"  # a board that is gone is not waited for


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "esptool.cfg").write_text(ESPTOOL)
    monkeypatch.setenv("ESPTOOL_CFGFILE", str(tmp_path / "esptool.cfg"))
    monkeypatch.setenv("DISTAL_CONFIG", str(tmp_path / "settings"))


@pytest.fixture
def board(micropython: str, tmp_path: Path) -> Iterator[FakeBoard]:
    """A new board: empty flash, MicroPython that answers, an IMU and a radio that are fakes."""
    if sys.platform != "linux":
        pytest.skip("mpremote knows ptys on Linux only")
    modules, files = tmp_path / "modules", tmp_path / "files"
    files.mkdir()
    shutil.copytree(HERE / "board_modules", modules)
    shutil.copy(FAKES / "machine.py", modules / "fake_machine.py")
    for name in ("fake_imu.py", "bluetooth.py"):
        shutil.copy(FAKES / name, modules / name)
    # the current folder is the board's file system, as "/" is on a board
    environment = {"MICROPYPATH": f":{modules}:.frozen", "PATH": "/usr/bin:/bin"}
    with FakeBoard([micropython, "-X", HEAP], files, environment) as made:
        made.modules = modules
        yield made


@pytest.fixture
def image(tmp_path: Path, rng: Any) -> Path:
    """A whole image for an ESP32-C3: header, partition table, noise; 34 kB."""
    data = bytearray(rng.integers(0, 256, 34_000, "uint8").tobytes())
    data[:16] = b"\xe9\x03\x02\x20" + bytes(8) + b"\x05\x00\x00\x00"
    data[0x8000:0x8002] = b"\xaa\x50"
    path = tmp_path / "micropython.bin"
    path.write_bytes(data)
    return path
