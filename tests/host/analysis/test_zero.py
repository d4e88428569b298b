"""A gyro that is off: what it says at rest is found, what turns is not taken for it."""

import numpy as np
import pytest
from tracks import G, make_track, rep_angle, swing_limb

from distal.analysis.session import analyze
from distal.analysis.zero import Zero, zero_of
from distal.model import Facts, FloatArray
from distal.units import RAD_PER_DEG

RATE = 100


def still(off_deg_s: FloatArray, seconds: int, noise_deg_s: float = 0.3) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(3)
    shape = (seconds * RATE, 3)
    gyr = (off_deg_s + rng.normal(0.0, noise_deg_s, shape)) * RAD_PER_DEG
    return gyr, np.array([0.0, 0.6, 0.8]) * G + rng.normal(0.0, 0.03, shape)


def found(gyr: FloatArray, acc: FloatArray) -> FloatArray | None:
    zero = Zero()
    for low in range(0, len(gyr), RATE):
        zero.update(gyr[low : low + RATE], acc[low : low + RATE])
    return zero.found


def test_zero_is_what_a_still_gyro_says() -> None:
    off = np.array([3.0, -2.0, 4.0])
    gyr, acc = still(off, 5)
    zero = found(gyr, acc)
    assert zero is not None
    assert zero / RAD_PER_DEG == pytest.approx(off, abs=0.15)
    assert zero_of(gyr, acc, RATE) == pytest.approx(zero, abs=0.1 * RAD_PER_DEG)


def test_calibrated_gyro_is_left_alone() -> None:
    assert found(*still(np.array([0.3, 0.3, -0.3]), 5)) is None


def test_slow_turn_is_no_zero() -> None:
    """4 degrees/s about a level axis: gravity moves as the gyro tells."""
    t = np.arange(5 * RATE) / RATE
    angle = 4.0 * RAD_PER_DEG * t
    gyr = np.full((len(t), 3), 4.0 * RAD_PER_DEG) * np.array([1.0, 0.0, 0.0])
    acc = G * np.stack([np.zeros_like(t), np.sin(angle), np.cos(angle)], axis=1)
    assert found(gyr, acc) is None
    assert zero_of(gyr, acc, RATE) is None


@pytest.mark.parametrize("off", [(2.0, 2.0, -2.0), (-5.0, 3.0, 1.0)])
def test_gyro_that_is_off_counts_the_same_reps(off: tuple[float, float, float]) -> None:
    gyr, acc = swing_limb(rep_angle(104.0, 5, 1.35, 0.05), 104.0, 0.35)
    plain, other = (
        analyze([make_track(rows, acc, 104.0)], Facts()).sets
        for rows in (gyr, gyr + np.array(off) * RAD_PER_DEG)
    )
    assert [len(one.reps) for one in other] == [len(one.reps) for one in plain] == [5]
    for a, b in zip(plain[0].reps, other[0].reps, strict=True):
        assert b.rom_deg == pytest.approx(a.rom_deg, abs=0.5)
        assert (b.start_s, b.end_s) == pytest.approx((a.start_s, a.end_s), abs=0.05)
