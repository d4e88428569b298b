"""Means and trends with the intervals that textbooks give."""

import pytest

from distal.report.spread import spread, t95, trend


def test_student_t_is_the_tables() -> None:
    for freedom, wanted in {
        1: 12.706,
        2: 4.303,
        3: 3.182,
        5: 2.571,
        9: 2.262,
        30: 2.042,
        1000: 1.962,
    }.items():
        assert t95(freedom) == pytest.approx(wanted, rel=0.006)


def test_mean_has_its_interval() -> None:
    found = spread([4.0, 6.0, 5.0])
    assert found is not None
    assert (found.mean, found.n) == (5.0, 3)
    assert found.high - found.mean == pytest.approx(4.303 / 3**0.5, rel=1e-3)


def test_one_value_and_none() -> None:
    alone = spread([5.0], 1.0)
    assert alone is not None
    assert (alone.low, alone.high) == (4.0, 6.0)
    assert spread([]) is None


def test_times_have_no_interval_below_zero() -> None:
    found = spread([0.0, 0.0, 0.2])
    assert found is not None
    assert found.low == 0.0


def test_straight_line_is_found_and_is_sure() -> None:
    found = trend([10.0, 9.0, 8.0, 7.0, 6.0, 5.0])
    assert found is not None
    assert (found.slope, found.change) == pytest.approx((-1.0, -5.0))
    assert found.is_sure


def test_few_or_scattered_values_have_no_sure_trend() -> None:
    assert trend([1.0, 2.0, 3.0, 4.0, 5.0]) is None
    found = trend([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    assert found is not None
    assert not found.is_sure
