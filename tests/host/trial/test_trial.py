"""A trial with one person: its draw, its test, its looks, its refusals."""

import math
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distal.errors import DataError
from distal.model import Estimate, SessionReport
from distal.trial.blocks import block_of
from distal.trial.design import ALPHA, ARMS, Block, Design, Trial, design, from_dict, to_dict
from distal.trial.outcomes import OUTCOMES, read_outcome
from distal.trial.permutation import interval, p_value
from distal.trial.text import render_next, render_result
from distal.trial.verdict import judge

STARTED = 1_767_261_600.0
DESIGN = Design("cadence", 12, 2.0, 180.0, 300.0, 1, "2026-01-01T10:00:00+00:00")
CLEAR = [3.0, 2.5, 3.5, 2.8, 3.1, 2.2, 3.3, 2.9]


def filled(plan: Design, differences: list[float]) -> Trial:
    """Blocks whose pairs differ by just that, on a level that drifts."""
    trial = Trial(plan)
    for i, difference in enumerate(differences):
        for arm in plan.order[2 * i : 2 * i + 2]:
            value = 100.0 + 3 * i + (difference if arm == "loaded" else 0.0)
            trial = trial.with_block(Block(arm, value, f"{len(trial.blocks)}", STARTED, 300.0, None))
    return trial


def report_of(**changes: Any) -> SessionReport:
    empty = SessionReport({"left": 1.0, "right": 1.0}, None, {"left": (), "right": ()}, (), {}, (), {})
    return replace(empty, **{"cadence_spm": Estimate(104.0, 103.0, 105.0, 80), **changes})


def test_every_pair_has_both_arms_and_the_seed_fixes_the_order() -> None:
    order = DESIGN.order
    assert len(order) == 24
    assert all(set(order[i : i + 2]) == set(ARMS) for i in range(0, 24, 2))
    assert order == replace(DESIGN).order
    firsts = [replace(DESIGN, seed=seed).order[0] for seed in range(400)]
    assert 160 < firsts.count("loaded") < 240


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=7))
def test_the_p_value_is_the_share_of_sign_patterns_at_least_as_far(d: list[int]) -> None:
    patterns = product((1, -1), repeat=len(d))
    sums = [abs(sum(s * x for s, x in zip(signs, d, strict=True))) for signs in patterns]
    assert p_value(d) == pytest.approx(sum(one >= abs(sum(d)) for one in sums) / len(sums))


def test_six_equal_differences_have_the_smallest_p_of_six_pairs() -> None:
    assert p_value([1.0] * 6) == 2 / 64
    assert p_value([]) == 1.0


@pytest.mark.parametrize("pairs", [8, 17])  # every pattern, drawn ones
def test_the_interval_holds_just_the_shifts_that_the_test_does_not_refuse(pairs: int) -> None:
    d = np.random.default_rng(1).normal(1.0, 1.0, pairs).tolist()
    found = interval(d, 0.05)
    assert found is not None
    assert found.low < np.mean(d) < found.high
    for inside, outside in ((found.low + 1e-6, found.low - 1e-6), (found.high - 1e-6, found.high + 1e-6)):
        assert p_value(d, inside) > 0.05 >= p_value(d, outside)


def test_too_few_pairs_have_no_interval() -> None:
    assert interval([1.0] * 5, 0.05) is None


def test_the_looks_share_the_error_of_the_trial() -> None:
    assert DESIGN.looks == (8, 10, 12)
    assert replace(DESIGN, pairs=6).looks == (6,)
    assert sum(DESIGN.levels) == pytest.approx(ALPHA)
    assert judge(filled(DESIGN, [])).level == DESIGN.levels[0]
    assert judge(filled(DESIGN, [0.0, 9.0, -9.0] * 4)).level == DESIGN.levels[2]
    assert [replace(DESIGN, pairs=n).levels for n in (6, 7)] == [(2 / 64,), (ALPHA,)]


def test_a_clear_effect_ends_the_trial_at_its_first_look() -> None:
    verdict = judge(filled(DESIGN, CLEAR))
    assert (verdict.answer, verdict.pairs, verdict.more_pairs) == ("higher", 8, 0)
    assert verdict.effect is not None
    assert verdict.effect.low > 0


def test_between_looks_nothing_is_judged() -> None:
    seven = judge(filled(DESIGN, [3.0] * 7))
    assert (seven.answer, seven.pairs, seven.more_pairs, seven.effect) == ("not_yet", 0, 1, None)
    nine = judge(filled(DESIGN, [0.1, -3, 2, -1, 3, -2, 1, -0.5, 9.0]))
    assert (nine.answer, nine.pairs, nine.more_pairs) == ("not_yet", 8, 1)


def test_an_answer_once_given_stays_with_the_evidence_of_its_look() -> None:
    verdict = judge(filled(DESIGN, [*([-3.0] * 8), 30.0, 30.0, 30.0, 30.0]))
    assert (verdict.answer, verdict.pairs) == ("lower", 8)
    assert verdict.effect is not None
    assert verdict.effect.value == -3.0


