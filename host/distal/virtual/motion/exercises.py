"""Exercises as rows of a table, and sets of repetitions made from them.

A new exercise that swings from the hip is one more row: which posture, which joints move by how much.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from distal.errors import DataError
from distal.model import SIDES, FloatArray, Side
from distal.units import RAD_PER_DEG
from distal.virtual.motion.body import (
    CURLED_LEFT,
    CURLED_RIGHT,
    JOINTS,
    KNEELING,
    LYING_LEFT,
    LYING_RIGHT,
    PRONE,
    SITTING,
    STANDING,
    SUPINE,
    Posture,
    hang_from_hip,
)
from distal.virtual.motion.chain import Chain, Slide, Span
from distal.virtual.motion.curve import Constant, Curve, Path, Sum, shake, wobble
from distal.virtual.motion.gait import shock
from distal.virtual.motion.plan import Plan, plan_reps, working
from distal.virtual.motion.stage import Joint, Played, RepMark, SetMark, Stage, posture_angles
from distal.virtual.motion.wearing import Scaled


@dataclass(frozen=True, slots=True)
class Exercise:
    """range_deg: usual travel of the first joint; `moves` gives each joint's travel as a share of it."""

    code: str  # as in the contract of `distal analyze`
    right: Posture  # body's posture when the right leg works
    left: Posture
    about: Joint  # the joint that stays in place
    range_deg: float
    moves: Mapping[str, float]

    def posture(self, side: Side) -> Posture:
        """The posture for a working side: the upper leg works when lying on the side."""
        return self.right if side == "right" else self.left


def _row(code: str, posture: Posture, about: Joint, range_deg: float, moves: Mapping[str, float]) -> Exercise:
    return Exercise(code, posture, posture, about, range_deg, moves)


# Ranges: what people do in the recordings we have seen, or an ordinary range for the exercise
EXERCISES = {
    row.code: row
    for row in (
        _row("seated_knee_extension", SITTING, "knee", 80, {"knee_flexion": -1.0}),
        _row("seated_leg_raise", SITTING, "knee", 78, {"knee_flexion": -1.0}),
        _row("supine_straight_leg_raise", SUPINE, "hip", 45, {"hip_flexion": 1.0}),
        Exercise("sidelying_hip_abduction", LYING_LEFT, LYING_RIGHT, "hip", 30, {"hip_abduction": 1.0}),
        _row("prone_hip_extension", PRONE, "hip", 15, {"hip_flexion": -1.0, "knee_flexion": 0.3}),
        _row("standing_knee_flexion", STANDING, "knee", 95, {"knee_flexion": 1.0}),
        _row("standing_hip_flexion", STANDING, "hip", 80, {"hip_flexion": 1.0, "knee_flexion": 1.2}),
        _row("standing_hip_abduction", STANDING, "hip", 32, {"hip_abduction": 1.0}),
        _row("standing_hip_extension", STANDING, "hip", 22, {"hip_flexion": -1.0}),
        _row("donkey_kick", KNEELING, "hip", 80, {"hip_flexion": -1.0}),
        _row("fire_hydrant", KNEELING, "hip", 40, {"hip_abduction": 1.0}),
        Exercise("clamshell", CURLED_LEFT, CURLED_RIGHT, "hip", 40, {"hip_rotation": 1.0}),
    )
}


