"""What a trial says so far. "No answer yet" is an answer."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from distal.model import Estimate
from distal.trial.design import ALPHA, Trial
from distal.trial.permutation import interval, p_value

POWER_Z = 1.96 + 0.84  # two-sided 5 %, 80 % power
Answer = Literal["higher", "lower", "too_small", "not_yet", "unclear"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer with its evidence.

    answer      higher / lower: loaded against unloaded; too_small: no effect as large as the least one
                that matters; not_yet: the next look is to come; unclear: all done, no answer
    effect      loaded minus unloaded with its interval at the level of this look; None when too few pairs
    more_pairs  to the next look; 0 when the trial has ended
    needed      pairs that would show the least effect four times in five, by the spread so far; None below 4
    """

    answer: Answer
    pairs: int
    p: float
    level: float
    effect: Estimate | None
    more_pairs: int
    needed: int | None


def judge(trial: Trial) -> Verdict:
    """Read a trial at the last look that it has reached: between looks nothing is judged."""
    looks = trial.design.looks
    level = ALPHA / len(looks)
    done = len(trial.differences)
    more = next((look - done for look in looks if look > done), 0)
    answer: Answer = "not_yet" if more else "unclear"
    read = 0
    for read in [look for look in looks if look <= done]:
        found = _answer(trial, read, level)
        if found != "unclear":
            answer, more = found, 0
            break
    seen = trial.differences[:read]
    return Verdict(answer, read, p_value(seen), level, interval(seen, level), more, _needed(trial))


def _answer(trial: Trial, look: int, level: float) -> Answer:
    seen = trial.differences[:look]
    if p_value(seen) <= level:
        return "higher" if float(np.mean(seen)) > 0 else "lower"
    span = interval(seen, level)
    least = trial.design.least_effect
    return "too_small" if span and -least < span.low and span.high < least else "unclear"


def _needed(trial: Trial) -> int | None:
    """Normal approximation of the paired test, two pairs added for the permutation's steps."""
    seen = trial.differences
    if len(seen) < 4:
        return None
    sd = float(np.std(seen, ddof=1))
    return int(np.ceil((POWER_Z * sd / trial.design.least_effect) ** 2)) + 2
