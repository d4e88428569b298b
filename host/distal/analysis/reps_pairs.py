"""Both legs beside each other: reps done with both, companion movement, and falling or rising of the body.

Two legs that do the same at the same time are one set with side `both`. A leg that turns less than COMPANION
of the other goes along. One or two lone excursions of both legs at once are the body sitting down or rising.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from distal.analysis.reps_sets import LegRep, LegSet
from distal.model import SIDES, Side

COMPANION = 0.5  # a leg that turns less than this share of the other, at the same time, goes along
TOGETHER = 0.6  # share of the reps that overlap for sets to be one movement
LONE = 2  # so few reps of both legs at once are a change of posture
OVERLAP = 0.5
LIKE_MANY = 0.5  # a leg that steps may show two excursions a rep
Placed = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Joined:
    """A set as the session sees it: whose reps are reported, and which side it is called."""

    lead: Side
    side: Literal["left", "right", "both"]
    one: LegSet
    turning: float = 0.0  # of the other leg, as a share of this one


class Legs(Protocol):
    """What has to be known of the legs. Session seconds."""

    @property
    def told(self) -> bool:
        """Whether an exercise of both legs was told."""

    def sets(self, side: Side) -> Sequence[LegSet]:
        """Sets found on one leg alone."""

    def place(self, side: Side, rep: LegRep) -> Placed:
        """Start and end of a rep."""

    def turning(self, side: Side, at: Placed) -> float:
        """Mean turning of a leg in a stretch of time, rad/s."""


def join_legs(legs: Legs) -> list[Joined]:
    """Sets of both legs -> sets of the person."""
    placed = ([_place(legs, side, one) for one in legs.sets(side)] for side in SIDES)
    left, right = ([one for one in mine if not _is_change(one, legs)] for mine in placed)
    told = legs.told
    out: list[Joined] = []
    taken: set[int] = set()
    for mine in left:
        partner = max(right, key=lambda their: _shared(mine, their), default=None)
        if partner is None or id(partner) in taken or _shared(mine, partner) < TOGETHER:
            out += _alone(mine, right)
            continue
        taken.add(id(partner))
        out += _joined(mine, partner, told)
    for their in right:
        if id(their) not in taken:
            out += _alone(their, left)
    return out


@dataclass(frozen=True, slots=True)
class _Placed:
    side: Side
    one: LegSet
    at: tuple[Placed, ...]

    @property
    def swept(self) -> float:
        return float(np.median([rep.swept for rep in self.one.reps]))


def _place(legs: Legs, side: Side, one: LegSet) -> _Placed:
    return _Placed(side, one, tuple(legs.place(side, rep) for rep in one.reps))


def _is_change(mine: _Placed, legs: Legs) -> bool:
    """One or two lone excursions while the other leg turns as well: sitting down, lying down, rising."""
    if legs.told or len(mine.at) > LONE:
        return False
    other: Side = "left" if mine.side == "right" else "right"
    whole = mine.at[0][0], mine.at[-1][1]
    return legs.turning(other, whole) > COMPANION * legs.turning(mine.side, whole)


def _shared(mine: _Placed, their: _Placed) -> float:
    """Share of the reps of the shorter list that lie for the most part in a rep of the other."""
    few, many = sorted((mine.at, their.at), key=len)
    if len(few) < LIKE_MANY * len(many):
        return 0.0
    return sum(any(_overlaps(a, b) for b in many) for a in few) / len(few)


def _overlaps(a: Placed, b: Placed) -> bool:
    both = min(a[1], b[1]) - max(a[0], b[0])
    return both > OVERLAP * min(a[1] - a[0], b[1] - b[0])


def _joined(mine: _Placed, their: _Placed, told: bool) -> list[Joined]:
    small, large = sorted((mine, their), key=lambda one: one.swept)
    share = small.swept / max(large.swept, 1e-9)
    if share < COMPANION:
        return [Joined(large.side, large.side, large.one, share)]
    if not told and max(len(mine.at), len(their.at)) <= LONE:
        return []
    return [Joined(large.side, "both", large.one, share)]


def _alone(mine: _Placed, others: Sequence[_Placed]) -> list[Joined]:
    """A set without its partner; reps in which the other leg turned much more are companions."""
    rivals = [(at, rep.swept) for their in others for at, rep in zip(their.at, their.one.reps, strict=True)]
    own = tuple(
        rep
        for at, rep in zip(mine.at, mine.one.reps, strict=True)
        if not any(a[0] < at[1] and at[0] < a[1] and rep.swept < COMPANION * swept for a, swept in rivals)
    )
    if len(own) <= len(mine.one.reps) / 2:
        return []
    return [Joined(mine.side, mine.side, mine.one.with_reps(own))]
