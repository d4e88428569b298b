"""The leg's mediolateral axis and its sign, for many windows at once.

m is the strongest axis of turning across gravity (slow part only, so that the ringing of a contact cannot
win). Its sign makes fast turning and forward speed go together. Arrays are (windows, 3, n): sums run along
the last axis, so a window gives the same bits alone or among others.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from distal.analysis.even import RATE_HZ
from distal.model import FloatArray

SLOW = 4  # axis and sign are found on 25 Hz: slow enough to leave the ringing out
SLOW_HZ = RATE_HZ / SLOW
CALM_SHARE = 5  # one part in five of a window is taken to be stance: there the leg's long axis is upright
TURN_FADE_S, PUSH_FADE_S = 1.5, 0.7  # leaky integrals: longer than a swing, shorter than gyro or tilt drift
STEADY, FAST = 1.0, 2.5  # rad/s, rms of pitch rate: slow walking, brisk walking and all running


@dataclass(frozen=True, slots=True)
class Axes:
    """One row per window, sensor axes."""

    axis: FloatArray  # m, either way round
    up: FloatArray  # in stance
    evidence: FloatArray  # along m: direction is its sign, length how sure


def slow(rows: FloatArray) -> FloatArray:
    """(3, n) at RATE_HZ -> (3, n // SLOW): means of SLOW samples."""
    n = rows.shape[1] // SLOW * SLOW
    out: FloatArray = rows[:, :n].reshape(3, -1, SLOW).mean(axis=2)
    return out


def find_axes(gyr: FloatArray, acc: FloatArray, skew_weight: float) -> Axes:
    """Axes of windows (k, 3, n) of slow samples.

    Forward is up x m. Over a stride the leg is fast when it goes forward and slow when it stands, so
    forward speed (from specific force, freed of pitch) and turning speed squared rise together. Running
    turns the leg fast both ways: there the swing is known by being the shorter way (`skew_weight`, for a
    shank; a foot that pushes off turns back as sharply as it swings).
    """
    speed2 = _dot(gyr, gyr)
    level = np.partition(speed2, speed2.shape[1] // CALM_SHARE, axis=1)[:, speed2.shape[1] // CALM_SHARE]
    calm = speed2 <= level[:, None]
    up = unit_rows((acc * calm[:, None]).sum(axis=2))  # a mean, not a median: it turns with the axes
    axis = _strongest_across(gyr, up)
    forward = np.cross(up, axis)
    rate = along(gyr, axis)
    pitch = lfilter([1 / SLOW_HZ], [1, -np.exp(-1 / (TURN_FADE_S * SLOW_HZ))], rate, axis=1)
    pitch -= ((pitch * calm).sum(axis=1) / calm.sum(axis=1))[:, None]
    push = np.cos(pitch) * along(acc, forward) - np.sin(pitch) * along(acc, up)
    push -= push.mean(axis=1)[:, None]
    speed = lfilter([1 / SLOW_HZ], [1, -np.exp(-1 / (PUSH_FADE_S * SLOW_HZ))], push, axis=1)
    speed -= speed.mean(axis=1)[:, None]
    size = np.sqrt((speed * speed).sum(axis=1) * (speed2 * speed2).sum(axis=1))
    score = (speed * speed2).sum(axis=1) / np.maximum(size, 1e-12)
    size = np.maximum((rate * rate).mean(axis=1), 1e-12)
    skew = (rate * rate * rate).mean(axis=1) / (size * np.sqrt(size))
    fast = np.clip((np.sqrt(size) - STEADY) / (FAST - STEADY), 0.0, 1.0)
    score = score + skew_weight * fast * np.clip(skew, -1.0, 1.0)
    return Axes(axis, up, axis * score[:, None])


def _strongest_across(gyr: FloatArray, up: FloatArray) -> FloatArray:
    """Eigenvector of the turning across `up` with the largest eigenvalue."""
    spread = np.stack([[(gyr[:, i] * gyr[:, j]).sum(axis=1) for j in range(3)] for i in range(3)])
    across = np.eye(3) - up[:, :, None] * up[:, None, :]
    flat = np.einsum("kij,jlk,klm->kim", across, spread, across)
    out: FloatArray = np.linalg.eigh(flat)[1][:, :, -1]
    return out


def along(rows: FloatArray, axis: FloatArray) -> FloatArray:
    """(k, 3, n) vectors, (k, 3) axes -> (k, n) parts along them."""
    out: FloatArray = rows[:, 0] * axis[:, :1] + rows[:, 1] * axis[:, 1:2] + rows[:, 2] * axis[:, 2:]
    return out


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    out: FloatArray = a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1] + a[:, 2] * b[:, 2]
    return out


def unit_rows(rows: FloatArray) -> FloatArray:
    """(k, 3) vectors at length one; zero stays zero."""
    size = np.sqrt(rows[:, 0] ** 2 + rows[:, 1] ** 2 + rows[:, 2] ** 2)
    out: FloatArray = rows / np.maximum(size, 1e-12)[:, None]
    return out
