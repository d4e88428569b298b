"""Fatigue: found at its size, silent without it; change of form only beyond the person's own repeats."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from distal.analysis.fatigue import fatigue_of, judge
from distal.analysis.fatigue_sets import across_sets
from distal.analysis.form import compare, detectable_change
from distal.analysis.trend import fit_line
from distal.analysis.unsteady import off_axes, shake_deg_s
from distal.model import ExerciseSet, Load, Pace, Rep

RATE_HZ = 100.0


def rep(speed: float, start_s: float = 0.0, **changes: Any) -> Rep:
    pace = Pace(speed, speed, 2 * speed, 2 * speed, -1.5, -1.5, -6.0, -6.0, None, 2.0, 0.01)
    whole = Rep(start_s, start_s + 1, start_s + 3, 1.0, 0.5, 1.5, 60.0, 0.0, -20.0, (), Load(), pace)
    return replace(whole, **changes)


def series(rng: np.random.Generator, n: int, memory: float = 0.0, spread: float = 0.05) -> np.ndarray:
    """Speeds around 50 deg/s whose neighbours are alike."""
    out, last = np.empty(n), 0.0
    for i in range(n):
        last = memory * last + np.sqrt(1 - memory**2) * rng.standard_normal()
        out[i] = 50.0 * (1 + spread * last)
    return out


def test_a_line_through_exact_values_is_exact() -> None:
    line = fit_line([5.0 - 0.25 * k for k in range(8)])
    assert line is not None
    assert (line.start, line.slope) == (pytest.approx(5.0), pytest.approx(-0.25))
    assert line.half == pytest.approx(0.0, abs=1e-9)
    assert fit_line([1.0] * 5) is None


@pytest.mark.parametrize(("memory", "most"), [(0.0, 0.05), (0.3, 0.075)])
def test_a_line_is_sure_of_few_series_without_a_trend(
    rng: np.random.Generator, memory: float, most: float
) -> None:
    fits = [fit_line(series(rng, 10, memory).tolist()) for _ in range(1500)]
    assert sum(fit is not None and fit.is_sure for fit in fits) / 1500 <= most


def test_unchanged_sets_show_signs_in_fewer_than_one_in_twenty(rng: np.random.Generator) -> None:
    said = [judge([rep(v) for v in series(rng, 10, 0.3)]).says for _ in range(1000)]
    assert said.count("signs") <= 50
    assert said.count("task_changed") <= 10


def test_a_slowing_set_shows_signs_at_their_size(rng: np.random.Generator) -> None:
    slowing = np.linspace(1.0, 0.7, 12)
    found = [judge([rep(v) for v in series(rng, 12) * slowing]) for _ in range(200)]
    assert sum(one.says == "signs" for one in found) >= 180
    losses = [one.velocity_loss_pct for one in found]
    held = [loss is not None and loss.low <= 30.0 <= loss.high for loss in losses]
    assert np.mean([loss.value for loss in losses if loss]) == pytest.approx(30.0, abs=1.0)
    assert np.mean(held) >= 0.92


def test_another_tempo_is_no_tiredness() -> None:
    speeds = [50.0, 51, 49, 50, 52, 110, 108, 112, 109, 111]
    found = judge([rep(v) for v in speeds])
    assert (found.says, found.changed_at) == ("task_changed", 6)


def test_a_set_of_five_is_too_few_and_says_so_of_every_kind() -> None:
    found = judge([rep(50.0)] * 5)
    assert found.says == "too_few"
    assert found.velocity_loss_pct is None
    assert {one.says for one in found.changes} == {"too_few"}


def test_flagged_reps_do_not_take_part() -> None:
    reps = [rep(50.0 - k, 3.0 * k) for k in range(9)]
    spoiled = [replace(reps[4], flags=("gap",), pace=None), *reps]
    spoiled.sort(key=lambda one: one.start_s)
    one = ExerciseSet("clamshell", 0.9, "left", 0.0, 30.0, tuple(spoiled))
    assert fatigue_of(one) == judge(reps)


def test_every_kind_that_rises_or_falls_is_told_in_its_unit() -> None:
    reps = [rep(50.0, 0.0, rom_deg=60.0 - k, hold_s=0.5 + 0.1 * k) for k in range(8)]
    changes = {one.kind: one for one in judge(reps).changes}
    assert (changes["range"].says, changes["hold"].says) == ("falls", "rises")
    assert changes["range"].change is not None
    assert changes["range"].change.value == pytest.approx(-7.0)
    assert changes["lift_speed"].says == "no_sign"


def test_a_tremor_is_its_size_and_a_slow_swing_is_none() -> None:
    t = np.arange(600) / RATE_HZ
    slow = np.stack([2.0 * np.sin(2 * np.pi * 0.4 * t), 0 * t, 0 * t], axis=1)
    tremor = slow + np.stack([0 * t, 0.2 * np.sin(2 * np.pi * 6 * t), 0 * t], axis=1)
    still, found = shake_deg_s([slow, tremor], RATE_HZ)
    assert still is not None
    assert still < 0.5
    assert found == pytest.approx(np.degrees(0.2 / np.sqrt(2)), rel=0.05)


def test_off_axis_is_the_share_about_other_axes_in_any_mounting() -> None:
    t = np.linspace(0, 2 * np.pi, 300)
    gyr = np.stack([2.0 * np.sin(t), 1.0 * np.cos(t), 0 * t], axis=1)
    turn = np.array([[0.6, -0.8, 0.0], [0.8, 0.6, 0.0], [0.0, 0.0, 1.0]])
    share, turned, still = off_axes([gyr, gyr @ turn.T, np.zeros((300, 3))])
    assert share == pytest.approx(0.2, abs=0.01)
    assert turned == pytest.approx(share)
    assert still is None


@pytest.mark.parametrize("repeats", [4, 8])
def test_five_in_a_hundred_unchanged_people_are_called_changed(
    rng: np.random.Generator, repeats: int
) -> None:
    people = rng.standard_normal((4000, repeats + 1))
    said = [compare(row[-1], row[:-1].tolist()).says for row in people]
    share = sum(one in ("higher", "lower") for one in said) / len(said)
    assert share == pytest.approx(0.05, abs=0.01)
    assert sum(one == "higher" for one in said) / len(said) <= 0.05


def test_few_repeats_say_unknown_and_a_large_change_is_told() -> None:
    assert compare(9.0, [5.0, 5.1, 4.9]).says == "unknown"
    assert compare(9.0, [5.0, 5.1, 4.9, 5.0]).says == "higher"
    assert compare(5.05, [5.0, 5.1, 4.9, 5.0]).says == "same"


def test_the_detectable_change_of_many_repeats_is_the_textbooks(rng: np.random.Generator) -> None:
    repeats = (3.0 * rng.standard_normal(4000)).tolist()
    assert detectable_change(repeats) == pytest.approx(1.96 * np.sqrt(2) * 3.0, rel=0.05)
    assert detectable_change(repeats[:3]) is None


def sets_of(*speeds: Any) -> list[ExerciseSet]:
    return [
        ExerciseSet("clamshell", 0.9, "left", 60.0 * k, 60.0 * k + 30, tuple(rep(v) for v in some))
        for k, some in enumerate(speeds)
    ]


def test_a_slower_last_set_is_a_sign_at_its_size_and_another_leg_is_no_repeat(
    rng: np.random.Generator,
) -> None:
    first, middle, last = (series(rng, 12, spread=0.03) * share for share in (1.0, 0.95, 0.85))
    (found,) = across_sets(sets_of(first, middle, last))
    assert (found.says, found.sets) == ("signs", (1, 2, 3))
    assert found.change_pct is not None
    assert found.change_pct.low < -15.0 < found.change_pct.high
    other = [replace(one, side="right") if k else one for k, one in enumerate(sets_of(first, last))]
    assert across_sets(other) == ()


def test_unchanged_sets_of_a_session_show_signs_in_fewer_than_one_in_twenty(rng: np.random.Generator) -> None:
    said = [across_sets(sets_of(series(rng, 10, 0.3), series(rng, 10, 0.3)))[0].says for _ in range(1000)]
    assert said.count("signs") <= 50


def test_too_few_reps_and_another_task_are_said() -> None:
    assert across_sets(sets_of([50.0] * 3, [50.0] * 9))[0].says == "too_few"
    assert across_sets(sets_of([50.0, 51, 49, 50], [90.0, 91, 89, 90]))[0].says == "task_changed"
