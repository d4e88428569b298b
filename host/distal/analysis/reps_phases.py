"""Where a rep leaves rest, turns and comes back: borders on the way of one excursion.

A limb leaves rest and settles gently, so a threshold meets both late: 6 % of a minimum-jerk way is passed
after a fifth of its time. Every border is therefore extrapolated from two crossings near it.
"""

from dataclasses import dataclass

import numpy as np

from distal.analysis.even import vertex
from distal.analysis.reps_limb import SLOW_HZ
from distal.model import FloatArray
from distal.units import RAD_PER_DEG

HOLD = 10.0 * RAD_PER_DEG  # rad/s, the way changes more slowly in a hold
HOLD_SHARE = 0.3  # of the fastest part: so it does in a small or slow rep
LEAST_HOLD_S = 0.15  # shorter than anybody can hold on purpose (reaction time)
NEAR_S = 1.5  # the height of a hold is read this near to its ends: it may sink in between
FELL, SETTLES_S, MOST_SETTLES_S = 0.7, 0.7, 3.0
SPREAD = 0.025 * SLOW_HZ  # samples: the low-pass spreads the edge of a smooth way by as much
LEAVES = (0.03, 0.08, 0.30)  # shares of the way from which its end is extrapolated
# t^p passes these shares at share^(1/p): how near the first two are, and how far it is to the end.
# An abrupt stop (a foot that lands) looks like p = 1.25, what is gentle like 2 or more: then 2.5 is taken,
# between a constant push (2) and a smooth start (3), and met within 5 % of the phase
_PASSED = np.array(LEAVES)[:, None] ** (1.0 / np.array([1.25, 2.0, 2.5]))
_SPACED = (_PASSED[1] - _PASSED[0]) / (_PASSED[2] - _PASSED[1])
_REACH = _PASSED[1] / (_PASSED[2] - _PASSED[1])


@dataclass(frozen=True, slots=True)
class Borders:
    """Fractional samples at SLOW_HZ; hold_start = hold_end = top without a hold."""

    start: float
    hold_start: float
    hold_end: float
    end: float
    base: int  # lowest samples before and after
    foot: int


def find_borders(way: FloatArray, top: int, near: tuple[int, int], rise: float) -> Borders:
    """Borders of the excursion with its highest sample at `top`; `near` limits the look to both sides."""
    low, high = near
    part, peak = way[low : high + 1], top - low
    base = peak - _foot(part[: peak + 1][::-1], rise)
    foot = peak + _foot(part[peak:], rise)
    hold_start, hold_end = _hold(part, (base, foot), peak)
    start = min(onset(part, base, peak) + SPREAD, float(peak))
    end = max(onset(part, foot, peak) - SPREAD, float(peak))
    if hold_end > hold_start:
        hold_start, hold_end = hold_start - SPREAD, hold_end + SPREAD
    hold_start, hold_end = max(hold_start, start), min(hold_end, end)
    return Borders(start + low, hold_start + low, hold_end + low, end + low, base + low, foot + low)


def _foot(way: FloatArray, rise: float) -> int:
    """Samples from the top down to the rest: the lowest point soon after most of the way."""
    deep = np.flatnonzero(way <= way[0] - FELL * rise)
    if len(deep) == 0:
        return int(np.argmin(way))
    first = int(deep[0])
    begun = np.flatnonzero(way[:first] >= way[0] - (1.0 - FELL) * rise)
    # a minimum-jerk way needs 1.8 times as long for its last 30 % as for the 40 % in its middle
    slow = 2 * (first - int(begun[-1])) if len(begun) else 0
    reach = int(min(max(SETTLES_S * SLOW_HZ, slow), MOST_SETTLES_S * SLOW_HZ))
    return first + int(np.argmin(way[first : first + reach]))


def onset(way: FloatArray, foot: int, top: int) -> float:
    """Where the way between rest (`foot`) and `top` leaves rest."""
    at = [_crossing(way, (foot, top), way[foot] + share * (way[top] - way[foot])) for share in LEAVES]
    return float(min(max(_extrapolate(at), 0.0), len(way) - 1.0))


def _arrival(way: FloatArray, foot: int, top: int) -> float:
    """Where the way between `foot` and `top` reaches the height of `top`."""
    fall = way[top] - way[foot]
    return _extrapolate([_crossing(-way, (top, foot), -way[top] + share * fall) for share in LEAVES])


def _extrapolate(at: list[float]) -> float:
    """Where a way c t^p begins, from where it passes the shares LEAVES."""
    nearest, near, far = at
    spaced = (near - nearest) / (far - near) if far != near else 1.0
    return near - (far - near) * float(np.interp(spaced, _SPACED[:2], _REACH[[0, 2]]))


def _crossing(way: FloatArray, ends: tuple[int, int], level: float) -> float:
    """Where the way from ends[0] (low) to ends[1] (high) has last risen through `level`, between samples."""
    low, high = ends
    step = -1 if low < high else 1
    part = way[low : high + 1][::-1] if low < high else way[high : low + 1]
    below = np.flatnonzero(part <= level)
    if len(below) == 0 or below[0] == 0:
        return float(low)
    k = int(below[0])
    share = (part[k - 1] - level) / max(part[k - 1] - part[k], 1e-12)
    return float(high + step * (k - 1 + share))


def _hold(way: FloatArray, feet: tuple[int, int], top: int) -> tuple[float, float]:
    """The stay at the top; from and to the same instant when there is none."""
    low, high = feet
    speed = np.abs(np.gradient(way[low : high + 1])) * SLOW_HZ if high > low + 1 else np.zeros(1)
    half = 0.5 * (way[top] + max(way[low], way[high]))
    above = way[low : high + 1] > half
    # a landing is faster than the way down, a slow way down hardly faster than a hold: each way has its limit
    limits = [min(HOLD, HOLD_SHARE * _pace(part)) for part in (way[low : top + 1][::-1], way[top : high + 1])]
    begun, ends = (low + np.flatnonzero((speed < limit) & above) for limit in limits)
    first, last = (int(begun[0]) if len(begun) else top), (int(ends[-1]) if len(ends) else top)
    first, last = min(first, top), max(last, top)
    near = int(NEAR_S * SLOW_HZ)
    first = first + int(np.argmax(way[first : min(first + near, last) + 1]))
    last = last - int(np.argmax(way[max(last - near, first) : last + 1][::-1]))
    begin, finish = _arrival(way, low, first), _arrival(way, high, last)
    if finish - begin >= LEAST_HOLD_S * SLOW_HZ:
        return begin, finish
    turn = vertex(way, top)
    return turn, turn


def _pace(way: FloatArray) -> float:
    """How fast a way falls from its first sample through its middle, rad/s: a little below its fastest."""
    fall = way[0] - way.min()
    high, low = (int(np.argmax(way <= way[0] - share * fall)) for share in (0.25, 0.75))
    return float((way[high] - way[low]) / max(low - high, 1) * SLOW_HZ)
