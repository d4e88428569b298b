"""What a virtual athlete's sensor feels, against mechanics in closed form."""

import numpy as np
import pytest

from distal.units import DEG_PER_RAD, RAD_PER_DEG, G
from distal.virtual.motion import Athlete, LegMotion, Reps, Rest, Script, Stand, Walk, random_mounting
from distal.virtual.motion.body import NOMINAL
from distal.virtual.motion.chain import ACC, EARTH_X, EARTH_Y, EARTH_Z, GYR, POSITION, TURNING, VELOCITY
from distal.virtual.motion.curve import Curve, glide, smooth, wobble
from distal.virtual.motion.scripts import demo

TURNED = Athlete(mounting={"left": random_mounting(3), "right": random_mounting(4)})
MIXED = [Stand(2.0), Walk(7.0), Reps("seated_knee_extension", reps=2), Reps("clamshell", reps=1, side="left")]


@pytest.fixture(scope="module")
def mixed() -> LegMotion:
    return Script(MIXED).perform().right


def to_earth(state: np.ndarray, row: int) -> np.ndarray:
    """(3, n): a vector of the state in earth axes."""
    return np.einsum("kin,in->kn", state[EARTH_X : EARTH_Z + 1], state[row])


@pytest.mark.parametrize(
    ("where", "up"),
    [
        ("standing", (-1, 0, 0)),
        ("sitting", (-1, 0, 0)),
        ("supine", (0, 1, 0)),
        ("prone", (0, -1, 0)),
        ("lying_left", (0, 0, 1)),
        ("lying_right", (0, 0, -1)),
        ("kneeling", (0, -1, 0)),
    ],
)
def test_still_cuff_reads_g_along_the_axis_that_points_up(where: str, up: tuple[int, int, int]) -> None:
    """Of the right leg: x points to the foot, z outward, y ahead. The left cuff has its y behind."""
    performance = Script([Rest(2.0, where)]).perform()
    gyr, acc = performance.right.sample(np.linspace(0, 2, 9))
    assert acc == pytest.approx(G * np.tile(up, (9, 1)), abs=1e-12)
    assert np.all(gyr == 0)
    mirrored = performance.left.sample(np.zeros(1))[1][0]
    assert mirrored == pytest.approx(G * np.array(up) * (1, -1, -1), abs=1e-12)


def test_gyro_integrates_to_the_orientation(mixed: LegMotion) -> None:
    """Midpoint rule at 2 kHz; its own error stays below 1e-5 rad."""
    step = 1 / 2000
    middle = np.arange(0.5, mixed.duration_s / step) * step
    gyr, _ = mixed.sample(middle)
    turn = np.eye(3)
    for x, y, z in (gyr * step).tolist():
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        turn = turn @ (np.eye(3) + cross + cross @ cross / 2 + cross @ cross @ cross / 6)
    axes = mixed.state(np.array([0.0, middle[-1] + step / 2]))[EARTH_X : EARTH_Z + 1]
    expected = NOMINAL["right"] @ axes[:, :, 0].T @ axes[:, :, 1] @ NOMINAL["right"].T  # end -> start
    assert turn == pytest.approx(expected, abs=1e-4)


def test_specific_force_is_the_second_difference_of_position_plus_g(mixed: LegMotion) -> None:
    """Differences over 0.2 ms: their error is 1e-3 m/s2 even in the shock at initial contact."""
    t = np.random.default_rng(2).uniform(0.01, mixed.duration_s - 0.01, 4000)
    h = 2e-4
    before, now, after = (to_earth(mixed.state(t + d), POSITION) for d in (-h, 0.0, h))
    force = to_earth(mixed.state(t), ACC) - np.array([[0], [0], [G]])
    joints = np.array([span.start_s for span in mixed._spans])  # a span has its own origin
    inside = np.abs(t[:, None] - joints).min(axis=1) > h
    error = np.abs((before - 2 * now + after) / h**2 - force)[:, inside]
    assert np.quantile(error, 0.99) < 1e-3 * np.abs(force).max()
    assert error.max() < 0.02 * np.abs(force).max()  # at knots the third derivative jumps


