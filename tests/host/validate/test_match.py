"""Matching and statistics, against what one can count by hand."""

import numpy as np
import pytest

from distal.validate.contacts import Contacts, Tally
from distal.validate.figures import Figure, Target, plain, rounded
from distal.validate.match import Counts, count_in, match, share_interval, spread


def test_pairs_are_one_to_one_and_as_many_as_possible() -> None:
    assert match([0.0, 0.2], [0.2, 0.4]) == [(0, 0), (1, 1)]  # nearest alone would leave one of each
    assert match([1.0, 1.1], [1.05]) in ([(0, 0)], [(1, 0)])
    assert match([], [1.0]) == []
    assert match([1.0], [1.2500001]) == []


def test_f1_is_harmonic_mean_of_precision_and_recall() -> None:
    counts = Counts(8, 9, 10)
    precision, recall = 8 / 9, 8 / 10
    assert counts.f1 == pytest.approx(2 * precision * recall / (precision + recall))
    assert Counts().f1 is None


def test_event_at_the_edge_of_a_region_is_no_mistake() -> None:
    # the contact at 5.02 belongs to the true one at 4.99, inside; the one at 9 to nothing inside
    assert count_in([5.02, 9.0], [4.99, 9.0], [(0.0, 5.0)]) == Counts(1, 1, 1)
    # a found one that matches a true one outside is neither hit nor mistake
    assert count_in([5.02], [5.05], [(0.0, 5.0)]) == Counts(0, 0, 0)
    # an extra one just outside counts against it
    assert count_in([3.0, 5.1], [3.0], [(0.0, 5.0)]) == Counts(1, 2, 1)


def test_spread_is_bias_sd_mad_and_mae() -> None:
    one = spread([-1.0, 0.0, 4.0])
    assert one.bias == pytest.approx(1.0)
    assert one.sd == pytest.approx(np.std([-1, 0, 4], ddof=1))
    assert one.mad == 1.0
    assert one.mae == pytest.approx(5 / 3)
    assert spread([]).mad is None


def test_stride_errors_need_both_contacts_and_nothing_between() -> None:
    steps = [{"ic_s": t, "tc_s": t - 0.4} for t in (1.0, 2.02, 2.5, 3.0, 5.0)]
    tally = Tally()
    tally.add(steps, Contacts([1.0, 2.0, 3.0, 4.0, 5.0], [0.6, 1.6, 2.6, None, 4.6]))
    assert tally.ic == pytest.approx([0.0, 0.02, 0.0, 0.0])
    assert tally.stride == pytest.approx([0.02])  # 2 -> 3 has a false one inside, 3 -> 5 misses one
    assert len(tally.tc) == 4
    assert tally.cadence_error == pytest.approx(120 / 1.02 - 120)


def test_wilson_interval_is_that_of_the_textbook() -> None:
    low, high = share_interval(0, 10)  # z^2 / (n + z^2) for none of n
    assert low == pytest.approx(0.0, abs=1e-12)
    assert high == pytest.approx(3.8415 / 13.8415, rel=1e-4)
    low, high = share_interval(8, 10)
    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=2e-4)


def test_figures_are_rounded_and_judged_as_shown() -> None:
    assert rounded(0.98765) == 0.9877
    assert rounded(12.345) == 12.3
    assert rounded(float("nan")) is None
    assert rounded(-0.0) == 0
    assert plain(-1234.0) == "−1 234"
    assert plain(None) == "–"
    assert Figure("a", "a", 0.98696, target=Target(at_least=0.987)).met is True  # shown as 0.987
    assert Figure("a", "a", None, target=Target(at_most=1)).met is False
    assert Figure("a", "a", 1.0).met is None
    assert Target(-0.3, 0.3).text() == "−0.3 to 0.3"
    assert Target(0, 0).text() == "0"
