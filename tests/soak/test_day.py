"""Two cuffs for hours of virtual time. DISTAL_HOURS=24 takes three hours, by estimate."""

import os
from pathlib import Path

import pytest
from tests.sim.test_faults import whole

from distal.sim.plan import FaultPlan
from distal.sim.run import run

HOURS = float(os.environ.get("DISTAL_HOURS", "1"))
SLACK_BYTES = 512  # of a cuff's heap, from one look to another


@pytest.mark.usefixtures("micropython")
def test_hours_lose_nothing_and_the_firmware_keeps_its_heap(tmp_path: Path) -> None:
    plan = FaultPlan(1, HOURS * 3600, loss=0.05, drift_ppm=(25.0, -30.0), crystal_ppm=(8.0, -5.0), wraps=True)
    outcome = whole(run(plan, tmp_path), tmp_path)
    assert all(cuff.stated == 0 for cuff in outcome.cuffs)
    for heap in outcome.heap:
        half = len(heap) // 2
        assert max(heap[half:]) <= max(heap[:half]) + SLACK_BYTES
