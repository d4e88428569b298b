"""What the leg does around a swing: how far, how high, how much it turns, what it feels. Many at once.

Planar strapdown in the leg's own plane of swing, from the calmest instant of the stance before to that of
the stance after. There a foot stands still, and a shank is an inverted pendulum on the ankle: its sensor
moves with w x r (Li 2010; Yang & Li 2012), which a zero-velocity update would miss. Straight-line drift of
velocity is taken off, so that a constant error of tilt (1 degree = 0.17 m/s2) costs nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from distal.analysis.even import RATE_HZ
from distal.analysis.gait_axis import cross_rows, parts_along
from distal.model import FloatArray
from distal.units import G

REACH = 100  # samples on both sides of mid-swing: half a slow swing, contact, and into mid-stance
CALM_BEFORE_S, CALM_AFTER_S = (0.65, 0.06), (0.08, 0.50)  # calm is looked for here: before tc, after ic
# What is felt there is gravity alone: a shank may stop turning on the way up a stair while its foot leaves
UNREST = 0.3  # rad/s of turning that are as bad as 1 m/s2 off gravity
NEARBY_M = 0.15  # a leg that swings on a hinge comes back: less than the step of a short shuffle
# A rest: slower than a shank rolls over its foot, and for a tenth of a second nothing but gravity is felt
REST, REST_G = 0.5, 0.15  # rad/s, share of g
SMOOTH = 5  # samples on both sides: calm is not a zero crossing in the ringing of a contact
ROCK = 20  # samples on both sides of calm in which a shank rocks over a foot that is flat on the floor,
ROCKS = 1.5  # rad/s: unless it turns faster


_AT = np.arange(2 * REACH)
_BEFORE_AFTER = np.array([[-CALM_BEFORE_S[0], -CALM_BEFORE_S[1]], CALM_AFTER_S])[:, :, None, None] * RATE_HZ
_HELD = np.clip(np.arange(-SMOOTH, 2 * REACH + SMOOTH), 0, 2 * REACH - 1)
_NEARBY = np.arange(-SMOOTH, SMOOTH + 1)
_ROCKING = np.arange(-ROCK, ROCK + 1)

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Around:
    """Windows (k, 3, 2 REACH) around mid-swings, their axes and contacts (window samples)."""

    gyr: FloatArray
    acc: FloatArray
    axis: FloatArray
    up: FloatArray
    tc: FloatArray
    ic: FloatArray
    lever_m: float  # ankle joint -> sensor along the shank; 0 for a foot


@dataclass(frozen=True, slots=True)
class Travel:
    """One row per swing."""

    length_m: FloatArray  # of the stride: how far the ankle went ahead
    rise_m: FloatArray
    turn: FloatArray  # rad about the vertical, left positive
    way_back: FloatArray  # forward speed while turning backward / forward, per rad/s; 0 beyond NEARBY_M
    lean: FloatArray  # rad, of the leg to the vertical at the calmer of its two rests where it leans most
    felt: FloatArray  # (k, 3): largest |f|, across the leg, along its axis (signed), m/s2, from tc to ic
    per_lever: FloatArray  # m of `length_m` per m of lever
    rocking: (
        FloatArray  # (k, 2): how the sensor's speed goes with the leg's turning in stance, see `_rocking`
    )


def measure(around: Around, rocks: bool) -> Travel:
    """Travel of each swing; rocks: whether `rocking` is asked for, else it is zero."""
    axes = [around.axis, around.up, cross_rows(around.up, around.axis)]
    basis = np.concatenate(axes, axis=1).reshape(-1, 3, 3)
    turning, force = parts_along(around.gyr, basis), parts_along(around.acc, basis)
    pitch, f_up, f_ahead = turning[:, 0], force[:, 1], force[:, 2]
    calm = _calm(pitch, force, around)
    start, stop = calm
    tilts = _tilts(force, calm)
    rows = np.arange(len(pitch))
    angle = np.cumsum(pitch, axis=1) / RATE_HZ
    angle = angle - (angle[rows, start] + tilts[0])[:, None]
    sin, cos = np.sin(angle), np.cos(angle)
    moving = np.empty((2, *angle.shape))  # ahead, above
    moving[0] = cos * f_ahead - sin * f_up
    moving[1] = sin * f_ahead + cos * f_up - G
    # the sensor is at r (sin, cos) from the ankle; forward pitch tips its top back
    r = around.lever_m
    c, s = cos[rows, calm], sin[rows, calm]
    w = -pitch[rows, calm]
    inside = (start[:, None] < _AT) & (stop[:, None] >= _AT)
    length, rise = _paths(moving * inside, calm, r * np.array([w * c, w * s]))
    length, rise = length + r * (s[1] - s[0]), rise - r * (c[1] - c[0])
    steps = np.maximum(stop - start, 1)
    per_lever = (w[0] * c[0] * (steps - 1) + w[1] * c[1] * (steps + 1)) / (2 * RATE_HZ) + s[1] - s[0]
    yaw = (turning[:, 1] * cos + turning[:, 2] * sin) * inside
    way_back = np.zeros(len(length))
    if (short := np.abs(length) < NEARBY_M).any():
        way_back[short] = _way_back(moving[0, short], pitch[short])
    lean = _lean(force, pitch, calm, tilts)
    rocking = _rocking(moving[0], -pitch * cos, calm) if rocks else np.zeros((len(length), 2))
    turn = yaw.sum(axis=1) / RATE_HZ
    return Travel(length, rise, turn, way_back, lean, _feel(around, force), per_lever, rocking)


def _calm(pitch: FloatArray, force: FloatArray, around: Around) -> IntArray:
    """(2, k) samples of the calmest instants before tc and after ic."""
    felt = np.sqrt(force[:, 0] ** 2 + force[:, 1] ** 2 + force[:, 2] ** 2)
    wide = (np.abs(pitch) + UNREST * np.abs(felt - G)).take(_HELD, axis=1)
    calm = wide[:, : 2 * REACH].copy()
    for k in range(
        1, 2 * SMOOTH + 1
    ):  # no running sum: where a hole holds still, all is alike and the first counts
        calm += wide[:, k : 2 * REACH + k]
    low, high = (np.array([around.tc, around.ic])[:, :, None] + _BEFORE_AFTER[:, k] for k in (0, 1))
    near = (low <= _AT) & (high >= _AT)
    out: IntArray = np.argmin(np.where(near, calm, np.inf), axis=2)
    return out


def _tilts(force: FloatArray, calm: IntArray) -> FloatArray:
    """(2, k) angle of the leg to the vertical at the calm instants, from gravity there."""
    total = np.zeros((len(force), 2, 2 * REACH + 1))
    np.cumsum(force[:, 1:], axis=2, out=total[:, :, 1:])
    rows = np.arange(len(force))
    low, high = np.maximum(calm - SMOOTH, 0), np.minimum(calm + SMOOTH + 1, 2 * REACH)
    sums = total[rows, :, high] - total[rows, :, low]
    out: FloatArray = -np.arctan2(sums[:, :, 1], sums[:, :, 0])
    return out


def _lean(force: FloatArray, pitch: FloatArray, calm: IntArray, tilts: FloatArray) -> FloatArray:
    """Most that the leg leans in a rest before or after the swing; 0 where it never rests."""
    rows = np.arange(len(pitch))
    near = np.minimum(np.maximum(calm[:, :, None] + _NEARBY, 0), 2 * REACH - 1)
    f_up, f_ahead = (force[rows[:, None], k, near] for k in (1, 2))
    still = (np.abs(np.hypot(f_ahead, f_up) / G - 1.0) < REST_G).all(axis=2)
    is_rest = still & (np.abs(pitch[rows, calm]) < REST)
    out: FloatArray = (np.abs(tilts) * is_rest).max(axis=0)
    return out


def _paths(force: FloatArray, calm: IntArray, ends: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Double integrals of two courses (2, k, n) between calm instants; `ends` (2, 2, k): speed there."""
    steps = np.maximum(calm[1] - calm[0], 1)
    gain = np.cumsum(force, axis=2) / RATE_HZ
    drift = (ends[:, 1] - ends[:, 0] - gain[:, :, -1]) / steps
    at = _AT - calm[0][:, None]
    inside = (at > 0) & (at <= steps[:, None])
    speed = (ends[:, 0, :, None] + gain + drift[:, :, None] * at) * inside
    way = speed.sum(axis=2) / RATE_HZ
    return way[0], way[1]


