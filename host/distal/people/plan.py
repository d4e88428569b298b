"""What was agreed: exercise, side, sets, reps, tempo, range, mass, days. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any

from distal.errors import PeopleError
from distal.exercises import EXERCISES

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SIDES = ("left", "right", "both")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a plan; None is left open."""

    exercise: str
    side: str  # left, right: that leg; both: each leg, or both together
    sets: int
    reps: int
    days: tuple[str, ...] = DAYS
    lift_s: float | None = None  # tempo: lift, hold, lower
    hold_s: float | None = None
    lower_s: float | None = None
    least_rom_deg: float | None = None
    most_rom_deg: float | None = None
    mass_kg: float | None = None

    @property
    def legs(self) -> tuple[str, ...]:
        """Whose sets count towards it."""
        return ("left", "right") if self.side == "both" else (self.side,)


def item_of(values: Mapping[str, Any]) -> Item:
    """An item from what was said or stored. raises PeopleError"""
    known = {one.name for one in fields(Item)}
    unknown = [key for key in values if key not in known]
    if unknown:
        raise PeopleError(f"a plan's line has no {unknown[0]}. Known: {', '.join(sorted(known))}.")
    try:
        item = Item(**{**values, "days": tuple(values.get("days") or DAYS)})
    except TypeError as error:
        raise PeopleError("a plan's line needs exercise, side, sets and reps. Give them.") from error
    return _checked(item)


def _checked(item: Item) -> Item:
    if item.exercise not in EXERCISES:
        raise PeopleError(f"there is no exercise {item.exercise}. Codes: {', '.join(EXERCISES)}.")
    if item.side not in SIDES:
        raise PeopleError(f"the side is one of {', '.join(SIDES)}. Correct it.")
    if not 1 <= item.sets <= 20 or not 1 <= item.reps <= 100:
        raise PeopleError("sets are 1 to 20 and reps 1 to 100. Correct the plan.")
    odd = [day for day in item.days if day not in DAYS]
    if odd:
        raise PeopleError(f"{odd[0]} is no day. Days: {', '.join(DAYS)}.")
    return item


def to_dict(item: Item) -> dict[str, Any]:
    """Plain types."""
    return {**asdict(item), "days": list(item.days)}


@dataclass(frozen=True, slots=True)
class Did:
    """A set that was done, as the history has it."""

    day: date
    exercise: str
    side: str
    reps: int


@dataclass(frozen=True, slots=True)
class Share:
    """How much of an item was done over a span of days: sets done of those due."""

    item: Item
    due: int
    done: int
    days_due: int
    days_done: int


def adherence(items: Sequence[Item], did: Sequence[Did], first: date, last: date) -> list[Share]:
    """Done against due from `first` to `last`, both included. A set counts from half its reps on."""
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    return [_share(item, did, [day for day in days if DAYS[day.weekday()] in item.days]) for item in items]


def _share(item: Item, did: Sequence[Did], due_days: Sequence[date]) -> Share:
    due_a_day = item.sets * len(item.legs)
    per_day = [min(sum(_counts(item, one) for one in did if one.day == day), due_a_day) for day in due_days]
    full = sum(count == due_a_day for count in per_day)
    return Share(item, due_a_day * len(due_days), sum(per_day), len(due_days), full)


def _counts(item: Item, one: Did) -> int:
    """Sets towards the item: one done with both legs together counts for each."""
    if one.exercise != item.exercise or 2 * one.reps < item.reps:
        return 0
    return len(item.legs) if one.side == "both" else int(one.side in item.legs)
