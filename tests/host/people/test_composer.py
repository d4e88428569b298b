"""A proposed session: an accessory, within limits, each part with what it rests on. Strides that decline."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from tests.host.people.test_people import ABOUT, report_of

from distal.explain.topics import GRADES
from distal.keeping import review
from distal.model import Bout, Estimate, Spread
from distal.people.advice import advise_stride
from distal.people.composer import compose
from distal.people.limits import Limits
from distal.people.profile import QUESTIONS, Gate
from distal.people.store import People
from distal.people.text import render_session

BOUT = Bout(
    *(0.0, 60.0, False, {"left": 50, "right": 50}, None, None, {}, None),
    *(None, None, None, None, None, None, Spread(None, None, None), None, None),
)
OPEN = Gate("2026-03-02", dict.fromkeys(QUESTIONS, False), None)


def test_isolation_and_slow_lowering_with_mobility_between() -> None:
    blocks = compose(Limits(), OPEN)
    assert blocks is not None
    kinds = [one.kind for one in blocks]
    assert kinds == ["main", "isolation", "mobility", "slow_lowering", "isolation", "mobility"]
    items = [one.item for one in blocks if one.item is not None]
    assert {item.sets for item in items} == {2}
    assert {item.mass_kg for item in items} == {None}
    assert (items[1].lift_s, items[1].lower_s) == (1.0, 3.0)
    assert {one.grade for one in blocks} <= set(GRADES)
    assert all(one.source for one in blocks)


def test_what_is_forbidden_gives_way_to_the_next_or_is_left_out() -> None:
    some = compose(Limits(forbidden=("sidelying_hip_abduction",)), OPEN)
    assert some is not None
    assert next(one.item.exercise for one in some if one.item) == "standing_hip_abduction"
    hips = ("standing_hip_extension", "prone_hip_extension", "donkey_kick")
    fewer = compose(Limits(forbidden=hips), OPEN)
    assert fewer is not None
    assert len(fewer) == 5


def test_nothing_is_proposed_while_a_question_is_open_and_a_cuffs_blindness_is_said() -> None:
    assert compose(Limits(), None) is None
    assert compose(Limits(), Gate("", {**OPEN.answers, "surgery": True}, None)) is None
    assert "Next: distal people gate Ann" in render_session(None, "Ann")
    text = render_session(compose(Limits(), OPEN), "Ann")
    assert "an accessory, not the main work" in text
    assert "A cuff cannot see what muscles do, the ankle's own stabilisers" in text
    assert "distal plan add Ann seated_knee_extension --sets 2 --reps 10 --lift 1 --lower 3" in text
    assert max(len(line) for line in text.splitlines() if "distal plan add" not in line) <= 80


def test_steps_that_became_shorter_for_their_rate_are_told_with_grade_and_source() -> None:
    assert advise_stride(False) == []
    (one,) = advise_stride(True)
    assert (one.code, one.grade) == ("stride_decline", "opinion")
    assert "Sekiya" in one.source


def test_a_decline_of_the_stride_reaches_the_weeks_advice(tmp_path: Path) -> None:
    with People(tmp_path / "people.sqlite") as store:
        ann = store.add("Ann")
        for n, ratio in enumerate([6.1, 6.15, 6.05, 6.12, 6.1, 5.2]):
            about = {**ABOUT, "recording": f"/{n}.distal", "started": f"2026-03-0{n + 1}T10:00:00+01:00"}
            steps = Estimate(2.0 * ratio * 100.0 / 1e3, 0.0, 2.0, 50)
            bout = replace(BOUT, stride_length_m=steps, cadence_spm=Estimate(100.0, 99.0, 101.0, 50))
            store.keep(ann, about, replace(report_of(), bouts=(bout,)))
        codes = {one.code for one in review(store, ann, (date(2026, 3, 1), date(2026, 3, 7))).advice}
    assert "stride_decline" in codes
