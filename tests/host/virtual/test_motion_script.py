"""Scripts and their truth: steps, repetitions, load of the worn mass."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from distal.errors import DataError, DistalError
from distal.model import SIDES
from distal.units import RAD_PER_DEG, G
from distal.virtual.motion import (
    EXERCISES,
    FLOOR_EXERCISES,
    Athlete,
    Reps,
    Rest,
    Script,
    Sit,
    Stand,
    Walk,
    scripts,
)
from distal.virtual.motion.chain import EARTH_X, EARTH_Z, POSITION

ATHLETE = Athlete(height_m=1.70, cuff_height_m=0.1)
KNEE_TO_MASS_M = 0.246 * 1.70 - 0.1
THIGH_M = 0.245 * 1.70
EXACT: dict[str, Any] = {"variability": 0.0, "tremor_deg": 0.0}


def one_set(reps: Reps, mass_kg: float = 2.0) -> dict[str, Any]:
    """Truth of the only set of a script."""
    truth = Script([reps]).perform(ATHLETE).truth(mass_kg, mass_kg)
    assert len(truth["sets"]) == 1
    return dict(truth["sets"][0])


def test_set_holds_the_planned_reps_one_after_another() -> None:
    found = one_set(Reps("seated_knee_extension", reps=8, tempo=(1.2, 0.8, 1.5), pause_s=0.7))
    assert (found["exercise"], found["side"], len(found["reps"])) == ("seated_knee_extension", "right", 8)
    assert found["start_s"] == found["reps"][0]["start_s"]
    assert found["end_s"] == found["reps"][-1]["end_s"]
    for rep, following in zip(found["reps"], found["reps"][1:], strict=False):
        assert following["start_s"] - rep["end_s"] == pytest.approx(0.7)


def test_phases_add_up_to_the_rep() -> None:
    for rep in one_set(Reps("supine_straight_leg_raise", reps=5))["reps"]:
        parts = rep["concentric_s"] + rep["hold_s"] + rep["eccentric_s"]
        assert parts == pytest.approx(rep["end_s"] - rep["start_s"])
        assert rep["top_s"] == pytest.approx(rep["start_s"] + rep["concentric_s"])


def test_without_variability_every_rep_is_the_plan() -> None:
    plan = Reps("sidelying_hip_abduction", reps=3, tempo=(1.0, 0.5, 2.0), range_deg=33, **EXACT)
    for rep in one_set(plan)["reps"]:
        phases = rep["concentric_s"], rep["hold_s"], rep["eccentric_s"]
        assert phases == pytest.approx((1.0, 0.5, 2.0))
        assert rep["rom_deg"] == pytest.approx(33)


def test_last_lift_is_slower_by_as_much_as_asked() -> None:
    reps = one_set(Reps("seated_knee_extension", reps=6, slowing=0.5, **EXACT))["reps"]
    assert reps[-1]["concentric_s"] / reps[0]["concentric_s"] == pytest.approx(1.5)
    assert reps[-1]["eccentric_s"] == pytest.approx(reps[0]["eccentric_s"])


def test_mass_held_level_loads_the_knee_with_m_g_l() -> None:
    slow = Reps("seated_knee_extension", reps=1, tempo=(60, 1, 60), range_deg=90, **EXACT)
    load = one_set(slow)["reps"][0]["load"]
    assert load["about"] == "knee"
    assert load["peak_moment_nm"] == pytest.approx(2.0 * G * KNEE_TO_MASS_M, rel=1e-3)
    assert load["peak_force_n"] == pytest.approx(2.0 * G, rel=1e-3)
    assert load["work_concentric_j"] == pytest.approx(2.0 * G * KNEE_TO_MASS_M, rel=1e-3)  # m g h, h = L


def test_straight_leg_loads_the_hip_with_the_whole_leg_as_lever() -> None:
    slow = Reps("supine_straight_leg_raise", reps=1, tempo=(60, 1, 60), range_deg=30, **EXACT)
    load = one_set(slow)["reps"][0]["load"]
    lever = THIGH_M + KNEE_TO_MASS_M
    assert load["about"] == "hip"
    assert load["peak_moment_nm"] == pytest.approx(2.0 * G * lever, rel=1e-3)  # level at rest
    assert load["work_concentric_j"] == pytest.approx(2.0 * G * lever * np.sin(30 * RAD_PER_DEG), rel=1e-3)


@pytest.mark.parametrize("code", ["seated_leg_raise", "seated_knee_extension"])
def test_seated_exercises_turn_about_the_knee(code: str) -> None:
    load = one_set(Reps(code, reps=1, tempo=(60, 1, 60), range_deg=60, **EXACT))["reps"][0]["load"]
    assert load["about"] == "knee"
    lever = KNEE_TO_MASS_M * np.sin(60 * RAD_PER_DEG)
    assert load["peak_moment_nm"] == pytest.approx(2.0 * G * lever, rel=1e-3)


@pytest.mark.parametrize("code", sorted(EXERCISES))
def test_work_from_rest_to_rest_is_zero(code: str) -> None:
    for rep in one_set(Reps(code, reps=2, tremor_deg=0.0, tempo=(0.6, 0.2, 0.5)))["reps"]:
        load = rep["load"]
        assert load["work_concentric_j"] > 0 > load["work_eccentric_j"]
        assert load["work_concentric_j"] + load["work_eccentric_j"] == pytest.approx(0, abs=1e-4)


def test_load_grows_in_proportion_to_the_mass() -> None:
    plan = Reps("sidelying_hip_abduction", reps=1)
    light, heavy = (one_set(plan, mass)["reps"][0]["load"] for mass in (0.5, 4.0))
    for key, value in light.items():
        if isinstance(value, float):
            assert heavy[key] == pytest.approx(8 * value), key


def test_impulse_of_a_still_hold_is_moment_times_time() -> None:
    short, long = (
        one_set(Reps("sidelying_hip_abduction", reps=1, tempo=(1, hold, 1), range_deg=30, **EXACT))
        for hold in (1.0, 5.0)
    )
    phases = long["reps"][0]["load"]["impulse_by_phase_nms"]
    assert sum(phases.values()) == pytest.approx(long["reps"][0]["load"]["impulse_nms"])
    assert long["reps"][0]["top_deg"] == pytest.approx(30.0)
    more = long["reps"][0]["load"]["impulse_nms"] - short["reps"][0]["load"]["impulse_nms"]
    lever = THIGH_M + KNEE_TO_MASS_M
    assert more == pytest.approx(4.0 * 2.0 * G * lever * np.cos(30 * RAD_PER_DEG), rel=1e-6)


@pytest.mark.parametrize("side", SIDES)
def test_lying_on_the_side_the_weight_pulls_inwards(side: str) -> None:
    """The leg pushes the mass outwards, which is up: outward counts up on both sides."""
    reps = Reps("sidelying_hip_abduction", reps=1, side="left" if side == "left" else "right")
    assert one_set(reps)["reps"][0]["load"]["lateral_force_n"] > 2.0 * G * 0.9


def test_without_a_mass_loads_are_null_and_the_rest_stays() -> None:
    truth = Script([Reps("clamshell", reps=1), Walk(6.0)]).perform().truth()
    load = truth["sets"][0]["reps"][0]["load"]
    assert load["peak_moment_nm"] is None
    assert truth["sets"][0]["reps"][0]["rom_deg"] > 10
    assert truth["steps"]["left"][0]["load"]["peak_force_n"] is None


def test_other_leg_is_still_unless_it_moves_along() -> None:
    t = np.linspace(0, 8, 400)
    still, along = (
        Script([Reps("supine_straight_leg_raise", reps=2, companion=share)]).perform().left.sample(t)[0]
        for share in (0.0, 0.3)
    )
    assert np.all(still == 0)
    assert 0.05 < np.abs(along).max() < 0.5


def test_steps_alternate_and_swing_before_they_land() -> None:
    truth = Script([Stand(2.0), Walk(20.0, first="left"), Stand(2.0)]).perform().truth()
    steps = sorted((step["ic_s"], side) for side in SIDES for step in truth["steps"][side])
    order = [side for _, side in steps]
    assert order == ["left", "right"] * (len(order) // 2) + ["left"] * (len(order) % 2)
    for side in SIDES:
        ends = [step["ic_s"] for step in truth["steps"][side]]
        for step, landed in zip(truth["steps"][side], [2.0, *ends], strict=False):
            assert landed < step["tc_s"] < step["ic_s"]
            assert step["bout"] == 0


@pytest.mark.parametrize(("cadence", "speed"), [(60, 0.5), (83, 0.83), (104, None), (125, 1.6)])
def test_cadence_is_as_asked(cadence: float, speed: float | None) -> None:
    walk = Walk(40.0, cadence_spm=cadence, speed_mps=speed, variability=0.03)
    truth = Script([walk]).perform().truth()
    assert truth["cadence_spm"]["value"] == pytest.approx(cadence, rel=0.006)
    strides = [step["stride_s"] for side in SIDES for step in truth["steps"][side] if step["stride_s"]]
    assert truth["cadence_spm"]["n"] == len(strides)
    assert 0.01 < np.std(strides) / np.mean(strides) < 0.05


def test_limp_makes_the_right_step_longer_than_the_left() -> None:
    truth = Script([Walk(40.0, asymmetry=0.2, variability=0.0)]).perform().truth()
    left, right = ([step["ic_s"] for step in truth["steps"][side]] for side in SIDES)
    right_steps = [ic - max(x for x in left if x < ic) for ic in right[1:]]
    left_steps = [ic - max(x for x in right if x < ic) for ic in left]
    assert np.mean(right_steps) / np.mean(left_steps) == pytest.approx(1.1 / 0.9)


def test_standing_foot_does_not_slip_and_strides_cover_the_way() -> None:
    """From foot flat to heel off the ankle is fixed: its path leaves the sensor's turning about it."""
    performance = Script([Walk(12.0, cadence_spm=100, speed_mps=1.0, variability=0.0)]).perform(ATHLETE)
    contacts = [step["ic_s"] for step in performance.truth()["steps"]["left"]]
    stance = 0.6 * 1.2  # s: 40 % swing at most
    t = np.array([ic + share * stance for ic in contacts for share in (0.25, 0.4, 0.5)])
    state = performance.left.state(t)
    ankle = state[POSITION] - np.array([[0], [0], [0.1]])
    places = np.einsum("kin,in->kn", state[EARTH_X : EARTH_Z + 1], ankle)[:, :].T.reshape(-1, 3, 3)
    assert places == pytest.approx(np.repeat(places[:, :1], 3, axis=1), abs=1e-9)
    strides = np.diff(places[:, 0, 0])
    assert strides[:-1] == pytest.approx(1.2, abs=1e-6)  # 1 m/s, 1.2 s


