"""The worst that the stream promises to outlive, shorter than in `tests/soak/test_target.py`."""

from pathlib import Path

import pytest

pytest.importorskip("bumble")

from tests.sim.test_faults import whole

from distal.sim.plan import Fault, FaultPlan
from distal.sim.run import Outcome, run

OUTAGES = ((60.0, 10.0), (150.0, 120.0), (400.0, 45.0))  # s into 10 min, s long
REBOOT_S, KILL_S, LENGTH_S = 330.0, 500.0, 600.0
IN_RAM = (
    128  # samples that only RAM and FIFO have: at most seven packets, of which flash packs several into one
)


def target(scale: float, seed: int) -> FaultPlan:
    """30 % of all packets over the air lost, three outages, a reboot of the cuff, a SIGKILL of the host."""
    outages = [Fault(scale * at_s, "range", 0, scale * seconds) for at_s, seconds in OUTAGES]
    others = [Fault(scale * REBOOT_S, "reboot"), Fault(scale * KILL_S, "kill", seconds=5.0)]
    faults = tuple(sorted([*outages, *others], key=lambda fault: fault.at_s))
    return FaultPlan(seed, scale * LENGTH_S, faults, cuffs=1, loss=0.3, meets=True)


def assert_healed(outcome: Outcome) -> None:
    """Every sample once, but for what lay in RAM at the reboot; that is stated."""
    (cuff,) = outcome.cuffs
    assert all(hit for _, hit in outcome.done)
    assert (cuff.unstated, cuff.boots) == (0, 2)
    assert cuff.recorded == cuff.taken - cuff.stated
    assert 0 < cuff.stated <= IN_RAM
    ((cost, told),) = cuff.reboots
    assert abs(cost - told) <= 1.0  # samples: one clock over both boots


@pytest.mark.usefixtures("micropython")
def test_loss_outages_a_reboot_and_a_kill_cost_only_what_was_in_ram(tmp_path: Path) -> None:
    assert_healed(whole(run(target(0.07, 1), tmp_path), tmp_path))
