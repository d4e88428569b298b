"""Every counter goes round within a short session: 32 bits of index, cuff clock and crystal, 30 of ticks."""

from pathlib import Path

import pytest

pytest.importorskip("bumble")

from tests.day import run_day


@pytest.mark.slow
@pytest.mark.usefixtures("micropython")
def test_no_wrap_costs_a_sample_or_bends_a_clock(tmp_path: Path) -> None:
    day = run_day(14.0, tmp_path)
    assert day.wraps == dict.fromkeys(("index", "cuff clock", "stamp", "crystal"), 2)  # once in each cuff
    assert day.problems == []
    assert day.lost == 0
    assert all(taken > 14 * 208 for taken in day.taken)
