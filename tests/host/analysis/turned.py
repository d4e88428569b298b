"""A cuff in a hand or on a table, and a sensor with known errors: what calibrations are tested on."""

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfiltfilt

from distal.analysis.rotate import turn_matrices
from distal.model import FloatArray
from distal.units import RAD_PER_DEG, G

RATE_HZ = 6666.67 / 32
UPS = np.concatenate([np.eye(3), -np.eye(3)])
Chance = np.random.Generator


@dataclass(frozen=True, slots=True)
class Imu:
    """An LSM6DSO32 at 32 g and 2000 dps: acc read = scale acc + bias, likewise gyr, then noise and counts."""

    scale: FloatArray  # (3, 3)
    bias: FloatArray  # m/s2
    gyr_bias: FloatArray  # rad/s

    def read(self, gyr: FloatArray, acc: FloatArray, rng: Chance) -> tuple[FloatArray, FloatArray]:
        wide = np.sqrt(RATE_HZ / 2)
        acc = acc @ self.scale.T + self.bias + rng.normal(0, 120e-6 * G * wide, acc.shape)
        gyr = gyr + self.gyr_bias + rng.normal(0, 0.0038 * RAD_PER_DEG * wide, gyr.shape)
        lsb = 0.07 * RAD_PER_DEG, 0.976e-3 * G
        return np.round(gyr / lsb[0]) * lsb[0], np.round(acc / lsb[1]) * lsb[1]


def some_imu(rng: Chance, cross: float = 0.0) -> Imu:
    """+-1 % of scale, +-40 mg, +-1 deg/s, each axis by itself."""
    scale = np.diag(1 + rng.uniform(-0.01, 0.01, 3))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        scale[i, j] = scale[j, i] = rng.uniform(-cross, cross)
    return Imu(scale, rng.uniform(-0.04, 0.04, 3) * G, rng.uniform(-1, 1, 3) * RAD_PER_DEG)


def lay(ups: FloatArray, rng: Chance, rest_s: float = 2.2) -> tuple[FloatArray, FloatArray]:
    """Laid down with each of `ups` (k, 3) up, some degrees askew, moved by hand in between."""
    gyr, acc = [], []
    for k, up in enumerate(ups):
        true = turn_matrices(rng.normal(0, 0.06, (1, 3)))[0] @ up * G
        if k:
            n = int(1.2 * RATE_HZ)
            way = np.linspace(0, 1, n)[:, None]
            acc.append(acc[-1][-1] * (1 - way) + true * way + rng.normal(0, 1.5, (n, 3)))
            gyr.append(rng.normal(0, 2, (n, 3)))
        n = int(rest_s * RATE_HZ)
        acc.append(np.tile(true, (n, 1)))
        gyr.append(np.zeros((n, 3)))
    return np.concatenate(gyr), np.concatenate(acc)


def tumble(rng: Chance, turn_s: float = 18.0) -> tuple[FloatArray, FloatArray]:
    """Rolled once about each of four axes askew to the sensor's, slowly, by a hand some centimetres off.

    The hand shakes by 4 mg (1 to 10 Hz).
    """
    now = turn_matrices(rng.normal(0, 2, (1, 3)))[0]  # sensor -> earth
    askew = turn_matrices(rng.normal(0, 0.1, (1, 3)))[0]
    parts, ups = [], []
    for axis in (*np.eye(3), np.ones(3) / np.sqrt(3)):
        axis = askew @ axis
        for turn, seconds in ((_to_level(now, axis), 4.0), (2 * np.pi * axis, turn_s)):
            # speed rises and falls as a sine: nothing jumps
            x = np.arange(1, int(seconds * RATE_HZ) + 1) / int(seconds * RATE_HZ)
            angle = x - np.sin(2 * np.pi * x) / (2 * np.pi)
            turned = turn_matrices(np.outer(angle, turn))
            parts.append(np.outer(np.gradient(angle, 1 / RATE_HZ), turn))
            ups.append((now @ turned)[:, 2, :])
            now = now @ turned[-1]
    gyr, up = np.concatenate(parts), np.concatenate(ups)
    reach = rng.normal(0, 0.04, 3)
    growth = np.gradient(gyr, 1 / RATE_HZ, axis=0)
    swing = np.cross(growth, reach) + np.cross(gyr, np.cross(gyr, reach))
    band = butter(2, [1, 10], "band", fs=RATE_HZ, output="sos")
    shake = sosfiltfilt(band, rng.normal(size=gyr.shape), axis=0)
    return gyr, G * up + swing + shake * (0.004 * G / shake.std())


def _to_level(now: FloatArray, axis: FloatArray) -> FloatArray:
    """Turn, in sensor axes, that brings an axis of the sensor level."""
    held = now @ axis
    flat = np.array([held[0], held[1], 0.0]) / max(float(np.hypot(held[0], held[1])), 1e-9)
    by = np.cross(held, flat)
    size = float(np.linalg.norm(by))
    out: FloatArray = now.T @ (by / max(size, 1e-9) * np.arctan2(size, held @ flat))
    return out
