"""The flash ring through power cuts, under the real interpreter."""

from collections.abc import Callable

import pytest


@pytest.mark.slow
def test_power_cut_at_every_byte_loses_nothing_that_was_kept(run_cuff: Callable[..., str]) -> None:
    """Six blocks of 512 bytes, wrapped twice: every byte of every write and every erase."""
    cuts, seen, most, least = map(int, run_cuff("mp_cuts.py", "512", "6", "2", "1").split())
    assert cuts > 12_000
    assert seen > 5_000  # half-written headers and records, each known for what it is
    assert most - least <= 1
