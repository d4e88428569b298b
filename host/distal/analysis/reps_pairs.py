"""Both legs beside each other: reps done with both, companion movement, and falling or rising of the body.

Two legs that do the same at the same time are one set with side `both`. A leg that turns less than COMPANION
of the other goes along. One or two lone excursions of both legs at once are the body sitting down or rising.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from distal.analysis.recognise import Beside
from distal.analysis.reps_sets import LegRep, LegSet
from distal.model import SIDES, Side

COMPANION = 0.5  # a leg that turns less than this share of the other, at the same time, goes along
TOGETHER = 0.6  # share of the reps that overlap for sets to be one movement
LONE = 2  # so few reps of both legs at once are a change of posture
OVERLAP = 0.5
FARTHER = 1.6  # a foot that goes so much farther than the other does the exercise
TAP_M = 0.08  # a foot that reaches down from a step
LEANS = 0.25  # rad: the rear leg of a split stance leans so much more than the front leg
HELD_UP = 0.5  # rad: a leg that is held up while the other hops leans so much more
FEW = 0.7  # of the reps that the other leg shows: the steps were not seen well, and the other leg tells
LIKE_MANY = 0.5  # a leg that steps may show two excursions a rep
Placed = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Joined:
    """A set as the session sees it: whose reps are reported, and which side it is called."""

    lead: Side
    side: Literal["left", "right", "both"]
    one: LegSet
    other: Beside = field(default_factory=Beside)
    partner: LegSet | None = None  # the other leg's set of a movement of both
    more: tuple[LegRep, ...] = ()  # flights of both that only the other leg showed


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
    flown, left, right = _flown(left, right)
    out, left, right = _stepped(left, right)
    out += flown
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
    if legs.told or len(mine.at) > LONE or mine.one.look.flies or mine.one.steps:
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
        return [Joined(large.side, large.side, large.one, _beside_of(large, small))]
    if not told and max(len(mine.at), len(their.at)) <= LONE:
        return []
    front, rear = sorted((mine, their), key=lambda one: one.one.look.lean)
    if rear.one.look.lean - front.one.look.lean > LEANS:
        return [Joined(front.side, front.side, front.one, _beside_of(front, rear))]
    return [Joined(large.side, "both", large.one, _beside_of(large, small), small.one)]


def _flown(left: list[_Placed], right: list[_Placed]) -> tuple[list[Joined], list[_Placed], list[_Placed]]:
    """Jumps, with both legs or with one while the other is held up; and the sets beside them."""
    flown = [one for one in (*left, *right) if one.one.look.flies]
    out: list[Joined] = []
    taken: list[_Placed] = []
    for mine in sorted(flown, key=lambda one: -len(one.at)):
        if any(mine.side != one.side and _meet(mine, one) for one in taken):
            continue  # told by the other leg, which saw at least as many
        taken.append(mine)
        beside = [one for one in flown if one.side != mine.side and _meet(mine, one)]
        out += _jumped(mine, beside)
    left, right = ([one for one in some if not _is_beside(one, taken)] for some in (left, right))
    return out, left, right


def _jumped(mine: _Placed, beside: Sequence[_Placed]) -> list[Joined]:
    """In the air both legs feel nothing; the one that is held up leans all the time."""
    if not beside:
        return [Joined(mine.side, mine.side, mine.one)]
    their = max(beside, key=lambda one: len(one.at))
    if abs(mine.one.look.lean - their.one.look.lean) < HELD_UP:
        more = tuple(
            rep
            for at, rep in zip(their.at, their.one.reps, strict=True)
            if not any(_overlaps(at, other) for other in mine.at)
        )
        return [Joined(mine.side, "both", mine.one, _beside_of(mine, their), more=more)]
    stands, held = sorted((mine, their), key=lambda one: one.one.look.lean)
    return [Joined(stands.side, stands.side, stands.one, _beside_of(stands, held))]


def _meet(mine: _Placed, their: _Placed) -> bool:
    return mine.at[0][0] < their.at[-1][1] and their.at[0][0] < mine.at[-1][1]


def _is_beside(one: _Placed, flown: Sequence[_Placed]) -> bool:
    """Whether a set is one that flies, or what a leg did in the time of one."""
    return bool(one.one.look.flies) or any(_meet(one, jumps) for jumps in flown)


def _stepped(left: list[_Placed], right: list[_Placed]) -> tuple[list[Joined], list[_Placed], list[_Placed]]:
    """Sets in which a foot steps away and back, beside what the other leg did; and what is left."""
    out: list[Joined] = []
    pairs = [(a, b) for a in left for b in right if a.one.steps and b.one.steps and _beside(a, b)]
    if pairs:
        out += _leaders(pairs)
        left, right = (
            [one for one in some if not any(one in two for two in pairs)] for some in (left, right)
        )
    for mine in tuple(left):
        for their in tuple(right):
            if (mine.one.steps or their.one.steps) and _beside(mine, their):
                left, right = ([one for one in some if one not in (mine, their)] for some in (left, right))
                out.append(_worker(mine, their))
                break
    return out, left, right


def _beside_of(mine: _Placed, their: _Placed) -> Beside:
    return Beside(their.swept / max(mine.swept, 1e-9), their.one.steps, their.one.look.lean)


def _beside(mine: _Placed, their: _Placed) -> bool:
    met = sum(any(_overlaps(a, b) for b in their.at) for a in mine.at)
    return met > OVERLAP * min(len(mine.at), len(their.at))


def _worker(mine: _Placed, their: _Placed) -> Joined:
    """One foot steps. When it only reaches down, the leg that stands and bends does the work."""
    stepper, other = (mine, their) if mine.one.steps else (their, mine)
    is_tap = stepper.one.look.rise_m < -TAP_M and len(other.at) >= len(stepper.at) - 1
    is_tap |= len(stepper.at) < FEW * len(other.at)
    lead = other if is_tap else stepper
    return Joined(lead.side, lead.side, lead.one, _beside_of(lead, stepper if is_tap else other))


def _leaders(pairs: Sequence[tuple[_Placed, _Placed]]) -> list[Joined]:
    """Both feet step: a rep is of the foot that leads; who follows it up and down does none."""
    follows: set[int] = set()
    for mine, their in pairs:
        for at, rep in zip(mine.at, mine.one.reps, strict=True):
            met = [k for k, other in enumerate(their.at) if _overlaps(at, other)]
            for k in met[:1]:
                rival = their.one.reps[k]
                follows.add(id(rival if _leads((at, rep), (their.at[k], rival)) else rep))
    out, seen = [], set()
    for pair in pairs:
        for own, other in (pair, pair[::-1]):
            reps = tuple(rep for rep in own.one.reps if id(rep) not in follows)
            if reps and id(own) not in seen:
                out.append(Joined(own.side, own.side, own.one.with_reps(reps), _beside_of(own, other)))
            seen.add(id(own))
    return out


def _leads(mine: tuple[Placed, LegRep], their: tuple[Placed, LegRep]) -> bool:
    """Whether a foot goes clearly farther than the other, or as far but leaves first and comes home last."""
    (at, rep), (rival, other) = mine, their
    ratio = rep.away_m / max(other.away_m, 1e-9)
    first = (rival[0] - at[0]) + (at[1] - rival[1]) > 0.0
    return ratio > FARTHER or (first and ratio > 1.0 / FARTHER)


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
