"""Load of the worn mass: F = m f, M = r x F + I w' + w x I w, P = F . v. No differentiation of position.

f is what the accelerometer measures (gravity and inertia together), r = joint -> cuff centre, the joint
taken as fixed. Lever by Winter: shank 0.246 H, thigh 0.245 H. Source: Newton, and Winter 2009, table 4.1.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.signal import butter, sosfiltfilt

from distal.analysis.even import RATE_HZ, Even
from distal.model import Facts, FloatArray, Load
from distal.units import G

PEAK_HZ = 20.0  # low-pass of forces, by contract
SHANK, THIGH = 0.246, 0.245  # of body height, Winter 2009
RING_M, TALL_M = 0.05, 0.10  # a cuff is a ring of this radius and height: inertia about its own centre
SPIKE = 4.0  # m/s2 above gravity around the end of the way down: a landing, not lifting
LANDING_S = 0.3
CONTACT_S = 0.04  # 20 Hz spread a contact by as much
SLOW_S = 0.25  # a contact is shorter, the way down longer


@dataclass(frozen=True, slots=True)
class Arm:
    """Which joint, how far the worn mass is from it, and which way the limb points (sensor axes)."""

    about: Literal["knee", "hip"] | None
    length_m: float | None
    axis: FloatArray
    outward: FloatArray | None = None  # unit, away from the other leg


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


def moment_nm(force: FloatArray, gyr: FloatArray, arm: FloatArray, mass_kg: float) -> FloatArray:
    """(n, 3) N.m about the joint: r x F + I w' + w x I w of a ring around the limb. gyr in rad/s."""
    across = mass_kg * (RING_M**2 / 2.0 + TALL_M**2 / 12.0)
    along = mass_kg * RING_M**2
    axis = arm / max(float(np.sqrt(arm @ arm)), 1e-9)
    spin = across * gyr + (along - across) * np.outer(np.einsum("ni,i->n", gyr, axis), axis)
    turning = np.gradient(spin, 1.0 / RATE_HZ, axis=0) if len(spin) > 1 else np.zeros_like(spin)
    out: FloatArray = np.cross(arm, force) + turning + np.cross(gyr, spin)
    return out


def rep_load(smooth: Even, phases: Phases, arm: Arm, mass_kg: float | None) -> Load:
    """Load over one lift; `smooth` is the span after `smooth_span`."""
    start, end = round(phases.start), round(phases.end) + 1
    landing_g = _landing_g(smooth.acc, end)
    if mass_kg is None:
        return Load(about=arm.about, landing_peak_g=landing_g)
    force = mass_kg * _without_contact(smooth.acc, start, end)
    gyr = smooth.gyr[start:end]
    peak = float(np.sqrt(np.einsum("ni,ni->n", force, force).max()))
    lateral = _largest(force, arm.outward)
    if arm.length_m is None:
        return Load(about=None, peak_force_n=peak, lateral_force_n=lateral, landing_peak_g=landing_g)
    r = arm.length_m * arm.axis
    size = np.linalg.norm(moment_nm(force, gyr, r, mass_kg), axis=1)
    power = np.einsum("ni,ni->n", force, np.cross(gyr, r))
    cut = [min(max(round(x) - start, 0), len(size)) for x in (phases.hold_start, phases.hold_end)]
    parts = [float(part.sum()) / RATE_HZ for part in np.split(size, cut)]
    return Load(
        about=arm.about,
        peak_force_n=peak,
        peak_moment_nm=float(size.max()),
        impulse_nms=parts[0] + parts[1] + parts[2],
        impulse_concentric_nms=parts[0],
        impulse_hold_nms=parts[1],
        impulse_eccentric_nms=parts[2],
        work_concentric_j=float(np.maximum(power, 0.0).sum()) / RATE_HZ,
        work_eccentric_j=float(np.minimum(power, 0.0).sum()) / RATE_HZ,
        peak_power_w=float(power.max()),
        lateral_force_n=lateral,
        landing_peak_g=landing_g,
    )


def _largest(force: FloatArray, axis: FloatArray | None) -> float | None:
    """The component along an axis where its size is largest, signed."""
    if axis is None:
        return None
    along = np.einsum("ni,i->n", force, axis)
    return float(along[np.abs(along).argmax()])


def smooth_span(span: Even) -> Even:
    """Low-pass at PEAK_HZ without delay."""
    sos = butter(2, PEAK_HZ, fs=RATE_HZ, output="sos")
    return Even(
        sosfiltfilt(sos, span.gyr, axis=0), sosfiltfilt(sos, span.acc, axis=0), span.present, span.clipped
    )


def _landing_g(acc: FloatArray, end: int) -> float | None:
    """Largest specific force, in g, of a contact around the end of the way down; None without one."""
    reach = int(LANDING_S * RATE_HZ)
    size = np.linalg.norm(acc[max(end - reach, 0) : end + reach], axis=1)
    peak = float(size.max()) if len(size) else 0.0
    return peak / G if peak - G > SPIKE else None


def _without_contact(acc: FloatArray, start: int, end: int) -> FloatArray:
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
    window = np.hanning(n + 2)[1:-1] / np.hanning(n + 2).sum()
    # a contact itself stays out of the slow course: that is held from shortly before
    held = rows.copy()
    size = np.sqrt(np.einsum("ni,ni->n", rows, rows)) - G
    size[: max(end - reach - begin, 0)] = 0.0
    hit = int(np.argmax(size))
    if size[hit] > SPIKE:
        onset = hit - int(np.argmax(size[: hit + 1][::-1] < SPIKE / 2.0))
        held[max(onset - int(CONTACT_S * RATE_HZ), 0) :] = held[max(onset - int(CONTACT_S * RATE_HZ), 0)]
    slow = np.stack([np.convolve(held[:, i], window, "same") for i in range(3)], axis=1)
    fade = np.clip((np.arange(len(rows)) - (end - reach - begin)) / (reach / 3.0), 0.0, 1.0)[:, None]
    mixed = rows * (1.0 - fade) + slow * fade
    low = max(begin, start)
    out[low - start :] = mixed[low - begin : end - begin][: len(out) - (low - start)]
    return out
