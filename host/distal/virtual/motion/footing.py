"""What a foot and its shank do, written down as points in time and joined by smooth curves."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from distal.model import Side
from distal.units import RAD_PER_DEG
from distal.virtual.motion.body import OUTWARD, Athlete, Sole, stand_on_ankle
from distal.virtual.motion.chain import Span
from distal.virtual.motion.curve import Curve, Path, Sum, pass_through
from distal.virtual.motion.gait import shock
from distal.virtual.motion.stage import StepMark

# pitch: the foot ahead of the knee counts up, degrees; tilt: the foot outward of the knee, degrees
CHANNELS = ("pitch", "tilt", "ahead", "up")


@dataclass(frozen=True, slots=True)
class Swing:
    """A step: where the ankle lands (m), how far it is lifted on the way, how the shank folds and lands."""

    ahead: float
    up: float = 0.0
    lift: float = 0.10
    fold: float = 35.0  # degrees that the shank leans forward in mid-swing
    pitch: float = 5.0  # at landing
    impact_mps2: float = 15.0


@dataclass(slots=True)
class Footing:
    """One leg that is led by its foot, from standing to standing.

    The foot's places are those of the ankle: `ahead` of where the set began, `up` from the floor.
    """

    side: Side
    start_s: float
    steps: list[StepMark] = field(default_factory=list)
    thumps: list[tuple[float, float]] = field(default_factory=list)  # (s, m/s2): the shank rings
    points: dict[str, list[tuple[float, float]]] = field(init=False)

    def __post_init__(self) -> None:
        self.points = {name: [(self.start_s, 0.0)] for name in CHANNELS}

    def now(self, name: str) -> float:
        """Where a channel stands."""
        return self.points[name][-1][1]

    def move(self, span: tuple[float, float], **targets: float) -> None:
        """Channels stay until the span begins and reach their targets at its end."""
        for name, value in targets.items():
            self._stay(name, span[0])
            self.points[name].append((span[1], value))

    def swing(self, span: tuple[float, float], way: Swing) -> None:
        """The foot leaves the floor at the span's start and meets it at its end: a step."""
        tc_s, ic_s = span
        middle = tc_s + 0.45 * (ic_s - tc_s)
        length = abs(way.ahead - self.now("ahead"))
        self.steps.append(StepMark(self.side, tc_s, ic_s, length))
        self.thumps.append((ic_s, way.impact_mps2))
        high = max(self.now("up"), way.up) + way.lift
        lowest = min(self.now("pitch"), way.pitch) - way.fold
        self.move(span, ahead=way.ahead)
        self.move((tc_s, middle), up=high, pitch=lowest)
        self.move((middle, ic_s), up=way.up, pitch=way.pitch)

    def _stay(self, name: str, until_s: float) -> None:
        t, value = self.points[name][-1]
        if until_s > t:
            self.points[name].append((until_s, value))

    def curves(self, end_s: float) -> dict[str, Curve]:
        """Every channel up to the end; angles in rad."""
        out = {}
        for name in CHANNELS:
            self._stay(name, end_s)
            scale = RAD_PER_DEG if name in ("pitch", "tilt") else 1.0
            out[name] = pass_through([(t, scale * value) for t, value in self.points[name]])
        return out

    def span(self, athlete: Athlete, end_s: float, more: Mapping[str, Path]) -> Span:
        """The leg, with unrest in `more` (rad) put on top of pitch and tilt."""
        paths: dict[str, Path] = dict(self.curves(end_s))
        for name, path in more.items():
            paths[name] = Sum(paths[name], path)
        sideways: Path = Sum()
        if self.thumps:
            t, peaks = np.array(sorted(self.thumps)).T
            paths["ahead"] = Sum(paths["ahead"], shock(t, peaks, end_s))
            paths["up"] = Sum(paths["up"], shock(t, 0.4 * peaks, end_s))
            sideways = shock(t, -0.2 * OUTWARD[self.side] * peaks, end_s)
        sole = Sole(paths["pitch"], paths["tilt"], ankle=(paths["ahead"], sideways, paths["up"]))
        return Span(self.start_s, end_s, stand_on_ankle(athlete, self.side, sole))
