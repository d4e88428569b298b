"""The clock of one boot against the host's, between two jumps of the latter. Pure."""

import math
from dataclasses import dataclass

import numpy as np

from distal.model import FloatArray

_WANDER = (
    1.4e-7  # 1/s: an IMU's rate changes so fast when its temperature does, 20 ppm in a quarter of an hour
)
_SWING = 40e-6  # and goes no farther than that
_LEAST_S, _MOST_S = 1.0, 200.0  # what half of a window spans, over which the rate at an end was found


@dataclass(frozen=True, slots=True)
class Course:
    """A clock between two jumps of the host's: straight between (cuff s, host s), with its standard error."""

    cuff_s: FloatArray
    at_host_s: FloatArray
    error_s: FloatArray
    slopes: tuple[float, float]  # before the first and after the last
    between: bool  # between the edges of connection events, not only under the arrivals
    kept: bool = False  # nobody heard the cuff meanwhile: see clock/kept.py

    def host_s(self, cuff_s: float) -> float:
        """Host time, s, of a cuff time, s."""
        x, y = self.cuff_s, self.at_host_s
        if cuff_s <= x[0]:
            return float(y[0] + (cuff_s - x[0]) * self.slopes[0])
        if cuff_s >= x[-1]:
            return float(y[-1] + (cuff_s - x[-1]) * self.slopes[1])
        return float(np.interp(cuff_s, x, y))

    def sd_s(self, cuff_s: float) -> float:
        """Standard error of host_s there, s: away from all knots the oscillator went its own way."""
        x = self.cuff_s
        before_s, after_s = cuff_s - x, x - cuff_s
        error_s = float(np.interp(cuff_s, x, self.error_s))
        if x[0] <= cuff_s <= x[-1]:
            near, next_one = before_s[before_s >= 0.0].min(), after_s[after_s >= 0.0].min()
            return math.hypot(error_s, min(_WANDER * near * next_one / 2, _SWING * min(near, next_one)))
        out_s = float(max(-before_s[0], before_s[-1]))
        tilt = error_s / min(max(float(x[-1] - x[0]) / 2, _LEAST_S), _MOST_S)
        return math.hypot(error_s + tilt * out_s, min(_WANDER * out_s**2 / 2, _SWING * out_s))
