"""A block of a trial, from a virtual walk to a number in its file."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from distal.cli import cli
from distal.model import SIDES
from distal.virtual.motion import Athlete, scripts
from distal.virtual.rig import CuffSetup


@pytest.mark.slow
def test_a_recorded_walk_becomes_the_next_block(record: Any, tmp_path: Path) -> None:
    performance = scripts.walk().perform(Athlete())
    setups = [CuffSetup(performance.motion(side), side=side) for side in SIDES]
    outcome = record(seconds=25.0, setups=setups)
    file = tmp_path / "me.trial"
    new = ["new", str(file), "--outcome", "cadence", "--least-effect", "2", "--block", "25"]
    for words in (new, ["add", str(file), str(outcome.path)]):
        result = CliRunner().invoke(cli, ["trial", *words])
        assert result.exit_code == 0, result.stderr
    (block,) = json.loads(file.read_text())["blocks"]
    assert block["value"] == pytest.approx(performance.truth(0, 0)["cadence_spm"]["value"], abs=1.0)
    assert block["flags"] == []
