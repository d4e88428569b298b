"""What a movement is given and what it gives back; the marks from which truth is made."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from distal.model import SIDES, Side
from distal.virtual.motion.body import Athlete, Posture, hang_from_hip, radians
from distal.virtual.motion.chain import Chain, Span

Joint = Literal["knee", "hip"]


@dataclass(frozen=True, slots=True)
class StepMark:
    """A swing: the foot leaves the floor at tc_s and meets it at ic_s."""

    side: Side
    tc_s: float
    ic_s: float
    way_m: float | None = None  # from the foot's last place to this one, level and straight
    turn_deg: float = 0.0  # of the foot in this swing, to the left


Gait = Literal["walk", "run", "stairs_up", "stairs_down", "exercise"]


@dataclass(frozen=True, slots=True)
class Bout:
    """Steps in order; those of an exercise are no gait."""

    kind: Gait
    steps: tuple[StepMark, ...]


@dataclass(frozen=True, slots=True)
class RepMark:
    """A repetition: leaves rest, reaches its turning point, leaves it, is back at rest."""

    start_s: float
    top_s: float
    lower_s: float
    end_s: float
    flags: tuple[str, ...] = ()
    landing_s: float | None = None  # when the limb met floor or mat, if it did


@dataclass(frozen=True, slots=True)
class JumpMark:
    """One flight: the last toe leaves the floor, the first meets it again."""

    side: Side | Literal["both"]
    takeoff_s: float
    landing_s: float
    height_m: float  # the body's rise after take-off: v^2 / 2g
    contact_s: float | None = None  # on the floor before it, when that began with a landing


@dataclass(frozen=True, slots=True)
class SwayMark:
    """Quiet standing."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class SetMark:
    """The repetitions of one side or of both at once, and the joint that stays in place (None: neither does).

    is_lowered_first: the load goes down before it comes up, as in a squat.
    """

    exercise: str
    side: Side | Literal["both"]
    about: Joint | None
    reps: tuple[RepMark, ...]
    is_lowered_first: bool = False


@dataclass(slots=True)
class Played:
    """A movement carried out: spans of both legs up to end_s, and the marks in it."""

    end_s: float
    spans: dict[Side, list[Span]] = field(default_factory=lambda: {side: [] for side in SIDES})
    bouts: list[Bout] = field(default_factory=list)
    sets: list[SetMark] = field(default_factory=list)
    jumps: list[JumpMark] = field(default_factory=list)
    sways: list[SwayMark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stage:
    """Who moves, from when, with which chance."""

    athlete: Athlete
    start_s: float
    rng: np.random.Generator


class Movement(Protocol):
    """One item of a script. It begins and ends at rest in its posture."""

    @property
    def posture(self) -> Posture:
        """How the body is at the start and at the end."""

    def play(self, stage: Stage) -> Played:
        """Carry it out."""


def at_rest(athlete: Athlete, side: Side, posture: Posture) -> Chain:
    """A leg that does not move."""
    paths = {name: radians(value) for name, value in posture_angles(posture).items()}
    return hang_from_hip(athlete, side, dict(paths))


def posture_angles(posture: Posture) -> dict[str, float]:
    """Angles by joint name, degrees."""
    return {name: getattr(posture.angles, name) for name in posture.angles.__dataclass_fields__}
