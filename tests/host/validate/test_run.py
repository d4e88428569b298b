"""The command and its sections, small."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from distal.cli import cli
from distal.errors import DataError, DistalError
from distal.validate.athletes import feel
from distal.validate.peer import environment, time_strides
from distal.validate.recordings import find_data, names
from distal.validate.run import RECORDED, VIRTUAL, Plan, expand, run
from distal.virtual.motion import Athlete, Script, Walk


def measured(*arguments: str) -> dict[str, dict[str, Any]]:
    # through `distal` itself: click keeps a command's help option as its first context had it
    words = ["validate", *arguments, "--json", "--workers", "1"]
    result = CliRunner().invoke(cli, words, catch_exceptions=False)
    sections = json.loads(result.stdout)["sections"]
    return {one["name"]: {figure["key"]: figure for figure in one["figures"]} for one in sections}


def test_groups_and_names_expand_in_order() -> None:
    assert expand([]) == [*RECORDED, *VIRTUAL]
    assert expand(["virtual", "virtual_gait"]) == list(VIRTUAL)
    with pytest.raises(DataError, match="treadmil"):
        expand(["treadmil"])


def test_absent_recordings_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--data or DISTAL_DATA"):
        find_data(tmp_path / "nowhere")
    with pytest.raises(DataError, match="truth"):
        names(tmp_path, "walk_uturn")
    with pytest.raises(DataError, match="--data"):
        run(Plan(["treadmill"], None, workers=1))


@pytest.mark.slow
def test_quick_virtual_run_has_every_section_and_no_false_rep() -> None:
    found = measured("virtual", "--quick")
    assert list(found) == list(VIRTUAL)
    assert found["virtual_reps"]["within_one"]["value"] > 0.5
    assert found["virtual_gait"]["all_f1"]["value"] > 0.9
    for key in ("walking_reps", "standing_reps", "standing_steps"):
        assert found["virtual_false"][key]["value"] == 0


@pytest.mark.slow
def test_recordings_of_people_meet_what_was_met(real_data: Path) -> None:
    """Far from the targets' edges, so that only a real loss fails here; the tables hold the figures."""
    found = measured("walk_uturn", "feet_events", "treadmill", "--data", str(real_data))
    assert found["walk_uturn"]["walk_f1"]["value"] > 0.98
    assert found["walk_uturn"]["all_f1"]["value"] > 0.97
    assert found["walk_uturn"]["ic_mad_ms"]["value"] < 10
    assert found["feet_events"]["ic_sd_ms"]["value"] < 10
    assert found["feet_events"]["tc_sd_ms"]["value"] < 8
    assert abs(found["treadmill"]["shank_cadence_error_spm"]["value"]) < 0.3
    assert found["treadmill"]["shank_f1"]["value"] > 0.95


def test_stride_detector_is_timed_alone_and_really_finds_strides() -> None:
    leg = feel(Script([Walk(12.0)], "walk").perform(Athlete()), 1)[0]
    seconds, found = time_strides(leg, times=1)
    assert 0.0 < seconds < 5.0
    assert found >= 7


@pytest.mark.slow
def test_speed_is_measured_for_an_hour_in_blocks_and_in_packets() -> None:
    found = measured("speed", "--quick")["speed"]
    assert {key.split("_", 1)[1] for key in found} == {"hour_s", "block_us", "packet_us"}
    assert all(figure["value"] > 0 for figure in found.values())


def test_peer_that_cannot_be_had_is_said_loudly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("distal.validate.peer.sys.executable", str(tmp_path / "no-python"))
    with pytest.raises(DistalError, match="nothing is compared"):
        environment()


def test_peer_is_never_imported_by_the_package() -> None:
    assert not [name for name in sys.modules if name.startswith("gaitmap")]
