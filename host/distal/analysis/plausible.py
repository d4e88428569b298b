"""Whether turning and force are those of one rigid body on the earth: noise of a walk's spectrum is not.

Specific force, turned by the gyro into axes that do not turn, is gravity plus what moves the sensor. Someone
who walks does not get ever faster: over a few seconds only gravity is left, which keeps its direction and its
size. Where turning and force do not belong together it does neither. A gyro that nobody calibrated lets
gravity wander evenly: that much is taken off. Nothing is assumed about axes, levers or the kind of movement.

And a leg that steps stands in between: when it hardly turns, hardly more than gravity is felt. Noise with the
spectrum of a steady walk shows little below the rate of its strides, but it never stands.

Blocks lie on a fixed grid: the bits do not depend on how the samples came.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from distal.analysis.rotate import Turn, then, turns_of
from distal.model import BoolArray, FloatArray
from distal.units import G

RATE_HZ = 25.0  # of the rows: contacts ring faster
BLOCK = 10  # rows that are added up first
MEAN = 7  # blocks under one mean (Hann): 2.8 s, strides of 1.4 s and less leave nothing
LEAST = 9  # blocks; less says too little
# How far the means stray from an even course, and the size of their mean from g, in g: what a sensor's scale
# and zero make of a leg that swings, together with a share of the movement's own rms; never more than MOST.
# 12 000 windows of 11 people, also slowed, hurried, with smaller and larger swings, of other sensors: 99 %
# stray by less than 0.054 of it (strides of 2.4 s: 0.13, where it is small); noise of their spectra by more
STRAYS, SIZE = (0.03, 0.08), (0.06, 0.09)
MOST = 0.14, 0.14
DRIFT = 0.1  # g/s that gravity may wander evenly: a zero of 6 degrees/s
# In the fifth of the time when the leg turns least, |f| is off g, in the middle, by such a share of the rms
# of movement: in 99 % of the same windows below 0.16, of noise in 95 % above 0.2, in half above 0.35
STANDS = 0.03, 0.2
RUNS_G = 1.2  # rms of movement: who runs lands and is in the air while the leg hardly turns
CALM_PART = 5
RUNS = 0.05  # of a runner's 3 to 5 g: who starts to run does get faster, by 2 m/s in a second
HIDDEN = 0.005  # share: what fills them does not tell how the leg turned

_HANN = np.hanning(MEAN + 2)[1:-1]
_HANN /= _HANN.sum()


@dataclass(frozen=True, slots=True)
class Blocks:
    """What became of blocks of rows, one a column."""

    turn: Turn  # of each as a whole
    force: FloatArray  # (3, m) mean in the axes at its begin, g
    power: FloatArray  # (m,) mean square of force, g^2


def blocks_of(rows: FloatArray) -> Blocks:
    """(6, n) gyr and acc at RATE_HZ -> n // BLOCK blocks."""
    m = rows.shape[1] // BLOCK
    cut = rows[:, : m * BLOCK].reshape(6, m, BLOCK)
    half = turns_of(cut[:3] / (2.0 * RATE_HZ))  # from the begin of a row to its middle
    ends = then(half, half)
    _add_up(ends)
    middle = half[0].copy(), half[1].copy()
    middle[0][:, 1:], middle[1][:, 1:] = then(
        (ends[0][:, :-1], ends[1][:, :-1]), (half[0][:, 1:], half[1][:, 1:])
    )
    force = cut[3:] / G
    turn = ends[0][:, -1], ends[1][:, -1]
    return Blocks(turn, _turned(middle, force).mean(axis=2), (force * force).sum(axis=0).mean(axis=1))