def test_velocity_and_turning_are_derivatives(mixed: LegMotion) -> None:
    t = np.linspace(3.0, 8.0, 500)
    h = 1e-5
    before, now, after = (mixed.state(t + d) for d in (-h, 0.0, h))
    speed = (to_earth(after, POSITION) - to_earth(before, POSITION)) / (2 * h)
    assert to_earth(now, VELOCITY) == pytest.approx(speed, abs=1e-5)
    assert now[TURNING] == pytest.approx((after[GYR] - before[GYR]) / (2 * h), abs=0.05)


def test_earth_axes_stay_a_rotation(mixed: LegMotion) -> None:
    state = mixed.state(np.linspace(0, mixed.duration_s, 300))
    assert np.cross(state[EARTH_X], state[EARTH_Y], axis=0) == pytest.approx(state[EARTH_Z], abs=1e-12)


def test_steady_knee_swing_matches_the_pendulum() -> None:
    """One joint: f = g + angle'' L across and angle'^2 L inwards, L knee to cuff."""
    athlete = Athlete(height_m=1.8, cuff_height_m=0.1)
    reps = Reps(
        "seated_knee_extension", reps=1, tempo=(1.0, 0.5, 1.0), range_deg=90, variability=0, tremor_deg=0
    )
    leg = Script([reps]).perform(athlete).right
    u = np.linspace(0, 1, 50)
    gyr, acc = leg.sample(0.8 + u)
    whole = np.pi / 2
    angle = whole * (10 * u**3 - 15 * u**4 + 6 * u**5)
    rate = whole * (30 * u**2 - 60 * u**3 + 30 * u**4)
    bend = whole * (60 * u - 180 * u**2 + 120 * u**3)
    lever = 0.246 * 1.8 - 0.1
    assert gyr[:, 2] == pytest.approx(rate, abs=1e-9)
    assert acc[:, 1] == pytest.approx(G * np.sin(angle) + bend * lever, abs=1e-9)
    assert acc[:, 0] == pytest.approx(-G * np.cos(angle) - rate**2 * lever, abs=1e-9)


def test_sensor_beside_the_mass_feels_the_offset() -> None:
    plain, beside = (
        Script([Reps("seated_knee_extension", reps=1, tremor_deg=0)]).perform(athlete).right
        for athlete in (Athlete(), Athlete(sensor_offset_m=(0.02, -0.05, 0.03)))
    )
    t = np.linspace(0, plain.duration_s, 400)
    state = plain.state(t)
    gyr, acc = plain.sample(t)
    d = NOMINAL["right"] @ np.array([0.02, -0.05, 0.03])
    turning = state[TURNING].T @ NOMINAL["right"].T
    expected = acc + np.cross(turning, d) + np.cross(gyr, np.cross(gyr, d))
    assert beside.sample(t)[1] == pytest.approx(expected, abs=1e-12)
    assert beside.sample(t)[0] == pytest.approx(gyr)


def test_mounting_rotates_both_vectors() -> None:
    script = Script(MIXED)
    plain, turned = script.perform(), script.perform(TURNED)
    t = np.linspace(0, plain.duration_s, 500)
    for side in ("left", "right"):
        rotation = TURNED.mounting[side]
        nominal = NOMINAL[side]
        assert rotation @ rotation.T == pytest.approx(np.eye(3), abs=1e-12)
        assert np.linalg.det(rotation) == pytest.approx(1.0)
        for seen, given in zip(turned.motion(side).sample(t), plain.motion(side).sample(t), strict=True):
            assert seen == pytest.approx(given @ nominal @ rotation.T, abs=1e-12)


def test_pose_is_held_before_and_after() -> None:
    leg = demo().perform(TURNED).left
    gyr, acc = leg.sample(np.array([-100.0, -1e-9, leg.duration_s + 1e-9, leg.duration_s + 50]))
    assert np.abs(gyr).max() < 1e-12
    assert np.linalg.norm(acc, axis=1) == pytest.approx(G)


