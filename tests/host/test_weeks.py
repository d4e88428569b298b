"""The load of many sets together: sums, shares, errors that stay apart, what is not known."""

import json
from typing import Any

import pytest
from tests.host.analysis.test_distribution import one_set, report

from distal.model import Estimate, ExerciseSet, Split
from distal.people.history import figures_of
from distal.people.loads import from_dict, to_dict
from distal.report.text_weeks import render_load
from distal.weeks import Gathered, load_of, pooled


def stored(one: ExerciseSet) -> Any:
    """A set as the file gives it back."""
    return json.loads(json.dumps(figures_of(one)))


def row(day: str, *sets: ExerciseSet, left: float | None = 1.0) -> dict[str, Any]:
    done = report(*sets, left=left).sets
    kept = [{"exercise": x.exercise, "side": x.side, "reps": len(x.reps), "figures": stored(x)} for x in done]
    return {"id": 1, "day": day, "started": f"{day}T10:00:00", "sets": kept}


def split(found: Gathered, by: str, key: str = "impulse_nms") -> Split:
    assert found.found is not None
    return found.found.splits[by][key]


def shares(one: Split) -> dict[str, float | None]:
    return {name: None if part is None else part.value for name, part in one.percent.items()}


def test_sets_of_a_week_are_what_one_session_of_them_is() -> None:
    left, right = one_set("left", [1.0] * 8), one_set("right", [1.5] * 8, 100.0)
    whole = report(left, right).distribution
    week = load_of("week", [row("2026-03-02", left), row("2026-03-04", right)])
    assert whole is not None
    assert (week.sessions, week.sets, week.reps) == (2, 2, 16)
    for by, key in (("side", "impulse_nms"), ("phase", "impulse_nms"), ("phase", "time_s")):
        mine, theirs = split(week, by, key), whole.splits[by][key]
        assert shares(mine) == pytest.approx(shares(theirs))
        for name, part in theirs.amount.items():
            assert part is not None
            again = mine.amount[name]
            assert again is not None
            assert (again.value, again.n) == (pytest.approx(part.value), part.n)
            assert again.low == pytest.approx(part.low, rel=0.02)


def test_mass_of_a_leg_does_not_average_out_over_days() -> None:
    """Ten days with the same cuff are not surer of its mass than one."""
    one = split(load_of("a", [row("2026-03-02", one_set("right", [1.0] * 8))]), "phase").amount["hold"]
    ten = [row(f"2026-03-{n:02}", one_set("right", [1.0] * 8)) for n in range(1, 11)]
    many = split(load_of("b", ten), "phase").amount["hold"]
    assert one is not None
    assert many is not None
    assert many.value == pytest.approx(10 * one.value)
    assert (many.high - many.low) / many.value > 0.6 * (one.high - one.low) / one.value


def test_a_set_without_a_load_is_in_no_part_and_lowers_the_coverage() -> None:
    heavy = row("2026-03-02", one_set("right", [1.0] * 6))
    bare = row("2026-03-03", one_set("right", [1.0] * 6))
    for one in bare["sets"]:
        for quantities in one["figures"]["load"]["splits"].values():
            for quantity in quantities.values():
                quantity |= {"parts": {**dict.fromkeys(quantity["parts"])}, "coverage": 0.0}
                quantity |= {"whole": False, "reason": "no_mass"}
    found = split(load_of("week", [heavy, bare]), "phase")
    assert found.amount["hold"] is not None
    assert found.amount["hold"].value == pytest.approx(30.0)
    assert found.coverage == pytest.approx(0.5)
    alone = split(load_of("day", [bare]), "side")
    assert alone.amount == {"left": None, "right": None}


def test_one_cuff_alone_gives_no_comparison_of_the_legs() -> None:
    week = load_of("week", [row("2026-03-02", one_set("right", [1.0] * 6), left=None)])
    assert split(week, "side").percent == {"left": None, "right": None}
    assert split(week, "side").reason == "no_cuff"


def test_means_count_by_their_reps() -> None:
    few, many = one_set("right", [1.0] * 6), one_set("right", [2.0] * 18, 100.0)
    found = split(load_of("week", [row("2026-03-02", few), row("2026-03-03", many)]), "third")
    assert found.amount["early"] is not None
    assert found.amount["early"].value == pytest.approx((2 * 10.0 + 6 * 20.0) / 8)


def test_a_distribution_comes_back_from_the_file_as_it_went() -> None:
    found = report(one_set("left", [1.0] * 7)).sets[0].distribution
    assert found is not None
    again = pooled([from_dict(json.loads(json.dumps(to_dict(found))))])
    for by, quantities in found.splits.items():
        for key, one in quantities.items():
            for name, part in one.amount.items():
                assert _near(part, again.splits[by][key].amount[name]), (by, key, name)


def _near(a: Estimate | None, b: Estimate | None) -> bool:
    if a is None or b is None:
        return a is b
    return (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high))


def test_the_picture_has_both_legs_and_fits_the_terminal() -> None:
    days = [
        load_of(
            f"day {n}",
            [row("2026-03-02", one_set("left", [1.0] * 8), one_set("right", [n * 1.0] * 8, 99.0))],
        )
        for n in (1, 2, 3)
    ]
    text = render_load(days[0], days, "Ann")
    assert max(map(len, text.splitlines())) <= 90
    assert "80 │ 240" in text
    assert "(16 of 16 reps)" in text
    assert render_load(None, [], "Ann").startswith("No session of Ann")


def test_a_set_kept_by_another_version_has_no_load_and_fails_nothing() -> None:
    known, strange = (
        row("2026-03-02", one_set("right", [1.0] * 6)),
        row("2026-03-03", one_set("right", [1.0] * 6)),
    )
    for load in (None, {}, {"reps": 6, "splits": {"phase": {"impulse_nms": {"parts": 3}}}}, [1]):
        strange["sets"][0]["figures"]["load"] = load
        found = split(load_of("week", [known, strange]), "phase")
        assert found.amount["hold"] is not None
        assert found.amount["hold"].value == pytest.approx(30.0)
