"""What the weight asked, in words and pictures: the numbers of the report, or why there are none."""

from dataclasses import replace

import pytest
from tests.host.report.test_course import Texts

from distal.analysis.session import analyze
from distal.model import Facts, Load, SessionReport
from distal.report.html.page import session_html, set_html
from distal.report.html.parts import About
from distal.report.load_parts import members, swing_loads
from distal.report.text import render
from distal.validate.athletes import feel
from distal.virtual.motion import Athlete, Reps, Rest, Script, Walk


@pytest.fixture(scope="module")
def report() -> SessionReport:
    """A walk, and a set of eight on the right leg that tires."""
    lift = Reps("seated_knee_extension", reps=8, side="right", slowing=0.5, variability=0.02)
    moves = [Rest(3.0, "standing"), Walk(14.0), Rest(4.0, "standing"), Rest(3.0, "sitting"), lift]
    done = Script([*moves, Rest(3.0, "sitting")]).perform(Athlete())
    facts = Facts(
        mass_left_kg=1.5, mass_right_kg=1.5, height_m=1.75, sex="m", body_mass_kg=75.0, level_nm=4.0
    )
    return analyze(feel(done, 1), facts)


def read(page: str) -> str:
    found = Texts()
    found.feed(page)
    assert found.silent == 0
    return " ".join(found.read)


def test_gravity_and_inertia_are_the_peak_and_the_waist_turns_nothing(report: SessionReport) -> None:
    found = members(report.sets[0].reps)
    parts = found["gravity"].found.mean + found["inertia"].found.mean
    assert parts == pytest.approx(found["peak"].found.mean)
    assert found["waist"].found.mean == 0.0
    force = found["waist_force"].found
    assert (force.low, force.high) == (pytest.approx(0.95 * force.mean), pytest.approx(1.05 * force.mean))
    assert found["own"].found.mean > found["peak"].found.mean  # a leg of 75 kg weighs more than 1.5 kg


def test_the_set_page_says_what_was_asked_and_how_each_kind_went_on(report: SessionReport) -> None:
    said = read(set_html(report, 1, About("a.distal")))
    for part in (
        "What the weight asked of the knee",
        "The leg's own, beside it",
        "Time above 4.0 N·m",
        "How the set went on: lift speed, time of a rep changed",
        "turning off its axis",
    ):
        assert part in said, part


def test_the_session_page_has_the_swing_and_the_shocks_of_both_legs(report: SessionReport) -> None:
    found = swing_loads(report)
    force = found["left"]["force"]
    assert force is not None
    said = read(session_html(report, About("a.distal")))
    assert "What the weight asks in a swing" in said
    assert f"pull, N: left {force.value:.0f} (" in said
    assert "Shocks at the shank" in said
    assert "In set 1 the lift slowed" in said


def test_the_terminal_says_it_in_80_columns(report: SessionReport) -> None:
    lines = render(report).splitlines()
    assert max(map(len, lines)) <= 80
    text = " ".join(lines)
    for part in ("At most in a rep: turning load", "Load above 4.0 N·m for", "In a swing, left: pull"):
        assert part in text, part


def test_without_a_mass_nothing_is_asked_and_shocks_stay(report: SessionReport) -> None:
    bare = [replace(rep, load=Load(reason="no_mass")) for rep in report.sets[0].reps]
    one = replace(report.sets[0], reps=tuple(bare))
    walks = tuple(replace(bout, load={}) for bout in report.bouts)
    plain = replace(report, sets=(one,), bouts=walks, mass_kg={"left": None, "right": None})
    assert members(bare) == {}
    assert "What the weight asked" not in read(set_html(plain, 1, About("a.distal")))
    said = read(session_html(plain, About("a.distal")))
    assert "in a swing" not in said
    assert "Shocks at the shank" in said
