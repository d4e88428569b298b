"""Limits are seen before, during and after; advice says what it rests on."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from tests.host.people.test_people import rep, report_of

from distal.errors import PeopleError
from distal.model import Facts
from distal.people import advice
from distal.people.limits import Limits, Now, Watch, after, before, limits_of
from distal.people.plan import Did, adherence, item_of
from distal.people.profile import QUESTIONS, Gate
from distal.report.words import words

LIMITS = Limits(2.0, 80.0, 5.0, 60.0, ("deadlift",))
OPEN = Gate("2026-03-01", dict.fromkeys(QUESTIONS, False), None)
MONDAY = date(2026, 3, 2)
ITEM = item_of(
    {"exercise": "clamshell", "side": "both", "sets": 2, "reps": 10, "days": ["mon", "wed"], "mass_kg": 1.0}
)


def test_mass_exercise_and_time_are_seen_before_anything_moves() -> None:
    found = before(LIMITS, Facts(mass_left_kg=2.5, mass_right_kg=1.0, exercise="deadlift"), 61.0)
    assert [(one.limit, one.side) for one in found] == [
        ("mass_kg", "left"),
        ("forbidden", None),
        ("minutes_day", None),
    ]
    assert "left leg: 2.5 kg, your limit is 2" in words().notice(found[0].notice())


def test_a_live_breach_is_told_at_once_and_once_a_rep() -> None:
    watch = Watch(LIMITS)
    calm, far = Now("left", None, 70.0, 4.0), Now("left", None, 85.0, 5.5)
    assert watch.look([(calm, 1)], 1.0) == []
    assert [one.limit for one in watch.look([(far, 1)], 2.0)] == ["rom_deg", "moment_nm"]
    assert watch.look([(far, 1)], 2.1) == []
    assert [one.limit for one in watch.look([(far, 2)], 5.0)] == ["rom_deg", "moment_nm"]


def test_time_worn_adds_to_that_of_earlier_today() -> None:
    watch = Watch(LIMITS, 59.0)
    assert watch.look([], 30.0) == []
    assert [one.limit for one in watch.look([], 61.0)] == ["minutes_day"]


def test_a_report_names_every_limit_that_its_sets_passed() -> None:
    report = replace(report_of(rep(rom_deg=85.0), exercise="deadlift"), mass_kg={"left": 2.5, "right": None})
    found = {one.limit: one for one in after(LIMITS, report)}
    assert set(found) == {"mass_kg", "forbidden", "rom_deg", "moment_nm"}
    assert (found["rom_deg"].value, found["moment_nm"].value) == (85.0, 6.0)
    assert after(Limits(), report) == []


@pytest.mark.parametrize(
    "bad",
    [{"mass_kg": 0.0}, {"speed": 1.0}, {"forbidden": ["dancing"]}, {"mass_kg": "2"}, {"forbidden": "squat"}],
)
def test_limits_that_cannot_be_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(PeopleError):
        limits_of(bad)


def test_adherence_counts_days_that_were_due_and_sets_of_at_least_half_the_reps() -> None:
    did = [
        Did(MONDAY, "clamshell", "left", 10),
        Did(MONDAY, "clamshell", "left", 4),  # less than half
        Did(MONDAY, "clamshell", "right", 5),
        Did(MONDAY + timedelta(1), "clamshell", "right", 10),  # not a day of the plan
        Did(MONDAY + timedelta(2), "squat", "both", 10),
        Did(MONDAY + timedelta(2), "clamshell", "both", 10),
        Did(MONDAY + timedelta(2), "clamshell", "both", 10),
    ]
    (share,) = adherence([ITEM], did, MONDAY, MONDAY + timedelta(6))
    assert (share.due, share.done, share.days_due, share.days_done) == (8, 6, 2, 1)


def done(day: date, **changes: Any) -> dict[str, Any]:
    figures = {"rom_deg": 60.0, "velocity_loss_pct": 5.0, "impulse_nms": 100.0}
    figures |= changes.pop("figures", {})
    return {
        "day": day,
        "exercise": "clamshell",
        "reps": 11,
        "effort": 3,
        "pain": 0,
        **changes,
        "figures": figures,
    }


def codes(*sets: dict[str, Any], gate: Gate | None = OPEN) -> list[str]:
    return [one.code for one in advice.advise_weight(ITEM, sets, gate)]


def test_without_effort_and_pain_there_is_no_advice_on_weight() -> None:
    assert codes(done(MONDAY, effort=None)) == ["not_told"]


def test_a_closed_gate_gives_no_advice_on_weight() -> None:
    assert codes(done(MONDAY), gate=None) == ["gate"]
    assert codes(done(MONDAY), gate=replace(OPEN, answers={**OPEN.answers, "joint": True})) == ["gate"]


def test_easy_twice_proposes_two_to_ten_percent() -> None:
    sets = [done(MONDAY), done(MONDAY + timedelta(2))]
    assert codes(sets[0]) == ["keep"]
    (found,) = advice.advise_weight(ITEM, sets, OPEN)
    assert found.code == "too_light"
    assert "1.02 to 1.10 kg" in found.text


@pytest.mark.parametrize(
    "change", [{"effort": 9}, {"figures": {"velocity_loss_pct": 45.0}}, {"figures": {"rom_deg": 30.0}}]
)
def test_too_heavy_is_the_utmost_effort_lost_speed_or_lost_range(change: dict[str, Any]) -> None:
    item = replace(ITEM, least_rom_deg=60.0)
    (found,) = advice.advise_weight(item, [done(MONDAY, **change)], OPEN)
    assert found.code == "too_heavy"


def test_pain_ends_the_proposals() -> None:
    assert codes(done(MONDAY), done(MONDAY + timedelta(2), pain=5)) == ["pain"]


def test_every_rule_has_a_source_and_a_grade() -> None:
    for rule in advice.rules().values():
        assert rule["source"]
        assert rule["grade"] in ("trials", "trial", "opinion", "unverified")


def test_a_week_of_like_days_and_no_rest_is_told() -> None:
    like = [done(MONDAY + timedelta(n), figures={"impulse_nms": 100.0 + n}) for n in range(7)]
    assert {one.code for one in advice.advise_recovery(like, MONDAY + timedelta(6))} == {"rest", "monotony"}
    spread = [done(MONDAY + timedelta(n)) for n in (0, 2, 4)]
    assert advice.advise_recovery(spread, MONDAY + timedelta(6)) == []


def test_a_jump_in_the_weeks_dose_is_told() -> None:
    weeks = [done(MONDAY - timedelta(7 * n)) for n in (3, 2, 1)]
    heavy = [done(MONDAY, figures={"impulse_nms": 200.0})]
    found = advice.advise_recovery([*weeks, *heavy], MONDAY)
    assert [one.code for one in found] == ["jump_in_dose"]
    assert "2.0 times" in found[0].text


def test_the_claimed_ranges_are_shown_as_claims_of_low_grade() -> None:
    found = advice.set_of_rules(replace(ITEM, sets=4, mass_kg=3.0))
    assert {one.code for one in found} == {"sets_a_session", "lift_mass"}
    assert {one.grade for one in found} == {"opinion"}
