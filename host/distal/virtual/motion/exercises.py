"""Exercises as rows of a table, and sets of repetitions made from them.

A new exercise that swings from the hip is one more row: which posture, which joints move by how much.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from distal.errors import DataError
from distal.model import FloatArray, Side
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
from distal.virtual.motion.chain import Span
from distal.virtual.motion.curve import Constant, Path, Sum, glide, wobble
from distal.virtual.motion.stage import Joint, Played, RepMark, SetMark, Stage, posture_angles

Tempo = tuple[float, float, float]  # lift, hold, lower; s


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
        _row("standing_hip_flexion", STANDING, "hip", 80, {"hip_flexion": 1.0, "knee_flexion": 1.1}),
        _row("standing_hip_abduction", STANDING, "hip", 32, {"hip_abduction": 1.0}),
        _row("standing_hip_extension", STANDING, "hip", 22, {"hip_flexion": -1.0}),
        _row("donkey_kick", KNEELING, "hip", 80, {"hip_flexion": -1.0}),
        _row("fire_hydrant", KNEELING, "hip", 40, {"hip_abduction": 1.0}),
        Exercise("clamshell", CURLED_LEFT, CURLED_RIGHT, "hip", 40, {"hip_rotation": 1.0}),
    )
}


@dataclass(frozen=True, slots=True)
class Reps:
    """One set. A rep is a minimum-jerk lift, a plateau, a minimum-jerk lowering; a pause follows.

    start_s is the instant the joint leaves its rest angle, top_s the first instant of the plateau,
    end_s the instant it is back at rest; all exact. Slow edges: 1 % of the way takes 10 % of the lift.
    """

    code: str
    reps: int = 8
    side: Side = "right"
    tempo: Tempo = (1.2, 0.8, 1.5)
    pause_s: float = 0.8
    range_deg: float | None = None  # None: the exercise's usual range
    variability: float = 0.05  # relative spread of range and times from rep to rep
    slowing: float = 0.0  # how much longer the last lift takes than the first, as a share
    companion: float = 0.0  # movement of the other leg, as a share of the range
    tremor_deg: float = 0.15  # unsteady hip rotation during the set, root mean square

    @property
    def exercise(self) -> Exercise:
        """The table's row."""
        if self.code not in EXERCISES:
            raise DataError(f"no motion for exercise {self.code!r}. Known: {', '.join(EXERCISES)}.")
        return EXERCISES[self.code]

    @property
    def posture(self) -> Posture:
        """Where the set begins and ends."""
        return self.exercise.posture(self.side)

    def play(self, stage: Stage) -> Played:
        """Both legs through all reps; marks of the working one."""
        marks, travel = self._plan(stage)
        played = Played(marks[-1].end_s + self.pause_s)
        other: Side = "left" if self.side == "right" else "right"
        along = self.companion * travel * stage.rng.uniform(0.4, 1.0, len(travel))
        for side, size in ((self.side, travel), (other, along)):
            paths = self._paths(marks, size)
            if side == self.side:
                shake = wobble(stage.rng, stage.start_s, played.end_s, self.tremor_deg * RAD_PER_DEG)
                paths["hip_rotation"] = Sum(paths["hip_rotation"], shake)
            chain = hang_from_hip(stage.athlete, side, paths)
            played.spans[side].append(Span(stage.start_s, played.end_s, chain))
        played.sets.append(SetMark(self.code, self.side, self.exercise.about, marks))
        return played

    def _plan(self, stage: Stage) -> tuple[tuple[RepMark, ...], FloatArray]:
        """Instants of every rep, and its travel in rad."""
        if self.reps < 1:
            raise DataError(f"a set of {self.reps} reps. Give at least 1.")
        spread = np.clip(1 + self.variability * stage.rng.standard_normal((4, self.reps)), 0.5, 1.5)
        tired = 1 + self.slowing * np.linspace(0, 1, self.reps)
        lift, hold, lower = (part * seconds for part, seconds in zip(spread, self.tempo, strict=False))
        marks, now = [], stage.start_s + self.pause_s
        for up, stay, down in zip((lift * tired).tolist(), hold.tolist(), lower.tolist(), strict=True):
            marks.append(RepMark(now, now + up, now + up + stay, now + up + stay + down))
            now = marks[-1].end_s + self.pause_s
        usual = self.exercise.range_deg if self.range_deg is None else self.range_deg
        return tuple(marks), usual * RAD_PER_DEG * spread[3]

    def _paths(self, marks: tuple[RepMark, ...], travel: FloatArray) -> dict[str, Path]:
        rest = posture_angles(self.posture)
        paths: dict[str, Path] = {}
        for name in JOINTS:
            base, share = rest[name] * RAD_PER_DEG, self.exercise.moves.get(name, 0.0)
            paths[name] = _excursions(marks, base, (share * travel).tolist()) if share else Constant(base)
        return paths


def _excursions(marks: tuple[RepMark, ...], base: float, sizes: list[float]) -> Path:
    """Away from base and back, once a rep. An instant hold or pause leaves no second knot."""
    times: list[float] = []
    values: list[float] = []
    for mark, size in zip(marks, sizes, strict=True):
        rep = zip((mark.start_s, mark.top_s, mark.lower_s, mark.end_s), (0, size, size, 0), strict=True)
        for t, away in rep:
            if not times or t > times[-1]:
                times.append(t)
                values.append(base + away)
    return glide(times, values)
