"""The topics as data: what is claimed, what physics says, what was studied, what Distal measures."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from importlib import resources
from typing import Any

from distal.errors import DataError
from distal.explain.physics import PHYSICS
from distal.model import Facts

GRADES = {
    "physics": "follows from mechanics",
    "trials": "several controlled trials agree",
    "trial": "one trial or laboratory study",
    "opinion": "practice and reasoning; no data found",
    "unverified": "a figure whose source could not be found",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding with its source and grade."""

    text: str
    source: str
    grade: str


@dataclass(frozen=True, slots=True)
class Topic:
    """One claim, examined. `rows`: the claims of the documents that it answers."""

    name: str
    rows: tuple[str, ...]
    title: str
    claim: str
    grade: str
    physics: str
    meaning: str
    measured: str
    cannot: str
    evidence: tuple[Evidence, ...] = ()

    def numbers(self, facts: Facts) -> list[str]:
        """The physics, worked out for this wearer."""
        return PHYSICS[self.physics](facts)

    def to_dict(self, facts: Facts) -> dict[str, Any]:
        """Plain types for JSON."""
        return {**asdict(self), "physics": self.numbers(facts), "grade_means": GRADES[self.grade]}


def load() -> Mapping[str, Topic]:
    """Every topic by name, in the order of the file."""
    text = resources.files("distal.explain").joinpath("topics.toml").read_text(encoding="utf-8")
    return {name: _topic(name, values) for name, values in tomllib.loads(text).items()}


def _topic(name: str, values: dict[str, Any]) -> Topic:
    evidence = tuple(Evidence(**one) for one in values.pop("evidence", ()))
    return Topic(name, tuple(values.pop("rows")), evidence=evidence, **values)


def find(name: str) -> Topic:
    """The topic of that name, or beginning so. raises DataError naming the nearest"""
    topics = load()
    wanted = name.lower().replace("_", "-").replace(" ", "-")
    starts = [one for one in topics if one.startswith(wanted)]
    if wanted in topics or len(starts) == 1:
        return topics[wanted if wanted in topics else starts[0]]
    near = get_close_matches(wanted, topics, 1)
    hint = f"Did you mean {near[0]}?" if near else f"Topics: {', '.join(topics)}."
    raise DataError(f"there is no topic {name!r}. {hint}")
