"""A span of movement seen as a limb: how it is turned against gravity, and where its joint is.

Everything is at SLOW_HZ. `elevation` is the angle of the limb's long axis above level, -90 degrees hanging.
It comes from gravity and the lever (`lever.py`), so up is up in every posture and a long hold cannot be
mistaken for the rest. A limb that stands on its foot turns about the ankle: there the long axis points down.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from distal.analysis.even import RATE_HZ, Even
from distal.analysis.holes import bridged
from distal.analysis.lever import Lever, fit_lever, swing_acceleration
from distal.analysis.rotate import fuse_up, integrate_turns, unit
from distal.analysis.zero import zero_of
from distal.model import BoolArray, FloatArray
from distal.units import RAD_PER_DEG, G

IntArray = NDArray[np.int64]

SLOW = 2  # reps are looked for at 50 Hz
SLOW_HZ = RATE_HZ / SLOW
STILL = 2.0 * RAD_PER_DEG  # rad/s, gyro of a limb at rest
KNOWN, SURE = 0.3, 0.5  # share of motion that a lever has to explain to be used
SMOOTH_S = 0.24
# gravity is read where the limb is calm: pushes of this size halve what a sample counts
CALM_ACC, CALM_GYR = 0.3, 0.35  # m/s2, rad/s; quiet standing has 0.05 and 0.02
LONGEST_M = 1.2  # hip to ankle of the tallest
QUIET = 0.9  # calm enough to stand still: 0.1 m/s2 and 6 degrees/s
LONG_S = 4.0  # longer than most lifts
ABOVE_JOINT = 0.5  # sine of the elevation at rest: no leg rests with the ankle above hip and knee


@dataclass(frozen=True, slots=True)
class Limb:
    """A span seen as a limb."""

    gyr: FloatArray  # (n, 3) rad/s
    acc: FloatArray  # (n, 3) m/s2
    turns: FloatArray  # (n, 3, 3) to the axes of the first sample
    up: FloatArray  # (n, 3) unit, sensor axes
    climb: FloatArray  # (n,) m/s2, vertical acceleration
    elevation: FloatArray  # (n,) rad
    lever: Lever
    stands: bool  # the foot is the fixed end
    present: BoolArray
    calm: FloatArray  # (n,) 0 to 1: how quiet

    @property
    def is_hinged(self) -> bool:
        """Whether it turns about a joint that stays in place."""
        return self.lever.explained > SURE and self.lever.length_m < LONGEST_M


def rise_of(limb: Limb) -> FloatArray:
    """How far the sensor rose, m, (n,): vertical acceleration twice, its speed made zero where it is calm.

    Without a calm moment for LONG_S the speed of the seconds around is taken to be zero in the mean.
    """
    speed = _sum_up(limb.climb)
    quiet = limb.calm > QUIET
    at = np.arange(len(speed), dtype=np.float64)
    known = np.flatnonzero(quiet)
    near = int(LONG_S * SLOW_HZ) | 1
    mean = uniform_filter1d(speed, near, mode="nearest")
    last = np.maximum.accumulate(np.where(quiet, at, -1e9))
    following = np.minimum.accumulate(np.where(quiet, at, 1e9)[::-1])[::-1]
    far = (at - last > near) & (following - at > near)
    knots = np.flatnonzero(quiet | far)
    if len(knots) == 0:
        return _sum_up(speed - mean)
    drift = np.interp(at, knots, np.where(quiet, speed, mean)[knots])
    return _sum_up(speed - drift) if len(known) else _sum_up(speed - mean)


def _sum_up(values: FloatArray) -> FloatArray:
    out: FloatArray = np.concatenate([[0.0], np.cumsum((values[1:] + values[:-1]) / (2.0 * SLOW_HZ))])
    return out


def see_limb(span: Even, core: tuple[int, int] | None = None) -> Limb:
    """Fuse, find the lever, and turn a span at RATE_HZ into a limb at SLOW_HZ.

    core  samples at SLOW_HZ between which the lever is looked for; None: everywhere
    """
    gyr, acc = (_halve(rows) for rows in bridged(span.gyr, span.acc, span.present))
    n = len(gyr)
    present: BoolArray = np.all(span.present[: n * SLOW].reshape(n, SLOW), axis=1)
    gyr, acc = _low_pass(gyr), _low_pass(acc)
    gyr = gyr - _bias(gyr, acc)
    turns = integrate_turns(gyr, SLOW_HZ)
    calm = _calm(gyr, acc)
    up = fuse_up(turns, acc, SLOW_HZ, calm)
    part = slice(*core) if core and core[1] - core[0] > 3 * SLOW_HZ else slice(None)
    lever = _known_way_round(fit_lever(gyr[part], acc[part], turns[part], SLOW_HZ), up[part])
    if lever.explained > SURE:
        # slow reps swing within the band of tilt: without their own push it is gravity
        up = fuse_up(turns, acc - swing_acceleration(lever, gyr, SLOW_HZ), SLOW_HZ, calm)
    sine = np.clip(np.einsum("ni,i->n", up, lever.axis), -1.0, 1.0)
    edge = int(SLOW_HZ)
    stands = min(float(np.median(sine[:edge])), float(np.median(sine[-edge:]))) > ABOVE_JOINT
    if stands:
        lever, sine = replace(lever, axis=-lever.axis), -sine
    climb = np.einsum("ni,ni->n", acc, up)
    climb -= float((climb * calm).sum() / calm.sum())
    return Limb(gyr, acc, turns, up, climb, np.arcsin(sine), lever, stands, present, calm)


def turned(limb: Limb, starts: FloatArray, tops: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Angles (k,) of the long axis between two instants each (at SLOW_HZ), and the rolls about it, rad."""
    axis, first = limb.lever.axis, _near(starts)
    turn = _turn(limb, first, _near(tops))
    climb = np.sin(_between(limb.elevation, np.array([starts, tops])))
    flat = np.sqrt(1.0 - climb**2)
    # the part across gravity comes from the gyro, the part along it from gravity
    up, moved = limb.up[first], turn @ axis
    one, two = (
        rows - np.einsum("ki,ki->k", rows, up)[:, None] * up
        for rows in (np.broadcast_to(axis, up.shape), moved)
    )
    size = np.sqrt(np.einsum("ki,ki->k", one, one) * np.einsum("ki,ki->k", two, two))
    around = np.where(size > 1e-3, np.einsum("ki,ki->k", one, two) / np.maximum(size, 1e-3), 1.0)
    cos = climb[0] * climb[1] + flat[0] * flat[1] * np.clip(around, -1.0, 1.0)
    roll = 2.0 * np.arctan2(_twist(turn) @ axis / 2.0, 1.0 + np.trace(turn, axis1=1, axis2=2))
    return np.arccos(np.clip(cos, -1.0, 1.0)), roll


