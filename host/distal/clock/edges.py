"""The line between two edges: a message waits for the next radio event, seldom for a later one. Pure.

A message that is stamped when it is handed to the radio waits for the next connection event: its delay is
anything from nothing to one interval, and longer only when it was not heard. So each arrival bounds the
clock from both sides: from above, all but certainly; from below, unless it was sent again. All lines that
keep the bounds are equally likely, each broken bound costs: their mean and their spread are the estimate.
(Pitman's estimator of location for a uniform distribution, 1939, with outliers.)
"""

from dataclasses import dataclass, replace

import numpy as np

from distal.clock.hull import Line
from distal.model import FloatArray

LEAST = 12  # messages
_RESENT = (0.05, 0.7)  # odds of a broken bound from below against a kept one, the radio's loss: least, most
_IN_EVENT = 0.15  # odds of a message that became ready while its event went on, after another
_EARLY = 0.02  # odds of a broken bound from above: an event that was put too early
_SLOPES = 41
_RUN = 30  # messages, 15 s of them
_NEAR = 0.4  # intervals from the edge: bounds farther off are kept or broken by every line alike


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

    stamps  (n, 4): place; most and least delay (host time - place) that the events leave to each message,
            and the most it can have been unless it became ready while its event went on; s
    guess   a line near the lower edge
    limit   largest skew that is believed
    """
    x, most, least, _ = stamps.T
    # over the span, the slope may swing the ends by many of the steps between sorted delays
    swing = 60.0 * float(np.median(most - least)) / len(x) / max(float(np.ptp(x)), 1.0)
    rough = _search(stamps, guess, swing, limit)
    found = _search(stamps, rough.line, 4.0 * float(np.sqrt(rough.var_slope)), limit)
    wider = _locked(stamps, found.line) ** 2
    return replace(found, var=found.var * wider, var_slope=found.var_slope * wider, cov=found.cov * wider)


def _locked(stamps: FloatArray, line: Line) -> float:
    """How unevenly the messages meet the interval, 1 or more: when they keep step with it for a while, many
    tell no more than few. It is their largest hole in the interval beside that of as many at random.
    """
    x, most, least, _ = stamps.T
    phase = (most - (line.slope - 1.0) * x) / np.median(most - least) % 1.0
    ratios = []
    for start in range(0, len(x) - _RUN + 1, _RUN):
        part = np.sort(phase[start : start + _RUN])
        hole = max(float(np.diff(part).max()), float(1.0 - part[-1] + part[0]))
        ratios.append(hole * _RUN / (np.log(_RUN) + 0.58))
    return max(float(np.mean(ratios)), 1.0) if ratios else 1.0


def _search(stamps: FloatArray, guess: Line, swing: float, limit: float) -> Between:
    """Weigh the lines with slopes up to `swing` from the guess's."""
    x, most, least, likely = stamps.T
    interval_s, mean_s = float(np.median(most - least)), float(x.mean())
    flat = guess.offset_s + (guess.slope - 1.0) * x
    over = least - flat
    again = ((over > 0) & (over < interval_s)).sum() / max((over <= 0).sum(), 1)
    middle = guess.slope - 1.0
    skew = np.linspace(max(middle - swing, -limit), min(middle + swing, limit), _SLOPES)
    edge = guess.offset_s + (guess.slope - 1.0) * mean_s
    odds = float(np.clip(again, *_RESENT))
    gains = np.repeat(np.log([_EARLY, _IN_EVENT, 1 / odds]), len(x))
    bounds, at_s = np.concatenate([most, likely, least]), np.tile(x, 3)
    near = np.abs(bounds - np.tile(flat, 3)) < _NEAR * interval_s
    near[len(x) : 2 * len(x)] &= likely < most
    turned = (bounds - (at_s - mean_s) * skew[:, None])[:, near] - edge
    mass, first, second = _moments(turned, gains[near])
    mass = mass / mass.sum()
    at, slope = (mass * first).sum(), (mass * skew).sum()
    var = (mass * second).sum() - at * at
    var_slope = (mass * (skew - slope) ** 2).sum()
    cov = (mass * first * (skew - slope)).sum()
    line = Line(float(edge + at - slope * mean_s), 1.0 + float(slope))
    return Between(line, mean_s, float(var), float(var_slope), float(cov))


def _moments(bounds: FloatArray, gains: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mass, mean, mean square of the offset for each slope: bounds (k, n), each passed upwards at a gain (n,)

    The likelihood is constant from bound to bound; `gains` are of its logarithm.
    """
    order = np.argsort(bounds, axis=1)
    bounds = np.take_along_axis(bounds, order, axis=1)
    height = np.cumsum(gains[order], axis=1)[:, :-1]
    weight = np.exp(height - height.max())
    low, high = bounds[:, :-1], bounds[:, 1:]
    mass = (weight * (high - low)).sum(axis=1)
    first = (weight * (high**2 - low**2)).sum(axis=1) / 2
    second = (weight * (high**3 - low**3)).sum(axis=1) / 3
    safe = np.maximum(mass, 1e-300)
    return mass, first / safe, second / safe
