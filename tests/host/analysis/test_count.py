"""Between which numbers a count of reps lies."""

from dataclasses import replace
from typing import Literal

from distal.analysis.count import doubted
from distal.model import ExerciseSet, Load, Rep, Side

PERIOD_S = 4.0


def rep(start_s: float) -> Rep:
    return Rep(start_s, start_s + 1, start_s + 2, 1.0, 0.0, 1.0, 20.0, 0.0, 0.0, (), Load())


def row(side: Literal["left", "right"], starts: list[float]) -> ExerciseSet:
    reps = tuple(rep(start) for start in starts)
    return ExerciseSet("lunge", 0.9, side, reps[0].start_s, reps[-1].end_s, reps)


def moving(_: ExerciseSet, at: tuple[float, float]) -> float:
    return 1.0


def still_between(_: ExerciseSet, at: tuple[float, float]) -> float:
    return 1.0 if at[1] - at[0] <= 2.0 else 0.1


STEADY = [10.0 + PERIOD_S / 2 * k for k in range(6)]


def test_steady_row_is_as_many_as_were_found() -> None:
    (one,) = doubted([row("left", STEADY)], moving)
    assert one.reps_between == (6, 6)


def test_movement_as_long_as_a_rep_between_two_may_be_one_more() -> None:
    holed = row("left", [start for k, start in enumerate(STEADY) if k != 3])
    assert [one.reps_between for one in doubted([holed], moving)] == [(5, 5)]
    wide = replace(holed, reps=(*holed.reps[:3], *(rep(x.start_s + 0.5) for x in holed.reps[3:])))
    assert [one.reps_between for one in doubted([wide], moving)] == [(5, 6)]
    assert [one.reps_between for one in doubted([wide], still_between)] == [(5, 5)]


def test_rep_of_the_other_leg_in_a_pause_is_no_missed_one() -> None:
    sides: tuple[Side, Side] = ("left", "right")
    both = [row(side, [10.0 + 5.0 * k + 2.5 * j for k in range(5)]) for j, side in enumerate(sides)]
    assert [one.reps_between for one in doubted(both, moving)] == [(5, 5), (5, 5)]


def test_reps_of_both_legs_at_one_time_may_be_the_same() -> None:
    sets = [row("left", STEADY), row("right", STEADY[:2])]
    assert [one.reps_between for one in doubted(sets, moving)] == [(6, 6), (0, 2)]
