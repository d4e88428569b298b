"""Files onto a real MicroPython over its raw REPL, with the real mpremote."""

import asyncio
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.host.device.fake_board import FakeBoard

from distal.device import install, provision
from distal.device.boards import CHIPS
from distal.device.install import About, Payload
from distal.device.provision import Provision
from distal.device.tools import run_tool
from distal.errors import BoardFull, BoardSilent, CuffNotFound, WriteFailed
from distal.link.base import Found

C3 = About("240ac4001234", "ESP32C3 module with ESP32C3", [1, 28, 0], 11 << 10 | 3 << 8 | 6, 1 << 20, False)


def quiet(done: int, of: int, name: str) -> None:
    """Nobody is told."""


@pytest.fixture
def one_file(tmp_path: Path) -> list[Payload]:
    (tmp_path / "one.py").write_text("ONE = 1\n")
    return [Payload("distal_wire/one.py", tmp_path / "one.py")]


def test_the_repl_tells_what_is_asked(board: FakeBoard) -> None:
    about = install.about_of(board.port)
    assert about.cuff == "240ac4001234"
    assert about.architecture == "x64"
    assert not about.has_main


def test_a_script_that_fails_is_told_with_its_last_line(board: FakeBoard) -> None:
    with pytest.raises(WriteFailed, match=r"stopped with: OSError: .*EIO"):
        install.run_script(board.port, "raise OSError(5)")


def test_a_full_file_system_is_found_while_copying(board: FakeBoard, one_file: list[Payload]) -> None:
    (board.folder / "distal_wire").mkdir()
    (board.folder / "distal_wire" / "one.py").symlink_to("/dev/full")  # Linux: no space, ever
    with pytest.raises(BoardFull, match=r"full at distal_wire/one\.py"):
        install.copy(board.port, one_file, quiet)


def test_files_that_do_not_fit_are_not_begun(board: FakeBoard, one_file: list[Payload]) -> None:
    (board.modules / "os.py").write_text(
        "from uos import *\n\ndef statvfs(path):\n    return (4096, 4096, 9, 0)\n"
    )
    with pytest.raises(BoardFull, match="need 4 kB and the board has 0 kB"):
        install.install(board.port, one_file, quiet)
    assert list(board.folder.iterdir()) == []


def test_a_folder_that_is_missing_is_a_file_that_could_not_be_written(
    board: FakeBoard, one_file: list[Payload]
) -> None:
    with pytest.raises(WriteFailed, match=r"one\.py could not be written"):
        install.copy(board.port, one_file, quiet)


def test_a_port_without_a_repl_is_told(board: FakeBoard) -> None:
    board.is_alive = False
    install.restart(board.port)
    assert board.await_resets(1)  # before that it would still answer
    with pytest.raises(BoardSilent, match="no MicroPython answers"):
        install.ask(board.port, install.ABOUT, 0.7)


def test_a_chip_is_known_by_its_micropython() -> None:
    assert [C3.is_chip(chip) for chip in CHIPS] == [False, True, False, False]
    assert replace(C3, machine="Generic ESP32 module with ESP32").is_chip(CHIPS[0])


@pytest.mark.parametrize(("architecture", "number"), [("xtensawin", 10), ("rv32imc", 11)])
def test_every_file_but_main_is_compiled_for_the_boards_processor(
    tmp_path: Path, architecture: str, number: int
) -> None:
    about = replace(C3, mpy=number << 10 | 3 << 8 | 6)
    assert about.architecture == architecture
    prepared = install.prepare(install.firmware_files(), about, tmp_path)
    assert all(file.remote.endswith(".mpy") for file in prepared)
    packing = next(file for file in prepared if file.remote == "distal_cuff/packing.mpy")
    assert packing.local.read_bytes()[2] >> 2 & 0x0F == number  # viper code is per processor
    assert install.main_file().remote == "main.py"


@pytest.mark.parametrize("mpy", [0, 11 << 10 | 3 << 8 | 5])
def test_a_micropython_that_cannot_load_them_gets_the_sources(tmp_path: Path, mpy: int) -> None:
    files = install.firmware_files()
    assert install.prepare(files, replace(C3, mpy=mpy), tmp_path) == files


def test_native_code_needs_the_same_sub_version(tmp_path: Path) -> None:
    path = tmp_path / "one.mpy"
    path.write_bytes(bytes((ord("M"), 6, 11 << 2 | 2)))
    assert not install.fits(path, C3.mpy)
    path.write_bytes(bytes((ord("M"), 6, 0)))
    assert install.fits(path, C3.mpy)


def test_what_the_cuff_reads_back_must_be_what_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, key = Provision("generic", "left", 1500), "5a" * 32
    said: dict[str, Any] = {"firmware": "0.1.0", "wire": 1, "free_heap": 60_000, "side": "left", "key": key}
    monkeypatch.setattr(provision, "ask", lambda port, script: said)
    assert provision.check("port", wanted, key).free_heap == 60_000
    said["free_heap"] = 9_000
    with pytest.raises(BoardFull, match="leaves 8 kB of memory"):
        provision.check("port", wanted, key)
    said["side"] = "right"
    with pytest.raises(BoardSilent, match="another side than was written"):
        provision.check("port", wanted, key)


class Air:
    """A radio on which two cuffs are heard; the nearer one goes away."""

    def __init__(self, cuff: str) -> None:
        self.cuff, self.closed = cuff, 0

    async def scan(self, timeout_s: float, enough: int | None = None, meant: Any = ()) -> list[Found]:
        return [Found("1", "gone"), Found("2", "Distal left")]

    async def connect(self, found: Found, inbox: object) -> Any:
        if found.name == "gone":
            raise CuffNotFound("gone")
        return SimpleNamespace(info=SimpleNamespace(cuff=self.cuff), close=self.close)

    async def close(self) -> None:
        self.closed += 1


def test_the_cuff_is_heard_by_its_id_on_the_air() -> None:
    air = Air(C3.cuff)
    assert asyncio.run(provision.hear(air, C3)) == "Distal left"
    assert air.closed == 1
    with pytest.raises(CuffNotFound, match="was not heard over Bluetooth"):
        asyncio.run(provision.hear(Air("ffffffffffff"), C3))


def test_a_tool_that_hangs_is_ended() -> None:
    assert run_tool("timeit", ["-n", "1000000000000", "pass"], 0.2).code != 0


def test_a_tool_that_is_not_installed_is_named() -> None:
    with pytest.raises(ModuleNotFoundError) as error:
        run_tool("no_such_tool", [], 1.0)
    assert error.value.name == "no_such_tool"
