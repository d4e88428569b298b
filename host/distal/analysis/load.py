"""Load of the worn mass: F = m f, M = r x F + I w' + w x I w, P = F . v. No differentiation of position.

f is what the accelerometer measures (gravity and inertia together), r = joint -> cuff centre, the joint
taken as fixed. Lever by Winter: shank 0.246 H, thigh 0.245 H. Source: Newton, and Winter 2009, table 4.1.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.signal import sosfiltfilt

from distal.analysis.even import RATE_HZ, Even
from distal.analysis.filters import butterworth, slope
from distal.analysis.rotate import lengths
from distal.model import Facts, FloatArray
from distal.units import G

PEAK_HZ = 20.0  # low-pass of forces, by contract
SHANK, THIGH = 0.246, 0.245  # of body height, Winter 2009
RING_M, TALL_M = 0.05, 0.10  # a cuff is a ring of this radius and height: inertia about its own centre
RING2 = RING_M**2 / 2.0 + TALL_M**2 / 12.0, RING_M**2  # squared radii of gyration across and along the limb
SPIKE = 4.0  # m/s2 above gravity around the end of the way down: a landing, not lifting
LANDING_S = 0.3
CONTACT_S = 0.04  # 20 Hz spread a contact by as much
SLOW_S = 0.25  # a contact is shorter, the way down longer


@dataclass(frozen=True, slots=True)
class Felt:
    """What a point of the limb feels, low-passed, (n, 3) each at RATE_HZ, sensor axes."""

    gyr: FloatArray  # rad/s
    acc: FloatArray  # specific force, m/s2
    turning: FloatArray  # rad/s2
    up: FloatArray  # unit, against gravity

    def cut(self, start: int, end: int) -> "Felt":
        """Samples [start, end)."""
        return Felt(self.gyr[start:end], self.acc[start:end], self.turning[start:end], self.up[start:end])


@dataclass(frozen=True, slots=True)
class Phases:
    """Sample numbers (fractional, RATE_HZ) in a span: lift, hold, lower."""

    start: float
    hold_start: float
    hold_end: float
    end: float

    def shift(self, by: float) -> "Phases":
        """The same, later by so many samples."""
        return Phases(self.start + by, self.hold_start + by, self.hold_end + by, self.end + by)


def knee_length_m(facts: Facts) -> float | None:
    """Knee -> centre of the worn mass."""
    return None if facts.height_m is None else SHANK * facts.height_m - facts.cuff_height_m


def hip_length_m(facts: Facts) -> float | None:
    """Hip -> centre of the worn mass, leg straight."""
    knee = knee_length_m(facts)
    return None if knee is None or facts.height_m is None else knee + THIGH * facts.height_m


def cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """a x b, row by row; several times faster than numpy's for many short rows."""
    x, y, z = a.T
    u, v, w = b.T
    out = np.empty((len(a), 3))
    out[:, 0], out[:, 1], out[:, 2] = y * w - z * v, z * u - x * w, x * v - y * u
    return out


def moment_nm(force: FloatArray, gyr: FloatArray, arm: FloatArray, mass_kg: float) -> FloatArray:
    """(n, 3) N.m about the joint of a cuff, a ring around `arm`; force (n, 3) N, gyr in rad/s."""
    turning = slope(gyr, 1.0 / RATE_HZ) if len(gyr) > 1 else np.zeros_like(gyr)
    axis = arm / max(float(np.sqrt(arm @ arm)), 1e-9)
    felt = Felt(gyr, force / mass_kg, turning, np.zeros_like(gyr))
    return moment_of(felt, arm, mass_kg, (axis, RING2))


def moment_of(
    felt: Felt, arm: FloatArray, mass_kg: float, spin: tuple[FloatArray, tuple[float, float]]
) -> FloatArray:
    """(n, 3) N.m about a joint: r x m f + I w' + w x I w.

    arm   (3,) or (n, 3), joint -> the mass
    spin  unit axis of the body, squared radii of gyration across and along it
    """
    return moment_at(felt, arm, mass_kg, spun(felt, spin))


def spun(felt: Felt, spin: tuple[FloatArray, tuple[float, float]]) -> FloatArray:
    """(n, 3) I w' + w x I w of a body, per kg: wherever it is."""
    axis, radii = spin
    carried = cross(felt.gyr, _turned(felt.gyr, axis, radii))
    out: FloatArray = _turned(felt.turning, axis, radii) + carried
    return out


def moment_at(felt: Felt, arm: FloatArray, mass_kg: float, own: FloatArray) -> FloatArray:
    """As `moment_of`, with what the body itself takes to turn (`spun`)."""
    out: FloatArray = mass_kg * (cross(_rows(arm, felt), felt.acc) + own)
    return out


