"""Two cuffs knocked together: by how much their times differ, measured without any clock. Pure.

A blow moves both cuffs at one instant. Its course on each side is drawn finely between the samples and one
is shifted over the other until they agree best.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import stdtrit

from distal.model import SIDES, Estimate, FloatArray, Side, Track
from distal.units import G

LEAST = 3  # knocks, for an interval
_BLOW = 1.0 * G  # change of specific force that is a knock
_APART_S = 0.3  # from one knock to the next, at least
_PAIR_S = 0.1  # both cuffs feel one knock within this: the clocks are far better than that
HALF_S = 0.035  # of the blow's course that is compared
_SHIFT_S = 0.012
_FINE_S = 1e-4
STEP_S = 1e-3  # of the picture
_ALIKE = 0.8  # correlation of both courses; less is two blows


@dataclass(frozen=True, slots=True)
class Knock:
    """One knock. Session seconds on the left cuff; how much later the right cuff's time puts it."""

    at_s: float
    right_later_ms: float
    alike: float  # correlation of both courses


@dataclass(frozen=True, slots=True)
class KnockReading:
    """All knocks.

    right_later_ms  None below three; its interval is that of the mean (Student)
    courses         of each leg's mean knock, g: each STEP_S from HALF_S before the left leg's peak on
    """

    knocks: tuple[Knock, ...]
    right_later_ms: Estimate | None
    courses: Mapping[Side, tuple[float, ...]]


def read_knocks(tracks: Mapping[Side, Track], within_s: float = _PAIR_S) -> KnockReading:
    """Find the knocks that both legs felt and how their times differ. The tracks of both sides are needed.

    within_s  what the times of both may differ by; beyond 0.1 s several knocks must agree on the same
    error  0.1 ms RMS of the mean of ten knocks, virtual cuffs at 208 Hz (tests/host/analysis/test_knocks.py)
    """
    blows = {side: _blow(tracks[side]) for side in SIDES}
    found = {side: _peaks(*blows[side]) for side in SIDES}
    later_s = _agreed(found["left"], found["right"], within_s) if within_s > _PAIR_S else 0.0
    right = blows["right"][0] - later_s, blows["right"][1]
    shared = [a for a in found["left"] if any(abs(a - b + later_s) < _PAIR_S for b in found["right"])]
    knocks = [_compare(blows["left"], right, at_s) for at_s in shared]
    good = tuple(one for one in knocks if one is not None)
    courses: dict[Side, tuple[float, ...]] = {
        "left": _mean_course(blows["left"], good),
        "right": _mean_course(right, good),
    }
    told = tuple(replace(one, right_later_ms=one.right_later_ms + 1e3 * later_s) for one in good)
    return KnockReading(told, _mean([one.right_later_ms for one in told]), courses)


def _agreed(left: list[float], right: list[float], within_s: float) -> float:
    """By how much the right leg's knocks are later; 0 where less than three agree, or others do as well."""
    apart = np.array([b - a for a in left for b in right if abs(b - a) < within_s])
    if not len(apart):
        return 0.0
    votes = (np.abs(apart - apart[:, None]) < _PAIR_S / 2).sum(axis=1)
    best = float(np.median(apart[np.abs(apart - apart[np.argmax(votes)]) < _PAIR_S / 2]))
    others = votes[np.abs(apart - best) > _PAIR_S]
    is_clear = votes.max() >= LEAST and 2 * max(others, default=0) <= votes.max()
    return best if is_clear else 0.0


def _mean_course(blow: tuple[FloatArray, FloatArray], knocks: tuple[Knock, ...]) -> tuple[float, ...]:
    at = np.arange(-HALF_S, HALF_S + STEP_S / 2, STEP_S)
    found = [_course(blow, knock.at_s + at) for knock in knocks]
    known = [one for one in found if one is not None]
    return tuple((np.mean(known, axis=0) / G).tolist()) if known else ()


def _blow(track: Track) -> tuple[FloatArray, FloatArray]:
    """Session time and size of the specific force's change from the median of its second; gaps left out."""
    n = len(track.acc)
    t = np.array([track.time.seconds(k) for k in range(n)])
    good = np.isfinite(track.acc).all(axis=1)
    t, acc = t[good], track.acc[good]
    block = max(int(track.time.rate_hz), 1)
    still = np.empty_like(acc)
    for start in range(0, len(acc), block):
        still[start : start + block] = np.median(acc[start : start + block], axis=0)
    return t, np.linalg.norm(acc - still, axis=1)


def _peaks(t: FloatArray, size: FloatArray) -> list[float]:
    """Times of the largest sample of each knock."""
    found: list[tuple[float, float]] = []
    for k in np.flatnonzero(size > _BLOW):
        if found and t[k] - found[-1][0] < _APART_S:
            if size[k] > found[-1][1]:
                found[-1] = (float(t[k]), float(size[k]))
        else:
            found.append((float(t[k]), float(size[k])))
    return [at for at, _ in found]


def _compare(
    left: tuple[FloatArray, FloatArray], right: tuple[FloatArray, FloatArray], at_s: float
) -> Knock | None:
    """Shift the right course over the left about one knock; None where samples are missing or unlike."""
    fine = np.arange(-HALF_S, HALF_S, _FINE_S)
    wide = np.arange(-HALF_S - _SHIFT_S, HALF_S + _SHIFT_S, _FINE_S)
    one, other = _course(left, at_s + fine), _course(right, at_s + wide)
    if one is None or other is None:
        return None
    one = one - one.mean()
    windows = np.lib.stride_tricks.sliding_window_view(other, len(one))
    centred = windows - windows.mean(axis=1, keepdims=True)
    alike = centred @ one / (np.linalg.norm(centred, axis=1) * np.linalg.norm(one) + 1e-12)
    best = int(np.argmax(alike))
    if not 0 < best < len(alike) - 1 or alike[best] < _ALIKE:
        return None
    before, top, after = alike[best - 1 : best + 2]
    part = 0.5 * (before - after) / (before - 2 * top + after)
    return Knock(at_s, float(((best + part) * _FINE_S - _SHIFT_S) * 1e3), float(top))


def _course(blow: tuple[FloatArray, FloatArray], at: FloatArray) -> FloatArray | None:
    t, size = blow
    near = (t > at[0] - 0.03) & (t < at[-1] + 0.03)
    x, y = t[near], size[near]
    if len(x) < 8 or x[0] > at[0] or x[-1] < at[-1] or np.diff(x).max() > 0.02:
        return None
    return np.asarray(CubicSpline(x, y)(at))


def _mean(values: list[float]) -> Estimate | None:
    n = len(values)
    if n < LEAST:
        return None
    half = float(stdtrit(n - 1, 0.975) * np.std(values, ddof=1) / np.sqrt(n))
    mean = float(np.mean(values))
    return Estimate(mean, mean - half, mean + half, n)