def _rocking(ahead: FloatArray, turning: FloatArray, calm: IntArray) -> FloatArray:
    """(k, 2): sums of speed times turning and of turning squared, around both calm instants.

    The foot is flat there and the shank rocks over the ankle: speed changes by the lever times turning. Both
    are free of offset and trend, so that a tilt that is somewhat off costs nothing.
    """
    rows = np.arange(len(ahead))[:, None]
    near = calm[:, :, None] + _ROCKING
    seen = (near[:, :, 0] >= 0) & (near[:, :, -1] < 2 * REACH)
    near = np.minimum(np.maximum(near, 0), 2 * REACH - 1)
    speed, pace = (
        _bent(part) for part in (np.cumsum(ahead[rows, near], axis=2) / RATE_HZ, turning[rows, near])
    )
    sums = np.stack([(speed * pace).sum(axis=2), (pace * pace).sum(axis=2)], axis=2)
    seen &= np.abs(turning[rows, near]).max(axis=2) < ROCKS
    out: FloatArray = (sums * seen[:, :, None]).sum(axis=0)
    return out


def _bent(course: FloatArray) -> FloatArray:
    """Courses (2, k, n) less their straight line."""
    off = course - course.mean(axis=2, keepdims=True)
    slope = (off * _ROCKING).sum(axis=2, keepdims=True) / float((_ROCKING * _ROCKING).sum())
    out: FloatArray = off - slope * _ROCKING
    return out


