"""The line between two edges: a message waits for the next radio event, seldom for a later one. Pure.

A message that is stamped when it is handed to the radio waits for the next connection event: its delay is
anything from nothing to one interval, and longer only when it was not heard. So each arrival bounds the
clock from both sides: from above, all but certainly; from below, unless it was sent again. All lines that
keep the bounds are equally likely, each broken bound costs: their mean and their spread are the estimate.
(Pitman's estimator of location for a uniform distribution, 1939, with outliers.)
"""

from dataclasses import dataclass

import numpy as np

from distal.clock.hull import Line
from distal.model import FloatArray

LEAST = 12  # messages
_FEWEST = 2  # bounds: between them lies a stretch of lines
_RESENT = (0.05, 0.7)  # odds of an event that went by unused, the radio's loss: least, most
_EARLY = 0.02  # odds of a message behind its event: one that was put too early
_JOINERS, _LEAST_JOINERS = 0.25, 4.0  # share of those that would be, when an event takes what comes meanwhile
_SLOPES = 41
_WRONG_S = 4e-3  # of the first guess, from end to end
_NEAR = 0.4  # intervals from the edge: how far the first guess is believed
_FAR, _LEAST_NEAR = 8.0, 20.0  # standard errors and mean steps between bounds: how far the second one is
_NOTHING = -60.0  # of the logarithm of a weight
_DEEP = 4  # events that a message missed; what waited longer waited for something else
_SURE = 2.0  # standard errors of a line: a message behind it by more was ready while its event went on
_USUAL = 3.0  # standard deviations of skews in the largest that is believed


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


def line_between(stamps: FloatArray, guess: Line, limit: float) -> Between | None:
    """The line between the edges of delays; None where too few messages came near an edge: most waited long.

    stamps  (n, 4): place; delay (host time - place) of the event's beginning; most delay that the event
            leaves to the message; interval; s
    guess   a line near the lower edge
    limit   largest skew that is believed
    """
    x, interval_s = stamps[:, 0], stamps[:, 3]
    # over the span, the slope may swing the ends by many of the steps between sorted delays, and by what
    # the first guess is wrong
    ends_s = 60.0 * float(np.median(interval_s)) / len(x) + _WRONG_S
    swing = ends_s / max(float(np.ptp(x)), 1.0)
    rough = _search(_Search(stamps, np.minimum(_NEAR * interval_s, 2.0 * ends_s), limit), guess, swing)
    if rough is None:
        return None
    end_s = max(rough.sd_s(float(x[0])), rough.sd_s(float(x[-1])))
    near_s = np.minimum(_NEAR * interval_s, _FAR * end_s + _LEAST_NEAR * interval_s / len(x))
    # not less than two steps of the rough search: all its weight may lie on one of them
    finer = max(4.0 * float(np.sqrt(rough.var_slope)), 4.0 * swing / (_SLOPES - 1))
    fine = _search(_Search(stamps, near_s, limit), rough.line, finer) or rough
    if _may_join(stamps, fine):
        return fine
    return _search(_Search(stamps[:, [0, 1, 1, 3]], near_s, limit), fine.line, finer) or fine


def _may_join(stamps: FloatArray, found: Between) -> bool:
    """Whether a message that is handed over while an event goes on may be sent in it; yes if too few tell.

    A radio that plans its events before they begin takes none; then what came second was ready as well.
    """
    x, begin, most, interval_s = stamps.T
    doubt_s = _SURE * max(found.sd_s(float(x[0])), found.sd_s(float(x[-1])))
    expected = float((np.maximum(most - begin - doubt_s, 0.0) / interval_s).sum())
    meanwhile = (most > begin) & (begin - found.line.offset_s - (found.line.slope - 1.0) * x < -doubt_s)
    return expected < _LEAST_JOINERS or bool(meanwhile.sum() > _JOINERS * expected)


@dataclass(frozen=True, slots=True)
class _Search:
    """What lines are weighed by; near_s (n,): bounds farther off are kept or broken by every line alike."""

    stamps: FloatArray
    near_s: FloatArray
    limit: float


def _search(by: _Search, guess: Line, swing: float) -> Between | None:
    """Weigh the lines with slopes up to `swing` from the guess's; None with too few bounds to do so."""
    x, limit = by.stamps[:, 0], by.limit
    mean_s, middle = float(x.mean()), guess.slope - 1.0
    edge = guess.offset_s + middle * mean_s
    skew = np.linspace(max(middle - swing, -limit), min(middle + swing, limit), _SLOPES)
    at_s, bounds, gains = _bounds(by, guess.offset_s + middle * x)
    if len(at_s) < _FEWEST:
        return None
    mass, first, second = _moments(bounds - (at_s - mean_s) * skew[:, None] - edge, gains)
    mass = mass * np.exp(-0.5 * (_USUAL * skew / limit) ** 2)
    mass = mass / mass.sum()
    at, slope = (mass * first).sum(), (mass * skew).sum()
    var = (mass * second).sum() - at * at
    var_slope = (mass * (skew - slope) ** 2).sum()
    cov = (mass * first * (skew - slope)).sum()
    line = Line(float(edge + at - slope * mean_s), 1.0 + float(slope))
    return Between(line, mean_s, float(var), float(var_slope), float(cov))


def _bounds(by: _Search, flat: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Where lines near `flat` pass a bound: places, delays, gains of log odds on the way up.

    A line above the most delay puts the message behind its event; a line above the beginning of an event k
    intervals before says that k events went by unused before it was sent, one less than a line below.
    """
    x, begin, most, interval_s = by.stamps.T
    events = np.round((begin - flat) / interval_s)
    again = -np.log(np.clip(np.mean(begin - flat > interval_s), *_RESENT))
    bound = np.where(events == 0, most, begin - events * interval_s)
    near = (np.abs(bound - flat) < by.near_s) & (events >= 0) & (events < _DEEP)
    gains = np.where(events[near] == 0, np.log(_EARLY), again)
    return x[near], bound[near], gains


def _moments(bounds: FloatArray, gains: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mass, mean, mean square of the offset for each slope: bounds (k, n), each passed upwards at a gain (n,)

    The likelihood is constant from bound to bound; `gains` are of its logarithm.
    """
    order = np.argsort(bounds, axis=1)
    bounds = np.take_along_axis(bounds, order, axis=1)
    height = np.cumsum(gains[order], axis=1)[:, :-1]
    weight = np.exp(np.maximum(height - height.max(), _NOTHING))
    low, high = bounds[:, :-1], bounds[:, 1:]
    mass = (weight * (high - low)).sum(axis=1)
    first = (weight * (high**2 - low**2)).sum(axis=1) / 2
    second = (weight * (high**3 - low**3)).sum(axis=1) / 3
    safe = np.maximum(mass, 1e-300)
    return mass, first / safe, second / safe
