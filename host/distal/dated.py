"""Facts of a session as they were noted, one after another: the newest counts, what changed is told. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from distal.calibration import Calibration
from distal.model import OTHER, SIDES, Facts, Side

_OF_LEG = ("mass_{}_kg", "mass_{}_known", "mass_{}_error")


@dataclass(frozen=True, slots=True)
class Dated:
    """Facts as noted at a time (ISO, UTC); `sides`: of cuffs where it was corrected; `note`: why."""

    noted: str
    facts: Facts
    sides: Mapping[str, Side] = field(default_factory=dict)
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a correction adds, the whole facts anew; a calibration of None is taken back."""

    facts: Facts
    sides: Mapping[str, Side] = field(default_factory=dict)
    calibrations: Mapping[str, Calibration | None] = field(default_factory=dict)
    note: str | None = None


def write(facts: Facts, sides: Mapping[str, Side] | None = None, note: str | None = None) -> str:
    """JSON of a row; what was not corrected is left out."""
    row: dict[str, Any] = asdict(facts)
    if sides:
        row["sides"] = dict(sides)
    if note:
        row["note"] = note
    return json.dumps(row)


def read(noted: str, text: str) -> Dated:
    """A row from its JSON; keys of a newer program are left out. raises ValueError, TypeError"""
    row = json.loads(text)
    if not isinstance(row, dict):
        raise TypeError("no object")
    known = {one.name: row[one.name] for one in fields(Facts) if one.name in row}
    sides: dict[str, Side] = {
        cuff: side for cuff, said in dict(row.get("sides") or {}).items() for side in SIDES if side == said
    }
    return Dated(str(noted), Facts(**known), sides, row.get("note"))


def swap(facts: Facts) -> Facts:
    """The facts after the cuffs were found to sit on each other's leg: their masses go with them."""
    values = {key.format(side): getattr(facts, key.format(OTHER[side])) for side in SIDES for key in _OF_LEG}
    return replace(facts, **values)


def changes(history: Sequence[Dated]) -> list[dict[str, tuple[Any, Any]]]:
    """For each row what is not as before: key -> (before, after); the first against nothing said."""
    out = []
    before = Dated("", Facts())
    for row in history:
        found = {
            one.name: (getattr(before.facts, one.name), getattr(row.facts, one.name))
            for one in fields(Facts)
            if getattr(before.facts, one.name) != getattr(row.facts, one.name)
        }
        for cuff in sorted({*before.sides, *row.sides}):
            pair = before.sides.get(cuff), row.sides.get(cuff)
            if pair[0] != pair[1]:
                found[f"side of {cuff}"] = pair
        out.append(found)
        before = row
    return out