def test_small_even_differences_rule_out_the_effect_that_matters() -> None:
    assert judge(filled(DESIGN, [0.3, -0.2, 0.1, -0.3, 0.2, -0.1, 0.3, -0.3])).answer == "too_small"


def test_scattered_differences_give_no_answer_and_say_how_many_pairs_would() -> None:
    trial = filled(DESIGN, [9, -8, 7, -9, 8, -7] * 2)
    verdict = judge(trial)
    assert verdict.answer == "unclear"
    assert verdict.needed is not None
    assert verdict.needed > 12
    assert str(verdict.needed) in render_result(trial, verdict)


def test_blocks_come_in_the_drawn_order_and_once() -> None:
    trial = Trial(DESIGN)
    wrong = ARMS[1 - ARMS.index(DESIGN.order[0])]
    with pytest.raises(DataError, match="drawn order"):
        trial.with_block(Block(wrong, 1.0, "a", STARTED, 300.0, None))
    trial = trial.with_block(Block(DESIGN.order[0], 1.0, "a", STARTED, 300.0, None))
    with pytest.raises(DataError, match="already"):
        trial.with_block(Block(DESIGN.order[1], 1.0, "a", STARTED, 300.0, None))


def test_a_trial_survives_its_file() -> None:
    trial = filled(DESIGN, [1.0, 2.0])
    assert from_dict(to_dict(trial)) == trial


@pytest.mark.parametrize("stored", [None, [], {}, {"format": 9}, {**to_dict(Trial(DESIGN)), "pairs": 5}])
def test_what_is_no_trial_is_told_in_words(stored: Any) -> None:
    with pytest.raises(DataError):
        from_dict(stored)


@pytest.mark.parametrize("change", [{"outcome": "mood"}, {"pairs": 99}, {"least_effect": 0.0}])
def test_a_design_that_cannot_answer_is_refused(change: dict[str, Any]) -> None:
    values = {name: getattr(DESIGN, name) for name in Design.__dataclass_fields__}
    with pytest.raises(DataError):
        design({**values, **change})


def test_a_block_is_read_from_the_report_of_its_recording() -> None:
    block = block_of(Trial(DESIGN), report_of(), ("a.distal", STARTED, 300.0))
    assert (block.arm, block.value, block.flags) == (DESIGN.order[0], 104.0, ())


def test_a_block_with_missing_samples_or_without_the_outcome_is_refused() -> None:
    with pytest.raises(DataError, match="samples are missing"):
        block_of(Trial(DESIGN), report_of(coverage={"left": 0.5, "right": 1.0}), ("a", STARTED, 300.0))
    with pytest.raises(DataError, match="does not show"):
        block_of(Trial(DESIGN), report_of(cadence_spm=None), ("a", STARTED, 300.0))


def test_a_short_block_and_a_short_rest_are_flagged_and_kept() -> None:
    trial = Trial(DESIGN).with_block(Block(DESIGN.order[0], 1.0, "a", STARTED, 300.0, None))
    block = block_of(trial, report_of(), ("b", STARTED + 360, 200.0))
    assert block.flags == ("only 200 of 300 s", "only 60 s after the last block")


def test_a_loaded_block_must_be_the_heavier_one() -> None:
    first, second = DESIGN.order[:2]
    trial = Trial(DESIGN).with_block(Block(first, 1.0, "a", STARTED, 300.0, 1.0))
    with pytest.raises(DataError, match="should be " + second):
        block_of(trial, report_of(mass_kg={"left": 1.0}), ("b", STARTED + 1800, 300.0))


def test_a_block_recorded_before_the_last_one_is_refused() -> None:
    trial = Trial(DESIGN).with_block(Block(DESIGN.order[0], 1.0, "a", STARTED, 300.0, None))
    with pytest.raises(DataError, match="in their order"):
        block_of(trial, report_of(), ("b", STARTED - 3600, 300.0))


def test_every_outcome_is_unknown_in_an_empty_session() -> None:
    for name in OUTCOMES:
        with pytest.raises(DataError):
            read_outcome(report_of(cadence_spm=None), name)


def test_words_say_what_to_do_and_what_was_found() -> None:
    assert render_next(Trial(DESIGN)).startswith(f"Block 1 of 24: {DESIGN.order[0]}.")
    trial = filled(DESIGN, CLEAR)
    text = render_result(trial, judge(trial))
    assert text.startswith("Cadence was higher with the weight, by 2.91 steps/min (+")
    assert text.count("●") == 8
    assert max(map(len, text.splitlines()[2:11])) <= 80


def test_many_pairs_use_drawn_sign_patterns_and_the_same_ones_each_time() -> None:
    d = np.random.default_rng(3).standard_normal(20) + 0.4
    p = p_value(d.tolist())
    assert p == p_value(d.tolist())
    z = abs(d.mean()) / (d.std(ddof=1) / math.sqrt(20))
    assert p == pytest.approx(math.erfc(z / math.sqrt(2)), abs=0.03)
