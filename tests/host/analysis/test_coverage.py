"""Missing and clipped samples: where they are, what is flagged, what becomes null and says why."""

import json
from pathlib import Path

import numpy as np
import pytest
from tracks import make_track, recorded, rep_angle, swing_limb, virtual_tracks

from distal.analysis.coverage import LEAST, Marks, believable, share_of
from distal.analysis.session import analyze
from distal.model import SIDES, BoolArray, Facts, Rep, SessionReport, Side, Track
from distal.report.contract import to_dict
from distal.report.words import words
from distal.virtual.motion import Athlete, Script, Stand, Walk

RATE_HZ = 104.0
FACTS = Facts(mass_left_kg=1.0, mass_right_kg=1.0, height_m=1.75)
SEATED = Facts("ankle", "seated_knee_extension", 1.0, 1.0, None, 1.75)
REP_S = 4.7  # of `rep_angle`: 4 s of rest, then one each 4.7 s, 3.2 s of it moving


def without(track: Track, lost: BoolArray) -> Track:
    gyr, acc = (np.where(lost[:, None], np.nan, rows) for rows in (track.gyr, track.acc))
    return Track(track.side, track.time, gyr, acc, track.clipped)


def packets(n: int, share: float, rng: np.random.Generator) -> BoolArray:
    """Whole packets of 18 samples are lost."""
    out: BoolArray = np.repeat(rng.random(n // 18 + 1) < share, 18)[:n]
    return out


def hole(n: int, start_s: float, length_s: float) -> BoolArray:
    t = np.arange(n) / RATE_HZ
    out: BoolArray = (t >= start_s) & (t < start_s + length_s)
    return out


def codes(report: SessionReport) -> set[str]:
    json.dumps(to_dict(report), allow_nan=False)
    return {one.code for one in report.notices}


def text_of(report: SessionReport, code: str) -> str:
    return next(words().notice(one) for one in report.notices if one.code == code)


def reps_of(report: SessionReport) -> list[Rep]:
    return [rep for one in report.sets for rep in one.reps]


@pytest.fixture(scope="module")
def walking() -> list[Track]:
    return virtual_tracks(Script([Stand(3), Walk(40), Stand(3)], seed=2).perform(Athlete()), RATE_HZ)


@pytest.fixture(scope="module")
def lifting() -> Track:
    gyr, acc = swing_limb(rep_angle(RATE_HZ, 6, 1.3, 0.05), RATE_HZ, 0.35)
    return make_track(gyr, acc, RATE_HZ)


def test_marks_are_counted_whatever_the_cutting(rng: np.random.Generator) -> None:
    marked: BoolArray = rng.random(500) < 0.3
    for cuts in ([], [100, 101, 350], list(range(1, 500))):
        marks = Marks()
        for part in np.split(marked, cuts):
            marks.update(part)
        for low, high in ((0, 500), (13, 14), (120, 121), (77, 402)):
            assert marks.count(low, high) == marked[low:high].sum()
        assert marks.present(0, 500) == pytest.approx(1 - marked.mean())
    assert share_of([], Marks()) is None


def test_values_that_no_sensor_gives_are_missing() -> None:
    acc = np.zeros((5, 3))
    acc[1, 0], acc[2, 1] = np.inf, 1e300
    gyr, acc = believable(np.zeros((5, 3)), acc)
    assert list(np.isnan(acc).any(axis=1)) == [False, True, True, False, False]
    assert list(np.isnan(gyr).any(axis=1)) == [False, True, True, False, False]


def test_tenth_of_packets_lost_costs_no_step_and_is_flagged(
    walking: list[Track], rng: np.random.Generator
) -> None:
    lossy = [without(one, packets(len(one.gyr), 0.1, rng)) for one in walking]
    clean, holed = analyze(walking, FACTS), analyze(lossy, FACTS)
    for side in SIDES:
        assert len(holed.steps[side]) == len(clean.steps[side])
        off = [abs(b.ic_s - a.ic_s) for a, b in zip(clean.steps[side], holed.steps[side], strict=True)]
        assert np.mean(off) < 0.006
        assert 0.3 < np.mean(["gap" in step.flags for step in holed.steps[side]]) < 1.0
        assert not any(step.flags for step in clean.steps[side])
    assert holed.cadence_spm is not None
    assert clean.cadence_spm is not None
    assert holed.cadence_spm.value == pytest.approx(clean.cadence_spm.value, abs=0.1)
    assert "stride_gaps" in codes(holed)


def test_most_packets_lost_leaves_no_cadence_and_says_whose(
    walking: list[Track], rng: np.random.Generator
) -> None:
    left, right = walking
    report = analyze([without(left, packets(len(left.gyr), 0.5, rng)), right], FACTS)
    if "cadence_coverage" in codes(report):
        assert "Left" in text_of(report, "cadence_coverage")
        assert f"{100 * LEAST['cadence']:.0f} %" in text_of(report, "cadence_coverage")
    both = analyze([without(one, packets(len(one.gyr), 0.55, rng)) for one in walking], FACTS)
    assert both.cadence_spm is None
    assert codes(both) & {"cadence_coverage", "low_coverage"}


def test_hole_in_a_walk_keeps_the_true_grid(walking: list[Track]) -> None:
    holed = [without(one, hole(len(one.gyr), 20.0, 3.0)) for one in walking]
    clean, report = analyze(walking, FACTS), analyze(holed, FACTS)
    for side in SIDES:
        for part in (lambda t: t < 19.0, lambda t: t > 25.0):
            wanted = [s.ic_s for s in clean.steps[side] if part(s.ic_s)]
            found = [s.ic_s for s in report.steps[side] if part(s.ic_s)]
            assert found == pytest.approx(wanted, abs=0.02)
        assert not [s for s in report.steps[side] if 20.2 < s.ic_s < 22.8]


def test_hole_between_reps_voids_nothing(lifting: Track) -> None:
    clean = analyze([lifting], SEATED)
    rest_s = 4.0 + 2 * REP_S + 3.3
    report = analyze([without(lifting, hole(len(lifting.gyr), rest_s, 1.2))], SEATED)
    assert len(reps_of(report)) == len(reps_of(clean)) == 6
    assert not [rep for rep in reps_of(report) if "too_few_samples" in rep.flags]


def test_hole_in_a_rep_flags_it_and_keeps_it(lifting: Track) -> None:
    at = 4.0 + 2 * REP_S + 1.4  # in the hold of the third
    report = analyze([without(lifting, hole(len(lifting.gyr), at, 0.3))], SEATED)
    flags = [rep.flags for rep in reps_of(report)]
    assert len(flags) == 6
    assert ["gap" in one for one in flags] == [False, False, True, False, False, False]
    assert reps_of(report)[2].load.impulse_nms is not None


def test_rep_with_too_few_samples_has_no_load_and_says_so(lifting: Track) -> None:
    at = 4.0 + 2 * REP_S + 1.1
    report = analyze([without(lifting, hole(len(lifting.gyr), at, 0.9))], SEATED)
    few = [rep for rep in reps_of(report) if "too_few_samples" in rep.flags]
    assert len(few) == 1
    assert few[0].load.peak_force_n is None
    assert "no load" in text_of(report, "load_coverage")
    assert "load_coverage" in codes(report)


def clip(track: Track, most: float) -> Track:
    acc = np.clip(track.acc, -most, most)
    return Track(track.side, track.time, track.gyr, acc, np.any(np.abs(acc) >= most, axis=1))


def test_clipped_rep_is_flagged_and_told(lifting: Track) -> None:
    acc = lifting.acc.copy()
    at = int((4.0 + 3 * REP_S + 1.5) * RATE_HZ)
    acc[at : at + 3, 1] += 40.0  # a knock
    report = analyze([clip(make_track(lifting.gyr, acc, RATE_HZ), 30.0)], SEATED)
    assert ["clipped" in rep.flags for rep in reps_of(report)] == [k == 3 for k in range(6)]
    assert {"clipped", "clipped_reps"} <= codes(report)


def test_clipped_stride_is_flagged(walking: list[Track]) -> None:
    most = float(np.nanmax(np.abs(walking[0].acc))) * 0.9
    report = analyze([clip(one, most) for one in walking], FACTS)
    assert any("clipped" in step.flags for step in report.steps["left"])
    assert "clipped" in codes(report)


@pytest.mark.parametrize("side", SIDES)
def test_one_leg_only_is_told_and_keeps_its_numbers(walking: list[Track], side: Side) -> None:
    track = next(one for one in walking if one.side == side)
    both, alone = analyze(walking, FACTS), analyze([track], FACTS)
    assert "one_leg" in codes(alone)
    assert [s.ic_s for s in alone.steps[side]] == [s.ic_s for s in both.steps[side]]
    other = next(one for one in SIDES if one != side)
    found = to_dict(alone)
    assert found["coverage"][other] is None
    assert found["wear"][other] is None


def test_lost_packets_of_a_real_walk_cost_little(real_data: Path, rng: np.random.Generator) -> None:
    """Feet of the optical recording: the same strides, their times within 1.3 x of each other."""
    for side in SIDES:
        track = recorded(real_data, f"feet_events/walk_2x20m_{side}_foot", side)
        clean = analyze([track], Facts(placement="foot")).steps[side]
        holed = analyze([without(track, packets(len(track.gyr), 0.1, rng))], Facts(placement="foot")).steps[
            side
        ]
        near = [min(abs(a.ic_s - b.ic_s) for b in holed) for a in clean]
        assert abs(len(clean) - len(holed)) <= 1
        assert np.median(near) < 0.006