def is_body(blocks: Blocks, starts: np.ndarray, length: int) -> BoolArray:
    """(k,) whether `length` blocks from each start on are of one body; True where they say too little."""
    if length < LEAST:
        return np.ones(len(starts), dtype=bool)
    at = starts[:, None] + np.arange(length)
    one, two = blocks.turn[0][at], blocks.turn[1][at]
    _add_up((one, two))
    force = blocks.force[:, at]
    force[:, :, 1:] = _turned((one[:, :-1], two[:, :-1]), force[:, :, 1:])
    means = (force.transpose(1, 0, 2) @ _running(length)).transpose(1, 0, 2)
    mean = means.mean(axis=2)
    level = (mean * mean).sum(axis=0)
    strays = _strays(means - mean[:, :, None], mean / np.sqrt(level))
    size = np.abs(np.sqrt(level) - 1.0)
    moves = np.sqrt(np.maximum(blocks.power[at].mean(axis=1) - level, 0.0))
    most = np.maximum(np.array(MOST)[:, None], RUNS * moves)
    out: BoolArray = strays <= np.minimum(np.hypot(STRAYS[0], STRAYS[1] * moves), most[0])
    out &= size <= np.minimum(np.hypot(SIZE[0], SIZE[1] * moves), most[1])
    return out


def _strays(off: FloatArray, up: FloatArray) -> FloatArray:
    """(k,) rms of means (3, k, n) less their mean, and less an even wandering of gravity `up` (3, k)."""
    line = np.arange(off.shape[2]) - (off.shape[2] - 1) / 2.0
    slope = (off * line).sum(axis=2) / max(float((line * line).sum()), 1.0)
    slope -= up * (up * slope).sum(axis=0)
    fastest = np.sqrt((slope * slope).sum(axis=0)) * RATE_HZ / BLOCK
    slope *= np.minimum(DRIFT / np.maximum(fastest, 1e-9), 1.0)
    rest = off - slope[:, :, None] * line
    out: FloatArray = np.sqrt((rest * rest).sum(axis=0).mean(axis=1))
    return out


def stands(rows: FloatArray) -> BoolArray:
    """(k,) whether little but gravity is felt in (k, 6, n) gyr and acc while the leg turns least."""
    k, _, n = rows.shape
    turning = (rows[:, :3] * rows[:, :3]).sum(axis=1)
    calm = np.argpartition(turning, n // CALM_PART, axis=1)[:, : n // CALM_PART]
    felt = np.sqrt((rows[:, 3:] * rows[:, 3:]).sum(axis=1)) / G
    off = rows[:, 3:] - rows[:, 3:].mean(axis=2, keepdims=True)
    moves = np.sqrt((off * off).reshape(k, -1).sum(axis=1) / n) / G
    strays = np.median(np.abs(np.take_along_axis(felt, calm, axis=1) - 1.0), axis=1)
    out: BoolArray = (moves > RUNS_G) | (strays <= np.hypot(STANDS[0], STANDS[1] * moves))
    return out


@lru_cache(maxsize=8)
def _running(length: int) -> FloatArray:
    """(length, length - MEAN + 1): times a course it is the course of its means over MEAN."""
    out = np.zeros((length, length - MEAN + 1))
    for k in range(out.shape[1]):
        out[k : k + MEAN, k] = _HANN
    return out


def hidden_much(hidden: BoolArray, size: int) -> BoolArray:
    """(n,) whether too many of the `size` samples from each one on are missing or clipped to ask."""
    if not hidden.any():
        return np.zeros(len(hidden), dtype=bool)
    total = np.cumsum(np.pad(hidden, (1, size)))
    out: BoolArray = np.greater(total[size : size + len(hidden)] - total[: len(hidden)], HIDDEN * size)
    return out


def _add_up(turns: Turn) -> None:
    """Each takes in all turns before it in its row, in place: twice as many every time."""
    one, two = turns
    step = 1
    while step < one.shape[1]:
        one[:, step:], two[:, step:] = then((one[:, :-step], two[:, :-step]), (one[:, step:], two[:, step:]))
        step *= 2


def _turned(turn: Turn, rows: FloatArray) -> FloatArray:
    """(3, ...) vectors in the axes before the turn."""
    axis = np.empty_like(rows)
    axis[0], axis[1], axis[2] = turn[1].imag, turn[1].real, turn[0].imag
    across = 2.0 * _cross(axis, rows)
    out: FloatArray = rows + turn[0].real * across + _cross(axis, across)
    return out


def _cross(one: FloatArray, two: FloatArray) -> FloatArray:
    (a, b, c), (x, y, z) = one, two
    out = np.empty_like(two)
    out[0], out[1], out[2] = b * z - c * y, c * x - a * z, a * y - b * x
    return out
