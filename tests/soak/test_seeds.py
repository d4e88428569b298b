"""Sessions that go wrong, as many as asked for: `make soak SEEDS=1000`; DISTAL_SEED is the first."""

import os
from pathlib import Path

import pytest
from tests.sim.test_faults import whole

from distal.sim.plan import draw
from distal.sim.run import run

FIRST = int(os.environ.get("DISTAL_SEED", "0"))
SEEDS = int(os.environ.get("DISTAL_SEEDS", "50"))
ONCE_BROKEN = (55, 367, 1057, 4016, 4022, 4028, 4045, 5123, 5222, 5265, 9055, 20032, 20105, 20215, 20531)


@pytest.mark.usefixtures("micropython")
@pytest.mark.parametrize("seed", [*ONCE_BROKEN, *range(FIRST, FIRST + SEEDS)])
def test_every_sample_once_in_order_or_its_loss_stated(seed: int, tmp_path: Path) -> None:
    whole(run(draw(seed), tmp_path), tmp_path)