def _rows(arm: FloatArray, felt: Felt) -> FloatArray:
    return np.broadcast_to(arm, felt.acc.shape)


def gravity_nm(felt: Felt, arm: FloatArray, mass_kg: float) -> FloatArray:
    """(n, 3) N.m: what remains of the moment when nothing moves; the rest of it is inertia."""
    out: FloatArray = mass_kg * G * cross(_rows(arm, felt), felt.up)
    return out


def _turned(rows: FloatArray, axis: FloatArray, radii: tuple[float, float]) -> FloatArray:
    """I v of a body that is round about `axis`, per kg."""
    across, along = radii
    out: FloatArray = across * rows + (along - across) * np.einsum("ni,i->n", rows, axis)[:, None] * axis
    return out


def feel(even: Even, up: FloatArray, offset_m: tuple[float, float, float]) -> Felt:
    """A span as its worn mass feels it; offset_m: sensor -> the mass's centre, sensor axes.

    up  (k, 3) unit at RATE_HZ / SLOW, each amid the SLOW samples it was made of
    """
    smooth = smooth_span(even)
    up = _fine(up, len(even))
    turning = slope(smooth.gyr, 1.0 / RATE_HZ) if len(even) > 1 else np.zeros_like(smooth.gyr)
    acc = smooth.acc
    if any(offset_m):
        way = np.broadcast_to(np.array(offset_m), acc.shape)
        acc = acc + cross(turning, way) + cross(smooth.gyr, cross(smooth.gyr, way))
    return Felt(smooth.gyr, acc, turning, up)


def _fine(up: FloatArray, n: int) -> FloatArray:
    slow = round(n / max(len(up), 1))
    at = np.arange(len(up)) * slow + (slow - 1) / 2.0
    rows = np.stack([np.interp(np.arange(n), at, up[:, k]) for k in range(3)], axis=1)
    out: FloatArray = rows / np.maximum(lengths(rows), 1e-9)[:, None]
    return out


def smooth_span(span: Even) -> Even:
    """Low-pass at PEAK_HZ without delay."""
    sos = butterworth(2, PEAK_HZ, RATE_HZ)
    return Even(
        sosfiltfilt(sos, span.gyr, axis=0), sosfiltfilt(sos, span.acc, axis=0), span.present, span.clipped
    )


@lru_cache(maxsize=64)
def _hann(n: int) -> FloatArray:
    """A window of unit sum; not to be changed."""
    out: FloatArray = np.hanning(n + 2)[1:-1] / np.hanning(n + 2).sum()
    return out


def landing_g(acc: FloatArray, end: int) -> float | None:
    """Largest specific force, in g, of a contact around the end of the way down; None without one."""
    reach = int(LANDING_S * RATE_HZ)
    size = lengths(acc[max(end - reach, 0) : end + reach])
    peak = float(size.max()) if len(size) else 0.0
    return peak / G if peak - G > SPIKE else None


def without_contact(acc: FloatArray, start: int, end: int) -> FloatArray:
    """`acc[start:end]` with only its slow course in the last LANDING_S before `end`, faded in.

    No threshold decides what is contact, so a little more or less of it changes the load a little.
    """
    reach = int(LANDING_S * RATE_HZ)
    begin = max(end - 2 * reach, 0)
    rows = acc[begin : end + reach]
    n = min(int(SLOW_S * RATE_HZ) | 1, len(rows))
    out = acc[start:end].copy()
    if n < 3:
        return out
    window = _hann(n)
    # a contact itself stays out of the slow course: that is held from shortly before
    held = rows.copy()
    size = np.sqrt(np.einsum("ni,ni->n", rows, rows)) - G
    size[: max(end - reach - begin, 0)] = 0.0
    hit = int(np.argmax(size))
    if size[hit] > SPIKE:
        onset = hit - int(np.argmax(size[: hit + 1][::-1] < SPIKE / 2.0))
        held[max(onset - int(CONTACT_S * RATE_HZ), 0) :] = held[max(onset - int(CONTACT_S * RATE_HZ), 0)]
    slow = np.array([np.convolve(column, window, "same") for column in held.T]).T
    fade = np.clip((np.arange(len(rows)) - (end - reach - begin)) / (reach / 3.0), 0.0, 1.0)[:, None]
    mixed = rows * (1.0 - fade) + slow * fade
    low = max(begin, start)
    out[low - start :] = mixed[low - begin : end - begin][: len(out) - (low - start)]
    return out
