"""Repetitions in a span of movement, from the elevation of the limb's long axis.

Elevation is the angle of the limb above level, -90 degrees hanging: it comes from gravity and the lever
(`lever.py`), so up is up in every posture and a long hold cannot be mistaken for the rest. A rep is one
closed excursion upwards.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from distal.analysis.even import RATE_HZ, Even, vertex
from distal.analysis.lever import Lever, fit_lever, swing_acceleration
from distal.analysis.rotate import fuse_up, integrate_turns, unit
from distal.model import BoolArray, FloatArray
from distal.units import RAD_PER_DEG

SLOW = 2  # reps are looked for at 50 Hz
SLOW_HZ = RATE_HZ / SLOW
IntArray = NDArray[np.int64]

LEAST_ROM = 2.5 * RAD_PER_DEG  # smaller excursions are wobble: the smallest real rep seen is 4 degrees
SAME_REST = 10.0 * RAD_PER_DEG
COMES_BACK = 0.5  # of the larger way: lying down and standing up do not
STANDS_OUT = 0.5  # an excursion that starts above half its height rides on a larger one
KEEPS_UP = 0.3  # a rep reaches this share of the larger neighbours on its weaker side
CLOSE_S, CLOSE_SHARE = 1.2, 0.6  # a bounce after the way down comes this soon and is this small
STILL = 2.0 * RAD_PER_DEG  # rad/s, gyro of a limb at rest
HOLD = 10.0 * RAD_PER_DEG  # rad/s, elevation changes more slowly in a hold
LEAST_HOLD_S = 0.2
KNOWN, SURE = 0.3, 0.5  # share of motion that a lever has to explain to be used
REST_NEAR_S = 8.0  # a rest lies this near to a top; holds are shorter
FELL, SETTLES_S = 0.7, 0.7  # when this share of the way down is done the rest follows within this time
LEAVES = (0.06, 0.30)  # shares of the rise from which its begin is extrapolated


@dataclass(frozen=True, slots=True)
class Limb:
    """A span seen as a limb: everything at SLOW_HZ."""

    gyr: FloatArray
    turns: FloatArray
    up: FloatArray
    elevation: FloatArray  # rad
    lever: Lever
    present: BoolArray


@dataclass(frozen=True, slots=True)
class Lift:
    """One rep in samples of its span at SLOW_HZ, fractional."""

    start: float
    top: float
    end: float
    hold_start: float
    hold_end: float
    rise: float  # rad
    rom: float  # rad
    roll: float  # rad


def see_limb(span: Even) -> Limb:
    """Fuse, find the lever, and turn a span at RATE_HZ into a limb at SLOW_HZ."""
    gyr, acc = _halve(span.gyr), _halve(span.acc)
    n = len(gyr)
    present: BoolArray = np.all(span.present[: n * SLOW].reshape(n, SLOW), axis=1)
    gyr, acc = _low_pass(gyr), _low_pass(acc)
    gyr = gyr - _bias(gyr)
    turns = integrate_turns(gyr, SLOW_HZ)
    up = fuse_up(turns, acc, SLOW_HZ)
    lever = _known_way_round(fit_lever(gyr, acc, turns, SLOW_HZ), up)
    if (
        lever.explained > SURE
    ):  # slow reps swing within the band of tilt: without their own push it is gravity
        up = fuse_up(turns, acc - swing_acceleration(lever, gyr, SLOW_HZ), SLOW_HZ)
    elevation = np.arcsin(np.clip(np.einsum("ni,i->n", up, lever.axis), -1.0, 1.0))
    return Limb(gyr, turns, up, elevation, lever, present)


def find_lifts(limb: Limb) -> list[Lift]:
    """Every rep of the span, in order, never overlapping."""
    height = limb.elevation
    tops, rises = _excursions(height)
    tops, rises = _drop_riders(height, tops, rises)
    tops, rises = _drop_small(tops, rises)
    lifts = []
    for k, top in enumerate(tops.tolist()):
        low = int(tops[k - 1]) if k else 0
        high = int(tops[k + 1]) if k + 1 < len(tops) else len(height) - 1
        lift = _measure(limb, low, top, high, float(rises[k]))
        if lift is not None:
            lifts.append(lift)
    return _apart(_same_rest(limb, lifts))


def _same_rest(limb: Limb, lifts: list[Lift]) -> list[Lift]:
    """Leave out a lift that starts from another pose than both its neighbours: lying down, turning over."""
    rest = [float(limb.elevation[round(lift.start)]) for lift in lifts]
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


def _halve(rows: FloatArray) -> FloatArray:
    n = len(rows) // SLOW * SLOW
    out: FloatArray = rows[:n].reshape(-1, SLOW, 3).mean(axis=1)
    return out


def _low_pass(rows: FloatArray) -> FloatArray:
    """Hann window over 0.24 s, no delay: -6 dB at about 8 Hz, so any input rate gives the same phases."""
    n = min(int(0.24 * SLOW_HZ) | 1, len(rows) - (len(rows) + 1) % 2)
    window = np.hanning(n + 2)[1:-1]
    padded = np.pad(rows, ((n // 2, n // 2), (0, 0)), mode="edge")
    return np.stack([np.convolve(padded[:, i], window / window.sum(), "valid") for i in range(3)], axis=1)


def _bias(gyr: FloatArray) -> FloatArray:
    """What the gyro says while the limb rests."""
    still = np.einsum("ni,ni->n", gyr, gyr) < STILL**2
    if still.sum() < SLOW_HZ:
        return np.zeros(3)
    out: FloatArray = gyr[still].mean(axis=0)
    return out


def _known_way_round(lever: Lever, up: FloatArray) -> Lever:
    """When motion says too little about the lever, use the direction in which gravity moved."""
    if lever.explained > KNOWN:
        return lever
    moved = up - up.mean(axis=0)
    axis = np.linalg.eigh(moved.T @ moved)[1][:, -1]
    along = moved @ axis
    skew = float((along**3).sum())  # rests last longer than tops or lie at one end of the range
    return Lever(lever.r, lever.explained, unit(axis if skew >= 0 else -axis))


def _excursions(height: FloatArray) -> tuple[IntArray, FloatArray]:
    """Tops and their rises above the higher of the lowest points within REST_NEAR_S on both sides.

    A limited look makes lifts after lying down stand on the new rest, not on the pose before it.
    """
    window = 2 * int(REST_NEAR_S * SLOW_HZ) + 1
    tops, found = find_peaks(height, prominence=LEAST_ROM, wlen=window)
    return tops.astype(np.int64), np.asarray(found["prominences"], dtype=np.float64)


def _drop_riders(height: FloatArray, tops: IntArray, rises: FloatArray) -> tuple[IntArray, FloatArray]:
    """Leave out what rides on a larger excursion (a wobble in the hold)."""
    reach = int(REST_NEAR_S * SLOW_HZ)
    keep = []
    for top, rise in zip(tops.tolist(), rises.tolist(), strict=True):
        before = float(height[max(0, top - reach) : top + 1].min())
        after = float(height[top : top + reach + 1].min())
        keep.append(rise >= STANDS_OUT * (height[top] - max(before, after)))
    mask = np.array(keep, dtype=bool)
    return tops[mask], rises[mask]


def _drop_small(tops: IntArray, rises: FloatArray) -> tuple[IntArray, FloatArray]:
    """Leave out bumps between reps: small beside the larger of two neighbours, or close to one."""
    while len(tops) > 1:
        limit = np.empty(len(tops))
        for k in range(len(tops)):
            sides = [rises[max(0, k - 2) : k], rises[k + 1 : k + 3]]
            beside = KEEPS_UP * min(float(s.max()) for s in sides if len(s))
            near = rises[np.abs(tops - tops[k]) < CLOSE_S * SLOW_HZ]
            limit[k] = max(beside, CLOSE_SHARE * float(near.max()))
        worst = int(np.argmin(rises / limit))
        if rises[worst] >= limit[worst]:
            break
        tops, rises = np.delete(tops, worst), np.delete(rises, worst)
    return tops, rises


def _measure(limb: Limb, low: int, top: int, high: int, rise: float) -> Lift | None:
    """Start, end and phases of the excursion with its top at `top`; None if it does not come back."""
    height = limb.elevation
    base = top - _foot(height[low : top + 1][::-1], rise)
    foot = top + _foot(height[top : high + 1], rise)
    ends = height[[base, foot]]
    if height[top] - ends.max() < COMES_BACK * (height[top] - ends.min()):
        return None
    start = _onset(height, base, top)
    end = _onset(height, foot, top)
    hold_start, hold_end = _hold(height, start, top, end)
    # in a hold the highest point wanders; where the way up ends does not
    turn = hold_start
    rom, roll = _turned(limb, round(start), round(turn), float(height[top]))
    rise = float(height[top] - max(height[base], height[foot]))
    return Lift(start, turn, end, hold_start, hold_end, rise, rom, roll)


def _foot(way: FloatArray, rise: float) -> int:
    """Samples from the top down to the rest: the lowest point soon after most of the way."""
    deep = np.flatnonzero(way <= way[0] - FELL * rise)
    if len(deep) == 0:
        return int(np.argmin(way))
    first = int(deep[0])
    return first + int(np.argmin(way[first : first + int(SETTLES_S * SLOW_HZ)]))


def _onset(height: FloatArray, foot: int, top: int) -> float:
    """Where the way between foot and top begins, extrapolated from two crossings low on it.

    A limb leaves rest as t^2 (a constant push) to t^3 (a smooth start): with 2.5 in between both are met
    within 5 % of the phase, where a threshold alone would be 10 to 16 % late.
    """
    low, high = (_crossing(height, foot, top, share) for share in LEAVES)
    reach = (LEAVES[1] / LEAVES[0]) ** (1.0 / 2.5) - 1.0
    at = low - (high - low) / reach
    return float(min(max(at, 0.0), len(height) - 1.0))


def _crossing(height: FloatArray, foot: int, top: int, share: float) -> float:
    """Where the way from foot to top has last risen through `share` of its height, between samples."""
    level = height[foot] + share * (height[top] - height[foot])
    step = -1 if foot < top else 1
    way = height[foot : top + 1][::-1] if foot < top else height[top : foot + 1]
    below = np.flatnonzero(way <= level)
    if len(below) == 0 or below[0] == 0:
        return float(foot)
    k = int(below[0])
    part = (way[k - 1] - level) / max(way[k - 1] - way[k], 1e-12)
    return float(top + step * (k - 1 + part))


def _hold(height: FloatArray, start: float, top: int, end: float) -> tuple[float, float]:
    """The slow part around the top; from and to the same instant when there is none."""
    low, high = round(start), min(round(end), len(height) - 1)
    speed = np.abs(np.gradient(height[low : high + 1])) * SLOW_HZ
    high_up = height[low : high + 1] > height[[low, high]].max() + 0.5 * (
        height[top] - height[[low, high]].max()
    )
    slow = np.flatnonzero((speed < HOLD) & high_up)
    if len(slow) == 0 or (slow[-1] - slow[0]) < LEAST_HOLD_S * SLOW_HZ:
        turn = vertex(height, top)
        return turn, turn
    return float(max(low + slow[0], start)), float(min(low + slow[-1], end))


def _turned(limb: Limb, start: int, top: int, highest: float) -> tuple[float, float]:
    """Angle between the long axis at start and top, and the roll about it, rad; `highest` elevation."""
    axis = limb.lever.axis
    turn = limb.turns[start].T @ limb.turns[top]  # axes of top -> axes of start
    ends = np.array([limb.elevation[start], highest])
    climb, flat = np.sin(ends), np.cos(ends)
    moved = turn @ axis
    # the part across gravity comes from the gyro, the part along it from gravity
    one = axis - climb[0] * limb.up[start]
    two = moved - (moved @ limb.up[start]) * limb.up[start]
    size = float(np.sqrt((one @ one) * (two @ two)))
    around = float(one @ two) / size if size > 1e-3 else 1.0
    cos = float(climb[0] * climb[1] + flat[0] * flat[1] * np.clip(around, -1.0, 1.0))
    twist = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]]) @ axis
    roll = 2.0 * float(np.arctan2(twist / 2.0, 1.0 + np.trace(turn)))
    return float(np.arccos(np.clip(cos, -1.0, 1.0))), roll
