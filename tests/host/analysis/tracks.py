"""Tracks for the tests: exact limbs, real files, cuts."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from distal.analysis.rotate import turn_matrices
from distal.csvfile import read_csv
from distal.model import SIDES, FloatArray, Side, Timebase, Track
from distal.virtual.motion import Performance

G = 9.80665


def make_track(gyr: FloatArray, acc: FloatArray, rate_hz: float = 100.0, side: Side = "right") -> Track:
    return Track(side, Timebase(0.0, rate_hz), gyr, acc, np.zeros(len(gyr), dtype=bool))


def swing_limb(
    angle: FloatArray, rate_hz: float, lever_m: float, mounting: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Exact gyr and acc of a sensor `lever_m` from a fixed hinge; angle from hanging, rad, lifted forward.

    Limb axes: x along the limb away from the joint, y forward, z the hinge (right).
    """
    speed = np.gradient(angle, 1.0 / rate_hz)
    turning = np.gradient(speed, 1.0 / rate_hz)
    nothing = np.zeros_like(angle)
    gyr = np.stack([nothing, nothing, speed], axis=1)
    acc = np.stack(
        [-G * np.cos(angle) - lever_m * speed**2, G * np.sin(angle) + lever_m * turning, nothing], axis=1
    )
    return (gyr, acc) if mounting is None else (gyr @ mounting.T, acc @ mounting.T)


def rep_angle(
    rate_hz: float, reps: int, top: float, rest: float = 0.0, times: tuple[float, ...] = (1.0, 1.0, 1.2, 1.5)
) -> FloatArray:
    """Minimum-jerk lifts from `rest` to `top` (rad): up, hold, down, pause in s; 4 s of rest at both ends."""
    up, hold, down, pause = (np.linspace(0.0, 1.0, round(x * rate_hz), endpoint=False) for x in times)
    way = _smooth(up), np.ones_like(hold), 1.0 - _smooth(down), np.zeros_like(pause)
    still = np.zeros(round(4 * rate_hz))
    return rest + (top - rest) * np.concatenate([still, *(part for _ in range(reps) for part in way), still])


def _smooth(t: FloatArray) -> FloatArray:
    out: FloatArray = 10 * t**3 - 15 * t**4 + 6 * t**5
    return out


def any_mounting(seed: int) -> FloatArray:
    return turn_matrices(np.random.default_rng(seed).normal(0.0, 2.0, (1, 3)))[0]


def recorded(folder: Path, name: str, side: Side) -> Track:
    """One real sensor on its true time grid."""
    return read_csv(folder / f"{name}.csv.gz", side)


def truth(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{name}_truth.json").read_text())
    return found


def virtual_tracks(performance: Performance, rate_hz: float = 208.0) -> list[Track]:
    """Both legs as a sensor with the noise of the chip would record them."""
    tracks = []
    for side in SIDES:
        motion = performance.motion(side)
        noise = np.random.default_rng(7)
        gyr, acc = motion.sample(np.arange(0.0, motion.duration_s, 1.0 / rate_hz))
        gyr, acc = gyr + noise.normal(0.0, 0.002, gyr.shape), acc + noise.normal(0.0, 0.02, acc.shape)
        tracks.append(make_track(gyr, acc, rate_hz, side))
    return tracks
