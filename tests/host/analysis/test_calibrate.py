"""Calibration: known sensors end within 0.2 % and 2 mg, in any order; what is missing is said."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from turned import RATE_HZ, UPS, Imu, lay, some_imu, tumble

from distal.analysis.calibrate import Samples, calibrate
from distal.analysis.calibrate_fit import CUBE, apart, missing
from distal.analysis.calibrate_guide import Guide
from distal.analysis.calibrate_rests import find_rests
from distal.analysis.rotate import turn_matrices
from distal.calibration import Calibration, Correction
from distal.errors import MissingDirections, TooShort, Unsteady
from distal.model import FloatArray
from distal.units import RAD_PER_DEG, G

SEEDS = 100
EXACT = Imu(np.eye(3), np.zeros(3), np.zeros(3))


def errors(found: Calibration, imu: Imu) -> tuple[FloatArray, FloatArray]:
    """What is left: bias in mg, scale in %, of each axis."""
    bias = (np.array(found.acc_bias) - imu.bias) / G * 1e3
    return np.abs(bias), 100 * np.abs(np.diag(found.acc_matrix) * np.diag(imu.scale) - 1)


@pytest.mark.parametrize("method", ["rests", "tumble"])
def test_any_sensor_ends_within_0_2_percent_and_2_mg(method: str) -> None:
    """Half of the sensors mix their axes by up to 0.2 %, too. The intervals hold the truth."""
    worst, inside = np.zeros(2), []
    for seed in range(SEEDS if method == "rests" else SEEDS // 4):
        rng = np.random.default_rng(seed)
        imu = some_imu(rng, 0.002 * (seed % 2))
        gyr, acc = lay(rng.permutation(UPS), rng) if method == "rests" else tumble(rng)
        found = calibrate(Samples(*imu.read(gyr, acc, rng), RATE_HZ))
        assert found.method == method
        bias, scale = errors(found, imu)
        worst = np.maximum(worst, [bias.max(), scale.max()])
        turning = np.abs(np.array(found.gyr_bias) - imu.gyr_bias)
        assert turning.max() < 0.1 * RAD_PER_DEG
        inside += [*(bias * G / 1e3 <= found.acc_bias_half), *(scale / 100 <= found.acc_scale_half)]
        inside += [*(turning <= found.gyr_bias_half)]
    print(f"{method}: worst {worst[0]:.2f} mg, {worst[1]:.3f} %; intervals hold {np.mean(inside):.3f}")
    assert worst[0] < 2.0
    assert worst[1] < 0.2
    assert np.mean(inside) > 0.95


def test_corrected_rests_read_one_g(rng: np.random.Generator) -> None:
    imu = some_imu(rng, 0.004)
    ups = np.array([v for _, v in CUBE])
    gyr, acc = imu.read(*lay(ups, rng), rng)
    found = calibrate(Samples(gyr, acc, RATE_HZ))
    assert found.coverage > 0.9
    assert found.cross_half < 0.002
    rests = find_rests(*Correction(found).apply(gyr, acc), RATE_HZ)
    size = np.linalg.norm([rest.acc for rest in rests], axis=1)
    assert len(rests) == len(ups)
    assert np.abs(size / G - 1).max() < 3e-4
    assert np.abs([rest.gyr for rest in rests]).max() < 0.05 * RAD_PER_DEG


def test_six_exact_rests_give_the_closed_form(rng: np.random.Generator) -> None:
    """Bias is half the sum, scale half the difference, of a side up and down."""
    imu = Imu(np.diag([1.01, 0.995, 1.002]), np.array([0.3, -0.2, 0.1]), np.zeros(3))
    acc = np.repeat(UPS * G, int(3 * RATE_HZ), axis=0) @ imu.scale.T + imu.bias
    found = calibrate(Samples(np.zeros_like(acc), acc, RATE_HZ))
    assert found.acc_bias == pytest.approx(imu.bias, abs=1e-6)
    assert found.scale == pytest.approx(np.diag(imu.scale), abs=1e-7)
    assert found.faces == ("+x", "−x", "+y", "−y", "+z", "−z")
    assert found.points == 6


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(6)), st.integers(0, 2**16))
def test_order_and_orientation_change_nothing(order: list[int], seed: int) -> None:
    """The six sides of a cuff whose board sits askew by up to 25 degrees or so."""
    rng = np.random.default_rng(seed)
    imu, askew = some_imu(rng), turn_matrices(rng.normal(0, 0.12, (1, 3)))[0]
    found = calibrate(Samples(*imu.read(*lay(UPS[order] @ askew.T, rng), rng), RATE_HZ))
    bias, scale = errors(found, imu)
    assert bias.max() < 2.0
    assert scale.max() < 0.2


@pytest.mark.parametrize("left_out", range(6))
def test_missing_side_is_named(left_out: int, rng: np.random.Generator) -> None:
    ups = np.delete(UPS, left_out, axis=0)
    gyr, acc = lay(ups, rng)
    with pytest.raises(MissingDirections) as caught:
        calibrate(Samples(gyr, acc, RATE_HZ), "rests")
    name = "+-"[left_out // 3].replace("-", "−") + "xyz"[left_out % 3]
    assert caught.value.absent == (name,)
    assert f"{name} up" in str(caught.value)
    assert len(caught.value.faces) == 5


def test_board_at_45_degrees_needs_more_than_six_sides() -> None:
    """There the lengths say the same of two scales: two of its own faces tell them apart."""
    turn = turn_matrices(np.array([[0.0, 0.0, np.pi / 4]]))[0]
    more = missing(UPS @ turn.T * G)
    assert more
    assert all(len(name) == 2 for name in more)
    ups = np.array([v for name, v in CUBE if name in more])
    assert missing(np.concatenate([UPS @ turn.T, ups]) * G) == []


def test_nothing_and_one_rest_ask_for_the_rest(rng: np.random.Generator) -> None:
    assert len(missing(np.zeros((0, 3)))) >= 6
    gyr, acc = lay(UPS[:1], rng)
    with pytest.raises(MissingDirections, match="Lay the cuff still"):
        calibrate(Samples(gyr, acc, RATE_HZ), "rests")
    with pytest.raises(TooShort, match="Record again"):
        calibrate(Samples(np.full((9, 3), np.nan), np.full((9, 3), np.nan), RATE_HZ))


def test_fast_turning_and_wrong_scale_are_told(rng: np.random.Generator) -> None:
    gyr, acc = tumble(rng, 3.0)
    with pytest.raises((Unsteady, MissingDirections)):
        calibrate(Samples(gyr, acc + rng.normal(0, 3.0, acc.shape), RATE_HZ))
    gyr, acc = lay(UPS, rng)
    with pytest.raises(Unsteady, match=r"reads 0\.50 g"):
        calibrate(Samples(gyr, acc / 2, RATE_HZ), "rests")


def test_gaps_are_left_out(rng: np.random.Generator) -> None:
    imu = some_imu(rng)
    gyr, acc = imu.read(*lay(UPS, rng, 3.0), rng)
    gone = rng.random(len(acc)) < 0.002
    gyr[gone] = acc[gone] = np.nan
    bias, scale = errors(calibrate(Samples(gyr, acc, RATE_HZ)), imu)
    assert bias.max() < 2.0
    assert scale.max() < 0.2


def test_slow_turning_is_no_rest(rng: np.random.Generator) -> None:
    gyr, acc = EXACT.read(*tumble(rng), rng)
    assert len(find_rests(gyr, acc, RATE_HZ)) < 6


def test_directions_apart_are_each_kept_once(rng: np.random.Generator) -> None:
    near = np.concatenate([UPS, UPS + rng.normal(0, 0.05, (6, 3))]) * G
    assert len(apart(near)) == 6


def test_guide_says_each_side_and_ends_as_the_calibration_does(rng: np.random.Generator) -> None:
    gyr, acc = EXACT.read(*lay(UPS[[0, 3, 1, 4, 2, 5]], rng, 3.0), rng)
    guide, steps = Guide(RATE_HZ), []
    for k in range(0, len(acc), 18):  # as packets come
        steps.append(guide.update(gyr[k : k + 18], acc[k : k + 18]))
    seen = [len(step.seen) for step in steps]
    assert seen == sorted(seen)
    assert seen[-1] == 6
    first = next(step for step in steps if step.is_done)
    assert (first.up, first.seen, first.turn_over) == ("+x", ("+x",), True)
    assert [step.is_enough for step in steps].index(True) == seen.index(6)
    assert not any(step.up for step in steps if step.up not in (None, "+x", "−x", "+y", "−y", "+z", "−z"))


def test_forgotten_side_is_named_whatever_the_hand_did_between(rng: np.random.Generator) -> None:
    gyr, acc = lay(UPS[:5], rng)
    with pytest.raises(MissingDirections, match="−z up"):
        calibrate(Samples(gyr, acc, RATE_HZ))
