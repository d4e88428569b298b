"""The firmware on a 32-bit MicroPython, as boards have: DISTAL_MICROPYTHON_32 names one.

Words are half as long there; code, names and buffers are not. Debian has one (i386).
"""

import os
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("bumble")

from tests.day import run_day

from distal.virtual import interpreter

SHADOWS_KB = 12  # of `machine`, `bluetooth`, `time` and `esp32`, which a board has in ROM


@pytest.fixture
def small_words(monkeypatch: pytest.MonkeyPatch) -> str:
    binary = os.environ.get("DISTAL_MICROPYTHON_32")
    if not binary:
        pytest.skip("no 32-bit MicroPython here: set DISTAL_MICROPYTHON_32 to one")
    monkeypatch.setenv("DISTAL_MICROPYTHON", binary)
    return binary


def test_it_is_one(small_words: str) -> None:
    answer = subprocess.check_output([small_words, "-c", "import sys; print(sys.maxsize)"])
    assert int(answer) == 2**31 - 1


@pytest.mark.slow
@pytest.mark.parametrize("kb", [100, 140])
def test_cuffs_record_through_every_wrap_in_the_heap_of_a_board(
    small_words: str, kb: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "heap_option", lambda _command: f"heapsize={kb + SHADOWS_KB}K")
    day = run_day(14.0, tmp_path)
    assert [text for text in day.problems if "the heap is too small for the flash ring" not in text] == []
    assert len(day.problems) == (2 if kb == 100 else 0)  # said by both cuffs, and by none
    assert day.lost == 0
    assert set(day.wraps.values()) == {2}
