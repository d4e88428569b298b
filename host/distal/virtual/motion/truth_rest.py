"""The truth about how the cuffs are worn, and about the swaying of a person who stands."""

from typing import Any

import numpy as np

from distal.model import FloatArray, Side
from distal.units import DEG_PER_RAD
from distal.virtual.motion.body import OUTWARD, Athlete
from distal.virtual.motion.chain import EARTH_Z
from distal.virtual.motion.leg import LegMotion
from distal.virtual.motion.stage import SwayMark
from distal.virtual.motion.truth import Worn
from distal.virtual.motion.wearing import Wearing

SWAY_RATE_HZ = 50.0  # ten times the fastest swaying
CHI2_95 = 5.991  # 95 % of two normal directions lie inside this many variances


def write_wear(athlete: Athlete, side: Side) -> dict[str, Any]:
    """Of the cuff named `side`."""
    on: Side = side if not athlete.is_swapped else ("left" if side == "right" else "right")
    wearing = athlete.wearing.get(on, Wearing())
    return {
        "side": on,
        "upside_down": wearing.is_upside_down,
        "twist_deg": wearing.twist_deg,
        "slid_deg": wearing.slid_deg,
        "loose": wearing.is_loose,
    }


def write_stance(mark: SwayMark, legs: dict[Side, Worn]) -> dict[str, Any]:
    """One span of quiet standing, both legs."""
    sways: dict[str, Any] = {
        side: write_sway(leg.motion, mark.start_s, mark.end_s) for side, leg in legs.items()
    }
    return {"start_s": mark.start_s, "end_s": mark.end_s, **sways}


def write_sway(leg: LegMotion, start_s: float, end_s: float) -> dict[str, float]:
    """From the true tilt, a straight line taken off, no other filter. Degrees, s, Hz."""
    t = np.linspace(start_s, end_s, int((end_s - start_s) * SWAY_RATE_HZ) + 1)
    tilt = _without_line(t, tilt_deg(leg, t))
    ap, ml = tilt
    path = float(np.hypot(*np.diff(tilt, axis=1)).sum())
    spread = np.cov(tilt, bias=True)
    return {
        "rms_deg": float(np.sqrt(np.trace(spread))),
        "rms_ap_deg": float(ap.std()),
        "rms_ml_deg": float(ml.std()),
        "path_deg": path,
        "mean_velocity_deg_s": path / (end_s - start_s),
        "ellipse95_deg2": float(np.pi * CHI2_95 * np.sqrt(max(0.0, np.linalg.det(spread)))),
        "median_hz": _median_hz(tilt),
    }


def tilt_deg(leg: LegMotion, t: FloatArray) -> FloatArray:
    """(2, n): how far the shank leans ahead, and outward."""
    up = leg.state(t)[EARTH_Z]
    out: FloatArray = DEG_PER_RAD * np.stack([-np.arcsin(up[0]), -OUTWARD[leg.side] * np.arcsin(up[1])])
    return out


def _without_line(t: FloatArray, rows: FloatArray) -> FloatArray:
    return np.stack([row - np.polyval(np.polyfit(t, row, 1), t) for row in rows])


def _median_hz(tilt: FloatArray) -> float:
    """Half of the power of both directions lies below."""
    power = (np.abs(np.fft.rfft(tilt, axis=1)) ** 2).sum(axis=0)
    total = np.cumsum(power)
    bin_hz = SWAY_RATE_HZ / tilt.shape[1]
    return float(np.interp(0.5 * total[-1], total, np.arange(len(total)) * bin_hz))
