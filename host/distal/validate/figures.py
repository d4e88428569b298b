"""A measured figure beside its target, and the sections that figures make up."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DIGITS = 3  # significant digits that are kept: more would only be this machine's arithmetic


@dataclass(frozen=True, slots=True)
class Target:
    """A bound from the project's contract: `at_least`, `at_most`, or both ends."""

    at_least: float | None = None
    at_most: float | None = None

    def is_met_by(self, value: float | None) -> bool:
        """An unknown value meets nothing."""
        if value is None:
            return False
        low = self.at_least is None or value >= self.at_least
        return low and (self.at_most is None or value <= self.at_most)

    def text(self) -> str:
        """As it stands in a table."""
        if self.at_least is not None and self.at_most is not None:
            if self.at_least == self.at_most:
                return plain(self.at_least)
            return f"{plain(self.at_least)} to {plain(self.at_most)}"
        if self.at_least is not None:
            return f"≥ {plain(self.at_least)}"
        return f"≤ {plain(self.at_most)}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: what it is, its unit, how many observations are behind it, what was wanted."""

    key: str
    what: str
    value: float | None
    unit: str = ""
    n: int | None = None
    target: Target | None = None

    @property
    def met(self) -> bool | None:
        """None where nothing was promised."""
        return None if self.target is None else self.target.is_met_by(rounded(self.value))

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON; what is not finite is null."""
        return {
            "key": self.key,
            "what": self.what,
            "value": rounded(self.value),
            "unit": self.unit,
            "n": self.n,
            "target": None if self.target is None else self.target.text(),
            "met": self.met,
        }


@dataclass(frozen=True, slots=True)
class Section:
    """The figures of one data set or one question; `details` are rows by name for a closer look."""

    name: str
    title: str
    note: str
    figures: Sequence[Figure]
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "note": self.note,
            "figures": [one.to_dict() for one in self.figures],
            "details": dict(self.details),
        }


def rounded(value: float | None) -> float | int | None:
    """Kept digits; whole numbers whole; unknown and infinite are None.

    Shares near one keep their distance from one: .9876 is not .988, four digits after the point stay.
    """
    if value is None or not math.isfinite(value):
        return None
    if float(value).is_integer() and abs(value) < 1e9:
        return int(value)
    kept = round(value, 4) if 0.1 <= abs(value) < 1 else float(f"{value:.{DIGITS}g}")
    return 0 if kept == 0 else kept


def plain(value: float | None) -> str:
    """A number without an exponent and with a real minus; a dash for what is unknown."""
    if value is None:
        return "–"
    kept = rounded(value)
    if kept is None:
        return "–"
    if 0 < abs(kept) < 1e-4:
        return f"{kept:.0e}".replace("-", "−")
    text = f"{kept:,}".replace(",", " ") if isinstance(kept, int) else f"{kept:.10f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")
