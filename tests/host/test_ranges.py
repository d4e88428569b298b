"""Ranges of indices, by hand and held against sets."""

import random
from itertools import pairwise

from distal.ranges import joined, total, unwrap, within, without


def test_ranges_without_others_are_what_is_left() -> None:
    assert list(without([(0, 10), (20, 30)], [(5, 22), (29, 40)])) == [(0, 5), (22, 29)]
    assert list(without([(0, 10)], [(2, 3), (5, 6)])) == [(0, 2), (3, 5), (6, 10)]
    assert list(without([(0, 10)], [(0, 10)])) == []


def test_ranges_are_the_sets_of_their_indices() -> None:
    chance = random.Random(7)
    for _ in range(300):
        ranges = [(low, low + chance.randint(0, 6)) for low in chance.choices(range(40), k=5)]
        others = [(low, low + chance.randint(0, 9)) for low in chance.choices(range(40), k=3)]
        one, other = ({i for low, high in part for i in range(low, high)} for part in (ranges, others))
        whole = joined(ranges)
        assert all(a[1] < b[0] for a, b in pairwise(whole))
        assert {i for low, high in whole for i in range(low, high)} == one
        assert total(whole) == len(one)
        assert {i for low, high in without(whole, others) for i in range(low, high)} == one - other
        assert {i for low, high in within(whole, (9, 21)) for i in range(low, high)} == one & set(
            range(9, 21)
        )


def test_an_index_after_the_wrap_is_near_to_one_before_it() -> None:
    assert unwrap(3, 2**32 - 4) == 2**32 + 3
    assert unwrap(2**32 - 4, 3) == -4
    assert unwrap(3, 3 * 2**32) == 3 * 2**32 + 3
