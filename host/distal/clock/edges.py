"""The line between two edges: no message arrives before its event, few after the one that follows. Pure.

A message that is stamped when it is handed to the radio waits for the next connection event: its delay is
anything from nothing to one interval, and longer only when it was not heard. So each arrival bounds the
clock from both sides, from above for certain, from below unless it was sent again. All lines that keep the
bounds are equally likely, each broken lower bound costs: their mean and their spread are the estimate.
(Pitman's estimator of location for a uniform distribution, E. J. G. Pitman 1939, with outliers on one side.)
"""

from dataclasses import dataclass

import numpy as np

from distal.clock.hull import Line
from distal.model import FloatArray

LEAST = 12  # messages
_RESENT = 0.15  # odds of a broken lower bound against a kept one: the radio's loss, about
_SLOPES = 41
_DEEP = 25  # lower bounds below the last certain one: 0.15 to that power is nothing


@dataclass(frozen=True, slots=True)
class Between:
    """A line with its spread: variance at `mean_s`, of the slope, and what both share."""

    line: Line
    mean_s: float
    var: float
    var_slope: float
    cov: float

    def sd_s(self, at_s: float) -> float:
        """Standard error of the line at a place, s."""
        off = at_s - self.mean_s
        return float(np.sqrt(max(self.var + 2 * self.cov * off + self.var_slope * off * off, 0.0)))


def line_between(stamps: FloatArray, guess: Line, limit: float) -> Between:
    """The line between the edges of delays.

    stamps  (n, 3): place, host time - place, connection interval at the time; s
    guess   a line near the lower edge
    limit   largest skew that is believed
    """
    x, y, interval_s = stamps.T
    mean_s = float(x.mean())
    off = x - mean_s
    # over the span, the slope may swing the ends by some of the steps between sorted delays
    swing = 12.0 * float(interval_s.mean()) / len(x) / max(float(np.ptp(off)), 1.0)
    skew = np.clip(guess.slope - 1.0 + np.linspace(-swing, swing, _SLOPES), -limit, limit)
    delays = y - off * skew[:, None]
    mass, first, second = _moments(delays.min(axis=1), delays - interval_s)
    total = mass.sum()
    at, slope = (mass * first).sum() / total, (mass * skew).sum() / total
    var = (mass * second).sum() / total - at * at
    var_slope = (mass * skew * skew).sum() / total - slope * slope
    cov = (mass * first * skew).sum() / total - at * slope
    line = Line(float(at - slope * mean_s), 1.0 + float(slope))
    return Between(line, mean_s, float(var), float(var_slope), float(cov))


def _moments(top: FloatArray, bounds: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mass, mean, mean square of the offset for each slope (k,): below `top`, above most `bounds` (k, n)."""
    base = top.mean()
    below = np.minimum(np.sort(bounds, axis=1)[:, ::-1], top[:, None]) - base
    broken = (bounds > top[:, None]).sum(axis=1)
    n = min(_DEEP, bounds.shape[1] - int(broken.max()))
    steps = broken[:, None] + np.arange(n)
    low = np.take_along_axis(below, steps, axis=1)
    high = np.hstack([(top - base)[:, None], low[:, :-1]])
    weight = _RESENT ** (steps - broken.min())
    mass = weight * (high - low)
    first = weight * (high**2 - low**2) / 2
    second = weight * (high**3 - low**3) / 3
    total = np.maximum(mass.sum(axis=1), 1e-300)
    mean, square = first.sum(axis=1) / total, second.sum(axis=1) / total
    return total, mean + base, square + 2 * base * mean + base * base
