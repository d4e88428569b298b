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
_SKEWS = np.arange(-15, 16) * 1e-5  # of the adapter's crystal against the host's
_TOGETHER_S = 0.3e-3  # arrivals of one kind are so near each other after their events
_AVERAGED = 12  # blocks behind a skew: an adapter's crystal keeps its pace for minutes
_NEAR_S = 6e-3  # later than its event by more: not moved
_EARLY_S = 2.5e-3  # a short message of an event comes that much before a long one, at most
_FEW = 8  # long messages that show a phase of their own
_STAMPS = 10  # from so many the edge is theirs alone
# a packet of 251 bytes, its answer and two pauses (1M PHY): so long the next one of an event waits
TURN_S = 2.5e-3
_CROWD, _CROWD_S = 3, 0.5e-3  # so many of a hundred arrivals so close are an edge, one alone is an odd one


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a link's events follow one another by the host's clock: interval, skew; blocks seen."""

    interval_s: float
    skew: float
    blocks: int = 1

    def then(self, skew: float) -> "Rhythm":
        """With the skew of one more block."""
        blocks = min(self.blocks + 1, _AVERAGED)
        return Rhythm(self.interval_s, self.skew + (skew - self.skew) / blocks, blocks)


@dataclass(frozen=True, slots=True)
class Events:
    """Arrivals (n,), s, put on their connection events where that is sure (n,).

    host_s      not earlier than the message was ready
    event_s     the event's beginning; a message may have become ready while it went on
    rhythm      None: no grid was found, and nothing is sure
    """

    host_s: FloatArray
    event_s: FloatArray
    is_sure: BoolArray
    rhythm: Rhythm | None


def on_events(host_s: FloatArray, is_stamp: BoolArray, likely: Rhythm | None = None) -> Events:
    """Find the events of arrivals (n,) of some seconds, s, in order.

    is_stamp  (n,) the short messages that come at odd times
    likely    the rhythm of the seconds before, tried first
    """
    if len(host_s) < _LEAST or is_stamp.sum() < _LEAST_STAMPS:
        return Events(host_s, host_s, np.zeros(len(host_s), np.bool_), None)
    for tried in (_INTERVALS,) if likely is None else (np.array([likely.interval_s]), _INTERVALS):
        turns = np.exp(2j * np.pi * np.outer(1.0 / tried, host_s - host_s[0]))
        stamps = turns[:, is_stamp].mean(axis=1)
        clear = np.abs(stamps)
        if (~is_stamp).sum() >= _FEW:  # by kind: a long message takes longer on the air
            clear = np.minimum(clear, np.abs(turns[:, ~is_stamp].mean(axis=1)))
        for at in np.flatnonzero(clear > _TURNED)[::-1]:  # the longest: its parts fit as well
            interval_s = float(tried[at])
            since_s = host_s - host_s[0]
            late_s = _late(since_s, interval_s, float(np.angle(stamps[at])))
            skew = _skew(since_s, late_s)
            same = likely is not None and likely.interval_s == interval_s
            rhythm = likely.then(skew) if likely and same else Rhythm(interval_s, skew)
            late_s = late_s - rhythm.skew * since_s
            over_s = late_s - _edge(late_s[is_stamp] if is_stamp.sum() >= _STAMPS else late_s)
            near = (over_s >= 0.0) & (over_s < min(_NEAR_S, 0.4 * interval_s))
            if near.mean() > _CLEAR and near[is_stamp].mean() > _CLEAR:
                event_s = host_s - over_s
                ready_s = np.minimum(event_s + _rank(event_s, interval_s) * TURN_S, host_s)
                return Events(np.where(near, ready_s, host_s), event_s, near, rhythm)
    return Events(host_s, host_s, np.zeros(len(host_s), np.bool_), None)


def _late(since_s: FloatArray, interval_s: float, angle: float) -> FloatArray:
    """How much later than a grid each arrival is, s, when their mean phase in the interval is `angle`."""
    phase_s = (angle / (2 * np.pi) - 0.25) * interval_s
    return np.asarray((since_s - phase_s) % interval_s)


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


def _skew(since_s: FloatArray, late_s: FloatArray) -> float:
    """How fast the adapter's crystal leaves the host's clock: most arrivals come together then."""
    level = np.sort(late_s - _SKEWS[:, None] * since_s, axis=1)
    near = [np.searchsorted(row, row + _TOGETHER_S).sum() for row in level] - np.arange(level.shape[1]).sum()
    weight = np.maximum(near - 0.5 * (near.max() + np.median(near)), 0.0)
    return float((weight * _SKEWS).sum() / weight.sum()) if weight.any() else 0.0