def test_swing_load_is_that_of_the_mass_at_the_cuff() -> None:
    light, heavy = (Script([Walk(8.0)]).perform(ATHLETE).truth(mass, mass) for mass in (1.0, 2.0))
    for a, b in zip(light["steps"]["left"], heavy["steps"]["left"], strict=True):
        assert G < a["load"]["peak_force_n"] < 5 * G
        assert a["load"]["peak_knee_moment_nm"] < a["load"]["peak_force_n"] * KNEE_TO_MASS_M
        assert b["load"]["peak_force_n"] == pytest.approx(2 * a["load"]["peak_force_n"])


def test_seed_decides_and_a_later_change_leaves_the_earlier_part() -> None:
    t = np.linspace(0, 14, 500)
    plan = [Stand(3.0), Walk(8.0), Sit(2.0)]
    first = Script(plan, seed=4).perform().left.sample(t)
    again = Script([*plan, Reps("clamshell")], seed=4).perform().left.sample(t)
    other = Script(plan, seed=5).perform().left.sample(t)
    inside = t < 11
    assert np.array_equal(first[0][inside], again[0][inside])
    assert not np.array_equal(first[0], other[0])


def test_lying_down_from_standing_goes_by_way_of_sitting() -> None:
    performance = Script([Stand(1.0), Rest(1.0, "supine")]).perform()
    assert performance.duration_s == pytest.approx(1 + 2.5 + 2.5 + 1)


