"""Changed is said only beyond the person's own repeats."""

from typing import Any

import numpy as np
import pytest

from distal.analysis.energy import walking_cost_pct
from distal.changes import changes, loaded, render


def session(rom: float, mass: float | None = 1.0, **summary: float) -> dict[str, Any]:
    one = {"exercise": "clamshell", "side": "left", "reps": 10, "figures": {"rom_deg": rom}}
    return {"sets": [one], "summary": {"mass_kg": {"left": mass, "right": mass}, **summary}}


def test_a_range_beyond_the_own_repeats_is_a_change_and_within_is_none() -> None:
    before = [session(rom) for rom in (60.0, 61.0, 59.5, 60.5)]
    assert [one.newest.says for one in changes([*before, session(70.0)])] == ["higher"]
    assert [one.newest.says for one in changes([*before, session(60.8)])] == ["same"]
    assert [one.newest.says for one in changes(before[:3])] == ["unknown"]


def test_another_mass_is_another_task() -> None:
    rows = [*[session(60.0 + n) for n in range(4)], session(40.0, 2.0)]
    assert {(one.task[2], one.newest.says) for one in changes(rows)} == {(1.0, "unknown"), (2.0, "unknown")}


def test_sets_of_a_session_count_by_their_reps() -> None:
    row = session(60.0)
    row["sets"].append({**row["sets"][0], "reps": 30, "figures": {"rom_deg": 80.0}})
    (found,) = changes([row])
    assert found.newest.value == 75.0


def test_a_course_over_six_sessions_has_its_interval() -> None:
    (found,) = changes([session(60.0 + 2.0 * n) for n in range(6)])
    assert found.trend is not None
    assert found.trend.value == pytest.approx(2.0)


def test_loaded_walking_is_held_against_unloaded(rng: np.random.Generator) -> None:
    bare = [session(60.0, None, stride_time_s=1.10 + 0.01 * float(x)) for x in rng.standard_normal(6)]
    heavy = [session(60.0, 2.0, stride_time_s=1.20 + 0.01 * float(x)) for x in rng.standard_normal(6)]
    found = {one.kind: one for one in loaded([*bare, *heavy])}
    assert found["stride_time_s"].says == "higher"
    assert found["stride_time_s"].difference is not None
    assert found["stride_time_s"].difference.low < 0.1 < found["stride_time_s"].difference.high
    assert found["stride_length_m"].says == "unknown"


def test_words_say_not_known_where_repeats_are_few() -> None:
    rows = [session(60.0)]
    text = render(changes(rows), loaded(rows))
    assert "not known: 4 earlier sessions" in text
    assert max(map(len, text.splitlines())) <= 90


def test_the_cost_of_walking_is_the_cited_range_for_the_worn_mass() -> None:
    assert walking_cost_pct(1.0, 1.0) == (2.0, 17.0)
    assert walking_cost_pct(None, 2.0) == (2.0, 17.0)
    assert walking_cost_pct(None, None) is None
