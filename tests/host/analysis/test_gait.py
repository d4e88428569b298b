import numpy as np
import pytest
from tracks import any_mounting, make_track, recorded, truth, virtual_tracks

from distal.analysis.gait_axis import find_axes
from distal.analysis.gait_swing import is_weak, pick_mids
from distal.analysis.session import analyze
from distal.model import Facts, SessionReport, Track
from distal.virtual.motion import Athlete, scripts


@pytest.fixture(scope="module")
def walking() -> list[Track]:
    return virtual_tracks(scripts.walk().perform(Athlete(height_m=1.75)))


@pytest.mark.parametrize("name", ["walk", "slow_walk"])
def test_virtual_walk_has_every_step_and_its_cadence(name: str) -> None:
    performance = scripts.by_name(name).perform(Athlete(height_m=1.75))
    exact, report = performance.truth(), analyze(virtual_tracks(performance), Facts())
    assert report.sets == ()
    for side in ("left", "right"):
        assert len(report.steps[side]) == len(exact["steps"][side])
    assert report.cadence_spm is not None
    assert report.cadence_spm.value == pytest.approx(exact["cadence_spm"]["value"], abs=0.3)
    assert report.cadence_spm.low < exact["cadence_spm"]["value"] < report.cadence_spm.high


def test_mounting_changes_no_step(walking: list[Track]) -> None:
    turned = [
        make_track(one.gyr @ any_mounting(2).T, one.acc @ any_mounting(2).T, one.time.rate_hz, one.side)
        for one in walking
    ]
    facts = Facts(mass_left_kg=1.0, mass_right_kg=1.0, height_m=1.75)
    plain, other = analyze(walking, facts), analyze(turned, facts)
    for side in ("left", "right"):
        for a, b in zip(plain.steps[side], other.steps[side], strict=True):
            assert b.ic_s == pytest.approx(a.ic_s, rel=1e-6)
            assert b.tc_s == pytest.approx(a.tc_s, rel=1e-6)
            assert b.load.peak_knee_moment_nm == pytest.approx(a.load.peak_knee_moment_nm, rel=1e-6)
            assert b.load.lateral_force_n == pytest.approx(a.load.lateral_force_n, rel=1e-5)


