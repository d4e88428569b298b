"""Virtual people in a trial: how often it says "changed" when nothing did, and when something did.

The person is a series of numbers, not a motion: noise that remembers, a drift, a carry-over of loaded blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distal.trial.design import Block, Design, Trial
from distal.trial.verdict import judge
from distal.validate.figures import Figure, Section, Target

EACH, QUICK = 400, 40
STILL = 5  # times as many people without an effect: rare mistakes want many
PAIRS = 16
EFFECTS = (0.0, 0.5, 1.0, 1.5)  # in standard deviations of one block
MEMORY = 0.4  # of the noise, from block to block
DRIFT = 2.0  # over the whole trial, up or down or there and back
CARRY = 0.2  # of the effect that lasts into the next block
WASHED = (1.0, 0.0)  # effect and carry-over: a rest that is long enough leaves just the effect


@dataclass(frozen=True, slots=True)
class Outcome:
    """One person's trial: its effect and carry-over, the answer, whether the interval holds the effect."""

    effect: float
    carry: float
    answer: str
    pairs: int
    holds: bool


def jobs(quick: bool) -> list[tuple[float, float, int]]:
    """Effects, carry-over and the first seed of forty people each."""
    each = QUICK if quick else EACH
    kinds = [(effect, CARRY, each if effect else STILL * each) for effect in EFFECTS]
    kinds.append((*WASHED, each))
    return [(effect, carry, seed) for effect, carry, n in kinds for seed in range(0, n, 40)]


def work(_quick: bool, job: tuple[float, float, int]) -> list[Outcome]:
    """Forty people."""
    effect, carry, first = job
    return [run(effect, seed, carry) for seed in range(first, first + 40)]


def run(effect: float, seed: int, carry: float = CARRY) -> Outcome:
    """One person, to the end of the trial or its first firm answer."""
    design = Design("cadence", PAIRS, 1.0, 180.0, 300.0, seed, "2026-01-01T00:00:00")
    trial = Trial(design, tuple(_blocks(design, (effect, carry), np.random.default_rng((seed, 7)))))
    verdict = judge(trial)
    span = verdict.effect
    holds = span is not None and span.low <= effect <= span.high
    return Outcome(effect, carry, verdict.answer, verdict.pairs, holds)


def _blocks(design: Design, given: tuple[float, float], rng: np.random.Generator) -> list[Block]:
    (effect, carry), n = given, len(design.order)
    noise, last = rng.standard_normal(n), 0.0
    course = DRIFT * rng.uniform(-1, 1) * np.linspace(0, 1, n) + DRIFT * rng.uniform(-1, 1) * np.sin(
        np.linspace(0, np.pi * rng.uniform(1, 3), n)
    )
    blocks, carried = [], 0.0
    for i, arm in enumerate(design.order):
        last = MEMORY * last + np.sqrt(1 - MEMORY**2) * noise[i]
        own = effect if arm == "loaded" else 0.0
        value = 100.0 + course[i] + last + own + carried
        carried = carry * own
        blocks.append(Block(arm, float(value), f"{i}.distal", 1e9 + 600.0 * i, 300.0, None))
    return blocks


def section(results: Sequence[list[Outcome]]) -> Section:
    """Figures of all people."""
    people = [one for part in results for one in part]
    still = [one for one in people if not one.effect]
    washed = [one for one in people if one.effect and not one.carry]
    told = [one.answer in ("higher", "lower") for one in still]
    held = "intervals that hold no effect, whenever a trial ends (97 % promised)"
    figures = [
        _share("false_alarms", "said to differ, of people with no effect", told, Target(at_most=0.05)),
        _share("coverage", held, [one.holds for one in still], Target(at_least=0.97)),
        _share("coverage_1", "… the effect, 1 SD, nothing carried over", [one.holds for one in washed]),
    ]
    for effect in EFFECTS[1:]:
        found = [one.answer == "higher" for one in people if one.effect == effect and one.carry]
        what = f"found, of people whose effect is {effect:g} SD of a block ({PAIRS} pairs at most)"
        figures.append(_share(f"power_{effect:g}", what, found))
    title = "Trials of virtual people, with drift, memory and carry-over"
    note = "each person is a series of block values, not a motion; a trial is read at three looks at most"
    return Section("virtual_trial", title, note, figures)


def _share(key: str, what: str, flags: Sequence[bool], target: Target | None = None) -> Figure:
    return Figure(key, what, sum(flags) / len(flags), "", len(flags), target)
