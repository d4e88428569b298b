"""What a page about some weeks of a person holds: plain rows, made elsewhere. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from distal.model import Distribution, Estimate

Tone = Literal["better", "worse", "other", "same", "unknown"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some sets together: how many, where their load went, and the shocks of the steps by leg."""

    name: str
    sessions: int
    sets: int
    reps: int
    found: Distribution | None
    dose_g4: tuple[float | None, float | None] = (None, None)  # left, right


@dataclass(frozen=True, slots=True)
class Due:
    """A line of the plan, and how much of it was done."""

    line: str
    done: int
    due: int


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of value of a task in words: now, what is said of it, what it is held against."""

    name: str
    now: str
    says: str
    held: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task in words, with the verdict on it and its rows."""

    name: str
    verdict: str
    tone: Tone
    rows: Sequence[KindRow]
    courses: Sequence[str]


@dataclass(frozen=True, slots=True)
class Line:
    """One value a session, for a picture of the course: what, of which task, when (days), trend in words."""

    name: str
    task: str
    side: Literal["left", "right", "both"]
    days: Sequence[float]
    values: Sequence[float]
    trend: Estimate | None  # a week
    words: str


@dataclass(frozen=True, slots=True)
class Said:
    """Effort and pain as the person told them: highest, and of how many sets."""

    effort: int | None
    pain: int | None
    told: int
    sets: int


@dataclass(frozen=True, slots=True)
class Course:
    """Everything the page shows."""

    name: str
    span: str
    whole: Stretch | None
    parts: Sequence[Stretch]
    due: Sequence[Due]
    tasks: Sequence[TaskRow]
    beside: Sequence[TaskRow]  # with the mass beside without it
    lines: Sequence[Line]
    advice: Sequence[tuple[str, str]]  # what to consider, what it rests on
    said: Said
    limits: Sequence[str]
