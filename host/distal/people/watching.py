"""The live view of a session -> what a watch over limits looks at. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from distal.model import Estimate, Facts, Side
from distal.people.limits import Limits, Now
from distal.people.profile import Person


class Limb(Protocol):
    """What is needed of one leg's live view. Angles in degrees, times in session s."""

    @property
    def angle(self) -> Sequence[tuple[float, float]]:
        """The last seconds of the limb's angle."""

    @property
    def marks(self) -> Sequence[tuple[str, float]]:
        """Phases of the rep being done, each with when it began; empty at rest."""

    @property
    def count(self) -> int:
        """Number of the rep being done."""

    @property
    def exercise(self) -> str | None:
        """As recognised."""

    @property
    def moment_nm(self) -> Estimate | None:
        """Of the worn mass, now."""


def legs_now(limbs: Mapping[Side, Limb], told: str | None) -> Iterator[tuple[Now, int]]:
    """Each leg now, with the number of its rep. told: the exercise, when it was said"""
    for side, limb in limbs.items():
        moment = limb.moment_nm.value if limb.moment_nm else None
        yield Now(side, told or limb.exercise, _turned(limb), moment), limb.count


def _turned(limb: Limb) -> float | None:
    """How far the limb has turned in the rep being done."""
    if not limb.marks:
        return None
    begun_s = min(start_s for _, start_s in limb.marks)
    seen = [deg for t, deg in limb.angle if t >= begun_s]
    return max(seen) - min(seen) if seen else None


def with_profile(facts: Facts, person: Person, bounds: Limits | None = None) -> Facts:
    """The facts of a session, what they leave open filled in from the profile.

    Time is told above the limit of the moment, where there is one.
    """
    sex = person.sex if person.sex in ("f", "m") else None
    return replace(
        facts,
        height_m=facts.height_m or person.height_m,
        body_mass_kg=facts.body_mass_kg or person.body_mass_kg,
        sex=facts.sex or sex,  # type: ignore[arg-type]
        level_nm=facts.level_nm or (bounds.moment_nm if bounds else None),
    )
