"""Odd reps and tiring, cuffs worn wrong, standing, the sensor's faults, and populations."""

from typing import Any

import numpy as np
import pytest

from distal.errors import DataError
from distal.model import SIDES
from distal.units import DEG_PER_RAD, RAD_PER_DEG, G
from distal.virtual.motion import (
    KINDS_OF_CASES,
    LOOSE,
    TISSUE,
    Athlete,
    Reps,
    Rest,
    Script,
    Sensor,
    Spring,
    Stand,
    Walk,
    Wearing,
    population,
    take,
)
from distal.virtual.motion.wearing import KNOT_S, straps

STILL = np.zeros(1)


def one_set(**plan: Any) -> dict[str, Any]:
    (found,) = Script([Reps("supine_straight_leg_raise", **plan)]).perform().truth(1.0, 1.0)["sets"]
    return dict(found)


class TestPlan:
    """What a set can be beside even reps."""

    def test_partial_and_aborted_reps_are_smaller_and_say_so(self) -> None:
        reps = one_set(reps=4, odd={1: "partial", 2: "aborted"}, variability=0, tremor_deg=0, range_deg=40)[
            "reps"
        ]
        assert [rep["rom_deg"] for rep in reps] == pytest.approx([40, 20, 15.2, 40])
        assert [rep["flags"] for rep in reps] == [[], ["partial"], ["aborted"], []]
        assert reps[2]["hold_s"] == 0

    def test_isometric_rep_is_a_long_hold_and_a_set_may_have_two_speeds(self) -> None:
        slow, quick = (2.0, 0.5, 2.0), (0.5, 0.0, 0.6)
        reps = one_set(reps=4, tempo=slow, second=(2, quick), odd={0: "isometric"}, variability=0)["reps"]
        assert [rep["hold_s"] for rep in reps] == pytest.approx([15.0, 0.5, 0.0, 0.0])
        assert [rep["concentric_s"] for rep in reps] == pytest.approx([2.0, 2.0, 0.5, 0.5])

    def test_tired_leg_loses_range(self) -> None:
        reps = one_set(reps=5, fading=0.3, variability=0, tremor_deg=0, range_deg=40)["reps"]
        assert reps[-1]["rom_deg"] == pytest.approx(0.7 * reps[0]["rom_deg"])

    def test_both_legs_make_one_set_and_turns_make_two(self) -> None:
        assert one_set(reps=3, side="both")["side"] == "both"
        performance = Script([Reps("seated_knee_extension", reps=3, side="alternating")]).perform()
        assert [(one["side"], len(one["reps"])) for one in performance.truth()["sets"]] == [
            ("left", 3),
            ("right", 3),
        ]

    def test_landing_is_felt_after_the_rep_and_not_in_its_load(self) -> None:
        soft, hard = (
            one_set(reps=1, landing_mps=speed, variability=0, tremor_deg=0)["reps"][0] for speed in (0.0, 0.6)
        )
        assert soft["load"]["landing_peak_g"] is None
        assert 1.5 < hard["load"]["landing_peak_g"] < 10
        assert hard["load"]["peak_force_n"] < 1.5 * soft["load"]["peak_force_n"]
        assert hard["end_s"] == soft["end_s"]


