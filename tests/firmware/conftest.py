"""Runs scripts in the cuff's interpreter, with a fake IMU and a fake radio beside the firmware."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FOLDERS = [HERE / "fakes", HERE, ROOT / "firmware", ROOT / "protocol"]
NOR = ROOT / "host" / "distal" / "virtual"  # for `nor`, which both interpreters read
ROOMY = "heapsize=1000wK"  # for what the tests collect; test_boot.py holds the firmware to its own heap


@pytest.fixture
def run_cuff(micropython: str, tmp_path: Path) -> Callable[..., str]:
    """`run_cuff("mp_boot.py", "30")` gives what it printed; the working folder is tmp_path.

    flash: the board has a partition for the flash ring
    """

    def run(script: str, *arguments: str, heap: str = ROOMY, text: str = "", flash: bool = False) -> str:
        folders = [HERE / "fakes" / "flash", *FOLDERS] if flash else FOLDERS
        environment = {**os.environ, "MICROPYPATH": ":".join([*map(str, folders), ".frozen", str(NOR)])}
        command = [micropython, "-X", heap, str(HERE / script), *arguments]
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, input=text
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        return done.stdout

    return run
