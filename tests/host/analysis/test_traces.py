"""A thin course is near the whole one, stays short, and leaves gaps open."""

import numpy as np

from distal.analysis.traces import MOST_POINTS, NEAR, shift_course, thin_course

RATE_HZ = 50


def lifts(n: int) -> np.ndarray:
    t = np.arange(6 * n * RATE_HZ) / RATE_HZ
    return -40.0 - 45.0 * np.cos(2 * np.pi * t / 6.0)


def test_thin_course_is_near_the_whole_one() -> None:
    height = lifts(10)
    (piece,) = thin_course(height, np.ones(len(height), dtype=bool), 10)
    at, value = np.array(piece).T
    drawn = np.interp(np.arange(len(height)), at, value)
    assert np.abs(drawn - height).max() <= NEAR
    assert len(piece) <= MOST_POINTS * 10


def test_uneasy_course_is_drawn_more_coarsely_not_longer() -> None:
    height = lifts(4) + np.random.default_rng(1).normal(0, 3, 4 * 6 * RATE_HZ)
    pieces = thin_course(height, np.ones(len(height), dtype=bool), 4)
    assert sum(map(len, pieces)) <= MOST_POINTS * 4 + 2


def test_missing_samples_part_the_course() -> None:
    height, present = lifts(2), np.ones(600, dtype=bool)
    present[100:150] = False
    first, second = thin_course(height, present, 2)
    assert (first[-1][0], second[0][0]) == (99.0, 150.0)
    assert thin_course(height, np.zeros(600, dtype=bool), 2) == ()


def test_course_moves_to_another_grid() -> None:
    assert shift_course((((0.0, 5.0), (2.0, 6.0)),), 2.0, 100.0) == (((100.0, 5.0), (104.0, 6.0)),)
