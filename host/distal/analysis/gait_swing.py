"""Where in a course of pitch rate the swings are, and their two contacts.

Pitch rate is positive while the leg swings forward. A swing is its peak between two dips. Plain lists and
floats: a window holds a handful of candidates, for which arrays are slower.
"""

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from distal.analysis.even import RATE_HZ
from distal.model import FloatArray

LEAST_PEAK = 0.5  # rad/s = 29 deg/s; some mid-swings after a stroke have 0.6
CLEAR_PEAK, LONELY_S = 0.9, 3.0
ROW, ROW_S = 2, 5.0  # others near a weak swing with no clear one near: two strides of a slow walker
LEAST_SHARE = 0.18  # of the strongest swing around: turning and stopping take short steps
TURNS_BACK = 0.3  # rad/s: at a contact the leg no longer swings faster than this
LONGEST_S = 1.0  # dip to dip: a slow swing after stroke; lifting a leg in an exercise takes longer
APART_S = 0.35  # swings of one leg; running at 220 steps/min has 0.55
APART = APART_S * RATE_HZ
BOUNCE_S, BOUNCE_SHARE = 0.5, 0.5
STRAYS = 0.1  # s: contacts come this near to where the last swings had them


@dataclass(frozen=True, slots=True)
class Rule:
    """At which share of a dip's depth the contact is, and what is added, s."""

    ic_depth: float
    ic_shift_s: float
    tc_depth: float


# Initial contact: forward turning has just ended. Terminal contact: backward turning begins to be reversed.
# Shares against optical and hand-checked events of 6 people at the foot; the shank's ic against the same
# leg's foot (README, "Measured"). Both tc at 2/3, both ic before half depth.
FOOT = Rule(0.5, -0.010, 0.67)
SHANK = Rule(0.25, 0.0, 0.67)


class Cut(NamedTuple):
    """A swing in samples of the window: dips, contacts, peak. None: no dip is seen on that side."""

    tc: float | None
    mid: int
    ic: float | None
    peak: float
    dip: float | None  # the fastest backward turning before the swing


def pick_mids(at: list[int], peaks: list[float], before: list[tuple[int, float]]) -> list[int]:
    """Indices into `at` of the maxima that are mid-swings; `before` are the last swings (at, peak)."""
    if not at:
        return []
    least = LEAST_SHARE * max([*peaks, *(peak for _, peak in before)])
    kept = _apart(at, sorted((k for k in range(len(at)) if peaks[k] >= least), key=lambda k: -peaks[k]))
    kept = [k for i, k in enumerate(kept) if i == 0 or not _is_bounce(at, peaks, kept[i - 1], k)]
    swings = [*before, *((at[k], peaks[k]) for k in kept)]
    return [k for k in kept if not is_weak(at[k], peaks[k], swings) or _in_row(at[k], swings)]


def is_weak(at: int, peak: float, swings: list[tuple[int, float]]) -> bool:
    """Whether it is no clear swing and none is near: then how far it goes must show that it is one."""
    reach = LONELY_S * RATE_HZ
    return peak < CLEAR_PEAK and not any(clear >= CLEAR_PEAK and abs(at - a) <= reach for a, clear in swings)


def _in_row(at: int, swings: list[tuple[int, float]]) -> bool:
    return sum(0 < abs(at - a) <= ROW_S * RATE_HZ for a, _ in swings) >= ROW


def _apart(at: list[int], order: list[int]) -> list[int]:
    """Those that lie far enough from all taken before them, sorted."""
    kept: list[int] = []
    for k in order:
        for j in kept:
            if abs(at[k] - at[j]) < APART:
                break
        else:
            kept.append(k)
    kept.sort()
    return kept


def _is_bounce(at: list[int], peaks: list[float], old: int, new: int) -> bool:
    """The small forward jerk that follows a contact."""
    return at[new] - at[old] < BOUNCE_S * RATE_HZ and peaks[new] < BOUNCE_SHARE * peaks[old]


