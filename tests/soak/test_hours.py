"""Two cuffs for hours of virtual time, 1 by default: `make soak HOURS=24`.

RATE: of sampling, Hz. MINUTES: end after so many real ones, with all checked that came until then.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from tests.day import Day, run_day

HOURS = float(os.environ.get("DISTAL_HOURS", "1"))
REAL_S = 60 * float(os.environ.get("DISTAL_MINUTES", "inf"))
HEAP_SLACK = 512  # bytes of a cuff's heap, from one look to another
HOST_MB_PER_HOUR = 4.0  # what was done waits for the report: reps of a thousand bytes, a number a second
SYNC_SLACK = 3.0  # p95 of one run against the p95 that is promised of many
SLACK_MB = 4.0  # of what the system gives and takes


@pytest.mark.usefixtures("micropython")
def test_hours_lose_nothing_and_memory_stays_flat_on_both_sides(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def tell(text: str) -> None:
        with capfd.disabled():  # hours without a word look like a hang
            print(text, flush=True)

    day = run_day(HOURS * 3600, tmp_path, tell, REAL_S)
    tell(summary(day))
    assert day.problems == []
    assert day.lost == 0
    assert {"index", "cuff clock", "crystal"} <= set(day.wraps)
    assert day.sync_ms[0] <= SYNC_SLACK * day.sync_ms[1]
    for heap in zip(*(look.heap for look in day.looks), strict=True):
        half = len(heap) // 2
        assert max(heap[half:]) <= max(heap[:half]) + HEAP_SLACK
    assert growth_mb(day) <= SLACK_MB + HOST_MB_PER_HOUR * day.looks[-1].hours / 2


def growth_mb(day: Day) -> float:
    """Host: the second half's median over the first's, without the start."""
    host = [look.host_mb for look in day.looks]
    if len(host) < 6:
        return 0.0  # too short to tell
    third = len(host) // 3
    return float(np.median(host[2 * third :]) - np.median(host[third : 2 * third]))


def summary(day: Day) -> str:
    """One line a person reads."""
    wraps = ", ".join(f"{name} {n}" for name, n in day.wraps.items())
    true, told = day.sync_ms
    return (
        f"{day.looks[-1].hours:.2f} h: {sum(day.taken)} samples taken, {day.lost} lost; wraps: {wraps}; "
        f"left against right p95 {true:.2f} ms (receipt {told:.2f}); host grew {growth_mb(day):.1f} MB"
    )
