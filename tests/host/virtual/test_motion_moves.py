"""Every movement against mechanics in closed form, and what its truth says of it."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from distal.errors import DataError
from distal.model import SIDES, FloatArray, Side
from distal.units import DEG_PER_RAD, G
from distal.virtual.motion import (
    FLOOR_EXERCISES,
    LOOSE,
    TISSUE,
    Athlete,
    Corner,
    FloorReps,
    Jumps,
    LegMotion,
    Limp,
    Performance,
    Reps,
    Run,
    Script,
    Stand,
    Walk,
    Wearing,
)
from distal.virtual.motion.body import NOMINAL
from distal.virtual.motion.chain import ACC, EARTH_X, EARTH_Z, GYR, POSITION
from distal.virtual.motion.stage import Movement

RINGING = Athlete(
    sensor_offset_m=(0.02, 0.03, -0.01),
    wearing={
        "left": Wearing(twist_deg=20, slid_deg=30, slid_m=0.05, springs=TISSUE),
        "right": Wearing(is_upside_down=True, slid_m=0.03, springs=LOOSE),
    },
)
MOVES: dict[str, tuple[Movement, Athlete]] = {
    **{code: (FloorReps(code, reps=2), Athlete()) for code in FLOOR_EXERCISES},
    "jump": (Jumps("jump", reps=2), Athlete()),
    "hop": (Jumps("hop", reps=4, side="left"), Athlete()),
    "run": (Run(9.0), Athlete()),
    "turn": (Walk(12.0, corners=[Corner(0.4, 180.0)], limp=Limp("left")), Athlete()),
    "stairs": (Walk(9.0, 90, 0.42, rise_m=0.17), Athlete()),
    "drop": (Reps("supine_straight_leg_raise", reps=2, landing_mps=0.5, shake_deg=0.05), Athlete()),
    "ringing": (Walk(8.0), RINGING),
}


def sensor_state(leg: LegMotion, t: FloatArray) -> FloatArray:
    """The state where the sensor is, in its unturned axes."""
    state = leg.state(t)
    for link in leg._to_sensor:
        link.carry(state, t)
    return state


def to_earth(state: FloatArray, row: int) -> FloatArray:
    return np.einsum("kin,in->kn", state[EARTH_X : EARTH_Z + 1], state[row])


@pytest.fixture(scope="module", params=sorted(MOVES))
def played(request: pytest.FixtureRequest) -> Performance:
    movement, athlete = MOVES[request.param]
    return Script([movement], request.param).perform(athlete)


@pytest.mark.parametrize("side", SIDES)
def test_force_is_the_second_difference_of_place_plus_g(played: Performance, side: Side) -> None:
    leg, h = played.motion(side), 1e-4
    t = np.random.default_rng(3).uniform(0.01, played.duration_s - 0.01, 3000)
    before, now, after = (to_earth(sensor_state(leg, t + d), POSITION) for d in (-h, 0.0, h))
    force = to_earth(sensor_state(leg, t), ACC) - np.array([[0], [0], [G]])
    error = np.abs((before - 2 * now + after) / h**2 - force)
    assert np.quantile(error, 0.99) < 2e-3 * max(G, np.abs(force).max())
    assert error.max() < 0.05 * max(G, np.abs(force).max())  # at knots the third derivative jumps


@pytest.mark.parametrize("side", SIDES)
def test_gyro_is_the_turning_of_the_axes(played: Performance, side: Side) -> None:
    leg, h = played.motion(side), 1e-5
    t = np.random.default_rng(4).uniform(0.01, played.duration_s - 0.01, 1000)
    before, now, after = (sensor_state(leg, t + d)[EARTH_X : EARTH_Z + 1] for d in (-h, 0.0, h))
    change = (after - before) / (2 * h)  # earth axes seen from the sensor turn by -w
    gyr = sensor_state(leg, t)[GYR]
    assert np.abs(change + np.cross(gyr[None], now, axis=1)).max() < 1e-4 * max(1.0, np.abs(gyr).max())


@pytest.mark.parametrize("side", SIDES)
def test_sample_is_the_state_in_the_axes_of_the_mounting(played: Performance, side: Side) -> None:
    leg = played.motion(side)
    t = np.linspace(0, played.duration_s, 200)
    turn = played.athlete.wearing.get(side, Wearing()).flip @ NOMINAL[side]
    state = sensor_state(leg, t)
    for seen, row in zip(leg.sample(t), (GYR, ACC), strict=True):
        assert seen == pytest.approx((turn @ state[row]).T, abs=1e-9)


def test_movement_begins_and_ends_at_rest(played: Performance) -> None:
    for side in SIDES:
        gyr, acc = played.motion(side).sample(np.array([0.0, played.duration_s + 1.0]))
        assert np.abs(gyr).max() < 1e-6
        assert np.linalg.norm(acc, axis=1) == pytest.approx(G, rel=1e-6)


def truth_of(*movements: Movement) -> dict[str, Any]:
    return Script(list(movements)).perform().truth(1.0, 1.0)


@pytest.mark.parametrize("code", sorted(FLOOR_EXERCISES))
def test_floor_set_has_its_reps_and_phases(code: str) -> None:
    truth = truth_of(FloorReps(code, reps=4, side="left", tempo=(1.5, 0.5, 1.0), variability=0))
    (one,) = truth["sets"]
    assert (one["exercise"], len(one["reps"])) == (code, 4)
    assert one["side"] == ("both" if FLOOR_EXERCISES[code].is_both else "left")
    is_lowered_first = code not in ("calf_raise", "step_up")
    for rep in one["reps"]:
        phases = rep["concentric_s"], rep["hold_s"], rep["eccentric_s"]
        assert phases == pytest.approx((1.0, 0.5, 1.5) if is_lowered_first else (1.5, 0.5, 1.0))
        assert rep["load"]["peak_moment_nm"] is None


@pytest.mark.parametrize(
    ("code", "work", "other"),
    [("lunge", 2, 0), ("step_up", 2, 2), ("step_down", 0, 2), ("squat", 0, 0), ("calf_raise", 0, 0)],
)
def test_lunges_and_steps_make_steps_outside_of_bouts(code: str, work: int, other: int) -> None:
    truth = truth_of(FloorReps(code, reps=3, side="right"))
    assert (len(truth["steps"]["right"]), len(truth["steps"]["left"])) == (3 * work, 3 * other)
    assert all(step["bout"] is None for side in SIDES for step in truth["steps"][side])
    assert truth["cadence_spm"] is None
    assert truth["bouts"] == []


def test_squat_leans_the_shank_by_its_range() -> None:
    (one,) = truth_of(FloorReps("deadlift", reps=1, variability=0, sway_deg=0))["sets"]
    assert one["reps"][0]["rom_deg"] == pytest.approx(13.0, abs=1e-6)


def test_alternating_lunges_are_a_set_of_each_leg() -> None:
    sets = truth_of(FloorReps("lunge", reps=3, side="alternating"))["sets"]
    assert sorted((one["side"], len(one["reps"])) for one in sets) == [("left", 3), ("right", 3)]
    tops = sorted((rep["top_s"], one["side"]) for one in sets for rep in one["reps"])
    assert [side for _, side in tops] == ["right", "left"] * 3


class TestJumps:
    """Flights are free falls."""

    def test_height_and_flight_obey_the_fall(self) -> None:
        for jump in truth_of(Jumps("jump", reps=3))["jumps"]:
            assert jump["height_m"] == pytest.approx(G * jump["flight_s"] ** 2 / 8)

    def test_crouched_landing_lengthens_the_flight(self) -> None:
        (jump,) = truth_of(Jumps("jump", reps=1, crouch_m=0.03))["jumps"]
        assert jump["height_m"] < G * jump["flight_s"] ** 2 / 8
        falls = (2 * (jump["height_m"] + 0.03) / G) ** 0.5
        assert jump["flight_s"] == pytest.approx((2 * jump["height_m"] / G) ** 0.5 + falls)

    @pytest.mark.parametrize("code", ["jump", "hop"])
    def test_nothing_is_felt_in_the_air_and_much_at_the_landing(self, code: Any) -> None:
        performance = Script([Jumps(code, reps=3)]).perform()
        for jump in performance.truth()["jumps"]:
            air = np.linspace(jump["takeoff_s"] + 0.002, jump["landing_s"] - 0.002, 100)
            landing = np.linspace(jump["landing_s"], jump["landing_s"] + 0.1, 200)
            force = [np.linalg.norm(performance.left.sample(t)[1], axis=1) for t in (air, landing)]
            assert force[0].max() < 0.2 * G
            assert force[1].max() > 3 * G

    def test_hops_have_contact_times_between_flights(self) -> None:
        jumps = truth_of(Jumps("hop", reps=5, contact_s=0.2, variability=0))["jumps"]
        assert jumps[0]["contact_s"] is None
        for old, new in pairwise(jumps):
            assert new["takeoff_s"] - old["landing_s"] == pytest.approx(0.2)
            assert new["contact_s"] == pytest.approx(0.2)
            assert new["rsi"] == pytest.approx(new["height_m"] / 0.2)


class TestRun:
    """Contacts with a flight between."""

    def test_contacts_and_flights_alternate(self) -> None:
        truth = truth_of(Stand(1.0), Run(12.0, cadence_spm=180, speed_mps=3.5, variability=0))
        events = [(s[key], key) for side in SIDES for s in truth["steps"][side] for key in ("tc_s", "ic_s")]
        order = [key for _, key in sorted(events)][2:-1]  # from standing, to standing
        assert all(one != other for one, other in pairwise(order))
        (bout,) = truth["bouts"]
        assert bout["kind"] == "run"
        assert truth["cadence_spm"]["value"] == pytest.approx(180, rel=0.005)
        assert bout["contact_s"] == pytest.approx(0.40 * 3.5**-0.42, rel=0.01)
        assert bout["flight_s"] == pytest.approx(60 / 180 - bout["contact_s"], abs=0.005)

    def test_full_speed_is_as_asked(self) -> None:
        steps = truth_of(Run(15.0, speed_mps=3.0, variability=0))["steps"]["left"]
        assert [step["speed_mps"] for step in steps[5:-5]] == pytest.approx([3.0] * (len(steps) - 10))

    def test_too_slow_for_a_flight_is_refused(self) -> None:
        with pytest.raises(DataError, match="no flight"):
            truth_of(Run(10.0, cadence_spm=200, contact_s=0.3))

    def test_shank_turns_and_feels_like_a_running_one(self) -> None:
        """Published shank gyros at 3 m/s: swing 500 to 750, stance dips to -450 deg/s; impacts 4 to 12 g."""
        gyr, acc = Script([Run(15.0)]).perform().right.sample(np.arange(5, 11, 1 / 416))
        pitch = gyr[:, 2] * DEG_PER_RAD
        assert 500 < pitch.max() < 750
        assert -550 < pitch.min() < -250
        assert 4 * G < np.linalg.norm(acc, axis=1).max() < 12 * G


class TestWalks:
    """Turns, limps, stairs."""

    def test_u_turn_adds_up_and_comes_back(self) -> None:
        performance = Script([Walk(24.0, corners=[Corner(0.5, 180.0)], variability=0)]).perform()
        steps = performance.truth()["steps"]
        for side in SIDES:
            assert sum(step["turn_deg"] for step in steps[side]) == pytest.approx(180.0)
        state = performance.left.state(np.array([0.0, 13.0, 24.0]))
        ahead = to_earth(state, POSITION)[0]
        assert ahead[1] - ahead[0] > 8.0
        assert ahead[1] - ahead[2] > 6.0
        heading = state[EARTH_X][0]  # the shank's x along the earth's x: facing back at the end
        assert heading[[0, 2]] == pytest.approx([1.0, -1.0], abs=1e-6)

    def test_limping_leg_stands_shorter_and_swings_longer(self) -> None:
        steps = truth_of(Walk(40.0, 60, 0.4, limp=Limp("right", 0.8)))["steps"]
        stance, swing = (
            {side: np.mean([s[key] for s in steps[side] if s["stance_s"]]) for side in SIDES}
            for key in ("stance_s", "swing_s")
        )
        assert stance["right"] < 0.9 * stance["left"]
        assert swing["right"] > 1.3 * swing["left"]

    def test_stride_length_is_speed_times_stride_time(self) -> None:
        steps = truth_of(Walk(30.0, 60, 0.3, variability=0))["steps"]["left"]
        assert [step["speed_mps"] for step in steps[2:-2]] == pytest.approx([0.3] * (len(steps) - 4))
        assert steps[3]["stride_length_m"] == pytest.approx(0.6)

    def test_double_support_is_what_two_stances_share(self) -> None:
        (bout,) = truth_of(Walk(30.0, 100, 1.0, variability=0))["bouts"]
        swing_share = 0.29 + 0.0625
        assert bout["duty_factor"] == pytest.approx(1 - swing_share, abs=1e-3)
        assert bout["stance_pct"]["left"] == pytest.approx(100 * (1 - swing_share), abs=0.1)
        assert bout["double_support_pct"] == pytest.approx(100 * (1 - 2 * swing_share), abs=0.2)
        assert bout["double_support_s"] == pytest.approx(1.2 * (1 - 2 * swing_share), abs=3e-3)

    def test_worn_mass_lengthens_the_swing(self) -> None:
        plain, worn = (
            truth_of(Walk(20.0, swing_change=change, variability=0))["steps"]["left"][3]["swing_s"]
            for change in (0.0, 0.05)
        )
        assert worn == pytest.approx(1.05 * plain)

    @pytest.mark.parametrize(("rise", "kind"), [(0.17, "stairs_up"), (-0.17, "stairs_down")])
    def test_stairs_rise_once_a_step(self, rise: float, kind: str) -> None:
        performance = Script([Walk(12.0, 90, 0.42, rise_m=rise)]).perform()
        truth = performance.truth()
        n = sum(len(truth["steps"][side]) for side in SIDES)
        for side in SIDES:
            height = to_earth(performance.motion(side).state(np.array([0.0, 12.0])), POSITION)[2]
            assert height[1] - height[0] == pytest.approx(rise * (n - 1), abs=1e-9)
        assert truth["bouts"][0]["kind"] == kind
