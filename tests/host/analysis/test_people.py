"""What the README's table says beyond counts: optical contacts, hand-labelled reps, shank against foot."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tracks import recorded, truth

from distal.analysis.session import analyze
from distal.model import SIDES, Facts, FloatArray, Step

# session -> largest mean absolute error of start and end, s; labels by hand, about 0.1 s themselves
BOUNDARIES = {
    "seated_leg_raise": (0.22, 0.22),
    "supine_straight_leg_raise": (0.2, 0.3),
    "sidelying_hip_abduction": (0.17, 0.12),
}


def errors(steps: tuple[Step, ...], wanted: list[dict[str, Any]], key: str) -> FloatArray:
    """Nearest found event minus each optical one, s."""
    found = np.array([getattr(step, f"{key}_s") for step in steps])
    return np.array([found[np.argmin(np.abs(found - one[key]))] - one[key] for one in wanted])


def test_optical_contacts_of_feet(real_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "feet_events/walk_2x20m"
    report = analyze([recorded(real_data, f"{name}_{s}_foot", s) for s in SIDES], Facts(placement="foot"))
    for side in SIDES:
        optical = truth(real_data, name)["events_mocap_s"][side]
        ic, tc = (1e3 * errors(report.steps[side], optical, key) for key in ("ic", "tc"))
        with capsys.disabled():
            print(
                f"\nfeet_events {side}: ic {ic.mean():.0f} SD {ic.std():.1f} ms, "
                f"tc {tc.mean():.0f} SD {tc.std():.1f} ms"
            )
        assert abs(ic.mean()) < 25
        assert ic.std() < 10
        assert abs(tc.mean()) < 10
        assert tc.std() < 6


@pytest.mark.parametrize("code", BOUNDARIES)
def test_reps_begin_and_end_where_people_labelled_them(real_data: Path, code: str) -> None:
    name = f"leg_raises/S1_{code}_test"
    report = analyze([recorded(real_data, f"{name}_{s}_ankle", s) for s in SIDES], Facts())
    found = np.array([(rep.start_s, rep.end_s) for one in report.sets for rep in one.reps])
    labels = np.array([(rep["start_s"], rep["end_s"]) for rep in truth(real_data, name)["reps"]])
    assert (np.abs(found - labels).mean(axis=0) < BOUNDARIES[code]).all()


@pytest.mark.parametrize("person", ["P01", "P03"])
def test_hard_walkers_count_nearly_the_same_at_shank_and_foot(real_data: Path, person: str) -> None:
    """P01 left jerks after each contact, P03 left is loose."""
    for side in SIDES:
        counts = [
            len(analyze([recorded(real_data, f"stroke/{person}_{side}_{place}", side)], Facts()).steps[side])
            for place in ("shank", "foot")
        ]
        assert abs(counts[0] - counts[1]) <= 3
