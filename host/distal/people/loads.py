"""Where a set's load went, as the history keeps it: parts with their errors by cause. Pure.

Parts of many sets add up only with their errors apart: what all have in common (the person's segments, a
leg's mass) adds plainly, what each has by itself as squares.
"""

from collections.abc import Mapping
from typing import Any

from distal.model import Distribution, Sized, Split


def to_dict(found: Distribution) -> dict[str, Any]:
    """Plain types; a part is [value, n, person, {leg: half}, own]."""
    splits = {by: {key: _split(one) for key, one in row.items()} for by, row in found.splits.items()}
    return {"reps": found.reps, "splits": splits}


def from_dict(stored: Mapping[str, Any]) -> Distribution:
    """Without intervals and percentages, which are made anew of the errors.

    raises KeyError, TypeError, ValueError for what this did not write
    """
    splits = {by: {key: _read(one) for key, one in row.items()} for by, row in dict(stored["splits"]).items()}
    return Distribution(int(stored["reps"]), splits)


def _split(one: Split) -> dict[str, Any]:
    parts = {name: None if part is None else _part(part) for name, part in one.sized.items()}
    return {"parts": parts, "whole": bool(one.percent), "coverage": one.coverage, "reason": one.reason}


def _part(one: Sized) -> list[Any]:
    legs = {side: float(half) for side, half in one.legs.items()}
    return [float(one.value), one.n, float(one.person), legs, float(one.own)]


def _read(stored: Mapping[str, Any]) -> Split:
    parts = {name: None if row is None else Sized(*row) for name, row in stored["parts"].items()}
    percent = dict.fromkeys(parts) if stored["whole"] else {}
    return Split({}, percent, float(stored["coverage"]), stored["reason"], parts)
