"""What must not be passed, and the eye that sees it live. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import inf
from typing import Any

from distal.errors import PeopleError
from distal.exercises import EXERCISES
from distal.model import Facts, Notice, SessionReport, Side, warn


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a person; None is none. `forbidden`: exercise codes."""

    mass_kg: float | None = None  # worn on one leg
    rom_deg: float | None = None  # how far the limb turns in a rep
    moment_nm: float | None = None  # of the worn mass about knee or hip
    minutes_day: float | None = None  # worn
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit that was passed: which, where, both numbers."""

    limit: str
    side: Side | None
    value: float | None
    bound: float | None
    exercise: str | None = None

    def notice(self) -> Notice:
        """As a warning, with both numbers."""
        form = self.limit if self.side or self.limit in WHOLE else f"{self.limit}.both"
        values = {"value": self.value, "bound": self.bound, "exercise": self.exercise}
        return warn("limit", form=form, side=self.side, **values)


WHOLE = ("minutes_day", "forbidden")  # limits of the person, not of a leg


def limits_of(values: Mapping[str, Any]) -> Limits:
    """Limits from what was said or stored. raises PeopleError"""
    known = {one.name for one in fields(Limits)}
    for key, value in values.items():
        if key not in known:
            raise PeopleError(f"there is no limit {key}. Known: {', '.join(sorted(known))}.")
        if key != "forbidden" and value is not None and not _is_above_zero(value):
            raise PeopleError(f"the limit {key} must be a number above 0. Correct it.")
    forbidden = _ruled_out(values.get("forbidden"))
    return Limits(**{**values, "forbidden": forbidden})


def _is_above_zero(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < inf


def _ruled_out(given: Any) -> tuple[str, ...]:
    if given is not None and (isinstance(given, str) or not isinstance(given, Sequence)):
        raise PeopleError("what is forbidden is a list of exercises. Correct it.")
    for code in given or ():
        if code not in EXERCISES:
            raise PeopleError(f"there is no exercise {code}. Codes: {', '.join(EXERCISES)}.")
    return tuple(given or ())


def words_of(limits: Limits) -> list[str]:
    """Each limit in words."""
    named = [
        f"{limits.mass_kg:g} kg" if limits.mass_kg else "",
        f"{limits.rom_deg:g}° of range" if limits.rom_deg else "",
        f"{limits.moment_nm:g} N·m" if limits.moment_nm else "",
        f"{limits.minutes_day:g} min a day" if limits.minutes_day else "",
        f"never {', '.join(limits.forbidden)}" if limits.forbidden else "",
    ]
    return [one for one in named if one]


def to_dict(limits: Limits) -> dict[str, Any]:
    """Plain types."""
    return {**asdict(limits), "forbidden": list(limits.forbidden)}


def before(limits: Limits, facts: Facts, worn_today_min: float = 0.0) -> list[Breach]:
    """What is passed before anything moves: the mass, the exercise, the day's time."""
    found = [
        Breach("mass_kg", side, mass, limits.mass_kg)
        for side in ("left", "right")
        if limits.mass_kg is not None and (mass := facts.mass_kg(side)) is not None and mass > limits.mass_kg
    ]
    if facts.exercise in limits.forbidden:
        found.append(Breach("forbidden", None, None, None, facts.exercise))
    if limits.minutes_day is not None and worn_today_min > limits.minutes_day:
        found.append(Breach("minutes_day", None, worn_today_min, limits.minutes_day))
    return found


@dataclass(frozen=True, slots=True)
class Now:
    """One leg at this moment, as the live view has it; None is not known."""

    side: Side
    exercise: str | None
    turned_deg: float | None  # so far in the rep being done
    moment_nm: float | None


class Watch:
    """Looks at every live view; each breach is told once a rep at most."""

    def __init__(self, limits: Limits, worn_before_min: float = 0.0) -> None:
        self._limits, self._worn_before_min = limits, worn_before_min
        self._told: set[tuple[str, Side | None, object]] = set()

    def look(self, legs: Iterable[tuple[Now, int]], t_s: float) -> list[Breach]:
        """New breaches. legs: each leg with the number of its rep; t_s: since the session began"""
        found: list[tuple[Breach, object]] = []
        for leg, number in legs:
            found += [(one, number) for one in self._leg(leg)]
        worn = self._worn_before_min + t_s / 60.0
        bound = self._limits.minutes_day
        if bound is not None and worn > bound:
            found.append((Breach("minutes_day", None, worn, bound), "day"))
        return [one for one, where in found if self._is_new(one, where)]

    def _leg(self, leg: Now) -> list[Breach]:
        found = []
        for name, value in (("rom_deg", leg.turned_deg), ("moment_nm", leg.moment_nm)):
            bound = getattr(self._limits, name)
            if bound is not None and value is not None and value > bound:
                found.append(Breach(name, leg.side, value, bound))
        if leg.exercise in self._limits.forbidden:
            found.append(Breach("forbidden", leg.side, None, None, leg.exercise))
        return found

    def _is_new(self, breach: Breach, where: object) -> bool:
        key = (breach.limit, breach.side, where)
        is_new = key not in self._told
        self._told.add(key)
        return is_new


def after(limits: Limits, report: SessionReport) -> list[Breach]:
    """What a finished session passed, the worst of each kind and side."""
    found = [
        Breach("mass_kg", side, mass, limits.mass_kg)
        for side, mass in report.mass_kg.items()
        if limits.mass_kg is not None and mass is not None and mass > limits.mass_kg
    ]
    for one in report.sets:
        side: Side | None = None if one.side == "both" else one.side
        if one.exercise in limits.forbidden:
            found.append(Breach("forbidden", side, None, None, one.exercise))
        rom = [rep.rom_deg for rep in one.reps]
        moment = [rep.load.peak_moment_nm for rep in one.reps if rep.load.peak_moment_nm is not None]
        for name, values in (("rom_deg", rom), ("moment_nm", moment)):
            bound = getattr(limits, name)
            if bound is not None and values and max(values) > bound:
                found.append(Breach(name, side, max(values), bound, one.exercise))
    return found
