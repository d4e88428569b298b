"""The flash ring at full size, through a power cut at every byte. Half an hour or so."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "firmware"
FOLDERS = [TESTS / "fakes", TESTS, ROOT / "firmware", ROOT / "protocol"]


@pytest.mark.parametrize(("block", "blocks", "wraps"), [(512, 64, 2), (4096, 6, 2)])
def test_power_cut_at_every_byte_of_a_larger_ring(
    micropython: str, tmp_path: Path, block: int, blocks: int, wraps: int
) -> None:
    nor = ROOT / "host" / "distal" / "virtual"
    environment = {**os.environ, "MICROPYPATH": ":".join([*map(str, FOLDERS), ".frozen", str(nor)])}
    command = [micropython, "-X", "heapsize=8000wK", str(TESTS / "mp_cuts.py")]
    numbers = [str(number) for number in (block, blocks, wraps, 1)]
    done = subprocess.run(
        [*command, *numbers], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    cuts, seen, most, least = map(int, done.stdout.split())
    assert cuts > 1.5 * block * blocks * wraps
    assert seen > 0.4 * block * blocks * wraps
    assert most - least <= 3  # each boot erases anew the blocks ahead of it