@pytest.mark.parametrize("name", [*scripts.SCRIPTS, *EXERCISES, *FLOOR_EXERCISES, "jump", "hop"])
def test_named_scripts_play_and_their_truth_is_json(name: str, tmp_path: Path) -> None:
    performance = scripts.by_name(name).perform()
    gyr, acc = performance.right.sample(np.linspace(0, performance.duration_s, 2000))
    assert np.isfinite(gyr).all()
    assert np.isfinite(acc).all()
    performance.write_truth(tmp_path / "truth.json", 1.0, 1.0)
    assert json.loads((tmp_path / "truth.json").read_text())["duration_s"] == performance.duration_s


def test_demo_is_a_short_session_with_everything_in_it() -> None:
    performance = scripts.demo().perform()
    truth = performance.truth(1.0, 1.0)
    assert 40 < performance.duration_s < 50
    assert [(found["side"], len(found["reps"])) for found in truth["sets"]] == [("right", 4), ("left", 4)]
    assert len(truth["steps"]["left"]) + len(truth["steps"]["right"]) > 15


def test_csv_holds_the_ideal_sensor(tmp_path: Path) -> None:
    performance = Script([Walk(6.0)]).perform()
    performance.write_csv(tmp_path / "left.csv", "left", rate_hz=100.0)
    lines = (tmp_path / "left.csv").read_text().splitlines()
    assert lines[0] == "time_s,ax,ay,az,gx,gy,gz"
    table = np.loadtxt(lines[1:], delimiter=",")
    gyr, acc = performance.left.sample(table[:, 0])
    assert table[:, 1:4] == pytest.approx(acc, abs=1e-6)
    assert table[:, 4:] == pytest.approx(gyr, abs=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Script([]),
        lambda: Script([Walk(2.0)]).perform(),
        lambda: Script([Reps("pull_up")]).perform(),
        lambda: Script([Reps("clamshell", reps=0)]).perform(),
        lambda: Script([Rest(1.0, "hanging")]).perform(),
        lambda: scripts.by_name("marathon"),
    ],
)
def test_wrong_use_is_one_line_that_says_what_to_do(wrong: Any) -> None:
    with pytest.raises(DistalError) as caught:
        wrong()
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")
    assert isinstance(caught.value, DataError)