def thigh_turned(limb: Limb, starts: FloatArray, tops: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Angles of a thigh whose shank, bent at it, turns about itself; nothing turns about the thigh."""
    turn = turn_vectors(limb, _near(starts), _near(tops))
    return np.sqrt(np.einsum("ki,ki->k", turn, turn)), np.zeros(len(turn))


def turn_vectors(limb: Limb, first: IntArray, last: IntArray) -> FloatArray:
    """Rotation vectors (k, 3), rad, from some samples to others, in sensor axes of the first."""
    turn = _turn(limb, first, last)
    twist = _twist(turn) / 2.0
    sine = np.sqrt(np.einsum("ki,ki->k", twist, twist))
    angle = np.arctan2(sine, (np.trace(turn, axis1=1, axis2=2) - 1.0) / 2.0)
    out: FloatArray = twist * np.where(sine > 1e-9, angle / np.maximum(sine, 1e-9), 1.0)[:, None]
    return out


def _turn(limb: Limb, first: IntArray, last: IntArray) -> FloatArray:
    """(k, 3, 3): axes of `last` -> axes of `first`."""
    out: FloatArray = limb.turns[first].transpose(0, 2, 1) @ limb.turns[last]
    return out


def _twist(turn: FloatArray) -> FloatArray:
    """(k, 3) along the axis of each turn."""
    parts = [turn[:, a, b] - turn[:, b, a] for a, b in ((2, 1), (0, 2), (1, 0))]
    return np.stack(parts, axis=1)


def _near(at: FloatArray) -> IntArray:
    return np.rint(at).astype(np.int64)


def _between(values: FloatArray, at: FloatArray) -> FloatArray:
    low = at.astype(np.int64)
    below, above = values[low], values[np.minimum(low + 1, len(values) - 1)]
    out: FloatArray = below + (above - below) * (at - low)
    return out


def _calm(gyr: FloatArray, acc: FloatArray) -> FloatArray:
    """(n,) weight of each sample as a witness of gravity."""
    push = np.sqrt(np.einsum("ni,ni->n", acc, acc)) - G
    turning = np.einsum("ni,ni->n", gyr, gyr)
    out: FloatArray = 1.0 / (1.0 + (push / CALM_ACC) ** 2 + turning / CALM_GYR**2)
    return out


def _halve(rows: FloatArray) -> FloatArray:
    n = len(rows) // SLOW * SLOW
    out: FloatArray = rows[:n].reshape(-1, SLOW, 3).mean(axis=1)
    return out


def _low_pass(rows: FloatArray) -> FloatArray:
    """Hann window over SMOOTH_S, no delay: -6 dB at about 8 Hz, so any input rate gives the same phases."""
    n = min(int(SMOOTH_S * SLOW_HZ) | 1, len(rows) - (len(rows) + 1) % 2)
    window = np.hanning(n + 2)[1:-1]
    padded = np.pad(rows, ((n // 2, n // 2), (0, 0)), mode="edge")
    return np.stack([np.convolve(padded[:, i], window / window.sum(), "valid") for i in range(3)], axis=1)


def _bias(gyr: FloatArray, acc: FloatArray) -> FloatArray:
    """What the gyro says while the limb rests: near what its even seconds say."""
    about = zero_of(gyr, acc, int(SLOW_HZ))
    off = gyr if about is None else gyr - about
    still = np.einsum("ni,ni->n", off, off) < STILL**2
    if still.sum() < SLOW_HZ:
        return np.zeros(3) if about is None else about
    out: FloatArray = gyr[still].mean(axis=0)
    return out


def _known_way_round(lever: Lever, up: FloatArray) -> Lever:
    """When motion says too little about the lever, use the direction in which gravity moved."""
    if lever.explained > KNOWN:
        return lever
    moved = up - up.mean(axis=0)
    axis = np.linalg.eigh(moved.T @ moved)[1][:, -1]
    along = moved @ axis
    skew = float((along**3).sum())  # rests last longer than tops or lie at one end of the range
    return Lever(lever.r, lever.explained, unit(axis if skew >= 0 else -axis))
