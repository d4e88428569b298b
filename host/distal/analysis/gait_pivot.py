"""Steps of a foot that turns about the vertical: it hardly swings forward, yet it is set elsewhere.

Between two rests of a walking foot, with no swing in between, it turned fast about any axis and it lies
somewhere else. Where it lies comes from a strapdown between the rests, speed zero at both (zero-velocity
update). A foot that turns on its ball lies elsewhere too, by what turning on the spot explains: no step.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distal.analysis.even import RATE_HZ
from distal.analysis.gait_axis import SLOW, SLOW_HZ
from distal.analysis.gait_swing import BOUNCE_S, CLEAR_PEAK, LONELY_S
from distal.analysis.rotate import integrate_turns, unit
from distal.model import FloatArray
from distal.units import G

CALM = 0.6  # rad/s: a foot that is flat on the floor turns slower
LEAST_TURNING = 3.0  # rad/s, at its fastest; 4 to 9 in the turns of five people
LASTS = int(0.3 * SLOW_HZ), int(1.2 * SLOW_HZ)
MOVED_M = 0.12  # the least that a foot is set away
ON_BALL_M = 0.09  # the ball of a foot -> a sensor on its back, which so moves when the foot turns on its ball
ON_ITS_WAY = 0.4  # share of its fastest level speed: it begins to turn on the floor and ends there, too
REST = 3  # samples
MIDDLE = (SLOW - 1) / 2.0  # of a sample at SLOW_HZ, in samples at RATE_HZ


@dataclass(frozen=True, slots=True)
class Pivot:
    """Positions in samples at RATE_HZ; `peak`: fastest turning, rad/s; `turn`: rad about the vertical."""

    tc: float
    mid: int
    ic: float
    peak: float
    turn: float  # left positive


def find_pivots(rows: FloatArray, begin: int, swings: Sequence[tuple[int, float]]) -> list[Pivot]:
    """Pivots in rows (6, n) at SLOW_HZ, gyr and acc, places counted from row `begin` on.

    swings  mid-swing and peak of those found, counted from there: a pivot is near one, and apart from all
    """
    speed = np.sqrt((rows[:3] * rows[:3]).sum(axis=0))
    moves = speed > CALM
    edges = np.flatnonzero(moves[1:] != moves[:-1]) + 1
    edges = edges[int(moves[0]) :]
    out = []
    for low, high in edges[: len(edges) // 2 * 2].reshape(-1, 2).tolist():
        if low < begin + REST or not LASTS[0] <= high - low <= LASTS[1]:
            continue
        peak = float(speed[low:high].max())
        if peak >= LEAST_TURNING and _has_room(low - begin, high - begin, swings):
            turn, way = _moved(rows[:, low - 1 : high + 1], rows[3:, low - REST : low].mean(axis=1))
            if _length(way.sum(axis=1)) / SLOW_HZ > max(MOVED_M, _on_ball(turn)):
                out.append(_pivot(_length(way), low - 1 - begin, peak, turn))
    return out


def _has_room(low: int, high: int, swings: Sequence[tuple[int, float]]) -> bool:
    """Whether a foot that walks can step there: heels rise and feet settle close to a mid-swing."""
    first, last = SLOW * low - BOUNCE_S * RATE_HZ, SLOW * high + BOUNCE_S * RATE_HZ
    if any(first < at < last for at, _ in swings):
        return False
    reach = LONELY_S * RATE_HZ
    return any(peak >= CLEAR_PEAK and SLOW * low - reach < at < SLOW * high + reach for at, peak in swings)


def _on_ball(turn: float) -> float:
    """How far the sensor of a foot that turns on its ball goes, m."""
    return 2.0 * ON_BALL_M * float(np.sin(min(abs(turn), np.pi) / 2.0))


def _moved(rows: FloatArray, rest: FloatArray) -> tuple[float, FloatArray]:
    """Turn about the vertical (rad) and level velocity (3, n), m/s, of rows (6, n) between two rests."""
    up = unit(rest)
    turns = integrate_turns(rows[:3].T, SLOW_HZ)
    turning, force = (np.einsum("nij,jn->in", turns, part) for part in (rows[:3], rows[3:]))
    speed = np.cumsum(force - G * up[:, None], axis=1) / SLOW_HZ
    speed -= speed[:, -1:] * (np.arange(1, speed.shape[1] + 1) / speed.shape[1])
    return float((up @ turning).sum() / SLOW_HZ), speed - up[:, None] * (up @ speed)


def _length(vectors: FloatArray) -> FloatArray:
    """Of each column."""
    out: FloatArray = np.sqrt((vectors * vectors).sum(axis=0))
    return out


def _pivot(speed: FloatArray, start: int, peak: float, turn: float) -> Pivot:
    """From the course of level speed between two rests, whose first sample is `start`."""
    level = ON_ITS_WAY * speed.max()
    fast = np.flatnonzero(speed >= level)
    first, last = max(int(fast[0]), 1), min(int(fast[-1]), len(speed) - 2)
    tc = first - (speed[first] - level) / max(speed[first] - speed[first - 1], 1e-9)
    ic = last + (speed[last] - level) / max(speed[last] - speed[last + 1], 1e-9)
    leaves, lands = (float(SLOW * (start + at) + MIDDLE) for at in (tc, ic))
    return Pivot(leaves, int(0.5 * (leaves + lands)), lands, peak, turn)
