"""A foot that turns about the vertical between two rests: a step when it is set elsewhere."""

import numpy as np
import pytest

from distal.analysis.gait_axis import SLOW, SLOW_HZ
from distal.analysis.gait_pivot import ON_BALL_M, Pivot, find_pivots
from distal.analysis.rotate import turn_matrices
from distal.model import FloatArray
from distal.units import G

REST_S, MOVE_S = 1.0, 0.6
SWING = [(int(-0.5 * SLOW * SLOW_HZ), 5.0)]  # a clear mid-swing half a second before


def course(way_m: float, turn: float, ball_m: float = 0.0) -> FloatArray:
    """(6, n) gyr and acc of a level sensor that rests, goes sideways and turns, and rests.

    ball_m  distance of a point of the floor about which it turns, instead of going straight
    """
    fine = 40
    t = np.arange(int((2 * REST_S + MOVE_S) * SLOW_HZ) * fine) / (SLOW_HZ * fine)
    x = np.clip((t - REST_S) / MOVE_S, 0.0, 1.0)
    share = x**3 * (10 - 15 * x + 6 * x * x)  # minimum jerk
    angle = turn * share
    place = np.zeros((len(t), 3))
    place[:, 0] = way_m * share
    place[:, :2] += ball_m * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    rate = 1.0 / (t[1] - t[0])
    moving = np.gradient(np.gradient(place, axis=0), axis=0) * rate**2 + [0.0, 0.0, G]
    gyr = np.zeros_like(place)
    gyr[:, 2] = np.gradient(angle) * rate
    turned = turn_matrices(np.stack([0 * angle, 0 * angle, angle], axis=1))
    rows = np.concatenate([gyr, np.einsum("nji,nj->ni", turned, moving)], axis=1)
    return np.ascontiguousarray(rows.reshape(-1, fine, 6).mean(axis=1).T)


def found(rows: FloatArray, swings: list[tuple[int, float]]) -> list[Pivot]:
    return find_pivots(rows, 0, swings)


@pytest.mark.parametrize("turn", [-2.4, -1.0, 1.0, 2.4])
def test_foot_set_elsewhere_while_turning_is_a_step(turn: float) -> None:
    (one,) = found(course(0.3, turn), SWING)
    assert one.turn == pytest.approx(turn, abs=0.02)
    at = REST_S * SLOW * SLOW_HZ, (REST_S + MOVE_S) * SLOW * SLOW_HZ
    assert at[0] < one.tc < one.mid < one.ic < at[1]
    assert one.ic - one.tc > 0.4 * MOVE_S * SLOW * SLOW_HZ


@pytest.mark.parametrize("turn", [1.6, 3.0])
def test_foot_that_turns_on_its_ball_takes_no_step(turn: float) -> None:
    assert found(course(0.0, turn, 0.9 * ON_BALL_M), SWING) == []


def test_foot_far_from_any_swing_takes_no_step() -> None:
    rows = course(0.3, 2.0)
    assert found(rows, []) == []
    assert found(rows, [(-400, 5.0)]) == []
    assert found(rows, [(-50, 0.7)]) == []  # not a clear one


def test_what_follows_a_swing_at_once_is_its_own() -> None:
    assert found(course(0.3, 2.0), [(int(0.8 * SLOW * SLOW_HZ), 5.0)]) == []


def test_any_mounting_gives_the_same() -> None:
    rows = course(0.3, 2.0)
    turned = turn_matrices(np.array([[0.7, -1.9, 0.4]]))[0]
    other = np.concatenate([turned @ rows[:3], turned @ rows[3:]])
    (one,), (two,) = found(rows, SWING), found(other, SWING)
    assert (one.tc, one.ic, one.turn) == pytest.approx((two.tc, two.ic, two.turn), abs=1e-6)