def _way_back(ahead: FloatArray, pitch: FloatArray) -> FloatArray:
    """Slope of forward speed on backward turning over that on forward turning.

    Speed here is free of offset and trend. A leg that hangs on a joint has the same lever both ways: 1. In
    walking the leg that turns backward stands on the floor: about 0.
    """
    k, n = ahead.shape
    columns = np.empty((k, 5, n))
    columns[:, 0], columns[:, 1] = 1.0, np.linspace(-1.0, 1.0, n)
    columns[:, 2], columns[:, 3] = np.maximum(pitch, 0.0), np.minimum(pitch, 0.0)
    columns[:, 4] = np.cumsum(ahead, axis=1) / RATE_HZ  # speed
    products = (columns[:, :4, None] * columns[:, None]).sum(axis=3)
    square, right = products[:, :, :4], products[:, :, 4:]
    square += 1e-9 * np.eye(4) * np.trace(square, axis1=1, axis2=2)[:, None, None]
    slopes = np.linalg.solve(square, right)[:, :, 0]
    out: FloatArray = slopes[:, 3] / np.where(np.abs(slopes[:, 2]) > 1e-6, slopes[:, 2], 1e-6)
    return out


def _feel(around: Around, force: FloatArray) -> FloatArray:
    """(k, 3) what is felt from tc to ic; `up` at mid-stance is the leg's long axis."""
    inside = (np.floor(around.tc)[:, None] <= _AT) & (np.floor(around.ic)[:, None] >= _AT)
    size2 = (around.acc * around.acc).sum(axis=1) * inside
    upward, sideways = force[:, 1] * inside, force[:, 0] * inside
    most = np.argmax(np.abs(sideways), axis=1)
    out = np.empty((len(most), 3))
    out[:, 0] = size2.max(axis=1)
    out[:, 1] = np.maximum((size2 - upward * upward).max(axis=1), 0.0)
    np.sqrt(out[:, :2], out=out[:, :2])
    out[:, 2] = sideways[np.arange(len(most)), most]
    return out
