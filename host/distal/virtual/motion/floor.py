"""Exercises with the feet on the floor: the shank leans over its foot, and some of them take steps.

Closed chain: neither knee nor hip stays in place, so there is no moment of the worn mass to compare with.
"""

from collections.abc import Callable
from dataclasses import dataclass

from distal.errors import DataError
from distal.model import SIDES, Side
from distal.units import RAD_PER_DEG
from distal.virtual.motion.body import STANDING, Posture
from distal.virtual.motion.curve import Path, Sum, shake, wobble
from distal.virtual.motion.footing import Footing, Swing
from distal.virtual.motion.plan import Plan, plan_reps, working
from distal.virtual.motion.stage import Bout, Played, RepMark, SetMark, Stage

_REAR = Swing(-0.65, up=0.08, lift=0.05, fold=10.0, pitch=-35.0)  # on its toes behind
STEP_M, STEP_AHEAD_M = 0.20, 0.32  # of a common exercise step
LUNGE_M = 0.75


@dataclass(frozen=True, slots=True)
class Turn:
    """One rep on its way: which leg works, which helps, when, and how large."""

    work: Footing
    other: Footing
    rep: RepMark
    size: float

    def out(self, share: float) -> float:
        """Instant at a share of the way out."""
        return self.rep.start_s + share * (self.rep.top_s - self.rep.start_s)

    def back(self, share: float) -> float:
        """Instant at a share of the way back."""
        return self.rep.lower_s + share * (self.rep.end_s - self.rep.lower_s)


def _both(turn: Turn, **targets: float) -> None:
    """Both legs alike: to the targets, and back to zero."""
    for leg in (turn.work, turn.other):
        leg.move((turn.rep.start_s, turn.rep.top_s), **{k: turn.size * v for k, v in targets.items()})
        leg.move((turn.rep.lower_s, turn.rep.end_s), **dict.fromkeys(targets, 0.0))


def _squat(turn: Turn) -> None:
    _both(turn, pitch=-30.0, tilt=4.0)


def _deadlift(turn: Turn) -> None:
    _both(turn, pitch=-13.0)


def _calf_raise(turn: Turn) -> None:
    _both(turn, pitch=-5.0, ahead=0.03, up=0.075)


def _split_squat(turn: Turn) -> None:
    front, rear = turn.work.now("pitch"), turn.other.now("pitch")
    down, rise = (turn.rep.start_s, turn.rep.top_s), (turn.rep.lower_s, turn.rep.end_s)
    turn.work.move(down, pitch=front - 20.0 * turn.size)
    turn.other.move(down, pitch=rear - 38.0 * turn.size)
    turn.work.move(rise, pitch=front)
    turn.other.move(rise, pitch=rear)


def _lunge(turn: Turn) -> None:
    """The front foot steps ahead, the knees bend; it pushes off and comes back."""
    lands, leaves = turn.out(0.5), turn.back(0.4)
    way = LUNGE_M * turn.size
    turn.work.swing((turn.rep.start_s, lands), Swing(way, pitch=12.0, fold=20.0, impact_mps2=25.0))
    turn.work.move((lands, turn.rep.top_s), pitch=-14.0 * turn.size)
    turn.work.move((turn.rep.lower_s, leaves), pitch=8.0)
    turn.work.swing((leaves, turn.rep.end_s), Swing(0.0, pitch=0.0, fold=20.0))
    turn.other.move((turn.out(0.2), turn.rep.top_s), pitch=-72.0 * turn.size, ahead=0.07, up=0.10 * turn.size)
    turn.other.move((turn.rep.lower_s, turn.back(0.9)), pitch=0.0, ahead=0.0, up=0.0)


def _step_up(turn: Turn) -> None:
    """Up with the working leg first, down with the other first."""
    onto = Swing(STEP_AHEAD_M, STEP_M, lift=0.07, fold=25.0, pitch=-10.0)
    lands = turn.out(0.45)
    turn.work.swing((turn.rep.start_s, lands), onto)
    turn.work.move((lands, turn.out(0.6)), pitch=-22.0)
    turn.work.move((turn.out(0.6), turn.rep.top_s), pitch=0.0)
    turn.other.swing((turn.out(0.55), turn.rep.top_s), Swing(STEP_AHEAD_M, STEP_M, lift=0.06, pitch=0.0))
    off = Swing(0.0, 0.0, lift=0.03, fold=20.0, pitch=0.0, impact_mps2=20.0)
    turn.other.swing((turn.rep.lower_s, turn.back(0.5)), off)
    turn.work.move((turn.rep.lower_s, turn.back(0.45)), pitch=-28.0)
    turn.work.swing((turn.back(0.58), turn.rep.end_s), off)


