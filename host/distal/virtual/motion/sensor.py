"""A motion as a real sensor would have recorded it: noise, bias, a range that ends, samples never sent."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from distal.model import BoolArray, FloatArray
from distal.units import RAD_PER_DEG, G


class Motion(Protocol):
    """Anything that can be sampled."""

    @property
    def duration_s(self) -> float:
        """Length in s."""

    def sample(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Times (n,) -> gyr (n, 3) rad/s, acc (n, 3) m/s2."""


@dataclass(frozen=True, slots=True)
class Sensor:
    """Noise densities and ranges: typical values of the LSM6DSO32 (DS13607, table 3)."""

    rate_hz: float = 208.0
    acc_range_g: float = 32.0
    gyr_range_dps: float = 2000.0
    gyr_noise_dps: float = 0.0038  # per sqrt(Hz)
    acc_noise_g: float = 120e-6  # per sqrt(Hz)
    gyr_bias_dps: tuple[float, float, float] = (0.0, 0.0, 0.0)
    lost: float = 0.0  # share of the packets that never came
    packet: int = 18  # samples in one
    holes: tuple[tuple[float, float], ...] = ()  # from, to; s


@dataclass(frozen=True, slots=True)
class Taken:
    """Samples on the even grid t = k / rate; NaN rows never came. clipped: at the end of the range."""

    rate_hz: float
    gyr: FloatArray
    acc: FloatArray
    clipped: BoolArray


def take(motion: Motion, sensor: Sensor, seed: int = 1) -> Taken:
    """Sample a whole motion; the same seed gives the same noise and the same losses."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(motion.duration_s * sensor.rate_hz) + 1) / sensor.rate_hz
    gyr, acc = motion.sample(t)
    wide = np.sqrt(sensor.rate_hz / 2)
    gyr = gyr + rng.normal(0, sensor.gyr_noise_dps * RAD_PER_DEG * wide, gyr.shape)
    gyr += np.multiply(sensor.gyr_bias_dps, RAD_PER_DEG)
    acc = acc + rng.normal(0, sensor.acc_noise_g * G * wide, acc.shape)
    ends = sensor.gyr_range_dps * RAD_PER_DEG, sensor.acc_range_g * G
    clipped = (np.abs(gyr) >= ends[0]).any(axis=1) | (np.abs(acc) >= ends[1]).any(axis=1)
    gyr, acc = (np.clip(rows, -end, end) for rows, end in zip((gyr, acc), ends, strict=True))
    gone = _gone(t, sensor, rng)
    gyr[gone] = acc[gone] = np.nan
    return Taken(sensor.rate_hz, gyr, acc, clipped & ~gone)


def _gone(t: FloatArray, sensor: Sensor, rng: np.random.Generator) -> BoolArray:
    packets = rng.random(-(-len(t) // sensor.packet)) < sensor.lost
    gone: BoolArray = np.repeat(packets, sensor.packet)[: len(t)]
    for start_s, end_s in sensor.holes:
        gone |= (t >= start_s) & (t < end_s)
    return gone
