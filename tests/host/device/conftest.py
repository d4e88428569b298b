"""A board without a board: a boot ROM and a real MicroPython behind one pty."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.host.device.fake_board import FakeBoard, make_board, write_image

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
    with make_board(micropython, tmp_path) as made:
        yield made


@pytest.fixture
def image(tmp_path: Path, rng: Any) -> Path:
    """A whole image for an ESP32-C3: header, partition table, noise; 34 kB."""
    return write_image(tmp_path / "micropython.bin", rng.integers(0, 256, 34_000, "uint8").tobytes())
