"""Two thousand virtual people in a trial whose weight does nothing."""

import math

from distal.validate.vtrial import run

PEOPLE = 2000


def test_no_more_than_five_percent_are_told_of_an_effect_that_is_not_there() -> None:
    said = sum(run(0.0, seed).answer in ("higher", "lower") for seed in range(10_000, 10_000 + PEOPLE))
    # 5 % is promised of the method; its count among so many people scatters by this much
    assert said <= 0.05 * PEOPLE + 2 * math.sqrt(0.05 * 0.95 * PEOPLE)
