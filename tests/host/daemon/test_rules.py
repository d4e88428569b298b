"""When button, movement and rest begin and end a session."""

from typing import Any

import pytest

from distal.daemon.rules import Rules
from distal_wire import spec


def moment(presses: int = 0, moving: bool = False) -> dict[str, Any]:
    return {"presses": presses, "flags": spec.MOMENT_MOVING if moving else 0}


@pytest.fixture
def rules() -> Rules:
    """With the first moments of two links heard."""
    rules = Rules(10.0)
    for cuff in "ab":
        assert rules.take(cuff, moment(7), 0.0) is None
    return rules


def test_press_is_heard_once(rules: Rules) -> None:
    assert rules.take("a", moment(8), 1.0) == "button"
    assert rules.take("a", moment(8), 2.0) is None


def test_press_counter_wraps(rules: Rules) -> None:
    rules.take("a", moment(255), 1.0)
    assert rules.take("a", moment(0), 2.0) == "button"


def test_press_while_out_of_reach_is_old(rules: Rules) -> None:
    rules.link_changed("a")
    assert rules.take("a", moment(9), 1.0) is None
    assert rules.take("a", moment(10), 2.0) == "button"


def test_movement_counts_when_it_begins(rules: Rules) -> None:
    assert rules.take("a", moment(7, True), 1.0) == "motion"
    assert rules.take("a", moment(7, True), 2.0) is None
    assert rules.take("b", moment(7, True), 3.0) is None
    rules.take("a", moment(7), 4.0)
    rules.take("b", moment(7), 4.0)
    assert rules.take("b", moment(7, True), 5.0) == "motion"


def test_rest_is_all_legs_for_so_long(rules: Rules) -> None:
    rules.begun(0.0)
    rules.take("a", moment(7, True), 5.0)
    assert not rules.has_rested(100.0)  # it moves until it says otherwise
    rules.take("a", moment(7), 101.0)
    assert not rules.has_rested(109.9)
    assert rules.has_rested(111.0)


def test_lost_cuff_is_taken_to_rest(rules: Rules) -> None:
    rules.take("a", moment(7, True), 5.0)
    rules.link_changed("a")
    assert rules.has_rested(15.1)


def test_session_that_nobody_moves_in_rests_from_its_beginning(rules: Rules) -> None:
    rules.begun(100.0)
    assert not rules.has_rested(105.0)
    assert rules.has_rested(110.0)
