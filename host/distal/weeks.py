"""Where the load of many sets went: of a session, a day, a week, out of the history. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import sqrt
from typing import Any

from distal.analysis.distribution import split_of
from distal.model import Distribution, Sized, Split
from distal.people.loads import from_dict

MEANS = ("peak_moment_nm",)  # quantities that are means of reps; `third` is, whatever the quantity


@dataclass(frozen=True, slots=True)
class Gathered:
    """Some sets together, and where their load went; None where none of them has a load."""

    name: str
    day: date
    sessions: int
    sets: int
    reps: int
    found: Distribution | None


def pooled(parts: Sequence[Distribution]) -> Distribution:
    """Distributions of sets -> that of all of them together."""
    keys: dict[str, dict[str, None]] = {}
    for one in parts:
        for by, row in one.splits.items():
            keys.setdefault(by, {}).update(dict.fromkeys(row))
    splits = {by: {key: _pool(parts, by, key) for key in row} for by, row in keys.items()}
    return Distribution(sum(one.reps for one in parts), splits)


def _pool(parts: Sequence[Distribution], by: str, key: str) -> Split:
    """A whole is made of sets that know all its parts, so that shares speak of the same reps.

    Where none does, a leg that rested says nothing beside one whose load is not known.
    """
    every = [(one.reps, one.splits[by][key]) for one in parts if key in one.splits.get(by, {})]
    whole = all(split.percent for _, split in every)
    sound = [(reps, split) for reps, split in every if None not in split.sized.values()]
    used = sound if whole and sound else every
    names = list(dict.fromkeys(name for _, split in every for name in split.sized))
    # where phases begin errs alike in every set
    alike = by == "phase" or key == "time_s"
    add = _mean if by == "third" or key in MEANS else _sum_alike if alike else _sum
    least = 0 if used is sound else 1
    made = {
        name: add([one for _, split in used if (one := split.sized.get(name)) and one.n >= least])
        for name in names
    }
    known = sum(reps * split.coverage for reps, split in used)
    coverage = known / max(sum(reps for reps, _ in every), 1)
    reasons = [split.reason for _, split in every if split.reason]
    why = max(sorted(set(reasons)), key=reasons.count, default=None)
    return split_of(made, coverage, why, whole)


def _sum(parts: Iterable[Sized]) -> Sized | None:
    known = list(parts)
    if not known:
        return None
    legs: dict[str, float] = {}
    for one in known:
        for side, half in one.legs.items():
            legs[side] = legs.get(side, 0.0) + half
    own = sqrt(sum(one.own**2 for one in known))
    person = sum(one.person for one in known)
    return Sized(sum(one.value for one in known), sum(one.n for one in known), person, legs, own)


def _sum_alike(parts: Iterable[Sized]) -> Sized | None:
    """With errors of their own that all have in common."""
    known = list(parts)
    made = _sum(known)
    return None if made is None else replace(made, own=sum(one.own for one in known))


def _mean(parts: Iterable[Sized]) -> Sized | None:
    """Each with the weight of its reps."""
    known = [one for one in parts if one.n]
    whole = _sum(one.scaled(one.n) for one in known)
    return None if whole is None else whole.scaled(1.0 / whole.n)


def load_of(name: str, rows: Sequence[Mapping[str, Any]]) -> Gathered:
    """Sessions as the history has them, each with its `sets` -> their load. rows: at least one"""
    sets = [one for row in rows for one in row["sets"]]
    parts = [found for one in sets if (found := _stored(one)) is not None]
    reps = sum(one["reps"] for one in sets)
    return Gathered(name, rows[0]["day"], len(rows), len(sets), reps, pooled(parts) if parts else None)


def _stored(one: Mapping[str, Any]) -> Distribution | None:
    """None for a set kept by another version of this program, until its recording is kept again."""
    load = one["figures"].get("load")
    try:
        return None if load is None else from_dict(load)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def by_span(rows: Sequence[Mapping[str, Any]], name_of: Callable[[Mapping[str, Any]], str]) -> list[Gathered]:
    """The load of sessions that go by one name, in order of time."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(name_of(row), []).append(row)
    return [load_of(name, some) for name, some in groups.items()]


def week_name(day: date) -> str:
    """`2026-W10`: weeks as calendars count them, from Monday."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
