"""The course of a set as few points as a drawing needs: the limb's elevation, straight between points."""

from collections.abc import Sequence

import numpy as np

from distal.model import BoolArray, FloatArray

NEAR = 0.3  # degrees; a drawn line is a pixel wide, half a degree in every chart
MOST_POINTS = 40  # for each rep; a set of many uneasy reps is drawn more coarsely
Piece = tuple[tuple[float, float], ...]


def thin_course(height: FloatArray, present: BoolArray, reps: int) -> tuple[Piece, ...]:
    """Elevation in degrees -> pieces of (sample, degrees), at most NEAR off; missing samples part them.

    A rough course, more than MOST_POINTS a rep, is thinned twice as much until it is short enough.
    """
    near = NEAR
    while True:
        pieces = [_thin(height, low, high, near) for low, high in _runs(present)]
        if sum(map(len, pieces)) <= MOST_POINTS * max(reps, 1) + 2 * len(pieces):
            return tuple(pieces)
        near *= 2.0


def _runs(present: BoolArray) -> list[tuple[int, int]]:
    """Spans of samples that are all there; single samples draw nothing."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], present, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]


def _thin(height: FloatArray, low: int, high: int, near: float) -> Piece:
    """Douglas and Peucker 1973, with the distance taken along elevation."""
    keep, open_spans = {low, high - 1}, [(low, high - 1)]
    while open_spans:
        a, b = open_spans.pop()
        if b - a < 2:
            continue
        straight = np.linspace(height[a], height[b], b - a + 1)
        off = np.abs(height[a : b + 1] - straight)
        k = a + int(np.argmax(off))
        if off[k - a] > near:
            keep.add(k)
            open_spans += [(a, k), (k, b)]
    return tuple((float(k), float(height[k])) for k in sorted(keep))


def shift_course(pieces: Sequence[Piece], scale: float, start: float) -> tuple[Piece, ...]:
    """Put the samples of a course on another grid: `scale * sample + start`."""
    return tuple(tuple((scale * at + start, value) for at, value in piece) for piece in pieces)
