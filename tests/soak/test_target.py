"""Ten minutes with everything that the stream promises to outlive, in full length."""

from pathlib import Path

import pytest
from tests.sim.test_faults import whole
from tests.sim.test_target import assert_healed, target

from distal.sim.run import run


@pytest.mark.usefixtures("micropython")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ten_minutes_of_faults_cost_only_what_was_in_ram_and_the_reboot_is_told(
    seed: int, tmp_path: Path
) -> None:
    assert_healed(whole(run(target(1.0, seed), tmp_path), tmp_path))
