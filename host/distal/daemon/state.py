"""What the daemon tells the outside: one record, the same for `/state`, `/events` and the tests.

The keys are a contract with the page and with scripts: they only grow.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from distal.model import Side

Phase = Literal["waiting", "ready", "recording", "saving"]
LinkState = Literal["linked", "searching", "lost"]
Level = Literal["note", "warning", "stop"]
MOST_MESSAGES = 20


@dataclass(frozen=True, slots=True)
class SessionState:
    """The session that runs; `started` is ISO time with its zone."""

    name: str
    started: str
    seconds: float


@dataclass(frozen=True, slots=True)
class LiveRep:
    """A rep of the present set. Session s; degrees, 0 hanging, 90 level."""

    start_s: float
    top_s: float
    end_s: float
    top_deg: float
    rom_deg: float


@dataclass(frozen=True, slots=True)
class LiveLoad:
    """Load over time of the session so far, N m s, with its 95 % interval; None where it is not known."""

    value: float
    low: float | None
    high: float | None
    reps: int = 0  # in the sum: those whose load is known


@dataclass(frozen=True, slots=True)
class LegLive:
    """One leg at this moment: `angle` holds (session s, degrees) of the last 8 s, 0 hanging, 90 level."""

    reps: int = 0
    angle: tuple[tuple[float, float], ...] = ()
    set: tuple[LiveRep, ...] = ()
    load_nms: LiveLoad | None = None
    moment_nm: float | None = None
    moment_low_nm: float | None = None
    moment_high_nm: float | None = None
    about: str | None = None  # the joint that load and moment are about
    phase: str | None = None  # lift, hold, lower; None at rest
    marks: tuple[tuple[str, float], ...] = ()  # phases of the rep being done, each with its start
    count: int = 0  # number of the rep being done; at rest those done


@dataclass(frozen=True, slots=True)
class LiveState:
    """What the analysis says while a session runs; `t` is session s."""

    t: float
    cadence_spm: float | None
    exercise: str | None
    legs: Mapping[Side, LegLive] = field(default_factory=dict)
    walking: bool = False
    cadence_low_spm: float | None = None
    cadence_high_spm: float | None = None


@dataclass(frozen=True, slots=True)
class CuffState:
    """One cuff; `coverage` is of the session that runs, None without one.

    kept_s    seconds that it keeps and that are not here, None: it was not asked
    fetching  share of a fetch that runs, 0 to 1; None: none does
    kept_sessions  of which kept_s is; None: it was not asked
    """

    cuff: str
    name: str
    side: Side | None
    link: LinkState
    battery_pct: int | None = None
    coverage: float | None = None
    rssi: int | None = None
    mass_g: int | None = None
    kept_s: float | None = None
    fetching: float | None = None
    kept_sessions: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """Something that happened, in words; `when` is ISO time."""

    when: str
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class ReportState:
    """A session whose report is written; `name` is what `/sessions/NAME` wants.

    alone  legs that cuffs recorded without a computer, fetched later; none: a computer recorded it
    """

    name: str
    when: str
    alone: tuple[Side, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """Everything; `messages` newest last."""

    phase: Phase
    session: SessionState | None = None
    live: LiveState | None = None
    cuffs: tuple[CuffState, ...] = ()
    messages: tuple[Message, ...] = ()
    reports: tuple[ReportState, ...] = ()


def to_dict(state: State) -> dict[str, Any]:
    """The state as JSON knows it."""
    return asdict(state)
