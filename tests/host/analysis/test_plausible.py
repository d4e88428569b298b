"""Turning and force of one body belong together; of two, or of noise, they do not."""

import numpy as np
import pytest
from tracks import G, any_mounting, swing_limb

from distal.analysis.plausible import BLOCK, LEAST, RATE_HZ, blocks_of, is_body, stands
from distal.model import FloatArray
from distal.units import RAD_PER_DEG

N = 250  # rows of ten seconds
WINDOW = N // BLOCK


def limb(period_s: float, swing: float = 0.6, lever_m: float = 0.8) -> FloatArray:
    """(6, n) of a limb that swings on a joint, in a sensor that sits somehow."""
    t = np.arange(4 * N) / (4 * RATE_HZ)
    angle = swing * np.sin(2 * np.pi * t / period_s) + 0.2 * np.sin(4 * np.pi * t / period_s)
    turn = any_mounting(7)
    rows = [rows @ turn.T for rows in swing_limb(angle, 4 * RATE_HZ, lever_m)]
    return np.concatenate(rows, axis=1).reshape(N, 4, 6).mean(axis=1).T


def verdict(rows: FloatArray) -> bool:
    return bool(is_body(blocks_of(rows), np.array([0]), WINDOW)[0])


@pytest.mark.parametrize("period_s", [0.6, 0.8, 1.0, 1.4])
def test_swinging_limb_is_a_body(period_s: float) -> None:
    assert verdict(limb(period_s))


@pytest.mark.parametrize("period_s", [0.8, 1.0, 1.4])
def test_force_of_another_moment_is_no_body(period_s: float) -> None:
    rows = limb(period_s, swing=0.8)
    rows[3:] = np.roll(rows[3:], int(0.3 * period_s * RATE_HZ), axis=1)
    assert not verdict(rows)


def test_turning_of_another_limb_is_no_body() -> None:
    rows = limb(1.0, swing=0.8)
    rows[:3] = limb(1.3, swing=0.8)[:3]
    assert not verdict(rows)


def test_axes_with_one_turned_round_are_no_body() -> None:
    rows = limb(1.2, swing=0.8)
    rows[:3] = -rows[:3]
    assert not verdict(rows)


@pytest.mark.parametrize("off", [(2.0, -1.5, 1.0), (0.0, 4.0, 0.0), (-2.0, 0.0, 3.0)])
def test_gyro_that_nobody_calibrated_is_of_a_body(off: tuple[float, float, float]) -> None:
    rows = limb(1.1)
    rows[:3] += np.array(off)[:, None] * RAD_PER_DEG
    assert verdict(rows)


def step_like(felt: float) -> FloatArray:
    """A leg that turns for half of each second, and in the other half feels so much of gravity."""
    t = np.arange(N) / RATE_HZ
    swings = t % 1.0 < 0.5
    rows = np.zeros((6, N))
    rows[0] = np.where(swings, 3.0 * np.sin(2 * np.pi * t), 0.3)
    rows[1] = np.where(swings, 1.5 * np.sin(4 * np.pi * t), 0.0)
    rows[3] = np.where(swings, 8.0 * np.cos(4 * np.pi * t), 0.0)
    rows[5] = np.where(swings, G + 6.0 * np.sin(4 * np.pi * t), felt * G)
    return rows


def test_leg_that_steps_stands_in_between() -> None:
    felt = (1.0, 1.05, 0.6, 1.4)
    assert stands(np.array([step_like(one) for one in felt])).tolist() == [True, True, False, False]


def test_noise_with_the_spectrum_of_a_walk_seldom_stands(rng: np.random.Generator) -> None:
    rows = step_like(1.0)
    mean = rows.mean(axis=1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(rows - mean, axis=1))
    noises = [
        np.fft.irfft(spectrum * np.exp(2j * np.pi * rng.random(spectrum.shape)), N, axis=1) for _ in range(40)
    ]
    assert stands(mean + np.array(noises)).sum() <= 8


def test_lying_still_is_a_body_and_a_sensor_that_feels_half_of_gravity_is_none() -> None:
    rest = np.zeros((6, N))
    rest[4] = G
    assert verdict(rest)
    rest[4] = G / 2
    assert not verdict(rest)


def test_short_windows_are_believed() -> None:
    rows = np.random.default_rng(1).standard_normal((6, N))
    assert is_body(blocks_of(rows), np.array([0]), LEAST - 1).all()


def test_window_has_the_same_verdict_alone_and_among_others() -> None:
    rows = np.concatenate([limb(1.0), limb(0.7), limb(1.2)], axis=1)
    starts = np.arange(0, 50, 5)
    blocks = blocks_of(rows)
    one, two = blocks_of(rows[:, 100:]), starts[starts >= 10] - 10
    assert (one.turn[0] == blocks.turn[0][10:]).all()
    assert (one.force == blocks.force[:, 10:]).all()
    assert (is_body(one, two, WINDOW) == is_body(blocks, starts, WINDOW)[starts >= 10]).all()
