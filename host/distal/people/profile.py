"""Who wears it: the few things that decide, and the questions before a first session."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from distal.errors import PeopleError

BASELINES = ("inactive", "active", "trained")
# question -> what is asked. One "yes" and a professional decides first.
QUESTIONS = {
    "joint": "Do you have a condition of hip, knee or ankle?",
    "osteoporosis": "Do you have osteoporosis?",
    "surgery": "Were you operated on hip, knee, ankle or spine in the last 12 months?",
    "stroke": "Have you had a stroke, or a nerve condition that affects a leg?",
    "pain": "Do you have pain in a leg or the back, at rest or when walking?",
    "falls": "Have you fallen in the last 6 months, or do you get dizzy?",
    "skin": "Do you have wounds, swelling or lost feeling where the cuff sits?",
}


@dataclass(frozen=True, slots=True)
class Person:
    """A profile; None is not said."""

    id: int
    name: str
    created: str
    birth_year: int | None = None
    sex: str | None = None
    height_m: float | None = None
    body_mass_kg: float | None = None
    baseline: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """The answers, and whether they open the way."""

    answered: str
    answers: Mapping[str, bool]
    cleared_by: str | None

    @property
    def yes(self) -> list[str]:
        """Questions answered with yes."""
        return [name for name in QUESTIONS if self.answers.get(name)]

    @property
    def missing(self) -> list[str]:
        """Questions without an answer."""
        return [name for name in QUESTIONS if name not in self.answers]

    @property
    def is_open(self) -> bool:
        """All answered, and nothing that a professional has not cleared."""
        return not self.missing and (not self.yes or bool(self.cleared_by))


RANGES = {"birth_year": (1900, 2100), "height_m": (0.5, 2.6), "body_mass_kg": (10.0, 400.0)}
CHOICES = {"sex": ("f", "m"), "baseline": BASELINES}


def check_profile(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a profile, as they are kept. raises PeopleError for what cannot be"""
    known = {one.name for one in fields(Person)} - {"id", "created"}
    for key, value in values.items():
        if key not in known:
            raise PeopleError(f"a profile has no {key}. Known: {', '.join(sorted(known))}.")
        low, high = RANGES.get(key, (None, None))
        if value is not None and low is not None and not low <= value <= high:
            raise PeopleError(f"{key} {value} is out of range ({low} to {high}). Correct it.")
        if value is not None and key in CHOICES and value not in CHOICES[key]:
            raise PeopleError(f"{key} is one of {', '.join(CHOICES[key])}. Correct it.")
    name = values.get("name", "x")
    if not isinstance(name, str) or not name.strip() or len(name) > 80:
        raise PeopleError("a person needs a name of 1 to 80 letters. Give one.")
    return dict(values)


def check_answers(answers: Mapping[str, bool]) -> dict[str, bool]:
    """Answers to questions that there are. raises PeopleError"""
    unknown = [name for name in answers if name not in QUESTIONS]
    if unknown:
        raise PeopleError(f"there is no question {unknown[0]}. Questions: {', '.join(QUESTIONS)}.")
    return {name: bool(answer) for name, answer in answers.items()}


def to_dict(person: Person) -> dict[str, Any]:
    """Plain types."""
    return asdict(person)
