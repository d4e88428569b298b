"""Puts `hardware/` on the path: its gates are stand-alone and also run by `make hardware`."""

import sys
from pathlib import Path

import pytest

HARDWARE = Path(__file__).resolve().parents[2] / "hardware"
sys.path.insert(0, str(HARDWARE))


@pytest.fixture(scope="session")
def hardware() -> Path:
    return HARDWARE
