"""Noise, bias and scales of the IMU's converters, and the clock of the motion."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from distal.units import RAD_PER_DEG, G
from distal.virtual.imu_signal import Converters, ImuFaults, World

Floats = NDArray[np.float64]
RATE_HZ = 40_000 / 192
QUIET = {"gyr_noise_mdps": 0.0, "acc_noise_ug": 0.0}


class Turning:
    """Upright on a turntable: 10 deg/s about z."""

    duration_s = 1e9

    def sample(self, t: Floats) -> tuple[Floats, Floats]:
        gyr, acc = np.zeros((len(t), 3)), np.zeros((len(t), 3))
        gyr[:, 2], acc[:, 2] = 10 * RAD_PER_DEG, G
        return gyr, acc


def converters(faults: ImuFaults, stream: int = 0) -> Converters:
    """At 32 g and 2000 deg/s."""
    made = Converters(Turning(), World(), faults, stream)
    made.gyr_code, made.acc_code = 6, 1
    return made


def test_noise_has_its_density_up_to_half_the_rate() -> None:
    faults = ImuFaults(gyr_noise_mdps=380.0, acc_noise_ug=12_000.0)  # x 100: far above the LSB
    gyr, acc = converters(faults).counts(np.zeros(20_000), RATE_HZ)
    band = math.sqrt(RATE_HZ / 2)
    # 20 000 draws: the standard error of a deviation is 0.5 %
    assert gyr.std(axis=0) * 70.0 == pytest.approx(380.0 * band, rel=0.02)
    assert acc.std(axis=0) * 0.976 == pytest.approx(12.0 * band, rel=0.02)
    assert gyr.mean(axis=0) * 70.0 == pytest.approx([0, 0, 10_000], abs=4 * 380.0 * band / math.sqrt(20_000))
    for axes in (gyr, acc):
        assert np.corrcoef(axes[1:, 0], axes[:-1, 0])[0, 1] == pytest.approx(0, abs=0.03)  # white
    assert np.corrcoef(np.hstack([gyr, acc]).T) == pytest.approx(np.eye(6), abs=0.03)  # independent


def test_noise_does_not_depend_on_how_time_is_cut() -> None:
    whole, cut = converters(ImuFaults()), converters(ImuFaults())
    gyr, acc = whole.counts(np.zeros(100), RATE_HZ)
    parts = [cut.counts(np.zeros(n), RATE_HZ) for n in (1, 30, 0, 69)]
    assert (np.concatenate([part[0] for part in parts]) == gyr).all()
    assert (np.concatenate([part[1] for part in parts]) == acc).all()


def test_streams_and_seeds_give_other_noise() -> None:
    made = [converters(ImuFaults(seed=1)), converters(ImuFaults(seed=2)), converters(ImuFaults(seed=1), 1)]
    first, second, third = (each.counts(np.zeros(50), RATE_HZ)[1].tobytes() for each in made)
    assert len({first, second, third}) == 3


def test_bias_is_added_in_its_units() -> None:
    faults = ImuFaults(gyr_bias_dps=(0.7, 0, -0.7), acc_bias_mg=(0, 9.76, 0), **QUIET)
    gyr, acc = converters(faults).counts(np.zeros(1), RATE_HZ)
    assert gyr.tolist() == [[10, 0, round((10_000 - 700) / 70)]]
    assert acc.tolist() == [[0, 10, round(1000 / 0.976)]]


def test_wrong_part_reads_twice_as_much() -> None:
    right, wrong = converters(ImuFaults(**QUIET)), converters(ImuFaults(part="LSM6DSO", **QUIET))
    assert right.counts(np.zeros(1), RATE_HZ)[1][0, 2] == round(1000 / 0.976)
    assert wrong.counts(np.zeros(1), RATE_HZ)[1][0, 2] == round(1000 / 0.488)


def test_motion_time_starts_with_the_first_and_stops_with_the_last() -> None:
    world, t = World(), np.array([7.0])
    assert world.motion_time(t) < 0
    world.begin(1, 5.0)
    world.begin(2, 6.0)
    assert world.motion_time(t) == 2.0
    world.end(1)
    assert world.motion_time(t) == 2.0
    world.end(2)
    assert world.motion_time(t) < 0
    world.begin(2, 6.5)
    assert world.motion_time(t) == 0.5
