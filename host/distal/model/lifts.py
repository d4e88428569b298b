"""Reps, sets and how they went on. Session seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from distal.model.basics import OTHER, Estimate, Side
from distal.model.loads import Distribution, Load


@dataclass(frozen=True, slots=True)
class Rep:
    """One repetition. Session seconds; the three phases sum to end - start."""

    start_s: float
    top_s: float
    end_s: float
    concentric_s: float
    hold_s: float
    eccentric_s: float
    rom_deg: float
    roll_deg: float
    top_deg: float  # elevation of the limb at the top: -90 hanging, 0 level
    flags: tuple[str, ...]
    load: Load
    pace: "Pace | None" = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast and how smooth a rep was; None is unknown. Out: from start to top, back: from top to end."""

    mean_out_deg_s: float
    mean_back_deg_s: float
    peak_out_deg_s: float
    peak_back_deg_s: float
    sparc_out: float | None
    sparc_back: float | None
    ldlj_out: float | None
    ldlj_back: float | None
    mean_lift_mps: float | None = None  # speed of the worn mass on the way out, joint fixed
    shake_deg_s: float | None = None  # RMS turning at 3 to 12 Hz
    off_axis: float | None = None  # share of the turning that is not about the rep's own axis, 0 to 1


# The course of a limb, straight between (session s, elevation in degrees); a gap parts two pieces.
Trace = tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """How one kind of value went on over reps, sets or sessions, by a line through all of them."""

    kind: str  # lift_speed, rep_time, range, hold, smoothness, shake, off_axis
    unit: str
    start: float | None  # the line at the first one
    change: Estimate | None  # from first to last
    says: Literal["rises", "falls", "no_sign", "too_few"]


@dataclass(frozen=True, slots=True)
class Fatigue:
    """How a set went on. signs: the lift slowed beyond doubt; task_changed: another tempo or height."""

    says: Literal["signs", "no_sign", "too_few", "task_changed"]
    velocity_loss_pct: Estimate | None
    changes: tuple[Change, ...]
    changed_at: int | None  # number of the rep from which the task was another


@dataclass(frozen=True, slots=True)
class AcrossSets:
    """The last set of a session beside its first of the same exercise and side.

    sets    their numbers, from 1
    change  of the mean lift speed, percent of the first set's
    """

    exercise: str
    side: Literal["left", "right", "both"]
    sets: tuple[int, ...]
    change_pct: Estimate | None
    says: Literal["signs", "no_sign", "too_few", "task_changed"]


@dataclass(frozen=True, slots=True)
class ExerciseSet:
    """Reps without a rest; `trace` is their course, for drawing."""

    exercise: str
    confidence: float
    side: Literal["left", "right", "both"]
    start_s: float
    end_s: float
    reps: tuple[Rep, ...]
    trace: Trace = ()
    fatigue: Fatigue | None = None
    distribution: Distribution | None = None
    lead: Side | None = None  # of a set of both legs: whose reps they are
    partner: tuple[Rep, ...] = ()  # then: what the other leg did meanwhile, rep by rep
    reps_between: tuple[int, int] | None = None  # how few and how many they may be; None: not looked at

    @property
    def legs(self) -> Mapping[Side, tuple[Rep, ...]]:
        """What each leg that is known to have worked did; of a set of both legs the two."""
        if self.side != "both":
            return {self.side: self.reps}
        if self.lead is None:
            return {}
        return {self.lead: self.reps, OTHER[self.lead]: self.partner}