def test_lost_packets_cost_no_step(walking: list[Track], rng: np.random.Generator) -> None:
    lossy = []
    for one in walking:
        lost = np.repeat(rng.random(len(one.gyr) // 18 + 1) < 0.1, 18)[: len(one.gyr), None]
        lossy.append(
            make_track(np.where(lost, np.nan, one.gyr), np.where(lost, np.nan, one.acc), 208.0, one.side)
        )
    clean, holed = analyze(walking, Facts()), analyze(lossy, Facts())
    for side in ("left", "right"):
        assert len(holed.steps[side]) == len(clean.steps[side])
        off = [b.ic_s - a.ic_s for a, b in zip(clean.steps[side], holed.steps[side], strict=True)]
        assert np.median(np.abs(off)) < 0.005
        assert holed.coverage[side] == pytest.approx(0.9, abs=0.03)


@pytest.mark.parametrize("part", [0.35, 0.5, 0.65])
def test_steps_away_from_a_long_hole_are_kept(walking: list[Track], part: float) -> None:
    """A sample of a swing that is held does not turn, but it is no stance."""
    plain, one = analyze(walking, Facts()), walking[0]
    swing = plain.steps["left"][12]
    hole_s = swing.tc_s + part * (swing.ic_s - swing.tc_s), swing.ic_s + 2.0
    low, high = (int((t - one.time.start_s) * one.time.rate_hz) for t in hole_s)
    rows = [(leg.gyr.copy(), leg.acc.copy()) for leg in walking]
    for gyr, acc in rows:
        gyr[low:high], acc[low:high] = np.nan, np.nan
    holed = [make_track(*two, 208.0, leg.side) for two, leg in zip(rows, walking, strict=True)]
    other = analyze(holed, Facts())
    for side in ("left", "right"):
        away = [x.ic_s for x in plain.steps[side] if x.ic_s < hole_s[0] or x.tc_s > hole_s[1] + 0.3]
        assert hits([x.ic_s for x in other.steps[side]], away) == len(away)


def test_weak_swings_count_in_a_row_or_near_a_clear_one() -> None:
    at, peaks = [100, 230, 360, 490], [0.7, 0.8, 0.7, 0.6]
    assert pick_mids(at, peaks, []) == [0, 1, 2, 3]
    assert pick_mids(at[:1], peaks[:1], []) == []
    assert pick_mids(at[:1], peaks[:1], [(-100, 1.2)]) == [0]
    swings = list(zip(at, peaks, strict=True))
    assert all(is_weak(*one, swings) for one in swings)
    assert not any(is_weak(*one, [*swings, (300, 1.2)]) for one in swings)


def test_sample_held_over_a_hole_does_not_say_where_up_is() -> None:
    gyr, acc = np.zeros((1, 3, 250)), np.zeros((1, 3, 250))
    gyr[0, 1] = np.where(np.arange(250) % 25 < 12, 3.0, 0.3)
    acc[0, 2] = 9.81
    hidden = np.zeros((1, 250), dtype=bool)
    hidden[0, 100:160] = True
    gyr[0, :, 100:160], acc[0, :, 100:160] = 0.0, np.array([9.0, 0.0, 4.0])[:, None]
    assert find_axes(gyr, acc, 0.0, hidden).up[0] == pytest.approx([0.0, 0.0, 1.0], abs=1e-12)


def test_gyro_that_is_off_costs_no_step(walking: list[Track]) -> None:
    off = np.array([2.0, -1.5, 2.5]) * np.pi / 180
    other = analyze([make_track(x.gyr + off, x.acc, 208.0, x.side) for x in walking], Facts())
    for side, steps in analyze(walking, Facts()).steps.items():
        assert len(other.steps[side]) == len(steps)


@pytest.mark.parametrize("rate_hz", [25.0, 52.0, 104.0, 416.0])
def test_steps_do_not_depend_on_the_rate(rate_hz: float) -> None:
    performance = scripts.walk().perform(Athlete(height_m=1.75))
    report = analyze(virtual_tracks(performance, rate_hz), Facts())
    assert {s: len(x) for s, x in report.steps.items()} == {
        s: len(x) for s, x in performance.truth()["steps"].items()
    }


@pytest.mark.parametrize("placement", ["shank", "foot"])
def test_treadmill_cadence_is_the_optical_one(real_data, placement: str) -> None:  # type: ignore[no-untyped-def]
    report = analyze(
        [recorded(real_data, f"treadmill/slow_{s}_{placement}", s) for s in ("left", "right")],
        Facts(placement=placement),
    )  # type: ignore[arg-type]
    times = [
        step["stride_time_s"] for step in truth(real_data, "treadmill/slow")["steps"] if step["stride_time_s"]
    ]
    cadence = 120.0 / np.mean([time for time in times if 0.6 < time < 2.2])
    assert report.cadence_spm is not None
    assert report.cadence_spm.value == pytest.approx(cadence, abs=0.3)
    assert report.sets == ()


def hits(found: list[float], wanted: list[float], near_s: float = 0.25) -> int:
    """Wanted events with a found one of their own within near_s."""
    left, n = list(found), 0
    for at in wanted:
        close = [x for x in left if abs(x - at) <= near_s]
        if close:
            left.remove(min(close, key=lambda x: abs(x - at)))
            n += 1
    return n


def test_feet_of_people_who_turn_and_stop_are_counted(real_data, capsys) -> None:  # type: ignore[no-untyped-def]
    inside = wanted_in = found_inside = wanted_all = found_all = hit_all = 0
    off: list[float] = []
    for path in sorted((real_data / "walk_uturn").glob("*_truth.json")):
        name = f"walk_uturn/{path.name.removesuffix('_truth.json')}"
        exact = truth(real_data, name)
        report = analyze(
            [recorded(real_data, f"{name}_{s}_foot", s) for s in ("left", "right")], Facts(placement="foot")
        )  # type: ignore[arg-type]
        for side in ("left", "right"):
            wanted = [ic for _, ic in exact[f"{side}_events_s"]]
            found = [step.ic_s for step in report.steps[side]]  # type: ignore[index]
            walked = [x for x in found if exact["walk_start_s"] - 0.25 <= x <= exact["walk_end_s"] + 0.25]
            hit_all += hits(found, wanted)
            wanted_all, found_all, found_inside = (
                wanted_all + len(wanted),
                found_all + len(found),
                found_inside + len(walked),
            )
            within = [at for at in wanted if exact["walk_start_s"] <= at <= exact["walk_end_s"]]
            inside, wanted_in = inside + hits(walked, within), wanted_in + len(within)
            off += [min((x - at for x in found), key=abs) for at in wanted if found]
    near = [x for x in off if abs(x) <= 0.25]
    f1_walk, f1_all = 2 * inside / (wanted_in + found_inside), 2 * hit_all / (wanted_all + found_all)
    with capsys.disabled():
        print(
            f"\nwalk_uturn: F1 {f1_walk:.4f} within the walk, {f1_all:.4f} over all; "
            f"ic {1e3 * np.median(near):.0f} ms, MAD {1e3 * np.median(np.abs(near - np.median(near))):.1f} ms"
        )
    assert f1_walk > 0.987
    assert f1_all > 0.98
    assert np.median(np.abs(near - np.median(near))) < 0.008


@pytest.mark.parametrize("person", ["P01", "P02", "P05", "P08"])
def test_stroke_shank_and_foot_count_the_same(real_data, person: str) -> None:  # type: ignore[no-untyped-def]
    for side in ("left", "right"):
        counts = [
            len(
                analyze(
                    [recorded(real_data, f"stroke/{person}_{side}_{placement}", side)],
                    Facts(placement=placement),
                ).steps[side]
            )  # type: ignore[arg-type, index]
            for placement in ("shank", "foot")
        ]
        assert abs(counts[0] - counts[1]) <= 1


def test_leg_raises_of_people_are_counted(real_data, capsys) -> None:  # type: ignore[no-untyped-def]
    exact = within = still = steps = sessions = 0
    for path in sorted((real_data / "leg_raises").glob("*_truth.json")):
        name = f"leg_raises/{path.name.removesuffix('_truth.json')}"
        report: SessionReport = analyze(
            [recorded(real_data, f"{name}_{s}_ankle", s) for s in ("left", "right")], Facts()
        )  # type: ignore[arg-type]
        count = sum(len(one.reps) for one in report.sets if one.side == "right")
        wanted = truth(real_data, name)["rep_count"]
        sessions += 1
        exact += count == wanted
        within += abs(count - wanted) <= 1
        still += sum(len(one.reps) for one in report.sets if one.side == "left")
        steps += sum(len(report.steps[s]) for s in ("left", "right"))  # type: ignore[index]
    with capsys.disabled():
        print(
            f"\nleg raises: {exact} of {sessions} exact, {within} within one, "
            f"{still} on the still leg, {steps} steps"
        )
    assert exact >= 14
    assert within >= 15
    assert still == 0
    assert steps == 0


@pytest.mark.parametrize("name", ["S1_seated_leg_raise_test", "S4_sidelying_hip_abduction_test"])
def test_same_set_at_208_hz_gives_the_same_numbers(real_data, name: str) -> None:  # type: ignore[no-untyped-def]
    """As a virtual cuff plays it: interpolated, noisy, rounded to counts."""
    facts = Facts(mass_left_kg=2.0, mass_right_kg=2.0, height_m=1.75)
    plain = [recorded(real_data, f"leg_raises/{name}_{s}_ankle", s) for s in ("left", "right")]  # type: ignore[arg-type]
    slow, fast = analyze(plain, facts), analyze([_played(one) for one in plain], facts)
    wanted = [rep for one in slow.sets for rep in one.reps]
    found = [rep for one in fast.sets for rep in one.reps]
    assert len(found) == len(wanted)
    for a, b in zip(wanted, found, strict=True):
        assert b.start_s == pytest.approx(a.start_s, abs=0.04)
        assert b.end_s == pytest.approx(a.end_s, abs=0.04)
        assert b.load.peak_moment_nm == pytest.approx(a.load.peak_moment_nm, rel=0.01)
        assert b.load.impulse_nms == pytest.approx(a.load.impulse_nms, rel=0.01)


def _played(one: Track) -> Track:
    rng = np.random.default_rng(1)
    at = np.arange(len(one.gyr)) / one.time.rate_hz
    t = np.arange(0.0, at[-1], 1.0 / 208.0)
    rows = np.stack([np.interp(t, at, x) for x in (*one.gyr.T, *one.acc.T)], axis=1)
    lsb = np.repeat([np.radians(0.07), 9.80665 * 0.000976], 3)  # counts at 2000 dps and 32 g
    rows = np.round((rows + rng.normal(0.0, 1.0, rows.shape) * np.repeat([0.002, 0.02], 3)) / lsb) * lsb
    return make_track(rows[:, :3], rows[:, 3:], 208.0, one.side)
