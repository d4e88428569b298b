"""Butterworth filters, each designed once; without delay, for one course or many of unlike length at once."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from scipy.signal import butter, sosfilt, sosfilt_zi

from distal.model import FloatArray

Kind = Literal["low", "high", "band"]
TOGETHER = 32  # courses filtered at once: a long one among many short ones would only take memory


@lru_cache(maxsize=64)
def butterworth(
    order: int, hz: float | tuple[float, float], rate_hz: float, kind: Kind = "low"
) -> FloatArray:
    """Second-order sections; not to be changed."""
    out: FloatArray = butter(order, hz, kind, fs=rate_hz, output="sos")
    return out


def powers_without_delay(sos: FloatArray, courses: Sequence[FloatArray], pad: int) -> list[float]:
    """Sum of squares of each course (n, 3), n > 1, filtered forward and backward.

    pad  samples that each end is mirrored by, as far as the course has so many (scipy's `sosfiltfilt`)
    """
    out = [0.0] * len(courses)
    order = sorted(range(len(courses)), key=lambda k: len(courses[k]))
    for at in range(0, len(order), TOGETHER):
        some = order[at : at + TOGETHER]
        for k, power in zip(some, _powers(sos, [courses[k] for k in some], pad), strict=True):
            out[k] = power
    return out


def _powers(sos: FloatArray, courses: Sequence[FloatArray], pad: int) -> list[float]:
    wide = [_mirrored(course.T, min(pad, len(course) - 1)) for course in courses]
    sizes = np.array([one.shape[1] for one in wide])
    rows = np.zeros((len(wide), 3, int(sizes.max())))
    for row, one in zip(rows, wide, strict=True):
        row[:, : one.shape[1]] = one
    ahead = _filtered(sos, rows)
    back = np.maximum(sizes[:, None] - 1 - np.arange(rows.shape[2]), 0)  # each from its own end
    both = _filtered(sos, np.take_along_axis(ahead, back[:, None, :], axis=2))
    ends = [
        ((size - len(course)) // 2, len(course)) for size, course in zip(sizes.tolist(), courses, strict=True)
    ]
    return [float(np.square(one[:, a : a + n]).sum()) for one, (a, n) in zip(both, ends, strict=True)]


def _filtered(sos: FloatArray, rows: FloatArray) -> FloatArray:
    """(k, 3, n) along the last axis, begun as if the first sample had lasted for ever."""
    begin = sosfilt_zi(sos)[:, None, None, :] * rows[:, :, :1]
    out: FloatArray = sosfilt(sos, rows, axis=2, zi=begin)[0]
    return out


def _mirrored(rows: FloatArray, pad: int) -> FloatArray:
    """(3, n) with `pad` samples at each end, turned about the end sample."""
    if pad == 0:
        return rows
    before = 2.0 * rows[:, :1] - rows[:, pad:0:-1]
    after = 2.0 * rows[:, -1:] - rows[:, -2 : -pad - 2 : -1]
    return np.concatenate([before, rows, after], axis=1)


def slope(rows: FloatArray, step: float = 1.0) -> FloatArray:
    """Change along the first axis by central differences, one-sided at the ends; at least 2 rows.

    As numpy's `gradient`, which takes several times as long for a short course.
    """
    out = np.empty_like(rows)
    out[1:-1] = (rows[2:] - rows[:-2]) / (2.0 * step)
    out[0], out[-1] = (rows[1] - rows[0]) / step, (rows[-1] - rows[-2]) / step
    return out
