"""The course of a set as few points as a drawing needs: the limb's elevation, straight between points."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from distal.model import BoolArray, FloatArray

NEAR = 0.3  # degrees; a drawn line is a pixel wide, half a degree in every chart
MOST_POINTS = 40  # for each rep; a set of many uneasy reps is drawn more coarsely
IntArray = NDArray[np.int64]
Piece = tuple[tuple[float, float], ...]


def thin_course(height: FloatArray, present: BoolArray, reps: int) -> tuple[Piece, ...]:
    """Elevation in degrees -> pieces of (sample, degrees), at most NEAR off; missing samples part them.

    A rough course, more than MOST_POINTS a rep, is thinned twice as much until it is short enough.
    """
    runs = [(low, _needed(height[low:high])) for low, high in _runs(present)]
    near = NEAR
    while sum(int((needed > near).sum()) for _, needed in runs) > MOST_POINTS * max(reps, 1) + 2 * len(runs):
        near *= 2.0
    return tuple(_piece(height, low + np.flatnonzero(needed > near)) for low, needed in runs)


def _runs(present: BoolArray) -> list[tuple[int, int]]:
    """Spans of samples that are all there; single samples draw nothing."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], present, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]


def _needed(height: FloatArray) -> FloatArray:
    """(n,) up to which distance each sample has to be kept; infinite at the ends, 0 for most.

    Douglas and Peucker 1973, with the distance taken along elevation; all open spans of a level at once.
    """
    needed = np.zeros(len(height))
    needed[[0, -1]] = np.inf
    low, high, limit = np.array([0]), np.array([len(height) - 1]), np.array([np.inf])
    while len(low):
        at, off = _farthest(height, low, high)
        limit = np.minimum(limit, off)
        far = limit > NEAR
        low, at, high, limit = low[far], at[far], high[far], limit[far]
        needed[at] = limit
        low, high, limit = np.append(low, at), np.append(at, high), np.append(limit, limit)
        wide = high - low >= 2
        low, high, limit = low[wide], high[wide], limit[wide]
    return needed


def _farthest(height: FloatArray, low: IntArray, high: IntArray) -> tuple[IntArray, FloatArray]:
    """The sample of each span that is farthest from the straight line between its ends, and how far."""
    size = high - low + 1
    begins = np.cumsum(size) - size  # of each span in the spans one after another
    along = np.arange(int(size.sum())) - np.repeat(begins, size)
    straight = along * np.repeat((height[high] - height[low]) / (high - low), size)
    straight += np.repeat(height[low], size)
    straight[begins + size - 1] = height[high]
    along += np.repeat(low, size)
    off = height[along]
    off -= straight
    np.abs(off, out=off)
    most = np.maximum.reduceat(off, begins)
    there = np.flatnonzero(off == np.repeat(most, size))
    return low + there[np.searchsorted(there, begins)] - begins, most


def _piece(height: FloatArray, at: IntArray) -> Piece:
    return tuple(zip(at.astype(np.float64).tolist(), height[at].tolist(), strict=True))


def shift_course(pieces: Sequence[Piece], scale: float, start: float) -> tuple[Piece, ...]:
    """Put the samples of a course on another grid: `scale * sample + start`."""
    return tuple(tuple((scale * at + start, value) for at, value in piece) for piece in pieces)
