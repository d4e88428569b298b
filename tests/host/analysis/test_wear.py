"""How a cuff sits: each way of wearing it wrongly is named, and none of them changes a number."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tracks import make_track, recorded, rep_angle, swing_limb, virtual_tracks

from distal.analysis.rotate import turn_matrices
from distal.analysis.session import analyze
from distal.model import SIDES, Facts, FloatArray, SessionReport, Side, Track
from distal.virtual.motion import Athlete, Script, Stand, Walk

FACTS = Facts(mass_left_kg=1.0, mass_right_kg=1.0, height_m=1.75)


@pytest.fixture(scope="module")
def walking() -> list[Track]:
    """Two minutes at 104 Hz, worn as drawn."""
    return virtual_tracks(Script([Stand(3), Walk(110), Stand(3)], seed=4).perform(Athlete()), 104.0)


def about(axis: int, degrees: float) -> FloatArray:
    """Sensor turned on the leg about one of its own axes: vectors in sensor axes turn the other way."""
    angle = np.zeros((1, 3))
    angle[0, axis] = np.radians(degrees)
    return turn_matrices(angle)[0].T


def worn(track: Track, turn: FloatArray) -> Track:
    return make_track(track.gyr @ turn.T, track.acc @ turn.T, track.time.rate_hz, track.side)


def codes(report: SessionReport) -> set[str]:
    return {one.code for one in report.notices}


def test_cuffs_worn_as_drawn_are_found_so(walking: list[Track]) -> None:
    report = analyze(walking, FACTS)
    for side in SIDES:
        found = report.wear[side]
        assert found is not None
        assert found.side == side
        assert found.upside_down is False
        assert found.loose is False
        assert abs(found.twist_deg or 90.0) < 8.0
        assert found.slid_deg is not None
        assert found.slid_deg < 5.0
        assert found.evidence is not None
        assert "steps" in found.evidence
    assert not codes(report) & {"sides_swapped", "side_unlike", "upside_down", "twisted", "slid", "loose"}


def test_swapped_sides_are_warned_of(walking: list[Track]) -> None:
    left, right = walking
    swapped = [
        make_track(right.gyr, right.acc, 104.0, "left"),
        make_track(left.gyr, left.acc, 104.0, "right"),
    ]
    report = analyze(swapped, FACTS)
    assert report.wear["left"].side == "right"  # type: ignore[union-attr]
    assert report.wear["right"].side == "left"  # type: ignore[union-attr]
    assert "sides_swapped" in codes(report)
    one = analyze([swapped[0]], FACTS)
    assert "side_unlike" in codes(one)


def test_swapping_the_legs_swaps_the_result(walking: list[Track]) -> None:
    left, right = walking
    swapped = [
        make_track(right.gyr, right.acc, 104.0, "left"),
        make_track(left.gyr, left.acc, 104.0, "right"),
    ]
    plain, other = analyze(walking, FACTS), analyze(swapped, FACTS)
    for side, mirror in (("left", "right"), ("right", "left")):
        assert [s.ic_s for s in plain.steps[side]] == [s.ic_s for s in other.steps[mirror]]
    assert plain.cadence_spm is not None
    assert other.cadence_spm is not None
    assert plain.cadence_spm.value == pytest.approx(other.cadence_spm.value, rel=1e-9)


def test_upside_down_cuff_is_named_and_its_side_still_known(walking: list[Track]) -> None:
    report = analyze([worn(walking[0], about(2, 180.0)), walking[1]], FACTS)
    assert report.wear["left"].upside_down is True  # type: ignore[union-attr]
    assert report.wear["left"].side == "left"  # type: ignore[union-attr]
    assert report.wear["right"].upside_down is False  # type: ignore[union-attr]
    assert "upside_down" in codes(report)


@pytest.mark.parametrize("degrees", [-40.0, -20.0, 35.0])
def test_twist_is_measured(walking: list[Track], degrees: float) -> None:
    straight = analyze([walking[1]], FACTS).wear["right"]
    report = analyze([worn(walking[1], about(0, degrees))], FACTS)
    found = report.wear["right"]
    assert found is not None
    assert straight is not None
    # the sensor's z has turned by `degrees` about x: back to outward it is as much the other way
    assert found.twist_deg == pytest.approx((straight.twist_deg or 0.0) - degrees, abs=0.5)
    assert ("twisted" in codes(report)) == (abs(degrees) > 30.0)


def test_cuff_across_the_leg_has_no_side(walking: list[Track]) -> None:
    found = analyze([worn(walking[0], about(2, 90.0))], FACTS).wear["left"]
    assert found is not None
    assert (found.side, found.upside_down, found.twist_deg) == (None, None, None)
    assert "across" in (found.evidence or "")


def test_sliding_cuff_is_told_by_how_much(walking: list[Track]) -> None:
    track = walking[0]
    late = len(track.gyr) // 2
    turn = about(0, 25.0)
    gyr, acc = (np.concatenate([x[:late], x[late:] @ turn.T]) for x in (track.gyr, track.acc))
    report = analyze([make_track(gyr, acc, 104.0, "left")], FACTS)
    found = report.wear["left"]
    assert found is not None
    assert found.slid_deg == pytest.approx(25.0, abs=3.0)
    assert "slid" in codes(report)


def ringing(track: Track, size: float, hz: float, axis: int) -> Track:
    """After each contact the sensor swings: a decaying oscillation of turning rate, rad/s."""
    report = analyze([track], FACTS)
    t = np.arange(len(track.gyr)) / track.time.rate_hz
    gyr = track.gyr.copy()
    for step in report.steps[track.side]:
        after = np.maximum(t - step.ic_s, 0.0)
        gyr[:, axis] += size * np.exp(-after / 0.12) * np.sin(2 * np.pi * hz * after) * (t > step.ic_s)
    return make_track(gyr, track.acc, track.time.rate_hz, track.side)


@pytest.mark.parametrize(
    ("hz", "axis", "loose"), [(13.0, 0, True), (18.0, 0, True), (6.0, 0, False), (15.0, 2, False)]
)
def test_ringing_around_the_leg_is_a_loose_strap(
    walking: list[Track], hz: float, axis: int, loose: bool
) -> None:
    report = analyze([ringing(walking[0], 5.0, hz, axis)], FACTS)
    assert report.wear["left"].loose is loose  # type: ignore[union-attr]
    assert ("loose" in codes(report)) is loose


def test_25_hz_cannot_see_a_loose_strap(walking: list[Track]) -> None:
    slow = make_track(walking[0].gyr[::4], walking[0].acc[::4], 26.0, "left")
    found = analyze([slow], FACTS).wear["left"]
    assert found is not None
    assert found.loose is None
    assert "too slow" in (found.evidence or "")


def test_standing_still_tells_nothing() -> None:
    report = analyze(virtual_tracks(Script([Stand(20)]).perform(Athlete()), 104.0), FACTS)
    for side in SIDES:
        found = report.wear[side]
        assert found is not None
        assert (found.side, found.upside_down, found.twist_deg, found.loose) == (None, None, None, None)
        assert found.evidence


@pytest.mark.parametrize("told", ["seated_knee_extension", None])
def test_lifts_tell_twist_and_when_said_what_they_are_the_side(told: str | None) -> None:
    # limb axes of swing_limb: x away from the joint, y forward, z to the right: as drawn on a right leg
    gyr, acc = swing_limb(rep_angle(104.0, 5, 1.35, 0.05), 104.0, 0.35, about(0, 20.0))
    report = analyze([make_track(gyr, acc, 104.0)], Facts(exercise=told))
    found = report.wear["right"]
    assert found is not None
    assert found.side == ("right" if told else None)
    assert found.upside_down is False
    if told:
        assert found.twist_deg == pytest.approx(-20.0, abs=3.0)


@pytest.mark.parametrize(
    "make", [lambda x: x, lambda x: worn(x, about(2, 180.0)), lambda x: worn(x, about(0, 50.0))]
)
def test_no_way_of_wearing_changes_a_number(walking: list[Track], make: Callable[[Track], Track]) -> None:
    plain, other = analyze(walking, FACTS), analyze([make(one) for one in walking], FACTS)
    for side in SIDES:
        for a, b in zip(plain.steps[side], other.steps[side], strict=True):
            assert b.ic_s == pytest.approx(a.ic_s, rel=1e-6)
            assert b.load.peak_force_n == pytest.approx(a.load.peak_force_n, rel=1e-6)


def test_only_the_loose_strap_of_the_recordings_is_loose(real_data: Path) -> None:
    flagged = []
    for kind in ("treadmill", "stroke", "feet_events", "walk_uturn"):
        for path in sorted((real_data / kind).glob("*.csv.gz")):
            name = f"{kind}/{path.name.removesuffix('.csv.gz')}"
            side: Side = "left" if "left" in name else "right"
            placement = "foot" if "foot" in name else "shank"
            found = analyze([recorded(real_data, name, side)], Facts(placement=placement)).wear[side]  # type: ignore[arg-type]
            assert found is not None
            flagged += [name] if found.loose else []
    assert flagged == ["stroke/P03_left_shank"]


def test_real_leg_raises_sit_as_their_authors_say(real_data: Path) -> None:
    for person in ("S1", "S4"):
        track = recorded(real_data, f"leg_raises/{person}_seated_leg_raise_test_right_ankle", "right")
        found = analyze([track], Facts(exercise="seated_leg_raise")).wear["right"]
        assert found is not None
        assert found.upside_down is False
        assert abs(found.twist_deg or 90.0) < 20.0
        assert found.side == "right"
        swapped = make_track(track.gyr, track.acc, track.time.rate_hz, "left")
        assert "side_unlike" in codes(analyze([swapped], Facts(exercise="seated_leg_raise")))
