"""What a leg did in a short hole: as in the moments before that went on from where this one does.

A leg repeats itself. What was felt just before and after a hole is compared with the seconds before it; the
moments most like it, weighted so that together they pass through what was felt on both sides, say what came
between. Those moments are filled themselves, too: where a straight line does that better, as in a slow lift,
the hole gets the line. Only distances decide and only weights are applied, so any mounting gives the same.
"""

from dataclasses import dataclass

import numpy as np

from distal.model import FloatArray

PAST_S = 6.0  # looked through: four strides of a slow walker
AROUND_S = 0.16  # compared on both sides of a hole
STEP_S = 0.01  # from one compared sample, and one moment, to the next
MOMENTS = 16  # the nearest: two or three strides, each at several shifts
LEAST_MOMENTS = 4
STIFF = 0.1  # share of their mean distance added to each one's own: keeps the weights small


@dataclass(frozen=True, slots=True)
class Hole:
    """Rows [start, start + length) are missing; the rows at both sides are there."""

    rows: FloatArray  # (n, 6) gyr and acc around it; NaN rows are missing or not to be trusted
    start: int
    length: int
    rate_hz: float

    @property
    def ends(self) -> FloatArray:
        """(1, 2, 6): the row before and the row after."""
        return self.rows[None, [self.start - 1, self.start + self.length]]


def mend(hole: Hole) -> FloatArray:
    """(length, 6) rows for the hole."""
    line = _lines(hole.ends, hole.length)[0, 1:-1]
    scale = _scale(hole.rows)
    near = _moments(hole, scale)
    if near is None:
        return line
    weights, inside = near
    like = np.einsum("k,kij->ij", weights, inside)
    ends = inside[:, [0, -1]]
    ways = (_lines(ends, hole.length), like + _lines(ends - like[[0, -1]], hole.length))
    off = [float((((way - inside) / scale) ** 2).sum()) for way in ways]
    if off[0] <= off[1]:
        return line
    out: FloatArray = (like + _lines(hole.ends - like[[0, -1]], hole.length))[0, 1:-1]
    return out


def _lines(ends: FloatArray, length: int) -> FloatArray:
    """(k, 2, 6) ends -> (k, length + 2, 6) on straight lines between them, ends with them."""
    part = (np.arange(length + 2) / (length + 1))[None, :, None]
    out: FloatArray = ends[:, :1] + (ends[:, 1:] - ends[:, :1]) * part
    return out


def _scale(rows: FloatArray) -> FloatArray:
    """(6,) how large turning and force usually are: one number for each, whichever way they point."""
    there = rows[np.isfinite(rows[:, 0])]
    away = there - there.mean(axis=0)
    size = np.sqrt((away * away).mean(axis=0).reshape(2, 3).mean(axis=1))
    return np.repeat(np.maximum(size, 1e-6), 3)


def _moments(hole: Hole, scale: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Weights (k,) and rows (k, length + 2, 6) of the moments most like the hole; None of too few."""
    step = max(round(STEP_S * hole.rate_hz), 1)
    reach = int(AROUND_S * hole.rate_hz) // step
    n = len(hole.rows)
    places = np.concatenate([-step * np.arange(reach, 0, -1), hole.length + step * np.arange(reach)])
    at = hole.start + places
    at[(at < 0) | (at >= n)] = hole.start  # beyond what is known: as the hole itself
    felt = hole.rows[at]
    known = np.isfinite(felt[:, 0])
    places, felt = places[known], felt[known]
    low, high = max(-int(places[0]), 1), n - max(int(places[-1]), hole.length)
    starts = np.arange(hole.start - (hole.start - low) // step * step, high, step)
    if len(starts) < LEAST_MOMENTS:
        return None
    apart = (hole.rows[starts[:, None] + places] - felt) / scale
    far = np.einsum("kij,kij->k", apart, apart)
    far += 0.0 * hole.rows[starts[:, None] + np.arange(-1, hole.length + 1), 0].sum(axis=1)  # NaN: has a hole
    near = np.argsort(far, kind="stable")[: min(MOMENTS, int(np.isfinite(far).sum()))]
    if len(near) < LEAST_MOMENTS:
        return None
    flat = apart[near].reshape(len(near), -1)
    square = np.einsum("ij,kj->ik", flat, flat)
    square += np.eye(len(near)) * (STIFF * np.trace(square) / len(near) + 1e-12)
    weights = np.linalg.solve(square, np.ones(len(near)))
    return weights / weights.sum(), hole.rows[starts[near][:, None] + np.arange(-1, hole.length + 1)]