class TestWearing:
    """Cuffs that do not sit as drawn."""

    @pytest.mark.parametrize("flip", [False, True])
    def test_twist_takes_the_sensors_z_to_outward(self, flip: bool) -> None:
        athlete = Athlete(wearing={"left": Wearing(is_upside_down=flip, twist_deg=30)})
        performance = Script([Rest(1.0, "lying_right")]).perform(athlete)  # the left leg's outside is up
        outward = performance.left.sample(STILL)[1][0] / G
        angle = 30 * RAD_PER_DEG
        assert outward == pytest.approx([0, -np.sin(angle), np.cos(angle)], abs=1e-12)
        wear = performance.truth()["wear"]
        assert (wear["left"]["upside_down"], wear["left"]["twist_deg"]) == (flip, 30)
        assert wear["right"]["upside_down"] is False

    def test_upside_down_hangs_with_x_up(self) -> None:
        performance = Script([Stand(1.0)]).perform(Athlete(wearing={"right": Wearing(is_upside_down=True)}))
        assert performance.right.sample(STILL)[1][0] == pytest.approx([G, 0, 0], abs=1e-9)

    def test_swapped_cuffs_feel_the_other_leg(self) -> None:
        script, t = Script([Stand(1.0), Walk(7.0)]), np.linspace(0, 8, 300)
        plain, swapped = script.perform(), script.perform(Athlete(is_swapped=True))
        assert np.array_equal(swapped.left.sample(t)[0], plain.right.sample(t)[0])
        assert swapped.truth()["wear"]["left"]["side"] == "right"
        assert swapped.truth()["steps"] == plain.truth()["steps"]

    def test_sliding_turns_the_cuff_slowly_by_as_much_as_asked(self) -> None:
        athlete = Athlete(wearing={"right": Wearing(slid_deg=40, slid_m=0.05)})
        leg = Script([Rest(60.0, "lying_left")]).perform(athlete).right
        gyr, acc = leg.sample(np.linspace(0, 60, 601))
        angle = np.arctan2(-acc[:, 1], acc[:, 2]) * DEG_PER_RAD
        assert angle[[0, -1]] == pytest.approx([0.0, 40.0], abs=0.01)
        assert np.abs(gyr).max() * DEG_PER_RAD < 2.0

    def test_spring_answers_a_steady_push_like_a_resonance(self) -> None:
        """u'' + 2 d w u' + w^2 u = -sin(p t): amplitude 1 / sqrt((w^2 - p^2)^2 + (2 d w p)^2)."""
        spring, push = Spring(8.0, 0.1), 2 * np.pi * 5.0

        def felt(t: Any) -> Any:
            return np.sin(push * t) * np.ones((3, 3, 1))

        slide = straps(Wearing(springs=(spring,)), 10.0, felt)[0]
        late = np.arange(6.0, 9.0, KNOT_S / 3)
        w = 2 * np.pi * 8.0
        expected = 1 / np.hypot(w**2 - push**2, 2 * 0.1 * w * push)
        shift = slide.by[0].at(late)[0]  # type: ignore[union-attr]
        assert np.abs(shift).max() == pytest.approx(expected, rel=0.01)
        assert np.sqrt(2) * shift.std() == pytest.approx(expected, rel=0.01)

    def test_loose_strap_rings_where_flesh_hardly_does(self) -> None:
        worn = {"left": Wearing(springs=LOOSE), "right": Wearing(springs=TISSUE)}
        performance = Script([Walk(20.0, 80, 0.7)]).perform(Athlete(wearing=worn))
        rates = {side: performance.motion(side).sample(np.arange(3, 17, 0.01))[0] for side in SIDES}
        waves = {side: np.abs(np.fft.rfft(rate, axis=0)) ** 2 for side, rate in rates.items()}
        above = np.fft.rfftfreq(1400, 0.01) > 5.0
        fast = {side: float(np.sqrt(power[above].sum())) for side, power in waves.items()}
        assert fast["left"] > 2.5 * fast["right"]
        wear = performance.truth()["wear"]
        assert (wear["left"]["loose"], wear["right"]["loose"]) == (True, False)


