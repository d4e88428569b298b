"""Walking: a plan of steps, then the two legs that carry it out."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from distal.errors import DataError
from distal.model import SIDES, FloatArray, Side
from distal.virtual.motion.body import OUTWARD, STANDING, Posture, Sole, stand_on_ankle
from distal.virtual.motion.chain import Chain, Span
from distal.virtual.motion.curve import Sum
from distal.virtual.motion.gait import Shape, Tread, ankle_travel, shank_angles, shock
from distal.virtual.motion.stage import Bout, Played, Stage, StepMark

LEAN_IN_S = 0.9  # from standing to the first foot off the floor
SETTLE_S = 1.0  # from the last contact to standing still
SCATTER_S = 0.006  # the shank's turning and the floor's contact do not keep step exactly
FULL_STRIDE_M = 1.5  # the stride of the shapes in gait.py; shorter ones lean less
WALK_RATIO_M = 0.0062  # step length per step/min: people lengthen and quicken steps together (Sekiya 1996)


@dataclass(frozen=True, slots=True)
class Walk:
    """Level walking that starts and stops standing, with a half step first and last."""

    duration_s: float
    cadence_spm: float = 104.0
    speed_mps: float | None = None  # None: by the walk ratio
    variability: float = 0.025  # relative spread of step times, lengths and leans
    asymmetry: float = 0.0  # right step time over left, minus 1
    impact_mps2: float = 22.0  # size of the shock at initial contact
    first: Side = "right"

    @property
    def posture(self) -> Posture:
        """Upright."""
        return STANDING

    @property
    def step_m(self) -> float:
        """Mean length of a step."""
        if self.speed_mps is None:
            return WALK_RATIO_M * self.cadence_spm
        return self.speed_mps * 60 / self.cadence_spm

    def play(self, stage: Stage) -> Played:
        """Legs half a stride apart; every contact and every leaving of the floor marked."""
        plan = self._plan(stage)
        played = Played(stage.start_s + self.duration_s)
        for side in SIDES:
            chain = self._leg(stage, side, plan[side])
            played.spans[side].append(Span(stage.start_s, played.end_s, chain))
        steps = [StepMark(side, old.tc_s, new.ic_s) for side in SIDES for old, new in pairwise(plan[side])]
        played.bouts.append(Bout("walk", tuple(sorted(steps, key=lambda step: step.ic_s))))
        return played

    def _plan(self, stage: Stage) -> dict[Side, list[Tread]]:
        """Where and when each foot stands."""
        contacts = self._contacts(stage)
        other: Side = "left" if self.first == "right" else "right"
        n = len(contacts)
        length = self.step_m * self._spread(stage.rng, n)
        places = np.cumsum(length)
        places[-1] = places[-2]  # the last foot comes beside the other
        plan = {}
        for offset, side in enumerate((self.first, other)):
            mine = np.arange(offset, n, 2)
            plan[side] = self._treads(stage, contacts[mine], places[mine], n - 1 in mine)
        return plan

    def _contacts(self, stage: Stage) -> FloatArray:
        """Instants of initial contact; the spread has mean zero, so the cadence is as asked."""
        step_s = 60 / self.cadence_spm
        first_s = LEAN_IN_S + self._swing_share() * 2 * step_s
        n = int((self.duration_s - first_s - SETTLE_S) / step_s) + 1
        if n < MIN_STEPS:
            need = first_s + SETTLE_S + MIN_STEPS * step_s
            raise DataError(f"a walk of {self.duration_s:g} s is too short. Give at least {need:.1f} s.")
        noise = self._spread(stage.rng, n - 1)
        is_right = np.arange(n - 1) % 2 == (self.first == "right")  # the first interval ends the second step
        steps = noise * (1 + self.asymmetry * np.where(is_right, 0.5, -0.5))
        steps *= step_s / steps.mean()
        return np.asarray(stage.start_s + first_s + np.concatenate([[0.0], np.cumsum(steps)]))

    def _treads(self, stage: Stage, contacts: FloatArray, places: FloatArray, is_last: bool) -> list[Tread]:
        """Stands of one foot, from where it stood before the walk to where it stays."""
        swing_s = (
            self._swing_share() * 2 * 60 / self.cadence_spm * self._spread(stage.rng, len(contacts), 0.5)
        )
        leans = self._spread(stage.rng, len(contacts) + 1)
        before = float(contacts[0] - swing_s[0])
        push = 0.7 if places[0] < 1.5 * self.step_m else 1.0  # the first step is a half one
        treads = [Tread(before - LEAN_IN_S * 0.85, before, 0.0, 0.0, push)]
        for k, (ic_s, place) in enumerate(zip(contacts.tolist(), places.tolist(), strict=True)):
            ends = k + 1 == len(contacts)
            front = 0.25 if ends and is_last else float(leans[k])
            tc_s = ic_s + SETTLE_S * 0.85 if ends else float(contacts[k + 1] - swing_s[k + 1])
            treads.append(Tread(ic_s, tc_s, place, front, 0.0 if ends else float(leans[k])))
        return treads

    def _leg(self, stage: Stage, side: Side, treads: list[Tread]) -> Chain:
        span = stage.start_s, stage.start_s + self.duration_s
        shape = Shape((2 * self.step_m / FULL_STRIDE_M) ** 0.5)
        late_s = self.variability / 0.025 * SCATTER_S * stage.rng.standard_normal(len(treads))
        turns = [
            replace(tread, ic_s=tread.ic_s + late, tc_s=tread.tc_s + late)
            for tread, late in zip(treads, np.clip(late_s, -0.03, 0.03).tolist(), strict=True)
        ]
        angles = shank_angles(turns, shape, span)
        ahead, upward = ankle_travel(treads, span)
        contacts = np.array([tread.ic_s for tread in treads[1:]])
        fronts = np.array([tread.front for tread in treads[1:]])
        peaks = self.impact_mps2 * fronts * self._spread(stage.rng, len(contacts), 8.0)
        ankle = (
            Sum(ahead, shock(contacts, peaks, span[1])),
            shock(contacts, -0.2 * OUTWARD[side] * peaks, span[1]),
            Sum(upward, shock(contacts, 0.4 * peaks, span[1])),
        )
        sole = Sole(angles["pitch"], angles["tilt"], angles["yaw"], ankle)
        return stand_on_ankle(stage.athlete, side, sole)

    def _swing_share(self) -> float:
        """Part of a stride that the foot is in the air: 34 % at 0.8 m/s, 39 % at 1.6 m/s."""
        speed = self.step_m * self.cadence_spm / 60
        return float(np.clip(0.29 + 0.0625 * speed, 0.28, 0.42))

    def _spread(self, rng: np.random.Generator, n: int, share: float = 1.0) -> FloatArray:
        return np.asarray(np.clip(1 + share * self.variability * rng.standard_normal(n), 0.6, 1.4))


MIN_STEPS = 3
