"""Walking: a plan of steps, then the two legs that carry it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from distal.errors import DataError
from distal.model import SIDES, FloatArray, Side
from distal.units import DEG_PER_RAD, RAD_PER_DEG
from distal.virtual.motion.body import OUTWARD, STANDING, Posture, Sole, stand_on_ankle
from distal.virtual.motion.chain import Chain, Span
from distal.virtual.motion.curve import Sum
from distal.virtual.motion.gait import (
    IN_STEP,
    Ground,
    Lag,
    Shape,
    Tread,
    ankle_travel,
    headings,
    shank_angles,
    shock,
    swing_out,
)
from distal.virtual.motion.stage import Bout, Gait, Played, Stage, StepMark

LEAN_IN_S = 0.9  # from standing to the first foot off the floor
SETTLE_S = 1.0  # from the last contact to standing still
SCATTER_S = 0.006  # the shank's turning and the floor's contact do not keep step exactly
FULL_STRIDE_M = 1.5  # the stride of the shapes in gait.py; shorter ones lean less
WALK_RATIO_M = 0.0062  # step length per step/min: people lengthen and quicken steps together (Sekiya 1996)
HALF_WIDTH_M = 0.05  # each ankle from the line of the walk
MIN_STEPS = 3


@dataclass(frozen=True, slots=True)
class Corner:
    """A turn on the way: begins with the step at a share of the walk, is spread over some steps."""

    at: float
    degrees: float  # to the left
    steps: int = 4


@dataclass(frozen=True, slots=True)
class Limp:
    """Walking after a stroke or an injury of one leg; severity 0 to 1.

    That leg stands shorter and swings longer and less, is led outward in a half circle and steps unevenly
    (Olney & Richards 1996, Gait & Posture 4:136).
    """

    side: Side
    severity: float = 0.5

    def share(self, side: Side, worse: float, better: float) -> float:
        """1 plus a change for the affected and for the other leg."""
        return 1 + self.severity * (worse if side == self.side else better)


@dataclass(frozen=True, slots=True)
class Walk:
    """Walking that starts and stops standing, with a half step first and last.

    asymmetry     right step time over left, minus 1
    swing_change  how much longer the swing lasts, as a share: what a worn mass does
    rise_m        of each step: stairs, up positive; mind the speed (a tread is some 0.28 m)
    """

    duration_s: float
    cadence_spm: float = 104.0
    speed_mps: float | None = None  # None: by the walk ratio
    variability: float = 0.025  # relative spread of step times, lengths and leans
    asymmetry: float = 0.0
    impact_mps2: float = 22.0  # size of the shock at initial contact at 1.2 m/s
    first: Side = "right"
    limp: Limp | None = None
    corners: Sequence[Corner] = ()
    swing_change: float = 0.0
    rise_m: float = 0.0
    lag: Mapping[Side, Lag] = field(default_factory=lambda: IN_STEP)

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

    @property
    def ground(self) -> Ground:
        """Level, or which way the stairs go."""
        if not self.rise_m:
            return "level"
        return "up" if self.rise_m > 0 else "down"

    def play(self, stage: Stage) -> Played:
        """Legs half a stride apart; every contact and every leaving of the floor marked."""
        plan = self._plan(stage)
        played = Played(stage.start_s + self.duration_s)
        for side in SIDES:
            chain = self._leg(stage, side, plan[side])
            played.spans[side].append(Span(stage.start_s, played.end_s, chain))
        steps = [_mark(side, *pair) for side in SIDES for pair in pairwise(plan[side])]
        kinds: dict[Ground, Gait] = {"level": "walk", "up": "stairs_up", "down": "stairs_down"}
        played.bouts.append(Bout(kinds[self.ground], tuple(sorted(steps, key=lambda step: step.ic_s))))
        return played

    def _plan(self, stage: Stage) -> dict[Side, list[Tread]]:
        """Where and when each foot stands."""
        contacts = self._contacts(stage)
        n = len(contacts)
        heading = self._headings(n)
        length = self.step_m * self._spread(stage.rng, n)
        length *= np.clip(1 - np.abs(np.diff(heading, prepend=0.0)) / 1.6, 0.25, 1)  # short steps in a turn
        length[-1] = 0.0  # the last foot comes beside the other
        others: dict[Side, Side] = {"left": "right", "right": "left"}
        plan = {}
        for offset, side in enumerate((self.first, others[self.first])):
            uneven = self._uneven(side, n, offset)
            way = np.cumsum(np.stack([length * np.cos(heading), length * np.sin(heading)]), axis=1)
            out = OUTWARD[side] * HALF_WIDTH_M
            treads = self._treads(stage, side, contacts[offset::2], (n - 1 - offset) % 2 == 0)
            mine = slice(offset, n, 2)
            where = zip(
                (way[0] - out * np.sin(heading) + uneven * np.cos(heading))[mine].tolist(),
                (way[1] + out * np.cos(heading) + uneven * np.sin(heading))[mine].tolist(),
                (self.rise_m * np.minimum(np.arange(n) + 1, n - 1))[mine].tolist(),
                heading[mine].tolist(),
                strict=True,
            )
            plan[side] = [replace(treads[0], aside_m=out)] + [
                replace(tread, place_m=x, aside_m=y, up_m=z, heading=h)
                for tread, (x, y, z, h) in zip(treads[1:], where, strict=True)
            ]
        return plan

    def _uneven(self, side: Side, n: int, offset: int) -> FloatArray:
        """How far the affected foot lands ahead of where it would, m; it starts and ends beside the other."""
        if self.limp is None or side != self.limp.side:
            return np.zeros(n)
        shift = np.full(n, 0.15 * self.limp.severity * self.step_m)
        shift[-2:] = 0.0
        return shift

    def _headings(self, n: int) -> FloatArray:
        """At every contact, rad."""
        heading = np.zeros(n)
        for corner in self.corners:
            first = int(corner.at * n)
            heading += corner.degrees * RAD_PER_DEG * np.clip((np.arange(n) - first) / corner.steps, 0, 1)
        return heading

    def _contacts(self, stage: Stage) -> FloatArray:
        """Instants of initial contact; the spread has mean zero, so the cadence is as asked."""
        step_s = 60 / self.cadence_spm
        first_s = LEAN_IN_S + self._swing_share(self.first) * 2 * step_s
        n = int((self.duration_s - first_s - SETTLE_S) / step_s) + 1
        if n < MIN_STEPS:
            need = first_s + SETTLE_S + MIN_STEPS * step_s
            raise DataError(f"a walk of {self.duration_s:g} s is too short. Give at least {need:.1f} s.")
        noise = self._spread(stage.rng, n - 1)
        is_right = np.arange(n - 1) % 2 == (self.first == "right")  # the first interval ends the second step
        uneven = self.asymmetry
        if self.limp:
            uneven += 0.2 * self.limp.severity * (1 if self.limp.side == "right" else -1)
        steps = noise * (1 + uneven * np.where(is_right, 0.5, -0.5))
        steps *= step_s / steps.mean()
        return np.asarray(stage.start_s + first_s + np.concatenate([[0.0], np.cumsum(steps)]))

    def _treads(self, stage: Stage, side: Side, contacts: FloatArray, is_last: bool) -> list[Tread]:
        """When one foot stands and how far it leans, from before the walk to after it."""
        swing_s = (
            self._swing_share(side)
            * (2 * 60 / self.cadence_spm)
            * self._spread(stage.rng, len(contacts), 0.5)
        )
        leans = self._spread(stage.rng, len(contacts) + 1)
        if self.limp:
            leans *= self.limp.share(side, -0.25, -0.05)
        before = float(contacts[0] - swing_s[0])
        push = 0.7 if side == self.first else 1.0  # the first step is a half one
        treads = [Tread(before - LEAN_IN_S * 0.85, before, 0.0, 0.0, push * float(leans[-1]))]
        for k, ic_s in enumerate(contacts.tolist()):
            ends = k + 1 == len(contacts)
            front = 0.25 if ends and is_last else float(leans[k])
            tc_s = ic_s + SETTLE_S * 0.85 if ends else float(contacts[k + 1] - swing_s[k + 1])
            treads.append(Tread(ic_s, tc_s, 0.0, front, 0.0 if ends else float(leans[k])))
        return treads

    def _leg(self, stage: Stage, side: Side, treads: list[Tread]) -> Chain:
        span = stage.start_s, stage.start_s + self.duration_s
        size = (2 * self.step_m / FULL_STRIDE_M) ** 0.5 if self.ground == "level" else 1.0
        late_s = self.variability / 0.025 * SCATTER_S * stage.rng.standard_normal(len(treads))
        turns = [
            self.lag[side].of(replace(tread, ic_s=tread.ic_s + late, tc_s=tread.tc_s + late))
            for tread, late in zip(treads, np.clip(late_s, -0.03, 0.03).tolist(), strict=True)
        ]
        angles = shank_angles(turns, Shape(size, ground=self.ground), span)
        circling = 14.0 * self.limp.severity if self.limp and side == self.limp.side else 0.0
        tilt = Sum(angles["tilt"], swing_out(treads, span, circling))
        heading = headings(treads, span)
        travel = ankle_travel(treads, span)
        contacts = np.array([tread.ic_s for tread in treads[1:]])
        fronts = np.array([tread.front for tread in treads[1:]])
        softer = np.clip(self.step_m * self.cadence_spm / 60 / 1.2, 0.6, 1.3)
        peaks = softer * self.impact_mps2 * fronts * self._spread(stage.rng, len(contacts), 8.0)
        cos, sin = (part(np.array([tread.heading for tread in treads[1:]])) for part in (np.cos, np.sin))
        out = -0.2 * OUTWARD[side]
        parts = peaks * (cos - out * sin), peaks * (sin + out * cos), 0.4 * peaks
        rings = (shock(contacts, part, span[1]) for part in parts)
        x, y, z = (Sum(way, ring) for way, ring in zip(travel, rings, strict=True))
        return stand_on_ankle(
            stage.athlete, side, Sole(angles["pitch"], tilt, angles["yaw"], (x, y, z), heading)
        )

    def _swing_share(self, side: Side) -> float:
        """Part of a stride that the foot is in the air: 34 % at 0.8 m/s, 39 % at 1.6 m/s."""
        speed = self.step_m * self.cadence_spm / 60
        share = float(np.clip(0.29 + 0.0625 * speed, 0.28, 0.42)) * (1 + self.swing_change)
        return share * (self.limp.share(side, 0.3, -0.12) if self.limp else 1.0)

    def _spread(self, rng: np.random.Generator, n: int, share: float = 1.0) -> FloatArray:
        return np.asarray(np.clip(1 + share * self.variability * rng.standard_normal(n), 0.6, 1.4))


def _mark(side: Side, old: Tread, new: Tread) -> StepMark:
    way_m = float(np.hypot(new.place_m - old.place_m, new.aside_m - old.aside_m))
    return StepMark(side, old.tc_s, new.ic_s, way_m, (new.heading - old.heading) * DEG_PER_RAD)
