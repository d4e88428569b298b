import numpy as np
import pytest
from tracks import any_mounting, make_track, recorded, rep_angle, swing_limb

from distal.analysis.even import EvenRate, join
from distal.analysis.reps_limb import see_limb
from distal.analysis.rotate import fuse_up, integrate_turns


def limb_of(gyr: np.ndarray, acc: np.ndarray, rate_hz: float = 100.0):  # type: ignore[no-untyped-def]
    track, even = make_track(gyr, acc, rate_hz), EvenRate(rate_hz)
    return see_limb(join([even.update(track.gyr, track.acc, track.clipped), even.finish()]))


def test_constant_turn_integrates_to_its_angle() -> None:
    gyr = np.tile([0.0, 0.0, 0.5], (201, 1))
    turned = integrate_turns(gyr, 100.0)[-1]
    assert np.arctan2(turned[1, 0], turned[0, 0]) == pytest.approx(1.0, abs=1e-9)


def test_still_sensor_knows_up_and_nothing_else() -> None:
    gyr, acc = np.zeros((600, 3)), np.tile([0.0, 9.80665, 0.0], (600, 1))
    assert np.allclose(fuse_up(integrate_turns(gyr, 50.0), acc, 50.0), [0.0, 1.0, 0.0])
    assert limb_of(gyr, acc).lever.length_m < 1e-6


@pytest.mark.parametrize("lever_m", [0.35, 0.78])
def test_lever_of_a_swinging_limb_is_found_in_any_mounting(lever_m: float) -> None:
    turn = any_mounting(11)
    gyr, acc = swing_limb(rep_angle(100.0, 6, 1.3), 100.0, lever_m, turn)
    lever = limb_of(gyr, acc).lever
    assert lever.length_m == pytest.approx(lever_m, rel=0.02)
    assert lever.axis @ (turn @ [1.0, 0.0, 0.0]) > np.cos(np.radians(1.0))
    assert lever.explained > 0.98


@pytest.mark.parametrize(
    "exercise", ["seated_leg_raise", "supine_straight_leg_raise", "sidelying_hip_abduction"]
)
@pytest.mark.parametrize("subject", ["S1", "S4"])
def test_long_axis_of_real_legs_is_found_without_the_mounting(real_data, subject: str, exercise: str) -> None:  # type: ignore[no-untyped-def]
    track = recorded(real_data, f"leg_raises/{subject}_{exercise}_template_right_ankle", "right")
    lever = limb_of(track.gyr, track.acc, track.time.rate_hz).lever
    # as worn, x runs along the leg towards the foot
    assert lever.axis[0] > np.cos(np.radians(17.0))