@pytest.mark.parametrize("side", ["left", "right"])
def test_signals_do_not_jump_where_movements_join(side: str) -> None:
    leg = demo().perform().motion("left" if side == "left" else "right")
    joints = np.array([span.start_s for span in leg._spans[1:]])
    assert len(joints) > 5
    for before, after in zip(leg.sample(joints - 1e-7), leg.sample(joints + 1e-7), strict=True):
        assert after == pytest.approx(before, abs=1e-3)


def test_any_order_and_cut_of_times_gives_the_same(mixed: LegMotion) -> None:
    t = np.random.default_rng(1).uniform(-1, mixed.duration_s + 1, 200)
    gyr, acc = mixed.sample(t)
    one = [mixed.sample(t[k : k + 1]) for k in range(len(t))]
    assert np.array_equal(np.concatenate([part[0] for part in one]), gyr)
    assert np.array_equal(np.concatenate([part[1] for part in one]), acc)
    assert mixed.sample(np.empty(0))[0].shape == (0, 3)


def test_standing_sways_as_much_as_asked() -> None:
    leg = Script([Stand(120.0, sway_deg=0.5)], seed=5).perform().left
    axis = leg.state(np.linspace(0, 120, 4000))[EARTH_Z]
    pitch, tilt = np.arcsin(axis[:2]) * DEG_PER_RAD
    assert pitch.std() == pytest.approx(0.5, rel=0.15)
    assert tilt.std() == pytest.approx(0.3, rel=0.15)


class TestCurves:
    """The pieces that everything is made of."""

    def test_glide_reaches_its_values_at_rest(self) -> None:
        x, v, a = glide([0.0, 1.0, 3.0], [0.0, 2.0, -1.0]).at(np.array([0.0, 1.0, 3.0]))
        assert x == pytest.approx([0, 2, -1])
        assert v == pytest.approx([0, 0, 0], abs=1e-12)
        assert a == pytest.approx([0, 0, 0], abs=1e-12)

    def test_minimum_jerk_peaks_at_15_eighths_of_the_mean_speed(self) -> None:
        _, v, _ = glide([0.0, 2.0], [0.0, 1.0]).at(np.array([1.0]))
        assert v == pytest.approx([1.875 / 2])

    def test_curve_repeats_a_quintic_exactly(self) -> None:
        poly = np.polynomial.Polynomial([1, -2, 0.5, 3, -1, 0.2])
        t = np.array([0.0, 0.7, 2.0])
        curve = Curve(t, poly(t), poly.deriv()(t), poly.deriv(2)(t))
        fine = np.linspace(0, 2, 41)
        for order, part in enumerate(curve.at(fine)):
            assert part == pytest.approx(poly.deriv(order)(fine) if order else poly(fine), abs=1e-9)

    def test_smooth_passes_through_all_points_and_rests_at_the_ends(self) -> None:
        t = np.linspace(0, 3, 12)
        x, v, a = smooth(t, np.sin(t) ** 2).at(t)
        assert x == pytest.approx(np.sin(t) ** 2, abs=1e-12)
        assert v[[0, -1]] == pytest.approx([0, 0], abs=1e-9)
        assert a[[0, -1]] == pytest.approx([0, 0], abs=1e-8)

    def test_wobble_is_nothing_when_asked_for_nothing(self) -> None:
        rng = np.random.default_rng(0)
        assert wobble(rng, 0.0, 10.0, 0.0).at(np.zeros(3))[0] == pytest.approx([0])
        assert np.abs(wobble(rng, 0.0, 10.0, 1.0).at(np.array([0.0, 10.0]))[0]).max() < 1e-12


def test_walking_shank_turns_like_a_shank() -> None:
    """Ranges of published shank gyros at comfortable speed: swing 300 to 450, push-off -150 to -260 deg/s."""
    leg = Script([Walk(20.0, cadence_spm=104)]).perform().right
    gyr, acc = leg.sample(np.arange(3, 17, 1 / 208))
    pitch = gyr[:, 2] / RAD_PER_DEG
    assert 300 < pitch.max() < 450
    assert -260 < pitch.min() < -150
    assert 2 * G < np.linalg.norm(acc, axis=1).max() < 5 * G
