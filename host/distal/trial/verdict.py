"""What a trial says so far. "No answer yet" is an answer."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri

from distal.model import Estimate
from distal.trial.design import Trial
from distal.trial.permutation import interval, p_value

POWER = 0.8
Answer = Literal["higher", "lower", "too_small", "not_yet", "unclear"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer with its evidence.

    answer      higher / lower: loaded against unloaded; too_small: no effect as large as the least one
                that matters; not_yet: the next look is to come; unclear: all done, no answer
    effect      loaded minus unloaded; of all trials' intervals, whenever they end, 97 % hold what was asked.
                None when too few pairs
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
    looks, levels = trial.design.looks, trial.design.levels
    done = len(trial.differences)
    more = next((look - done for look in looks if look > done), 0)
    answer: Answer = "not_yet" if more else "unclear"
    read, level = 0, levels[0]
    for read, level in [one for one in zip(looks, levels, strict=True) if one[0] <= done]:
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
    """Normal approximation of the paired test at the last look, and two pairs for the permutation's steps."""
    seen = trial.differences
    if len(seen) < 4:
        return None
    sd = float(np.std(seen, ddof=1))
    z = float(ndtri(1.0 - trial.design.levels[-1] / 2.0) + ndtri(POWER))
    return int(np.ceil((z * sd / trial.design.least_effect) ** 2)) + 2
