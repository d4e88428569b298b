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
PAIRS = 16
EFFECTS = (0.0, 0.5, 1.0, 1.5)  # in standard deviations of one block
MEMORY = 0.4  # of the noise, from block to block
DRIFT = 2.0  # over the whole trial, up or down or there and back
CARRY = 0.2  # of the effect that lasts into the next block


@dataclass(frozen=True, slots=True)
class Outcome:
    """One person's trial: the true effect, the answer, whether the interval holds the truth."""

    effect: float
    answer: str
    pairs: int
    holds: bool | None


def jobs(quick: bool) -> list[tuple[float, int]]:
    """Effects and the first seed of fifty people each."""
    each = QUICK if quick else EACH
    return [(effect, seed) for effect in EFFECTS for seed in range(0, each, 40)]


def work(_quick: bool, job: tuple[float, int]) -> list[Outcome]:
    """Forty people."""
    effect, first = job
    return [run(effect, seed) for seed in range(first, first + 40)]


def run(effect: float, seed: int) -> Outcome:
    """One person, to the end of the trial or its first firm answer."""
    design = Design("cadence", PAIRS, 1.0, 180.0, 300.0, seed, "2026-01-01T00:00:00")
    trial = Trial(design, tuple(_blocks(design, effect, np.random.default_rng((seed, 7)))))
    verdict = judge(trial)
    span = verdict.effect
    # carry-over makes the pairs' mean difference smaller than the effect: the interval is about what was seen
    holds = None if span is None or effect else span.low <= 0.0 <= span.high
    return Outcome(effect, verdict.answer, verdict.pairs, holds)


def _blocks(design: Design, effect: float, rng: np.random.Generator) -> list[Block]:
    n = len(design.order)
    noise, last = rng.standard_normal(n), 0.0
    course = DRIFT * rng.uniform(-1, 1) * np.linspace(0, 1, n) + DRIFT * rng.uniform(-1, 1) * np.sin(
        np.linspace(0, np.pi * rng.uniform(1, 3), n)
    )
    blocks, carried = [], 0.0
    for i, arm in enumerate(design.order):
        last = MEMORY * last + np.sqrt(1 - MEMORY**2) * noise[i]
        own = effect if arm == "loaded" else 0.0
        value = 100.0 + course[i] + last + own + carried
        carried = CARRY * own
        blocks.append(Block(arm, float(value), f"{i}.distal", 1e9 + 600.0 * i, 300.0, None))
    return blocks


def section(results: Sequence[list[Outcome]]) -> Section:
    """Figures of all people."""
    people = [one for part in results for one in part]
    figures = [_false_alarms(people), _coverage(people)]
    for effect in EFFECTS[1:]:
        mine = [one for one in people if one.effect == effect]
        found = sum(one.answer == "higher" for one in mine) / len(mine)
        what = f"found, of people whose effect is {effect:g} SD of a block ({PAIRS} pairs at most)"
        figures.append(Figure(f"power_{effect:g}", what, found, "", len(mine)))
    title = "Trials of virtual people, with drift, memory and carry-over"
    note = "Each person is a series of block values, not a motion. A trial is read at three looks at most."
    return Section("virtual_trial", title, note, figures)


def _false_alarms(people: Sequence[Outcome]) -> Figure:
    mine = [one for one in people if not one.effect]
    said = sum(one.answer in ("higher", "lower") for one in mine) / len(mine)
    return Figure(
        "false_alarms", "said to differ, of people with no effect", said, "", len(mine), Target(at_most=0.05)
    )


def _coverage(people: Sequence[Outcome]) -> Figure:
    held = [one.holds for one in people if one.holds is not None]
    share = sum(held) / len(held)
    return Figure(
        "coverage",
        "intervals that hold no effect (98.3 % promised)",
        share,
        "",
        len(held),
        Target(at_least=0.97),
    )
