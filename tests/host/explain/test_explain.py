"""Claims beside physics: the numbers are worked out, the sources stand beside the findings."""

import json
import math
import re
from dataclasses import replace

import pytest
from click.testing import CliRunner

from distal.cli import cli
from distal.errors import DataError
from distal.explain.physics import PHYSICS, hip_arm_m, knee_arm_m
from distal.explain.text import render
from distal.explain.topics import GRADES, find, load
from distal.model import Facts

FACTS = Facts(mass_left_kg=2.0, mass_right_kg=2.0, height_m=1.8)


@pytest.mark.parametrize("name", load())
def test_every_topic_is_whole_and_fits_the_terminal(name: str) -> None:
    topic = find(name)
    assert topic.grade in GRADES
    assert topic.physics in PHYSICS
    assert all(re.fullmatch(r"S([1-9]|1\d|2\d)", row) for row in topic.rows)
    assert all(one.source and one.grade in GRADES for one in topic.evidence)
    assert max(map(len, render(topic, FACTS).splitlines())) <= 80


def test_the_advertised_figures_are_unverified_claims() -> None:
    figures = {"lateral-force": "2.1 lb", "activation": "17 %", "contact-efficiency": "23 %"}
    for name, figure in figures.items():
        assert figure in find(name).claim
        assert find(name).grade == "unverified"


def test_the_lever_is_worked_out_for_the_wearer() -> None:
    assert knee_arm_m(FACTS) == pytest.approx(0.246 * 1.8 - 0.08)
    lines = " ".join(find("lever").numbers(FACTS))
    assert f"{2 * 9.80665 * hip_arm_m(FACTS):.1f} N·m" in lines
    twice = " ".join(find("lever").numbers(replace(FACTS, mass_left_kg=4.0)))
    assert f"{4 * 9.80665 * hip_arm_m(FACTS):.1f} N·m" in twice


def test_the_claimed_lateral_force_needs_a_leg_leaned_out() -> None:
    lines = " ".join(find("lateral-force").numbers(FACTS))
    assert f"{math.degrees(math.asin(2.1 / 4.0)):.0f}°" in lines
    assert "9.3 N on 1.81 kg" in lines


def test_the_beginning_of_a_name_is_enough_and_a_wrong_one_is_told_the_nearest() -> None:
    assert find("lat").name == "lateral-force"
    assert find("contact_efficiency").name == "contact-efficiency"
    with pytest.raises(DataError, match="Did you mean lever"):
        find("leever")


def test_the_command_lists_and_tells() -> None:
    listed = CliRunner().invoke(cli, ["explain"])
    assert listed.exit_code == 0
    assert all(name in listed.stdout for name in load())
    told = CliRunner().invoke(cli, ["explain", "lever", "--mass", "2", "--height", "1.8", "--json"])
    assert json.loads(told.stdout)["grade"] == "physics"
    assert CliRunner().invoke(cli, ["explain", "magic"]).exit_code == 2
