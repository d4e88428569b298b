"""Smooth curves in time whose first and second derivative are exact.

Every curve is a chain of quintic polynomials, continuous up to the second derivative. A joint that
follows one has no jump in acceleration, and nothing is ever differentiated numerically.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy.interpolate import PchipInterpolator, make_interp_spline

from distal.model import FloatArray

Point = tuple[FloatArray, FloatArray, FloatArray]  # value, first and second derivative


class Path(Protocol):
    """A quantity over time."""

    def at(self, t: FloatArray) -> Point:
        """Value and derivatives at times (n,) in s; each (n,) or of length 1 when constant."""


class Constant:
    """A quantity that stays."""

    def __init__(self, value: float) -> None:
        self._point = (np.array([value]), np.zeros(1), np.zeros(1))

    def at(self, t: FloatArray) -> Point:
        """Always the same value."""
        return self._point


class Sum:
    """Several curves added up."""

    def __init__(self, *parts: Path) -> None:
        self._parts = parts

    def at(self, t: FloatArray) -> Point:
        """Sum of the parts and of their derivatives."""
        value, speed, bend = (np.zeros(1) for _ in range(3))
        for part in self._parts:
            x, v, a = part.at(t)
            value, speed, bend = value + x, speed + v, bend + a
        return value, speed, bend


class Curve:
    """Quintic pieces through knots with given value and derivatives; held before and after."""

    def __init__(self, t: FloatArray, x: FloatArray, v: FloatArray, a: FloatArray) -> None:
        """All (k,), k >= 2, t increasing. The ends should be at rest (v = a = 0) to be held smoothly."""
        h = np.diff(t)
        x0, v0, a0, x1, v1, a1 = x[:-1], v[:-1], a[:-1], x[1:], v[1:], a[1:]
        way = x1 - x0
        # The one quintic with these values at both ends
        self._pieces = np.stack(
            [
                x0,
                v0,
                a0 / 2,
                (20 * way - (8 * v1 + 12 * v0) * h - (3 * a0 - a1) * h**2) / (2 * h**3),
                (-30 * way + (14 * v1 + 16 * v0) * h + (3 * a0 - 2 * a1) * h**2) / (2 * h**4),
                (12 * way - 6 * (v1 + v0) * h - (a0 - a1) * h**2) / (2 * h**5),
            ]
        )
        self._t = t

    def at(self, t: FloatArray) -> Point:
        """Value and derivatives at any times."""
        inside = np.clip(t, self._t[0], self._t[-1])
        piece = np.clip(np.searchsorted(self._t, inside, side="right") - 1, 0, len(self._t) - 2)
        c0, c1, c2, c3, c4, c5 = self._pieces[:, piece]
        u = inside - self._t[piece]
        value = c0 + u * (c1 + u * (c2 + u * (c3 + u * (c4 + u * c5))))
        speed = c1 + u * (2 * c2 + u * (3 * c3 + u * (4 * c4 + u * 5 * c5)))
        bend = 2 * c2 + u * (6 * c3 + u * (12 * c4 + u * 20 * c5))
        return value, speed, bend


def glide(times: list[float], values: list[float]) -> Curve:
    """From value to value with minimum jerk, at rest at every knot (Flash & Hogan 1985)."""
    still = np.zeros(len(times))
    return Curve(np.array(times), np.array(values), still, still)


def pass_through(points: list[tuple[float, float]]) -> Curve:
    """Through all (t, value) without stopping at each; stays put between two equal values, no overshoot.

    Slopes by Fritsch & Carlson (1980), no bend at the knots, at rest at both ends.
    """
    t, x = np.array(points).T
    slopes = np.asarray(PchipInterpolator(t, x).derivative()(t)) if len(t) > 2 else np.zeros(len(t))
    slopes[[0, -1]] = 0.0
    return Curve(t, x, slopes, np.zeros(len(t)))


def smooth(t: FloatArray, x: FloatArray) -> Curve:
    """The quintic spline through all points, at rest at both ends; at least six points."""
    at_rest: Any = [(1, 0.0), (2, 0.0)]  # scipy's stubs know single derivatives only
    spline = make_interp_spline(t, x, k=5, bc_type=(at_rest, at_rest))
    speed, bend = np.asarray(spline(t, 1)), np.asarray(spline(t, 2))
    for edge in (0, -1):
        speed[edge] = bend[edge] = 0.0  # rounding left 1e-16 there
    return Curve(t, x, speed, bend)


def ramp(u: FloatArray) -> FloatArray:
    """Minimum-jerk step: 0 up to u = 0, 1 from u = 1."""
    u = np.clip(u, 0.0, 1.0)
    return u**3 * (10 - 15 * u + 6 * u**2)


def wobble(rng: np.random.Generator, start_s: float, end_s: float, rms: float) -> Path:
    """Slow irregular swaying, 0.1 to 1.2 Hz, that begins and ends at zero and at rest."""
    hz = rng.uniform(0.1, 1.2, 6)
    return waves((start_s, end_s), Waves(hz, rms / hz, rng.uniform(0, 2 * np.pi, 6)), rms)


def shake(rng: np.random.Generator, start_s: float, end_s: float, rms: float) -> Path:
    """Physiological tremor, 8 to 12 Hz (Elble 1996), that begins and ends at zero and at rest."""
    hz = rng.uniform(8.0, 12.0, 5)
    return waves((start_s, end_s), Waves(hz, np.ones(5), rng.uniform(0, 2 * np.pi, 5)), rms)


@dataclass(frozen=True, slots=True)
class Waves:
    """Sines, all (k,): frequency, relative size, phase in rad."""

    hz: FloatArray
    share: FloatArray
    phase: FloatArray


def waves(span: tuple[float, float], parts: Waves, rms: float) -> Path:
    """The sum of the sines with this root mean square; fades in and out over at most 1 s."""
    start_s, end_s = span
    n = int((end_s - start_s) * WAVE_POINTS * parts.hz.max())
    if rms <= 0 or n < 6:
        return Constant(0.0)
    t = np.linspace(start_s, end_s, n + 1)
    x = np.zeros(n + 1)
    for hz, share, phase in zip(parts.hz.tolist(), parts.share.tolist(), parts.phase.tolist(), strict=True):
        x += share * np.sin(2 * np.pi * hz * t + phase)
    fade_s = min(1.0, (end_s - start_s) / 3)
    fade = ramp((t - start_s) / fade_s) * ramp((end_s - t) / fade_s)
    return smooth(t, x * fade * rms / np.sqrt((parts.share**2).sum() / 2))


WAVE_POINTS = 12  # in the shortest wave: the spline follows it
