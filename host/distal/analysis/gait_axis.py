"""The leg's mediolateral axis and its sign, for many windows at once.

m is the strongest axis of turning across gravity (slow part only, so that the ringing of a contact cannot
win). Its sign makes turning and forward speed go together. Arrays are (windows, 3, n): each window is a
matrix product of its own, so it gives the same bits alone or among others.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from distal.analysis.even import RATE_HZ
from distal.model import BoolArray, FloatArray

SLOW = 4  # axis and sign are found on 25 Hz: slow enough to leave the ringing out
SLOW_HZ = RATE_HZ / SLOW
CALM_SHARE = 5  # one part in five of a window is taken to be stance: there the leg's long axis is upright
LATELY = 37  # samples, 1.5 s: speed is held against its mean over a stride, before tilt drifts
SPEED_SKEW = 0.25  # the swing of a shuffle is short: its speed is skewed before its turning tells
STEADY, FAST = 1.0, 2.5  # rad/s, rms of pitch rate: slow walking, brisk walking and all running
IntArray = NDArray[np.int64]
_NEXT, _LAST, _EYE = np.array([1, 2, 0]), np.array([2, 0, 1]), np.eye(3)


@dataclass(frozen=True, slots=True)
class Axes:
    """One row per window, sensor axes."""

    axis: FloatArray  # m, either way round
    up: FloatArray  # in stance
    evidence: FloatArray  # along m: direction is its sign, length how sure


def slow(rows: FloatArray) -> FloatArray:
    """(k, n) at RATE_HZ -> (k, n // SLOW): means of SLOW samples."""
    n = rows.shape[1] // SLOW * SLOW
    out: FloatArray = rows[:, 0:n:SLOW] + rows[:, 1:n:SLOW]
    for k in range(2, SLOW):
        out += rows[:, k:n:SLOW]
    out /= SLOW
    return out


def find_axes(gyr: FloatArray, acc: FloatArray, skew_weight: float, hidden: BoolArray | None = None) -> Axes:
    """Axes of windows (k, 3, n) of slow samples; `hidden` (k, n): no stance, though nothing turns in a hole.

    Forward is up x m. People go forward: the leg is fast, in turning and in forward speed, for the short
    while of a swing, and nearly stands for the rest of the stride. So forward speed (from specific force,
    freed of pitch) rises with turning, and it is skewed. Running turns the leg fast both ways and flies for
    longer than it stands: there the swing is known by being the shorter way of turning (`skew_weight`, for
    a shank; a foot that pushes off turns back as sharply as it swings).
    """
    speed2 = _dot(gyr, gyr)
    if hidden is not None:
        speed2[hidden] = np.inf
    level = np.partition(speed2, speed2.shape[1] // CALM_SHARE, axis=1)[:, speed2.shape[1] // CALM_SHARE]
    calm = (speed2 <= level[:, None]).astype(np.float64)
    up = unit_rows(_weighed(acc, calm))  # a mean, not a median: it turns with the axes
    axis = _strongest_across(gyr, up)
    rate, still = along(gyr, axis), _weights(calm)
    pitch = _level(np.cumsum(rate, axis=1) / SLOW_HZ, still)
    force = parts_along(acc, np.concatenate([cross_rows(up, axis), up], axis=1).reshape(-1, 2, 3))
    push = np.cos(pitch) * force[:, 0] - np.sin(pitch) * force[:, 1]
    way = np.cumsum(push - _mean(push), axis=1) / SLOW_HZ
    speed = np.empty((len(way), 2, way.shape[1]))
    speed[:, 0] = _level(way, still)  # from a standing start the speed of the calm is zero
    speed[:, 1] = way - _lately(_lately(way))  # in a long walk a drifting tilt hides that
    speed -= _mean(speed)
    rate2 = rate * rate
    total2 = rate2.sum(axis=1)
    size = np.sqrt((speed * speed).sum(axis=2) * total2[:, None])
    together = _weighed(speed, np.abs(rate)) / np.maximum(size, 1e-12)  # -1 to 1
    mean2 = total2 / rate.shape[1]
    fast = np.minimum(np.maximum((np.sqrt(mean2) - STEADY) / (FAST - STEADY), 0.0), 1.0)
    score = 0.5 * (together[:, 0] + together[:, 1])
    score += SPEED_SKEW * (1.0 - fast) * _skew(speed[:, 1]) + skew_weight * fast * _skew(rate)
    return Axes(axis, up, axis * score[:, None])


@lru_cache(maxsize=8)
def _line(n: int) -> FloatArray:
    """(2, n): ones, and -1 to 1."""
    return np.array([np.ones(n), np.linspace(-1.0, 1.0, n)])


@lru_cache(maxsize=8)
def _around(n: int) -> IntArray:
    """Samples of a course with LATELY / 2 held at both ends, and one more before."""
    return np.clip(np.arange(-(LATELY // 2) - 1, n + LATELY // 2), 0, n - 1)


def _weights(calm: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(k, 2, n) weights of level and slope, (k, 3) their sums: count, first and second moment."""
    line = _line(calm.shape[1])
    weights = calm[:, None] * line
    moments = (weights @ line.T).reshape(-1, 4)
    return weights, moments[:, [0, 1, 3]]


def _level(course: FloatArray, still: tuple[FloatArray, FloatArray]) -> FloatArray:
    """Courses (k, n) less the straight line through their calm samples."""
    weights, moments = still
    count, first, second = moments.T
    level, rising = _weighed(weights, course).T
    slope = (count * rising - first * level) / np.maximum(count * second - first * first, 1e-9)
    start = (level - slope * first) / count
    out: FloatArray = course - start[:, None] - slope[:, None] * _line(course.shape[1])[1]
    return out


def _lately(course: FloatArray) -> FloatArray:
    """Means of courses (k, n) over LATELY samples around each; edges are held."""
    total = np.cumsum(course.take(_around(course.shape[1]), axis=1), axis=1)
    out: FloatArray = (total[:, LATELY:] - total[:, :-LATELY]) / LATELY
    return out


def _mean(rows: FloatArray) -> FloatArray:
    """Along the last axis, which stays."""
    out: FloatArray = rows.sum(axis=-1, keepdims=True) / rows.shape[-1]
    return out


def _skew(rows: FloatArray) -> FloatArray:
    """Third moment about zero by the second, at most 1 in size."""
    square = rows * rows
    size = np.maximum(_mean(square)[:, 0], 1e-12)
    out = _mean(square * rows)[:, 0] / (size * np.sqrt(size))
    skew: FloatArray = np.minimum(np.maximum(out, -1.0), 1.0)
    return skew


def _strongest_across(gyr: FloatArray, up: FloatArray) -> FloatArray:
    """Unit axis across `up` with the most turning (as power) about it: of two that span the plane, in closed
    form, for which a solver of matrices takes longer than all else here."""
    one = unit_rows(cross_rows(up, _EYE[np.abs(up).argmin(axis=1)]))
    two = cross_rows(up, one)
    parts = parts_along(gyr, np.concatenate([one, two], axis=1).reshape(-1, 2, 3))
    power = parts @ parts.transpose(0, 2, 1)
    angle = np.arctan2(2.0 * power[:, 0, 1], power[:, 0, 0] - power[:, 1, 1]) / 2.0
    out: FloatArray = np.cos(angle)[:, None] * one + np.sin(angle)[:, None] * two
    return out


def along(rows: FloatArray, axis: FloatArray) -> FloatArray:
    """(k, 3, n) vectors, (k, 3) axes -> (k, n) parts along them."""
    out: FloatArray = (axis[:, None] @ rows)[:, 0]
    return out


def parts_along(rows: FloatArray, axes: FloatArray) -> FloatArray:
    """(k, 3, n) vectors, (k, m, 3) axes -> (k, m, n) parts along them."""
    out: FloatArray = axes @ rows
    return out


def _weighed(rows: FloatArray, weights: FloatArray) -> FloatArray:
    """(k, m, n) courses, (k, n) weights -> (k, m) weighted sums."""
    out: FloatArray = (rows @ weights[:, :, None])[:, :, 0]
    return out


def cross_rows(one: FloatArray, two: FloatArray) -> FloatArray:
    """(k, 3) x (k, 3), row by row; several times faster than numpy's for few rows."""
    out: FloatArray = one.take(_NEXT, axis=1) * two.take(_LAST, axis=1)
    out -= one.take(_LAST, axis=1) * two.take(_NEXT, axis=1)
    return out


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    out: FloatArray = (a * b).sum(axis=1)
    return out


def unit_rows(rows: FloatArray) -> FloatArray:
    """(k, 3) vectors at length one; zero stays zero."""
    size = np.sqrt(rows[:, 0] ** 2 + rows[:, 1] ** 2 + rows[:, 2] ** 2)
    out: FloatArray = rows / np.maximum(size, 1e-12)[:, None]
    return out
