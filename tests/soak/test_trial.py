"""Two thousand virtual people in a trial whose weight does nothing, and some whose weight does something.

Every person drifts, remembers from block to block, carries a part of the effect over (validate/vtrial.py).
"""

import math

import pytest

from distal.validate.vtrial import EFFECTS, run

PEOPLE, EACH = 2000, 500


def test_no_more_than_five_percent_are_told_of_an_effect_that_is_not_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = [run(0.0, seed) for seed in range(10_000, 10_000 + PEOPLE)]
    said = sum(one.answer in ("higher", "lower") for one in found)
    held = [one.holds for one in found if one.holds is not None]
    with capsys.disabled():
        print(f"\ntrial, {PEOPLE} people, no effect: {said / PEOPLE:.2%} told of one;", end=" ")
        print(f"intervals hold zero in {sum(held) / len(held):.2%}")
    # 5 % is promised of the method; its count among so many people scatters by this much
    assert said <= 0.05 * PEOPLE + 2 * math.sqrt(0.05 * 0.95 * PEOPLE)


def test_a_larger_effect_is_found_more_often_and_never_the_wrong_way(
    capsys: pytest.CaptureFixture[str],
) -> None:
    power = []
    for effect in EFFECTS[1:]:
        answers = [run(effect, seed).answer for seed in range(20_000, 20_000 + EACH)]
        power.append(answers.count("higher") / EACH)
        assert answers.count("lower") <= 0.01 * EACH
    with capsys.disabled():
        rows = ", ".join(f"{e:g} SD {p:.1%}" for e, p in zip(EFFECTS[1:], power, strict=True))
        print(f"\ntrial, {EACH} people each, found: {rows}")
    assert power == sorted(power)
    assert power[-1] > 0.9
