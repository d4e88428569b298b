"""Which recording a kept session belongs to: that of the other leg, if both surely were at one time. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from distal.model import SIDES, Side

# why a session stays a recording of its own: its leg is not known, its time is not, no recording of the other
# leg surely overlaps, more than one does
Apart = Literal["side", "time", "none", "many"]
LEAST_S = 5.0  # of both legs together
HOLE_S = 7200.0  # between two sessions of a leg; a longer hole no grid of samples believes
_SURE = 2.0  # standard errors


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one cuff recorded without a stop; seconds since 1970, `error_s` their standard error."""

    cuff: str
    side: Side | None
    name: str
    boot: int
    begin_s: float
    end_s: float
    error_s: float


@dataclass(frozen=True, slots=True)
class Shelved:
    """A recording that was fetched, and what lies in it."""

    path: Path
    stretches: tuple[Stretch, ...]


def home_of(new: Stretch | None, side: Side | None, shelf: Sequence[Shelved]) -> Path | Apart:
    """The recording that a session joins, or why it joins none. new: None if its time is not known"""
    if side is None:
        return "side"
    if new is None:
        return "time"
    fits = [(together_s(new, one), one) for one in shelf if _has_room(new, one)]
    found = [(both_s, one) for both_s, one in fits if both_s >= LEAST_S]
    if len({_others(new, one) for _, one in found}) > 1:
        found = [(both_s, one) for both_s, one in found if _is_owner(new, one)]
        if len({_others(new, one) for _, one in found}) != 1:
            return "many"
    return max(found, key=lambda one: one[0])[1].path if found else "none"


def together_s(new: Stretch, one: Shelved) -> float:
    """For how long both legs surely recorded at one time."""
    both = [0.0]
    for other in one.stretches:
        if other.cuff != new.cuff:
            unsure_s = _SURE * (new.error_s**2 + other.error_s**2) ** 0.5
            both.append(min(new.end_s, other.end_s) - max(new.begin_s, other.begin_s) - unsure_s)
    return max(both)


def _has_room(new: Stretch, one: Shelved) -> bool:
    """It lacks this leg, or the new session follows what it has of it."""
    sides = {other.side for other in one.stretches if other.cuff != new.cuff}
    own = [other for other in one.stretches if other.cuff == new.cuff]
    follows = all(other.boot == new.boot or other.end_s <= new.begin_s for other in own)
    hole_s = min((max(new.begin_s - other.end_s, other.begin_s - new.end_s) for other in own), default=0.0)
    return sides == set(SIDES) - {new.side} and follows and hole_s < HOLE_S


def _others(new: Stretch, one: Shelved) -> frozenset[str]:
    return frozenset(other.cuff for other in one.stretches if other.cuff != new.cuff)


def _is_owner(new: Stretch, one: Shelved) -> bool:
    """Its cuff is named as the new one's is, but for the side: `Anna left`, `Anna right`."""
    return any(_owner(other.name) == _owner(new.name) != "" for other in one.stretches)


def _owner(name: str) -> str:
    words = [word for word in name.lower().replace("-", " ").split() if word not in SIDES]
    return " ".join(words)
