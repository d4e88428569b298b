"""A script of movements -> two legs in motion and the truth about them."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from distal.errors import DataError
from distal.model import SIDES, Side
from distal.virtual.motion.body import Athlete
from distal.virtual.motion.chain import Span
from distal.virtual.motion.leg import LegMotion
from distal.virtual.motion.rest import Change
from distal.virtual.motion.stage import Bout, JumpMark, Movement, Played, SetMark, Stage, SwayMark
from distal.virtual.motion.truth import Worn, write_bouts, write_cadence, write_jump, write_set, write_steps
from distal.virtual.motion.truth_rest import write_stance, write_sway, write_wear

OTHER: dict[Side, Side] = {"left": "right", "right": "left"}
COLUMNS = ("time_s", "ax", "ay", "az", "gx", "gy", "gz")


class Performance:
    """A script carried out by an athlete: `left` and `right` are Motions for two cuffs."""

    def __init__(self, name: str, athlete: Athlete, acts: Sequence[Played]) -> None:
        """`acts` follow one another in time."""
        self.name, self.athlete = name, athlete
        spans: dict[Side, list[Span]] = {
            side: [span for act in acts for span in act.spans[side]] for side in SIDES
        }
        self.legs = {side: LegMotion(athlete, side, spans[side]) for side in SIDES}
        self._sways: list[SwayMark] = [mark for act in acts for mark in act.sways]
        self._bouts: list[Bout] = [bout for act in acts for bout in act.bouts]
        self._sets: list[SetMark] = [mark for act in acts for mark in act.sets]
        self._jumps: list[JumpMark] = [jump for act in acts for jump in act.jumps]

    @property
    def duration_s(self) -> float:
        """Both legs last equally long."""
        return self.left.duration_s

    @property
    def left(self) -> LegMotion:
        """What the cuff named left feels."""
        return self.motion("left")

    @property
    def right(self) -> LegMotion:
        """What the cuff named right feels."""
        return self.motion("right")

    def motion(self, side: Side) -> LegMotion:
        """What the cuff of that name feels; on the other leg when the cuffs are swapped."""
        return self.legs[OTHER[side] if self.athlete.is_swapped else side]

    def sway(self, side: Side, start_s: float, end_s: float) -> dict[str, float]:
        """How the shank of a leg sways between two instants; keys as in `sway`."""
        return write_sway(self.legs[side], start_s, end_s)

    def truth(self, mass_left_kg: float | None = None, mass_right_kg: float | None = None) -> dict[str, Any]:
        """JSON-ready dict with the key names of `distal analyze --json`; loads need a worn mass."""
        masses: dict[Side, float | None] = {"left": mass_left_kg, "right": mass_right_kg}
        legs = {side: Worn(self.athlete, self.legs[side], masses[side]) for side in SIDES}
        steps = write_steps(self._bouts, legs)
        return {
            "script": self.name,
            "duration_s": self.duration_s,
            "height_m": self.athlete.height_m,
            "body_mass_kg": self.athlete.body_mass_kg,
            "cuff_height_m": self.athlete.cuff_height_m,
            "mass_kg": masses,
            "cadence_spm": write_cadence(steps),
            "bouts": write_bouts(self._bouts),
            "steps": steps,
            "sets": [write_set(mark, legs) for mark in self._sets],
            "wear": {side: write_wear(self.athlete, side) for side in SIDES},
            "sway": [write_stance(mark, legs) for mark in self._sways],
            "jumps": [write_jump(jump) for jump in self._jumps],
        }

    def write_truth(
        self, path: Path, mass_left_kg: float | None = None, mass_right_kg: float | None = None
    ) -> None:
        """The truth as a JSON file."""
        text = json.dumps(self.truth(mass_left_kg, mass_right_kg), indent=1, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")

    def write_csv(self, path: Path, side: Side, rate_hz: float = 208.0) -> None:
        """One leg as an ideal sensor would record it, in the columns that `distal analyze` reads."""
        t = np.arange(int(self.duration_s * rate_hz) + 1) / rate_hz
        gyr, acc = self.motion(side).sample(t)
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(COLUMNS)
            rows.writerows(np.round(np.column_stack([t, acc, gyr]), 6).tolist())


class Script:
    """Movements in order. Ways between postures are put in by themselves."""

    def __init__(self, movements: Sequence[Movement], name: str = "script", seed: int = 1) -> None:
        """The seed decides every variation; the same script and seed give the same motion."""
        if not movements:
            raise DataError("a script without movements. Name at least one.")
        self.movements, self.name, self.seed = list(movements), name, seed

    def perform(self, athlete: Athlete | None = None) -> Performance:
        """Carry it out; each movement has its own chance, so one change leaves the others as they are."""
        athlete = athlete or Athlete()
        acts: list[Played] = []
        now, posture = 0.0, self.movements[0].posture
        for number, movement in enumerate(self.movements):
            stage = Stage(athlete, now, np.random.default_rng((self.seed, number)))
            if movement.posture != posture:
                acts.append(Change(posture, movement.posture).play(stage))
                stage = Stage(athlete, acts[-1].end_s, stage.rng)
            acts.append(movement.play(stage))
            now, posture = acts[-1].end_s, movement.posture
        return Performance(self.name, athlete, acts)
