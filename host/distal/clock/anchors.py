"""When the radio's connection events were: arrivals lie on a grid, plus what the host added. Pure.

A link meets once every connection interval and in between nothing arrives; the grid is as even as the
adapter's crystal. Putting an arrival back on its event takes away the host's own delay (USB, operating
system, event loop), and never more: it moves to the event before it, and only when that is near.
"""

from dataclasses import dataclass

import numpy as np

from distal.model import BoolArray, FloatArray

UNIT_S = 1.25e-3  # of connection intervals, Core specification 5.4, volume 6, part B, section 4.5.1
_INTERVALS = np.arange(6, 401) * UNIT_S  # 7.5 ms, the shortest there is, to 0.5 s
_LEAST = 40  # arrivals from which a grid can be told from chance
# Packets come evenly by themselves; messages that come at other times tell their rhythm from the radio's.
_LEAST_STAMPS = 12
_TURNED = 0.55  # length of the mean phase vector: some of an event come behind a long message
_CLEAR = 0.75  # share of arrivals near an event; 1 is a perfect grid
_FEW = 8  # arrivals in a half of them: with less, a slope would be the host's delay
_SKEW = 150e-6  # of the adapter's crystal against the host's
_NEAR_S = 6e-3  # later than its event by more: not moved
_EARLY_S = 2.5e-3  # a short message of an event comes that much before a long one, at most
_STAMPS = 10  # from so many the edge is theirs alone
# a packet of 251 bytes, its answer and two pauses (1M PHY): so long the next one of an event waits
_TURN_S = 2.5e-3
_CROWD, _CROWD_S = 3, 0.5e-3  # so many of a hundred arrivals so close are an edge, one alone is an odd one


@dataclass(frozen=True, slots=True)
class Events:
    """Arrivals (n,), s, put on their connection events where that is sure (n,).

    host_s      not earlier than the message was ready
    event_s     the event's beginning; a message may have become ready while it went on
    interval_s  None: no grid was found, and nothing is sure
    """

    host_s: FloatArray
    event_s: FloatArray
    is_sure: BoolArray
    interval_s: float | None


def on_events(host_s: FloatArray, is_stamp: BoolArray, likely_s: float | None = None) -> Events:
    """Find the events of arrivals (n,) of some seconds, s, in order.

    is_stamp  (n,) the short messages that come at odd times
    likely_s  the interval of the seconds before, tried first
    """
    if len(host_s) < _LEAST or is_stamp.sum() < _LEAST_STAMPS:
        return Events(host_s, host_s, np.zeros(len(host_s), np.bool_), None)
    for tried in (_INTERVALS,) if likely_s is None else (np.array([likely_s]), _INTERVALS):
        turns = np.exp(2j * np.pi * np.outer(1.0 / tried, host_s - host_s[0]))
        stamps = turns[:, is_stamp].mean(axis=1)
        clear = np.abs(stamps)
        if (~is_stamp).sum() >= _FEW:  # by kind: a long message takes longer on the air
            clear = np.minimum(clear, np.abs(turns[:, ~is_stamp].mean(axis=1)))
        for at in np.flatnonzero(clear > _TURNED)[::-1]:  # the longest: its parts fit as well
            interval_s = float(tried[at])
            over_s = _over(host_s - host_s[0], interval_s, float(np.angle(stamps[at])), is_stamp)
            near = (over_s >= 0.0) & (over_s < min(_NEAR_S, 0.4 * interval_s))
            if near.mean() > _CLEAR and near[is_stamp].mean() > _CLEAR:
                event_s = host_s - over_s
                ready_s = np.minimum(event_s + _rank(event_s, interval_s) * _TURN_S, host_s)
                return Events(np.where(near, ready_s, host_s), event_s, near, interval_s)
    return Events(host_s, host_s, np.zeros(len(host_s), np.bool_), None)


def _over(since_s: FloatArray, interval_s: float, angle: float, is_stamp: BoolArray) -> FloatArray:
    """How much later than its event each arrival is, s, when their mean phase in the interval is `angle`."""
    phase_s = (angle / (2 * np.pi) - 0.25) * interval_s
    event_s = np.floor((since_s - phase_s) / interval_s) * interval_s
    late_s = since_s - event_s
    # one kind of message alone, or a change of the mixture would look like a slope
    alone = is_stamp if min(map(np.sum, np.array_split(~is_stamp, 2))) < _FEW else ~is_stamp
    late_s = late_s - _slope_under(event_s[alone], late_s[alone]) * event_s
    return late_s - _edge(late_s[is_stamp] if is_stamp.sum() >= _STAMPS else late_s)


def _rank(event_s: FloatArray, interval_s: float) -> FloatArray:
    """How many arrivals of its event were before each: it may have become ready while they were sent."""
    is_first = np.diff(event_s, prepend=-np.inf) > interval_s / 2
    at = np.arange(len(event_s))
    return np.asarray(at - np.maximum.accumulate(np.where(is_first, at, 0)), np.float64)


def _edge(late_s: FloatArray) -> float:
    """Where arrivals after their event begin: the first that has others right behind it."""
    ordered = np.sort(late_s[late_s > np.quantile(late_s, 0.1) - _EARLY_S])
    crowd = max(len(late_s) * _CROWD // 100, 3)
    crowded = np.flatnonzero(ordered[crowd - 1 :] - ordered[: 1 - crowd] < _CROWD_S)
    return float(ordered[crowded[0] if len(crowded) else 0])


def _slope_under(x: FloatArray, y: FloatArray) -> float:
    """How fast the adapter's crystal leaves the host's clock: slope of the lower part, by two halves."""
    half = len(x) // 2
    if half < _FEW:
        return 0.0
    (x0, y0), (x1, y1) = [
        (float(x[part].mean()), float(np.quantile(y[part], 0.2))) for part in (slice(half), slice(half, None))
    ]
    return float(np.clip((y1 - y0) / (x1 - x0), -_SKEW, _SKEW)) if x1 > x0 else 0.0
