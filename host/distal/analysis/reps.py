"""Repetitions in a span of movement, from the elevation of the limb's long axis.

Elevation is the angle of the limb above level, -90 degrees hanging: it comes from gravity and the lever
(`lever.py`), so up is up in every posture and a long hold cannot be mistaken for the rest. A rep is one
closed excursion upwards.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, minimum_filter1d
from scipy.signal import find_peaks

from distal.analysis.flight import runs
from distal.analysis.reps_limb import SLOW_HZ, Limb
from distal.analysis.reps_phases import find_borders
from distal.analysis.rotate import unit
from distal.model import FloatArray
from distal.units import RAD_PER_DEG

IntArray = NDArray[np.int64]

LEAST_ROM = 2.5 * RAD_PER_DEG  # smaller excursions are wobble: the smallest real rep seen is 4 degrees
SAME_REST = 10.0 * RAD_PER_DEG
COMES_BACK = 0.5  # of the larger way: lying down and standing up do not
STANDS_OUT = 0.5  # an excursion that starts above half its height rides on a larger one
KEEPS_UP = 0.3  # a rep reaches this share of the larger neighbours on its weaker side
CLOSE_S, CLOSE_SHARE = 1.2, 0.6  # a bounce after the way down comes this soon and is this small
CLOSE = 0.6  # of the time from rep to rep: so soon at most
REST_NEAR_S = 8.0  # a rest lies this near to a top; what is longer of a hold is cut out
# a way that stays within 2 degrees, or a tenth of its range, for a second stands still; 4 s of it are kept
STILL_SHARE = 0.1
STILL, STILL_N, STAYS_N = 2.0 * RAD_PER_DEG, int(SLOW_HZ), int(4 * SLOW_HZ)
NEARLY_HANGING, SLACK = 0.5, 1.0 * RAD_PER_DEG  # rad; slack: what the long axis is known to
NEXT, ALIKE = 1.5, (0.6, 1.7)  # of the usual time and of the usual rise: so near and so alike is one more rep
PACE_S, FAST, SLOWEST = 0.5, 80, 0.2  # way over a second; fastest changes count alike; share that counts
AGREES = 0.3  # correlation with the elevation that tells which way is up
SAME_WAY = 0.6  # mean excursion / mean size of excursions: reps that go one way


@dataclass(frozen=True, slots=True)
class Lift:
    """One rep in samples of its span at SLOW_HZ, fractional."""

    start: float
    top: float
    end: float
    hold_start: float
    hold_end: float
    rise: float  # rad
    is_step: bool = False  # of a foot that goes away and comes home
    up_m: float = 0.0  # and so much higher there
    flies: str = ""  # jump or hop: a rep with a flight

    @property
    def has_hold(self) -> bool:
        """Whether it stays at the top."""
        return self.hold_end > self.hold_start


@dataclass(frozen=True, slots=True)
class Taste:
    """How much of an excursion has to show for a rep."""

    stands_out: float = STANDS_OUT
    has_ends: bool = False  # whether the first and the last may begin or end in another rest


USUAL = Taste()


def find_lifts(way: FloatArray, taste: Taste = USUAL) -> list[Lift]:
    """Every closed excursion upwards of a way (rad), in order, never overlapping.

    Long stillness is cut short while they are looked for, so that a hold may last as long as it wants.
    """
    kept = _lively(way)

    def back(position: float) -> float:
        low = min(int(position), len(kept) - 2)
        first, then = int(kept[low]), int(kept[low + 1])
        return (then - first) * (position - low) + first

    return [_moved(lift, back) for lift in _closed(way[kept], taste)]


def _lively(way: FloatArray) -> IntArray:
    """Samples without the middles of long stillness, whichever level it is at."""
    least = min(STILL, STILL_SHARE * float(np.subtract(*np.percentile(way, (95, 5)))))
    still = maximum_filter1d(way, STILL_N) - minimum_filter1d(way, STILL_N) < least
    keep = np.ones(len(way), dtype=bool)
    for low, high in runs(still):
        if high - low > STAYS_N:
            keep[low + STAYS_N // 2 : high - STAYS_N // 2] = False
    return np.flatnonzero(keep)


def _closed(way: FloatArray, taste: Taste) -> list[Lift]:
    every, sizes = _excursions(way)
    tops, rises = _drop_riders(way, every, sizes, taste.stands_out)
    tops, rises = _drop_small(tops, rises)
    lifts = _same_rest(way, _measure(way, tops, rises))
    return _apart(_with_ends(way, lifts, every) if taste.has_ends and len(lifts) > 2 else lifts)


def _with_ends(way: FloatArray, lifts: list[Lift], every: IntArray) -> list[Lift]:
    """And a rep before and after them whose outer side goes to another rest than its inner one."""
    pieces = [(int(lift.start), int(lift.end) + 1) for lift in lifts]
    tops = [low + int(np.argmax(way[low:high])) for low, high in pieces]
    rest = float(np.median([way[a:b].min() for a, b in pairwise(tops)]))
    usual = float(np.median([lift.rise for lift in lifts]))
    reach = NEXT * float(np.median(np.diff(tops))) + SLOW_HZ
    out = list(lifts)
    for edge, is_first in ((tops[0], True), (tops[-1], False)):
        fits = []
        for top in every[(np.abs(every - edge) < reach) & ((every < edge) == is_first)].tolist():
            low = float(way[min(top, edge) : max(top, edge) + 1].min())
            if low < rest + KEEPS_UP * usual and ALIKE[0] * usual < way[top] - low < ALIKE[1] * usual:
                fits.append((float(way[top]) - low, top))
        if fits:
            fall, top = max(fits)
            near = (0, edge) if is_first else (edge, len(way) - 1)
            b = find_borders(way, top, near, fall)
            one = Lift(b.start, b.hold_start, b.end, b.hold_start, b.hold_end, fall)
            out = [one, *out] if is_first else [*out, one]
    return out


def moved(lift: Lift, by: float) -> Lift:
    """The same lift, later by so many samples."""
    return _moved(lift, lambda position: position + by)


def _moved(lift: Lift, to: Callable[[float], float]) -> Lift:
    return replace(
        lift,
        start=to(lift.start),
        top=to(lift.top),
        end=to(lift.end),
        hold_start=to(lift.hold_start),
        hold_end=to(lift.hold_end),
    )


def main_tilt(limb: Limb) -> FloatArray:
    """Angle of gravity along the direction in which it moves most, rad; up from the rest at the ends."""
    away = limb.up - limb.up.mean(axis=0)
    way = _tilt_along(limb, np.linalg.eigh(away.T @ away)[1][:, -1])
    return way if float(np.percentile(way, (5, 95)).sum()) >= 0.0 else -way


def moving_tilt(limb: Limb) -> FloatArray:
    """Angle of gravity along the direction in which it moves when it moves, rad; up as the elevation says.

    Slow drifts of the rest have no say, nor has one large movement more than many small ones.
    """
    half = int(PACE_S * SLOW_HZ)
    moves = limb.up[2 * half :] - limb.up[: -2 * half]
    sizes = np.sqrt(np.einsum("ni,ni->n", moves, moves))
    most = float(np.percentile(sizes, FAST))
    moves *= np.where(sizes < SLOWEST * most, 0.0, np.minimum(1.0, most / np.maximum(sizes, 1e-9)))[:, None]
    way = _tilt_along(limb, np.linalg.eigh(moves.T @ moves)[1][:, -1])
    risen, shown = np.diff(limb.elevation[::10]), np.diff(way[::10])
    agrees = float(risen @ shown) / max(float(np.sqrt((risen @ risen) * (shown @ shown))), 1e-12)
    if abs(agrees) > AGREES:
        return way if agrees > 0.0 else -way
    return way if float(np.percentile(way, (5, 95)).sum()) >= 0.0 else -way


def _tilt_along(limb: Limb, out: FloatArray) -> FloatArray:
    """Angle of gravity from the rest at the ends of the span towards a direction, rad."""
    edge = int(SLOW_HZ)
    rest = unit(limb.up[:edge].sum(axis=0) + limb.up[-edge:].sum(axis=0))
    out = unit(out - (out @ rest) * rest)
    way: FloatArray = np.arctan2(np.einsum("ni,i->n", limb.up, out), np.einsum("ni,i->n", limb.up, rest))
    return way


def tilt_way(limb: Limb, lifts: list[Lift]) -> FloatArray | None:
    """Angle along the great circle that the lifts take on their way out, rad; None if they differ.

    Unlike elevation it goes straight through the vertical, and starts steeply from a hanging limb.
    """
    starts, tops, ends = (_at(lifts, key) for key in ("start", "top", "end"))
    rest = unit((limb.up[starts] + limb.up[ends]).sum(axis=0))
    chords = limb.up[tops] - (limb.up[starts] + limb.up[ends]) / 2.0
    mean = chords.mean(axis=0)
    if float(np.sqrt(mean @ mean)) < SAME_WAY * float(np.sqrt((chords**2).sum(axis=1)).mean()):
        return None
    out = unit(mean - (mean @ rest) * rest)
    way: FloatArray = np.arctan2(np.einsum("ni,i->n", limb.up, out), np.einsum("ni,i->n", limb.up, rest))
    if limb.is_hinged and not limb.stands:
        # a shank that swings back past the vertical before it is lifted is not on its way yet
        down = -limb.lever.axis
        hanging = float(np.arctan2(down @ out, down @ rest))
        if abs(hanging) < NEARLY_HANGING:
            way = np.maximum(way, hanging - SLACK)
    return way


def follow(way: FloatArray, lifts: list[Lift]) -> list[Lift]:
    """The same lifts measured on another way."""
    edges = [(lifts[k - 1].top, lifts[k].top) for k in range(1, len(lifts))]
    middles = [int(left + right) // 2 for left, right in edges]
    lows, highs = [0, *middles], [*middles, len(way) - 1]
    tops = []
    for lift, low, high in zip(lifts, lows, highs, strict=True):
        first, last = max(low, int(lift.start)), min(high, int(lift.end) + 1)
        tops.append(first + int(np.argmax(way[first : last + 1])))
    rises = np.array([lift.rise for lift in lifts])
    at = np.array(tops, dtype=np.int64)
    for k, top in enumerate(tops):
        low = int(way[max(lows[k], int(lifts[k].start) - 5) : top + 1].argmin())
        rises[k] = way[top] - way[max(lows[k], int(lifts[k].start) - 5) + low]
    found = _measure(way, at, rises)
    return _apart(found) if len(found) == len(lifts) else lifts


def _at(lifts: list[Lift], key: str) -> IntArray:
    return np.array([round(getattr(lift, key)) for lift in lifts], dtype=np.int64)


def _measure(way: FloatArray, tops: IntArray, rises: FloatArray) -> list[Lift]:
    """Borders of every excursion that comes back."""
    lifts = []
    places = tops.tolist()
    for k, top in enumerate(places):
        near = (places[k - 1] if k else 0, places[k + 1] if k + 1 < len(places) else len(way) - 1)
        b = find_borders(way, top, near, float(rises[k]))
        ends = way[[b.base, b.foot]]
        if way[top] - ends.max() < COMES_BACK * (way[top] - ends.min()):
            continue
        rise = float(way[top] - ends.max())
        lifts.append(Lift(b.start, b.hold_start, b.end, b.hold_start, b.hold_end, rise))
    return lifts


def _same_rest(way: FloatArray, lifts: list[Lift]) -> list[Lift]:
    """Leave out a lift that starts from another pose than both its neighbours: lying down, turning over."""
    rest = [float(way[round(lift.start)]) for lift in lifts]
    keep = []
    for k, lift in enumerate(lifts):
        beside = [abs(rest[j] - rest[k]) for j in (k - 1, k + 1) if 0 <= j < len(lifts)]
        if not beside or min(beside) <= max(0.5 * lift.rise, SAME_REST):
            keep.append(lift)
    return keep


def _apart(lifts: list[Lift]) -> list[Lift]:
    """Without a rest between two reps one ends where the next begins: half way."""
    for k in range(1, len(lifts)):
        if lifts[k].start < lifts[k - 1].end:
            middle = (lifts[k].start + lifts[k - 1].end) / 2.0
            lifts[k - 1] = replace(lifts[k - 1], end=max(middle, lifts[k - 1].hold_end))
            lifts[k] = replace(lifts[k], start=min(max(middle, lifts[k - 1].end), lifts[k].hold_start))
    return lifts


def _excursions(height: FloatArray) -> tuple[IntArray, FloatArray]:
    """Tops and their rises above the higher of the lowest points within REST_NEAR_S on both sides.

    A limited look makes lifts after lying down stand on the new rest, not on the pose before it.
    """
    window = 2 * int(REST_NEAR_S * SLOW_HZ) + 1
    with warnings.catch_warnings():  # of level stretches, which have no prominence
        warnings.simplefilter("ignore", RuntimeWarning)
        tops, found = find_peaks(height, prominence=LEAST_ROM, wlen=window)
    return tops.astype(np.int64), np.asarray(found["prominences"], dtype=np.float64)


def _drop_riders(
    height: FloatArray, tops: IntArray, rises: FloatArray, stands_out: float
) -> tuple[IntArray, FloatArray]:
    """Leave out what rides on a larger excursion (a wobble in the hold)."""
    reach = int(REST_NEAR_S * SLOW_HZ)
    keep = []
    for top, rise in zip(tops.tolist(), rises.tolist(), strict=True):
        before = float(height[max(0, top - reach) : top + 1].min())
        after = float(height[top : top + reach + 1].min())
        keep.append(rise >= stands_out * (height[top] - max(before, after)))
    mask = np.array(keep, dtype=bool)
    return tops[mask], rises[mask]


def _drop_small(tops: IntArray, rises: FloatArray) -> tuple[IntArray, FloatArray]:
    """Leave out bumps between reps: small beside the larger of two neighbours, or close to one."""
    close = _close(tops, rises)
    while len(tops) > 1:
        limit = np.empty(len(tops))
        for k in range(len(tops)):
            sides = [rises[max(0, k - 2) : k], rises[k + 1 : k + 3]]
            beside = KEEPS_UP * min(float(s.max()) for s in sides if len(s))
            near = rises[np.abs(tops - tops[k]) < close]
            limit[k] = max(beside, CLOSE_SHARE * float(near.max()))
        worst = int(np.argmin(rises / limit))
        if rises[worst] >= limit[worst]:
            break
        tops, rises = np.delete(tops, worst), np.delete(rises, worst)
    return tops, rises


def _close(tops: IntArray, rises: FloatArray) -> float:
    """Samples within which a small excursion is a bounce of a larger one; fewer when reps follow fast."""
    tall = tops[rises >= CLOSE_SHARE * np.percentile(rises, 75)] if len(rises) else tops
    period = float(np.median(np.diff(tall))) if len(tall) > 2 else np.inf
    return min(CLOSE_S * SLOW_HZ, CLOSE * period)
