"""The clock of a cuff over a stretch of time: straight from knot to knot, with its standard error. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from distal.model import FloatArray

_WANDER = (
    1.4e-7  # 1/s: an IMU's rate changes so fast when its temperature does, 20 ppm in a quarter of an hour
)
SWING = 40e-6  # and goes no farther than that
_LEAST_S, _MOST_S = 1.0, 200.0  # what half of a window spans, over which the rate at an end was found
_USUAL = 3.0  # standard deviations of skews in the largest that is believed


@dataclass(frozen=True, slots=True)
class Course:
    """Straight between (cuff s, host s); error_s: its standard error there.

    slopes   before the first knot and after the last
    between  between the edges of connection events, not only under the arrivals
    limit    largest skew that is believed
    places   of its first and last arrival in the order in which the host heard all cuffs
    kept     nobody heard the cuff meanwhile: see clock/kept.py
    """

    cuff_s: FloatArray
    at_host_s: FloatArray
    error_s: FloatArray
    slopes: tuple[float, float]
    between: bool
    limit: float = math.inf
    places: tuple[int, int] = (0, 0)
    kept: bool = False

    @property
    def span_s(self) -> float:
        """From its first knot to its last."""
        return float(self.cuff_s[-1] - self.cuff_s[0])

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
            return math.hypot(error_s, min(_WANDER * near * next_one / 2, SWING * min(near, next_one)))
        out_s = float(max(-before_s[0], before_s[-1]))
        tilt = min(error_s / min(max(self.span_s / 2, _LEAST_S), _MOST_S), self.limit / _USUAL)
        return math.hypot(error_s + tilt * out_s, min(_WANDER * out_s**2 / 2, SWING * out_s))

    def moved(self, cuff_s: float, host_s: float) -> "Course":
        """The same with all its cuff times and its host times so much later."""
        return replace(self, cuff_s=self.cuff_s + cuff_s, at_host_s=self.at_host_s + host_s)

    def doubted(self, by_s: float) -> "Course":
        """The same, less sure by so much."""
        return replace(self, error_s=np.hypot(self.error_s, by_s)) if by_s else self


def joined(parts: Sequence[Course]) -> Course:
    """One course of those that follow one another; what does not fit from one to the next is doubt."""
    errors = [part.error_s.copy() for part in parts]
    for k in range(1, len(parts)):
        old, new = parts[k - 1], parts[k]
        off_s = (new.at_host_s[0] - old.host_s(float(new.cuff_s[0]))) / 2
        errors[k - 1][-1] = math.hypot(errors[k - 1][-1], off_s)
        errors[k][0] = math.hypot(errors[k][0], off_s)
    return Course(
        np.concatenate([part.cuff_s for part in parts]),
        np.concatenate([part.at_host_s for part in parts]),
        np.concatenate(errors),
        (parts[0].slopes[0], parts[-1].slopes[1]),
        all(part.between for part in parts),
        max(part.limit for part in parts),
        (parts[0].places[0], parts[-1].places[1]),
    )