def cut(pitch: list[float], mid: int, lows: list[int], rule: Rule) -> Cut:
    """Contacts around a mid-swing; `lows` are the minima below TURNS_BACK, in order."""
    reach = LONGEST_S * RATE_HZ
    next_low = bisect_right(lows, mid)
    before = lows[next_low - 1] if next_low else None
    after = lows[next_low] if next_low < len(lows) else None
    if before is not None and mid - before > reach:
        before = None
    if after is not None and after - (mid if before is None else before) > reach:
        after = None
    tc = None if before is None else _leave(pitch, before, rule.tc_depth)
    ic = None if after is None else _land(pitch, after, rule.ic_depth) + rule.ic_shift_s * RATE_HZ
    return Cut(tc, mid, ic, vertex(pitch, mid)[1], None if before is None else vertex(pitch, before)[0])


def _land(pitch: list[float], low: int, share: float) -> float:
    """Where pitch falls through `share` of the depth on its way to the dip."""
    level = share * pitch[low]
    if level >= 0.0:
        return vertex(pitch, low)[0]
    at = low
    while at > 0 and pitch[at - 1] < level:
        at -= 1
    return at - (level - pitch[at]) / (pitch[at - 1] - pitch[at]) if at > 0 else float(at)


def _leave(pitch: list[float], low: int, share: float) -> float:
    """Where pitch rises through `share` of the depth after the dip."""
    level = share * pitch[low]
    if level >= 0.0:
        return vertex(pitch, low)[0]
    at, last = low, len(pitch) - 1
    while at < last and pitch[at + 1] < level:
        at += 1
    return at + (level - pitch[at]) / (pitch[at + 1] - pitch[at]) if at < last else float(at)


def vertex(values: list[float], at: int) -> tuple[float, float]:
    """Place and height of the extremum of the parabola through three samples."""
    if not 0 < at < len(values) - 1:
        return float(at), values[at]
    left, here, right = values[at - 1], values[at], values[at + 1]
    bend = left - 2.0 * here + right
    if bend == 0.0:
        return float(at), here
    off = 0.5 * (left - right) / bend
    return at + off, here - 0.25 * (left - right) * off


def extrema(pitch: FloatArray) -> list[tuple[list[int], list[float], list[int]]]:
    """(maxima, their heights, minima) of each row that may belong to swings."""
    left, here, right = pitch[:, :-2], pitch[:, 1:-1], pitch[:, 2:]
    rows, tops = np.nonzero((here > left) & (here >= right) & (here >= LEAST_PEAK))
    low_rows, lows = np.nonzero((here < left) & (here <= right) & (here <= TURNS_BACK))
    edges = np.arange(len(pitch) + 1)
    top_at, low_at = np.searchsorted(rows, edges), np.searchsorted(low_rows, edges)
    out = []
    for k in range(len(pitch)):
        at = tops[top_at[k] : top_at[k + 1]] + 1
        low = lows[low_at[k] : low_at[k + 1]] + 1
        out.append((at.tolist(), pitch[k, at].tolist(), low.tolist()))
    return out


def _kernel(width_s: float) -> FloatArray:
    """Hann window of unit sum: a zero-phase low-pass, -6 dB at about 1 / width_s."""
    window = np.hanning((int(width_s * RATE_HZ) | 1) + 2)[1:-1]
    return np.asarray(window / window.sum(), dtype=np.float64)


KERNEL = _kernel(0.11)


def smooth(pitch: FloatArray) -> FloatArray:
    """Each row through KERNEL, edges held; one by one, so that a row gives the same bits alone."""
    half = len(KERNEL) // 2
    wide = np.empty((len(pitch), pitch.shape[1] + 2 * half))
    wide[:, half:-half] = pitch
    wide[:, :half], wide[:, -half:] = pitch[:, :1], pitch[:, -1:]
    return np.array([np.convolve(row, KERNEL, "valid") for row in wide])


def likely(at: float | None, mid: int, usual: deque[float]) -> float | None:
    """A contact that a hole hides: where the filling has it, unless the last swings had it elsewhere."""
    if not usual:
        return at
    then = mid + sorted(usual)[len(usual) // 2]
    return then if at is None or abs(at - then) > STRAYS * RATE_HZ else at