def _step_down(turn: Turn) -> None:
    """The working leg stays on the step and bends; the other taps the floor ahead."""
    tap = Swing(STEP_AHEAD_M, -STEP_M, lift=0.03, fold=10.0, pitch=15.0)
    turn.other.swing((turn.out(0.08), turn.rep.top_s), tap)
    turn.work.move((turn.rep.start_s, turn.rep.top_s), pitch=-30.0 * turn.size)
    turn.work.move((turn.rep.lower_s, turn.rep.end_s), pitch=0.0)
    turn.other.swing((turn.back(0.08), turn.back(0.95)), Swing(0.0, 0.0, lift=0.04, fold=25.0, pitch=0.0))


@dataclass(frozen=True, slots=True)
class Exercise:
    """How one rep is written; whether both legs do the same, and which way comes first."""

    write: Callable[[Turn], None]
    is_both: bool = False
    is_lowered_first: bool = True


FLOOR_EXERCISES = {
    "squat": Exercise(_squat, is_both=True),
    "deadlift": Exercise(_deadlift, is_both=True),
    "calf_raise": Exercise(_calf_raise, is_both=True, is_lowered_first=False),
    "split_squat": Exercise(_split_squat),
    "lunge": Exercise(_lunge),
    "step_up": Exercise(_step_up, is_lowered_first=False),
    "step_down": Exercise(_step_down),
}
SPLIT_S = 2.0  # to step into the split stance and to settle


@dataclass(frozen=True, slots=True)
class FloorReps(Plan):
    """One set on the feet, from standing to standing. Contacts of lunges and steps are steps of the truth.

    start_s is the first instant that the working leg moves, top_s the first of the turning point (the deepest
    one, or up on the step), end_s the last instant of the way back.
    """

    sway_deg: float = 0.4  # unrest of both shanks, root mean square
    shake_deg: float = 0.0
    scale: float = 1.0  # of all ranges

    @property
    def exercise(self) -> Exercise:
        """The table's row."""
        if self.code not in FLOOR_EXERCISES:
            known = ", ".join(FLOOR_EXERCISES)
            raise DataError(f"no motion for exercise {self.code!r} on the floor. Known: {known}.")
        return FLOOR_EXERCISES[self.code]

    @property
    def posture(self) -> Posture:
        """Upright."""
        return STANDING

    def play(self, stage: Stage) -> Played:
        """Both legs through all reps."""
        exercise, split_s = self.exercise, SPLIT_S if self.code == "split_squat" else 0.0
        marks, sizes = plan_reps(self, stage.start_s + split_s, stage.rng)
        legs = {side: Footing(side, stage.start_s) for side in SIDES}
        if split_s:
            legs[self._other].swing((stage.start_s + 0.2, stage.start_s + 1.0), _REAR)
        for k, (mark, size) in enumerate(zip(marks, sizes.tolist(), strict=True)):
            work, other = self._roles(legs, k, len(marks))
            exercise.write(Turn(work, other, mark, size * self.scale))
        end_s = marks[-1].end_s + self.pause_s
        if split_s:
            legs[self._other].swing((end_s + 0.2, end_s + 1.0), Swing(0.0, pitch=0.0))
            end_s += split_s
        return self._finish(stage, legs, marks, end_s)

    @property
    def _other(self) -> Side:
        return "right" if self.side == "left" else "left"

    def _roles(self, legs: dict[Side, Footing], k: int, n: int) -> tuple[Footing, Footing]:
        side: Side = next((side for side in SIDES if k in working(self, side, n)), "left")
        return legs[side], legs["left" if side == "right" else "right"]

    def _finish(
        self, stage: Stage, legs: dict[Side, Footing], marks: tuple[RepMark, ...], end_s: float
    ) -> Played:
        played = Played(end_s)
        for side, leg in legs.items():
            played.spans[side].append(leg.span(stage.athlete, end_s, self._unrest(stage, end_s)))
        steps = [step for leg in legs.values() for step in leg.steps]
        if steps:
            played.bouts.append(Bout("exercise", tuple(sorted(steps, key=lambda step: step.ic_s))))
        played.sets += self._sets(marks)
        return played

    def _unrest(self, stage: Stage, end_s: float) -> dict[str, Path]:
        span, rms = (stage.start_s, end_s), self.sway_deg * RAD_PER_DEG
        tremor = shake(stage.rng, *span, self.shake_deg * RAD_PER_DEG)
        return {
            "pitch": Sum(wobble(stage.rng, *span, rms), tremor),
            "tilt": wobble(stage.rng, *span, rms / 2),
        }

    def _sets(self, marks: tuple[RepMark, ...]) -> list[SetMark]:
        first = self.exercise.is_lowered_first
        if self.exercise.is_both:
            return [SetMark(self.code, "both", None, marks, first)]
        mine = {side: tuple(marks[k] for k in working(self, side, len(marks))) for side in SIDES}
        return [SetMark(self.code, side, None, own, first) for side, own in mine.items() if own]
