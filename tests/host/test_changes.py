"""Changed is said only beyond the person's own repeats."""

from typing import Any

import numpy as np
import pytest

from distal.analysis.energy import walking_cost_pct
from distal.changes import TaskChange, changes, loaded, render, verdicts

FIGURES = ("shake_deg_s", "off_axis", "mean_power_lift_w")


def session(rom: float, mass: float | None = 1.0, day: int = 0, **summary: float) -> dict[str, Any]:
    figures = {
        "rom_deg": rom,
        **{key: summary.pop(key) for key in FIGURES if key in summary},
    }
    one = {"exercise": "clamshell", "side": "left", "reps": 10, "figures": figures}
    return {
        "at_s": 86400.0 * day,
        "sets": [one],
        "summary": {"mass_kg": {"left": mass, "right": mass}, **summary},
    }


def of(found: list[TaskChange], kind: str) -> list[TaskChange]:
    return [one for one in found if one.kind == kind]


def test_a_range_beyond_the_own_repeats_is_a_change_and_within_is_none() -> None:
    before = [session(rom) for rom in (60.0, 61.0, 59.5, 60.5)]
    assert [one.newest.says for one in changes([*before, session(70.0)])] == ["higher"]
    assert [one.newest.says for one in changes([*before, session(60.8)])] == ["same"]
    assert [one.newest.says for one in changes(before[:3])] == ["unknown"]


def test_what_a_cuff_put_on_again_cannot_tell_is_no_change() -> None:
    same = [session(60.0 + 0.01 * n) for n in range(5)]
    (found,) = changes([*same, session(61.5)])
    assert found.newest.says == found.strict.says == "same"


def test_another_mass_is_another_task() -> None:
    rows = [*[session(60.0 + n) for n in range(4)], session(40.0, 2.0)]
    assert {(one.task[2], one.newest.says) for one in changes(rows)} == {(1.0, "unknown"), (2.0, "unknown")}


def test_sets_of_a_session_count_by_their_reps() -> None:
    row = session(60.0)
    row["sets"].append({**row["sets"][0], "reps": 30, "figures": {"rom_deg": 80.0}})
    (found,) = changes([row])
    assert found.newest.value == 75.0


def test_a_course_over_weeks_is_by_days_as_they_were() -> None:
    days = (0, 1, 5, 7, 12, 21)
    rows = [session(60.0 + 2.0 * day / 7, day=day, mean_power_lift_w=5.0 - 0.5 * day / 7) for day in days]
    found, power = changes(rows)
    assert found.trend is not None
    assert power.trend is not None
    assert (found.trend.value, power.trend.value) == (pytest.approx(2.0), pytest.approx(-0.5))
    assert "rises over 6 sessions by 2.0" in render([found], verdicts([found]), [])
    assert "mean power of the lift falls over 6 sessions by −0.5" in render([power], verdicts([power]), [])


def test_walking_running_jumping_and_standing_are_tasks_too(rng: np.random.Generator) -> None:
    rows = [session(60.0, day=n, contact_s=0.24 + 0.002 * float(rng.standard_normal())) for n in range(8)]
    rows.append(session(60.0, day=9, contact_s=0.20, walk_ratio_mm=6.0, sway_rms_deg=0.3))
    found = {one.kind: one for one in changes(rows)}
    assert found["contact_s"].newest.says == "lower"
    assert found["contact_s"].trend is not None
    assert {found[kind].task[0] for kind in ("contact_s", "walk_ratio_mm", "sway_rms_deg")} == {
        "running",
        "walking",
        "standing",
    }
    assert {one.task[0]: one.says for one in verdicts(changes(rows))}["running"] == "improved"


def test_loaded_walking_is_held_against_unloaded(rng: np.random.Generator) -> None:
    bare = [session(60.0, None, stride_time_s=1.10 + 0.01 * float(x)) for x in rng.standard_normal(6)]
    heavy = [session(60.0, 2.0, stride_time_s=1.20 + 0.01 * float(x)) for x in rng.standard_normal(6)]
    found = {one.kind: one for one in loaded([*bare, *heavy])}
    assert found["stride_time_s"].says == "higher"
    assert found["stride_time_s"].difference is not None
    assert found["stride_time_s"].difference.low < 0.1 < found["stride_time_s"].difference.high
    assert "stride_length_m" not in found


def test_compensation_is_told_at_the_first_loaded_session_against_the_own_unloaded_ones(
    rng: np.random.Generator,
) -> None:
    def one(mass: float | None, sideways: float, shake: float) -> dict[str, Any]:
        noise = rng.standard_normal(3)
        return session(
            60.0 + float(noise[0]),
            mass,
            off_axis=sideways + 0.002 * float(noise[1]),
            shake_deg_s=shake + 0.1 * float(noise[2]),
        )

    rows = [*[one(None, 0.02, 2.0) for _ in range(5)], one(2.0, 0.08, 4.0)]
    found = {x.kind: x.says for x in loaded(rows)}
    assert found == {"rom_deg": "same", "off_axis": "higher", "shake_deg_s": "higher"}
    again = {x.kind: x for x in loaded([*rows, *[one(2.0, 0.08, 4.0) for _ in range(4)]])}
    difference = again["off_axis"].difference
    assert difference is not None
    assert difference.low < 0.06 < difference.high
    assert {x.says for x in loaded(rows[3:])} == {"unknown"}


@pytest.mark.parametrize("repeats", [4, 8])
def test_five_in_a_hundred_unchanged_people_are_called_improved_or_worse(
    rng: np.random.Generator, repeats: int
) -> None:
    """Each with three kinds that may improve, however many sessions came before."""
    said = []
    for _ in range(1000):
        x = rng.standard_normal((repeats + 1, 3))
        rows = [
            session(60 + 4 * float(a), shake_deg_s=2 + 0.5 * float(b), off_axis=0.05 + 0.02 * float(c))
            for a, b, c in x
        ]
        said.append(verdicts(changes(rows))[0].says)
    told = sum(one in ("improved", "worse", "mixed") for one in said)
    assert said.count("improved") <= 0.05 * len(said)
    assert told <= 0.065 * len(said)
    assert "unknown" not in said


def test_words_say_not_known_where_repeats_are_few() -> None:
    rows = [session(60.0, None), session(60.0, 1.0)]
    found = changes(rows)
    text = render(found, verdicts(found), loaded(rows))
    assert "not known: 4 earlier sessions" in text
    assert "not known: 4 sessions without the mass" in text
    assert max(map(len, text.splitlines())) <= 90
    assert render([], [], []).startswith("No session is kept")


def test_the_cost_of_walking_is_the_cited_range_for_the_worn_mass() -> None:
    assert walking_cost_pct(1.0, 1.0) == (2.0, 17.0)
    assert walking_cost_pct(None, 2.0) == (2.0, 17.0)
    assert walking_cost_pct(None, None) is None
