"""A rep before or after the others from another rest, and what rides on a rep."""

import numpy as np

from distal.analysis.reps import Taste, find_lifts
from distal.analysis.reps_limb import SLOW_HZ
from distal.model import FloatArray

S = int(SLOW_HZ)
TOP = 0.2  # rad


def way(*corners: tuple[float, float]) -> FloatArray:
    """Seconds and heights in rad, joined by cosines."""
    at, height = np.array(corners).T
    t = np.arange(int(at[-1] * S)) / S
    k = np.minimum(np.searchsorted(at, t, side="right") - 1, len(at) - 2)
    part = (t - at[k]) / (at[k + 1] - at[k])
    out: FloatArray = height[k] + (height[k + 1] - height[k]) * (1.0 - np.cos(np.pi * part)) / 2.0
    return out


def row(first_rest: float) -> FloatArray:
    """Four reps; the rest before the first is higher than the others."""
    corners = [(0.0, first_rest), (3.0, first_rest)]
    for k in range(4):
        begin = 3.0 + 4.0 * k
        corners += [(begin + 1.0, TOP), (begin + 2.0, 0.0), (begin + 4.0, 0.0)]
    return way(*corners)


def test_first_rep_from_a_higher_rest_counts_when_ends_are_looked_for() -> None:
    assert len(find_lifts(row(0.0))) == 4
    assert len(find_lifts(row(0.14))) == 3
    found = find_lifts(row(0.14), Taste(has_ends=True))
    assert len(found) == 4
    assert abs(found[0].top / SLOW_HZ - 4.0) < 0.3


def test_two_tops_that_hardly_part_are_one_rep_to_a_clear_look() -> None:
    one = [(4.0, TOP), (4.6, 0.35 * TOP), (5.2, 1.05 * TOP), (6.2, 0.0), (9.0, 0.0)]
    parts = [(0.0, 0.0), (3.0, 0.0), *one]
    more = [(at + 6.0, height) for at, height in parts[2:]]
    twice = way(*parts, *more)
    assert len(find_lifts(twice)) == 4
    assert len(find_lifts(twice, Taste(stands_out=0.7))) == 2
