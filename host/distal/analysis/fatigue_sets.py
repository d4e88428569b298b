"""Did the leg tire from set to set? The last set of a session beside its first of the same exercise and leg.

Reps of a set are alike (memory), so a set's mean is less sure than its scatter around its own line says:
as in a trend, the number of its reps is what is left of it. Where range or speed jumped, the task was
another: not judged.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from scipy.special import stdtrit

from distal.analysis.fatigue import STEP_SHARE, sound_reps, speed_of
from distal.analysis.trend import growth
from distal.model import AcrossSets, Estimate, ExerciseSet, FloatArray

LEAST = 4  # reps of each set
_SURE = 0.975


def across_sets(sets: Sequence[ExerciseSet]) -> tuple[AcrossSets, ...]:
    """For every exercise and side with two sets or more, in the order of their first sets."""
    groups: dict[tuple[str, str], list[int]] = {}
    for k, one in enumerate(sets):
        groups.setdefault((one.exercise, one.side), []).append(k)
    return tuple(_across(sets, which) for which in groups.values() if len(which) > 1)


def _across(sets: Sequence[ExerciseSet], which: Sequence[int]) -> AcrossSets:
    first, last = (sets[k] for k in (which[0], which[-1]))
    numbers = tuple(k + 1 for k in which)
    speeds = [_speeds(one) for one in (first, last)]
    if min(len(one) for one in speeds) < LEAST:
        return AcrossSets(first.exercise, first.side, numbers, None, "too_few")
    change = _change_pct(*speeds)
    ranges = [float(np.mean([rep.rom_deg for rep in sound_reps(one)])) for one in (first, last)]
    if abs(ranges[1] / max(ranges[0], 1e-9) - 1.0) > STEP_SHARE or change.value > 100.0 * STEP_SHARE:
        return AcrossSets(first.exercise, first.side, numbers, change, "task_changed")
    return AcrossSets(first.exercise, first.side, numbers, change, "signs" if change.high < 0 else "no_sign")


def _speeds(one: ExerciseSet) -> FloatArray:
    return np.array([speed for rep in sound_reps(one) if (speed := speed_of(rep)) is not None])


def _change_pct(first: FloatArray, last: FloatArray) -> Estimate:
    """Last less first, percent of the first; 95 % interval of unequal spreads, with memory."""
    parts = []
    for speeds in (first, last):
        x = np.arange(len(speeds))
        left = speeds - np.polyval(np.polyfit(x, speeds, 1), x)  # what the set itself tired is no scatter
        n = max(len(speeds) / growth(left), 3.0)
        parts.append((float(speeds.mean()), float(left @ left) / (len(speeds) - 2) / n, n))
    (m0, v0, n0), (m1, v1, n1) = parts
    freedom = (v0 + v1) ** 2 / max(v0**2 / (n0 - 2.0) + v1**2 / (n1 - 2.0), 1e-30)
    scale = 100.0 / max(m0, 1e-9)
    half = scale * float(stdtrit(max(freedom, 1.0), _SURE)) * sqrt(v0 + v1)
    value = scale * (m1 - m0)
    return Estimate(value, value - half, value + half, len(first) + len(last))
