"""Odd reps: counted, and flagged with what was odd about them; long holds are holds."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from distal.analysis.reps_flags import jolts, touches
from distal.analysis.session import analyze
from distal.model import ExerciseSet, Facts
from distal.validate.athletes import feel
from distal.virtual.motion import Reps, Rest, Script
from distal.virtual.motion.plan import Odd

ODD: Mapping[int, Odd] = {1: "aborted", 2: "touched", 4: "partial", 5: "isometric"}


def set_of(reps: Reps) -> ExerciseSet:
    movements: list[Any] = [Rest(4.0, reps.posture.name), reps, Rest(4.0, reps.posture.name)]
    (one,) = analyze(feel(Script(movements, seed=3).perform(), 1), Facts()).sets
    return one


@pytest.mark.parametrize("code", ["supine_straight_leg_raise", "standing_knee_flexion", "fire_hydrant"])
def test_odd_reps_count_and_say_what_was_odd(code: str) -> None:
    one = set_of(Reps(code, reps=7, odd=ODD, shake_deg=0.02, landing_mps=0.2))
    flags = [(), ("aborted",), ("contact",), (), ("partial",), ("isometric",), ()]
    assert [rep.flags for rep in one.reps] == flags


@pytest.mark.parametrize(("code", "hold_s"), [("seated_leg_raise", 11.0), ("prone_hip_extension", 20.0)])
def test_a_hold_may_last_longer_than_a_rest(code: str, hold_s: float) -> None:
    one = set_of(Reps(code, reps=3, tempo=(1.2, hold_s, 1.5), variability=0.0))
    assert [rep.hold_s for rep in one.reps] == pytest.approx([hold_s] * 3, abs=0.3)
    assert {rep.flags for rep in one.reps} == {("isometric",)}


def test_range_of_a_thigh_that_goes_up_is_that_of_the_hip() -> None:
    one = set_of(Reps("fire_hydrant", reps=4, range_deg=40.0, variability=0.0))
    assert [rep.rom_deg for rep in one.reps] == pytest.approx([40.0] * 4, abs=2.0)


def test_a_knock_is_brief_and_stands_out() -> None:
    t = np.arange(300) / 100.0
    acc = np.zeros((300, 3))
    acc[:, 0] = 9.81 + 3.0 * np.sin(2.0 * np.pi * 1.0 * t)  # moved quickly, touched by nothing
    assert not touches(jolts(acc), 0, 300)
    acc[150:153, 1] += 15.0
    assert touches(jolts(acc), 0, 300)
    assert not touches(jolts(acc), 0, 160)  # at the very end it is put down