class TestStanding:
    """Sway that is known."""

    def test_truth_has_the_sway_of_the_tilt(self) -> None:
        performance = Script([Stand(60.0, sway_deg=0.5)], seed=3).perform()
        (span,) = performance.truth()["sway"]
        left, right = span["left"], span["right"]
        assert left["rms_ap_deg"] == pytest.approx(0.5, rel=0.15)
        assert left["rms_ml_deg"] == pytest.approx(0.3, rel=0.15)
        assert left["rms_deg"] == pytest.approx(np.hypot(left["rms_ap_deg"], left["rms_ml_deg"]))
        # at most the ellipse of two directions that know nothing of each other
        most = np.pi * 5.991 * left["rms_ap_deg"] * left["rms_ml_deg"]
        assert 0.8 * most < left["ellipse95_deg2"] <= most
        assert left["mean_velocity_deg_s"] == pytest.approx(left["path_deg"] / 60.0)
        assert 0.05 < left["median_hz"] < 0.6
        assert right["rms_ap_deg"] == pytest.approx(left["rms_ap_deg"])

    def test_part_of_a_stand_has_its_own_sway(self) -> None:
        performance = Script([Stand(60.0)]).perform()
        whole = performance.sway("left", 0.0, 60.0)
        halves = [performance.sway("left", a, a + 30.0)["path_deg"] for a in (0.0, 30.0)]
        assert sum(halves) == pytest.approx(whole["path_deg"], rel=0.02)


class TestSensor:
    """Samples as they arrive."""

    def test_lost_packets_and_holes_are_missing_rows(self) -> None:
        taken = take(Rest_for(60.0), Sensor(rate_hz=100.0, lost=0.1, packet=10, holes=((5.0, 7.0),)), seed=2)
        gone = np.isnan(taken.gyr[:, 0])
        assert gone[500:700].all()
        assert 0.05 < gone[1000:].mean() < 0.15
        assert np.array_equal(gone, np.isnan(taken.acc).any(axis=1))
        runs = np.flatnonzero(np.diff(gone[1000:].astype(int)))
        assert (np.diff(runs) % 10 == 0).all()

    def test_values_beyond_the_range_are_clipped_and_marked(self) -> None:
        motion = Script([Walk(10.0)]).perform().left
        taken = take(motion, Sensor(acc_range_g=2.0, gyr_range_dps=250.0))
        assert np.abs(taken.acc).max() == pytest.approx(2 * G)
        assert np.abs(taken.gyr).max() == pytest.approx(250 * RAD_PER_DEG)
        assert 0 < taken.clipped.mean() < 0.5

    def test_noise_has_its_density(self) -> None:
        taken = take(Rest_for(60.0), Sensor(rate_hz=200.0, gyr_noise_dps=0.01, acc_noise_g=1e-4))
        assert taken.gyr.std() * DEG_PER_RAD == pytest.approx(0.1, rel=0.02)
        assert (taken.acc - taken.acc.mean(axis=0)).std() / G == pytest.approx(1e-3, rel=0.02)


def Rest_for(duration_s: float) -> Any:  # noqa: N802 - reads as the movement
    return Script([Rest(duration_s, "sitting")]).perform().left


@pytest.mark.parametrize("kind", sorted(KINDS_OF_CASES))
def test_population_is_varied_and_plays(kind: str) -> None:
    first, second = population(kind, 2, seed=5)
    (again,) = population(kind, 1, seed=5)
    t = np.linspace(0, first.performance.duration_s, 3000)
    for side in SIDES:
        gyr, acc = first.performance.motion(side).sample(t)
        assert np.isfinite(gyr).all()
        assert np.linalg.norm(acc, axis=1).max() < 20 * G
        assert np.linalg.norm(gyr, axis=1).max() * DEG_PER_RAD < 2000
        assert np.array_equal(again.performance.motion(side).sample(t)[1], acc)
    assert first.performance.athlete.height_m != second.performance.athlete.height_m
    truth = first.truth()
    codes = {one["exercise"] for one in truth["sets"]}
    assert codes <= {kind, kind.split("_")[-1]}  # jumps from a squat or a walk are jumps
    assert truth["sets"] or truth["bouts"] or kind == "stand"


def test_unknown_population_is_refused() -> None:
    with pytest.raises(DataError, match="no population of"):
        next(population("swim", 1))
