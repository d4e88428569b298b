"""Many seeds: the target of left against right, and the receipt's word."""

import numpy as np
import pytest
from tests.arrivals import Air, compare, pair

RUNS = 50


@pytest.mark.parametrize("seconds", [60.0, 180.0, 600.0])
def test_the_receipt_holds_in_19_of_20_runs(seconds: float) -> None:
    held = []
    for seed in range(RUNS):
        for interval_s in (0.0075, 0.015, 0.030, 0.045):
            error, found = compare(pair(seed, Air(seconds, interval_s)))
            held.append(np.quantile(np.abs(error), 0.95) <= found.p95_ms)
    assert np.mean(held) >= 0.95


@pytest.mark.parametrize("interval_s", [0.0075, 0.015, 0.030, 0.045])
def test_ten_minutes_reach_the_target(interval_s: float) -> None:
    errors = [compare(pair(seed, Air(interval_s=interval_s)))[0] for seed in range(100, 100 + RUNS)]
    assert np.sqrt(np.mean([np.mean(error**2) for error in errors])) <= 0.25


def test_a_day_stays_within_its_receipt() -> None:
    error, found = compare(pair(1, Air(seconds=86_400.0)))
    assert np.quantile(np.abs(error), 0.95) <= found.p95_ms
    assert np.sqrt(np.mean(error**2)) <= 0.25