@dataclass(frozen=True, slots=True)
class Reps(Plan):
    """One set of an exercise in which the leg swings from hip or knee.

    A rep is a minimum-jerk lift, a plateau, a minimum-jerk lowering; a pause follows. start_s is the instant
    the joint leaves its rest angle, top_s the first instant of the plateau, end_s the instant it is back at
    rest; all exact. Slow edges: 1 % of the way takes 10 % of the lift.

    range_deg    None: the exercise's usual range
    companion    movement of the other leg, as a share of the range
    tremor_deg   unsteady hip rotation during the set, root mean square
    shake_deg    physiological tremor, 8 to 12 Hz, root mean square
    landing_mps  how fast the cuff meets floor or mat at the end of a rep; 0 is put down softly
    """

    range_deg: float | None = None
    companion: float = 0.0
    tremor_deg: float = 0.15
    shake_deg: float = 0.0
    landing_mps: float = 0.0

    @property
    def exercise(self) -> Exercise:
        """The table's row."""
        if self.code not in EXERCISES:
            raise DataError(f"no motion for exercise {self.code!r}. Known: {', '.join(EXERCISES)}.")
        return EXERCISES[self.code]

    @property
    def posture(self) -> Posture:
        """Where the set begins and ends."""
        return self.exercise.posture("left" if self.side == "left" else "right")

    def play(self, stage: Stage) -> Played:
        """Both legs through all reps; marks of the working ones."""
        marks, shares = plan_reps(self, stage.start_s, stage.rng)
        usual = self.exercise.range_deg if self.range_deg is None else self.range_deg
        travel = usual * RAD_PER_DEG * shares
        along = self.companion * travel * stage.rng.uniform(0.4, 1.0, len(travel))
        played = Played(marks[-1].end_s + self.pause_s)
        for side in SIDES:
            mine = working(self, side, len(marks))
            sizes = along.copy()
            sizes[mine] = travel[mine]
            if self.side == "both":
                sizes *= np.clip(1 + 0.5 * self.variability * stage.rng.standard_normal(len(marks)), 0.8, 1.2)
            paths = self._paths(marks, sizes, self._drop(stage, sizes, mine))
            if mine:
                paths["hip_rotation"] = Sum(paths["hip_rotation"], *self._unrest(stage, played.end_s))
            chain = hang_from_hip(stage.athlete, side, paths)
            hits = [marks[k] for k in mine if "contact" in marks[k].flags]
            chain = _knocked(chain, hits, played.end_s) if hits else chain
            played.spans[side].append(Span(stage.start_s, played.end_s, chain))
        played.sets += self._sets(marks)
        return played

    def _sets(self, marks: tuple[RepMark, ...]) -> list[SetMark]:
        landed = tuple(replace(mark, landing_s=mark.end_s) if self.landing_mps else mark for mark in marks)
        about = self.exercise.about
        if self.side != "alternating":
            return [SetMark(self.code, self.side, about, landed)]
        return [
            SetMark(self.code, side, about, tuple(landed[k] for k in working(self, side, len(marks))))
            for side in SIDES
            if working(self, side, len(marks))
        ]

    def _unrest(self, stage: Stage, end_s: float) -> tuple[Path, Path]:
        span = stage.start_s, end_s
        sway = wobble(stage.rng, *span, self.tremor_deg * RAD_PER_DEG)
        return sway, shake(stage.rng, *span, self.shake_deg * RAD_PER_DEG)

    def _drop(self, stage: Stage, sizes: FloatArray, mine: list[int]) -> FloatArray:
        """How fast the joint turns when the limb lands, as a share of the range per second."""
        athlete = stage.athlete
        lever_m = athlete.knee_to_mass_m + (athlete.thigh_m if self.exercise.about == "hip" else 0.0)
        speeds = np.zeros(len(sizes))
        speeds[mine] = self.landing_mps / lever_m / sizes[mine]
        return speeds

    def _paths(self, marks: tuple[RepMark, ...], travel: FloatArray, drop: FloatArray) -> dict[str, Path]:
        rest = posture_angles(self.posture)
        paths: dict[str, Path] = {}
        for name in JOINTS:
            base, share = rest[name] * RAD_PER_DEG, self.exercise.moves.get(name, 0.0)
            paths[name] = _excursions(marks, base, share * travel, drop) if share else Constant(base)
        return paths


KNOCK_MPS2 = 25.0  # of a foot that touches a chair, a wall or the other leg on its way down


def _knocked(chain: Chain, hits: list[RepMark], end_s: float) -> Chain:
    """With a knock amid the way back of some reps."""
    at = np.array([mark.lower_s + 0.45 * (mark.end_s - mark.lower_s) for mark in hits])
    knock = shock(at, np.full(len(at), KNOCK_MPS2), end_s)
    return replace(chain, links=(*chain.links, Slide((knock, Constant(0.0), Scaled(knock, 0.4)))))


MOST_FALL = 2.0  # of the mean speed of the way down: from 2.5 on the limb would rise before it falls
SINK_S, RISE_S = 0.04, 0.14  # a limb that lands presses into mat or floor, and is pushed back


def _excursions(marks: tuple[RepMark, ...], base: float, sizes: FloatArray, drop: FloatArray) -> Path:
    """Away from base and back, once a rep. An instant hold or pause leaves no second knot."""
    knots: list[tuple[float, float, float, float]] = []
    for mark, size, wished in zip(marks, sizes.tolist(), (sizes * drop).tolist(), strict=True):
        most = MOST_FALL * abs(size) / (mark.end_s - mark.lower_s)
        fall = min(max(wished, -most), most)
        points = [(mark.start_s, 0.0, 0.0), (mark.top_s, size, 0.0), (mark.lower_s, size, 0.0)]
        points.append((mark.end_s, 0.0, -fall))
        if fall:
            points += [(mark.end_s + SINK_S, -0.4 * SINK_S * fall, 0.0), (mark.end_s + RISE_S, 0.0, 0.0)]
        for t, away, speed in points:
            if not knots or t > knots[-1][0]:
                knots.append((t, base + away, speed, 0.0))
    return Curve(*np.array(knots).T)
