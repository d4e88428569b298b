"""Where a rep leaves rest, turns and comes back: borders on the way of one excursion.

A limb leaves rest and settles gently, so a threshold meets both late: 6 % of a minimum-jerk way is passed
after a fifth of its time. Every border is therefore extrapolated from two crossings near it.
"""

from dataclasses import dataclass

import numpy as np

from distal.analysis.even import vertex
from distal.analysis.filters import slope
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
_BETWEEN: tuple[list[float], list[float]] = (_SPACED[:2].tolist(), _REACH[[0, 2]].tolist())
_LEAVES = np.array(LEAVES)


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
    deep = way <= way[0] - FELL * rise
    first = int(deep.argmax())
    if not deep[first]:
        return int(way.argmin())
    begun = way[:first] >= way[0] - (1.0 - FELL) * rise
    # a minimum-jerk way needs 1.8 times as long for its last 30 % as for the 40 % in its middle
    slow = 2 * (1 + int(begun[::-1].argmax())) if begun.any() else 0
    reach = int(min(max(SETTLES_S * SLOW_HZ, slow), MOST_SETTLES_S * SLOW_HZ))
    return first + int(np.argmin(way[first : first + reach]))


def onset(way: FloatArray, foot: int, top: int) -> float:
    """Where the way between rest (`foot`) and `top` leaves rest."""
    levels = way[foot] + _LEAVES * (way[top] - way[foot])
    part = way[foot : top + 1][::-1] if foot < top else way[top : foot + 1]
    at = _extrapolate(_crossings(part, (foot, top), levels))
    return float(min(max(at, 0.0), len(way) - 1.0))


def _arrival(way: FloatArray, foot: int, top: int) -> float:
    """Where the way between `foot` and `top` reaches the height of `top`."""
    levels = _LEAVES * (way[top] - way[foot]) - way[top]
    part = way[top : foot + 1][::-1] if top < foot else way[foot : top + 1]
    return _extrapolate(_crossings(-part, (top, foot), levels))


def _extrapolate(at: list[float]) -> float:
    """Where a way c t^p begins, from where it passes the shares LEAVES."""
    nearest, near, far = at
    spaced = (near - nearest) / (far - near) if far != near else 1.0
    (least, most), (begin, end) = _BETWEEN
    part = min(max(spaced, least), most) - least
    return near - (far - near) * (part * ((end - begin) / (most - least)) + begin)


def _crossings(part: FloatArray, ends: tuple[int, int], levels: FloatArray) -> list[float]:
    """Where a way has last risen through some levels, between samples.

    part  the way back from ends[1] (high) to ends[0] (low)
    """
    low, high = ends
    step = -1 if low < high else 1
    out = []
    for k, level in zip((part <= levels[:, None]).argmax(axis=1).tolist(), levels.tolist(), strict=True):
        if k == 0:  # never below, or from the first
            out.append(float(low))
            continue
        above, below = part[k - 1 : k + 1].tolist()
        out.append(high + step * (k - 1 + (above - level) / max(above - below, 1e-12)))
    return out


def _hold(way: FloatArray, feet: tuple[int, int], top: int) -> tuple[float, float]:
    """The stay at the top; from and to the same instant when there is none."""
    low, high = feet
    speed = np.abs(slope(way[low : high + 1])) * SLOW_HZ if high > low + 1 else np.zeros(1)
    half = 0.5 * (way[top] + max(way[low], way[high]))
    above = way[low : high + 1] > half
    # a landing is faster than the way down, a slow way down hardly faster than a hold: each way has its limit
    limits = [min(HOLD, HOLD_SHARE * _pace(part)) for part in (way[low : top + 1][::-1], way[top : high + 1])]
    begun, ends = ((speed < limit) & above for limit in limits)
    first = min(low + int(begun.argmax()) if begun.any() else top, top)
    last = max(low + len(ends) - 1 - int(ends[::-1].argmax()) if ends.any() else top, top)
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
