"""What the leg does around a swing: how far, how high, how much it turns, what it feels. Many at once.

Planar strapdown in the leg's own plane of swing, from the calmest instant of the stance before to that of
the stance after. There a foot stands still, and a shank is an inverted pendulum on the ankle: its sensor
moves with w x r (Li 2010; Yang & Li 2012), which a zero-velocity update would miss. Straight-line drift of
velocity is taken off, so that a constant error of tilt (1 degree = 0.17 m/s2) costs nothing.
"""

from dataclasses import dataclass

import numpy as np

from distal.analysis.even import RATE_HZ
from distal.analysis.gait_axis import along
from distal.model import FloatArray
from distal.units import G

REACH = 100  # samples on both sides of mid-swing: half a slow swing, contact, and into mid-stance
CALM_BEFORE_S, CALM_AFTER_S = (0.50, 0.06), (0.08, 0.50)  # calm is looked for here: before tc, after ic
NEARBY_M = 0.15  # a leg that swings on a hinge comes back: less than the step of a short shuffle
# A rest: slower than a shank rolls over its foot, and for a tenth of a second nothing but gravity is felt
REST, REST_G = 0.5, 0.15  # rad/s, share of g
SMOOTH = 5  # samples: calm is not a zero crossing in the ringing of a contact


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


def measure(around: Around) -> Travel:
    """Travel of each swing."""
    pitch = along(around.gyr, around.axis)
    forward = np.cross(around.up, around.axis)
    start, stop = _calm(pitch, around)
    inside = _between(start, stop)
    angle = np.cumsum(pitch, axis=1) / RATE_HZ
    rows = np.arange(len(angle))
    f_ahead, f_up = along(around.acc, forward), along(around.acc, around.up)
    angle = angle - (angle[rows, start] + _tilt(f_ahead, f_up, pitch, around, start))[:, None]
    sin, cos = np.sin(angle), np.cos(angle)
    ahead = cos * f_ahead - sin * f_up
    above = sin * f_ahead + cos * f_up - G
    ends = [(pitch[rows, k], cos[rows, k], sin[rows, k]) for k in (start, stop)]
    (w0, c0, s0), (w1, c1, s1) = ends
    r = around.lever_m  # the sensor is at r (sin, cos) from the ankle; forward pitch tips its top back
    length = _path(ahead * inside, start, stop, -r * w0 * c0, -r * w1 * c1) + r * (s1 - s0)
    rise = _path(above * inside, start, stop, -r * w0 * s0, -r * w1 * s1) - r * (c1 - c0)
    yaw = (along(around.gyr, around.up) * cos + along(around.gyr, forward) * sin) * inside
    way_back = np.zeros(len(length))
    if (short := np.abs(length) < NEARBY_M).any():
        way_back[short] = _way_back(ahead[short], pitch[short])
    return Travel(length, rise, yaw.sum(axis=1) / RATE_HZ, way_back, _lean(f_ahead, f_up, pitch, around))


def _calm(pitch: FloatArray, around: Around) -> tuple[np.ndarray, np.ndarray]:
    """Samples of the calmest instants before tc and after ic."""
    n = pitch.shape[1]
    speed = np.abs(pitch)
    wide = np.cumsum(np.pad(speed, ((0, 0), (SMOOTH // 2 + 1, SMOOTH // 2)), mode="edge"), axis=1)
    calm = wide[:, SMOOTH:] - wide[:, :-SMOOTH]
    at = np.arange(n)[None, :]
    out = []
    for contact, (low, high) in (
        (around.tc, (-CALM_BEFORE_S[0], -CALM_BEFORE_S[1])),
        (around.ic, CALM_AFTER_S),
    ):
        near = (at >= contact[:, None] + low * RATE_HZ) & (at <= contact[:, None] + high * RATE_HZ)
        out.append(np.argmin(np.where(near, calm, np.inf), axis=1))
    return out[0], out[1]


def _between(start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    at = np.arange(2 * REACH)[None, :]
    return (at > start[:, None]) & (at <= stop[:, None])


def _tilt(
    f_ahead: FloatArray, f_up: FloatArray, pitch: FloatArray, around: Around, start: np.ndarray
) -> FloatArray:
    """Angle of the leg to the vertical at the calm instant, from gravity there."""
    rows = np.arange(len(start))
    sums = []
    for part in (f_ahead, f_up):
        total = np.cumsum(np.pad(part, ((0, 0), (1, 0))), axis=1)
        low, high = np.maximum(start - SMOOTH, 0), np.minimum(start + SMOOTH + 1, part.shape[1])
        sums.append(total[rows, high] - total[rows, low])
    out: FloatArray = -np.arctan2(sums[0], sums[1])
    return out


def _lean(f_ahead: FloatArray, f_up: FloatArray, pitch: FloatArray, around: Around) -> FloatArray:
    """Most that the leg leans in a rest before or after the swing; 0 where it never rests."""
    rows = np.arange(len(pitch))
    leans = []
    still = np.abs(np.hypot(f_ahead, f_up) / G - 1.0) < REST_G
    for at in _calm(pitch, around):
        near = np.clip(at[:, None] + np.arange(-SMOOTH, SMOOTH + 1), 0, pitch.shape[1] - 1)
        is_rest = (np.abs(pitch[rows, at]) < REST) & still[rows[:, None], near].all(axis=1)
        leans.append(np.where(is_rest, np.abs(_tilt(f_ahead, f_up, pitch, around, at)), 0.0))
    out: FloatArray = np.maximum(leans[0], leans[1])
    return out


def _path(
    force: FloatArray, start: np.ndarray, stop: np.ndarray, v0: FloatArray, v1: FloatArray
) -> FloatArray:
    """Double integral between the calm instants; speed is v0 and v1 there."""
    steps = np.maximum(stop - start, 1)
    gain = np.cumsum(force, axis=1) / RATE_HZ
    drift = (v1 - v0 - gain[:, -1]) / steps
    at = np.arange(force.shape[1])[None, :] - start[:, None]
    inside = (at > 0) & (at <= steps[:, None])
    speed = (v0[:, None] + gain + drift[:, None] * at) * inside
    out: FloatArray = speed.sum(axis=1) / RATE_HZ
    return out


def _way_back(ahead: FloatArray, pitch: FloatArray) -> FloatArray:
    """Slope of forward speed on backward turning over that on forward turning.

    Speed here is free of offset and trend. A leg that hangs on a joint has the same lever both ways: 1. In
    walking the leg that turns backward stands on the floor: about 0.
    """
    n = ahead.shape[1]
    t = np.linspace(-1.0, 1.0, n)[None, :] + np.zeros_like(ahead)
    speed = np.cumsum(ahead, axis=1) / RATE_HZ
    columns = [np.ones_like(t), t, np.maximum(pitch, 0.0), np.minimum(pitch, 0.0)]
    square = np.stack([np.stack([(a * b).sum(axis=1) for b in columns], -1) for a in columns], -1)
    right = np.stack([(a * speed).sum(axis=1) for a in columns], -1)
    square += 1e-9 * np.eye(4) * np.trace(square, axis1=1, axis2=2)[:, None, None]
    slopes = np.linalg.solve(square, right[:, :, None])[:, :, 0]
    out: FloatArray = slopes[:, 3] / np.where(np.abs(slopes[:, 2]) > 1e-6, slopes[:, 2], 1e-6)
    return out
