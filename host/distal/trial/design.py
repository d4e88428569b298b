"""What a trial is: its question, its order of blocks, and what has been measured so far."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from distal.errors import DataError
from distal.trial.outcomes import OUTCOMES

FORMAT = 1
# So many trials without an effect may be told of one, and so many intervals may miss the truth: what is
# promised is 97 %. All looks of a trial share it, whatever comes of them (Bonferroni).
ALPHA = 0.03
LEAST_PAIRS, MOST_PAIRS = 6, 60  # five pairs can say nothing: all one way is 2 / 2^5
FIRST_LOOK = 8
# The first look may spend what eight pairs all one way are worth. Most is left for the last one, where most
# is known: of people whose effect is 1 SD as many are found as with 5 % in equal shares (`validate`)
SPENT = (2 / 2**FIRST_LOOK, 0.0042, ALPHA - 2 / 2**FIRST_LOOK - 0.0042)
LOOKS = len(SPENT)
Arm = Literal["loaded", "unloaded"]
ARMS: tuple[Arm, Arm] = ("loaded", "unloaded")


@dataclass(frozen=True, slots=True)
class Design:
    """Fixed before the first block; changing it is another trial."""

    outcome: str  # key of OUTCOMES
    pairs: int  # blocks of each kind at the last look
    least_effect: float  # the smallest difference that would matter to the person, in the outcome's unit
    washout_s: float  # rest between blocks, so that one does not colour the next
    block_s: float
    seed: int  # of the drawn order
    created: str  # ISO date and time

    @property
    def order(self) -> tuple[Arm, ...]:
        """Every block of the trial: pairs of one loaded and one unloaded, each pair in drawn order."""
        loaded_first = np.random.default_rng(self.seed).integers(0, 2, self.pairs)
        return tuple(arm for first in loaded_first for arm in (ARMS if first else ARMS[::-1]))

    @property
    def looks(self) -> tuple[int, ...]:
        """After how many pairs the result may be read."""
        if self.pairs < FIRST_LOOK + LOOKS:
            return (self.pairs,)
        step = (self.pairs - FIRST_LOOK) / (LOOKS - 1)
        return tuple(FIRST_LOOK + round(i * step) for i in range(LOOKS))

    @property
    def levels(self) -> tuple[float, ...]:
        """What each look may spend of ALPHA; six pairs need a little more than there is."""
        return SPENT if len(self.looks) > 1 else (max(ALPHA, 2 / 2**self.pairs),)


@dataclass(frozen=True, slots=True)
class Block:
    """One block as it was measured."""

    arm: Arm
    value: float  # of the outcome
    recording: str
    started_s: float  # when it began, seconds since 1970
    seconds: float
    mass_kg: float | None  # what the recording says was worn
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """A design and its blocks so far, in order."""

    design: Design
    blocks: tuple[Block, ...] = ()

    @property
    def next_arm(self) -> Arm | None:
        """What the next block is; None when all are done."""
        order = self.design.order
        return order[len(self.blocks)] if len(self.blocks) < len(order) else None

    @property
    def differences(self) -> tuple[float, ...]:
        """Loaded minus unloaded of every finished pair."""
        pairs = zip(self.blocks[::2], self.blocks[1::2], strict=False)
        return tuple(a.value - b.value if a.arm == "loaded" else b.value - a.value for a, b in pairs)

    def with_block(self, block: Block) -> "Trial":
        """The trial with one more block. raises DataError when it is not its turn"""
        if block.recording in {one.recording for one in self.blocks}:
            raise DataError(f"{block.recording} is in the trial already. Record the next block.")
        if self.next_arm is None:
            raise DataError("all blocks are done. Read it with: distal trial result")
        if block.arm != self.next_arm:
            raise DataError(f"the next block is {self.next_arm}: the drawn order is what makes it fair.")
        return replace(self, blocks=(*self.blocks, block))


def design(given: Mapping[str, Any]) -> Design:
    """A design from its values. raises DataError for those that cannot work"""
    made = Design(**given)
    if made.outcome not in OUTCOMES:
        raise DataError(f"unknown outcome {made.outcome!r}. Choose one of: {', '.join(OUTCOMES)}.")
    if not LEAST_PAIRS <= made.pairs <= MOST_PAIRS:
        raise DataError(f"{made.pairs} pairs cannot answer it. Give {LEAST_PAIRS} to {MOST_PAIRS} pairs.")
    if not made.least_effect > 0:
        raise DataError("the smallest effect that matters must be above 0. Give it with --least-effect.")
    return made


def to_dict(trial: Trial) -> dict[str, Any]:
    """As JSON keeps it."""
    return {"format": FORMAT, **asdict(trial.design), "blocks": [asdict(block) for block in trial.blocks]}


def from_dict(stored: Any) -> Trial:
    """Read what `to_dict` made. raises DataError when it is not that"""
    try:
        fields = dict(stored)
        if fields.pop("format") != FORMAT:
            raise DataError("the trial was written by another version of Distal. Update this program.")
        blocks = [Block(**{**block, "flags": tuple(block["flags"])}) for block in fields.pop("blocks")]
        trial = Trial(design(fields))
        for block in blocks:
            trial = trial.with_block(block)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise DataError(f"this is no trial ({error}). Begin one with: distal trial new") from error
    return trial
