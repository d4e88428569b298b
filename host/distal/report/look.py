"""What a page says of a set, in numbers: derived once, so that charts, words and tables agree."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from distal.model import ExerciseSet, Load, Rep
from distal.report.spread import Spread, Trend, spread, trend

HANGS = -45.0  # degrees: a limb that starts below this hangs, and heights count from hanging
LEAST_ANGLE = 1.0  # degrees; no angle is better
LEAST_HOLD_S = 0.2  # what the analysis calls a hold
LEAST_TIME_S = 0.05
PHASES = ("lift", "hold", "lower")
Zero = Literal["hanging", "level"]
Value = Callable[[Rep], float | None]


@dataclass(frozen=True, slots=True)
class SetLook:
    """A set with its number in the session (from 1) and the zero of its heights."""

    number: int
    one: ExerciseSet
    zero: Zero

    @property
    def reps(self) -> tuple[Rep, ...]:
        """The set's reps, flagged ones too."""
        return self.one.reps

    def height(self, elevation_deg: float) -> float:
        """Elevation of the limb -> height as the page counts it."""
        return elevation_deg + (90.0 if self.zero == "hanging" else 0.0)

    def heights(self) -> list[float]:
        """Height at the top of each rep."""
        return [self.height(rep.top_deg) for rep in self.reps]

    def speeds(self) -> list[float]:
        """Mean speed of each lift, degrees/s."""
        return [rep.rom_deg / rep.concentric_s for rep in self.reps if rep.concentric_s > 0]

    @property
    def is_held(self) -> bool:
        """Whether most reps have a hold."""
        return sum(rep.hold_s >= LEAST_HOLD_S for rep in self.reps) > len(self.reps) / 2

    @property
    def about(self) -> Literal["knee", "hip", "none"]:
        """The joint the load is about."""
        return next((rep.load.about for rep in self.reps if rep.load.about), "none")

    def flagged(self, flag: str | None = None) -> list[int]:
        """Numbers (from 1) of the reps with this flag; with any flag."""
        found = enumerate(self.reps, 1)
        return [k for k, rep in found if (flag in rep.flags if flag else rep.flags)]

    def height_spread(self) -> Spread | None:
        """Mean height at the top."""
        return spread(self.heights(), LEAST_ANGLE)

    def range_spread(self) -> Spread | None:
        """Mean range of a rep."""
        return spread([rep.rom_deg for rep in self.reps], LEAST_ANGLE)

    def hold_spread(self) -> Spread | None:
        """Mean hold."""
        return spread([rep.hold_s for rep in self.reps], LEAST_TIME_S)

    def height_trend(self) -> Trend | None:
        """Heights from rep to rep."""
        return trend(self.heights())

    def speed_trend(self) -> Trend | None:
        """Lift speed from rep to rep."""
        return trend(self.speeds())

    def length_s(self) -> float:
        """From the start of the first rep to the end of the last."""
        return self.one.end_s - self.one.start_s


def look_at(sets: Sequence[ExerciseSet]) -> list[SetLook]:
    """The session's sets, numbered."""
    return [SetLook(k, one, zero_of(one)) for k, one in enumerate(sets, 1)]


def zero_of(one: ExerciseSet) -> Zero:
    """Where heights count from: a limb that starts hanging is measured from there, another from level."""
    starts = sorted(rep.top_deg - rep.rom_deg for rep in one.reps)
    return "hanging" if starts and starts[len(starts) // 2] < HANGS else "level"


def phase_load(rep: Rep, phase: str) -> float | None:
    """Load over time in one phase of a rep, N m s."""
    return phase_of(rep.load, phase)


def phase_of(load: Load, phase: str) -> float | None:
    """Member of a load that belongs to a phase."""
    if phase == "lift":
        return load.impulse_concentric_nms
    return load.impulse_hold_nms if phase == "hold" else load.impulse_eccentric_nms


def known(values: Sequence[float | None]) -> list[float]:
    """Values that are there."""
    return [value for value in values if value is not None and math.isfinite(value)]


def with_sensor(reps: Sequence[Rep], value: Callable[[Load], float | None], between: Spread) -> Spread | None:
    """The mean's interval with what mass, distance and sensor add; None when that is not known.

    Those errors are the same in every rep, so the mean of the ends is taken, and both causes add as squares.
    """
    lows = known([value(rep.load.low) if rep.load.low else None for rep in reps])
    highs = known([value(rep.load.high) if rep.load.high else None for rep in reps])
    if len(lows) != len(reps) or len(highs) != len(reps):
        return None
    down = math.hypot(between.mean - between.low, between.mean - sum(lows) / len(lows))
    up = math.hypot(between.high - between.mean, sum(highs) / len(highs) - between.mean)
    return Spread(between.mean, between.mean - down, between.mean + up, between.n)


def worst_load(reps: Sequence[Rep]) -> Spread | None:
    """The highest moment of a set with its own interval, where it is known."""
    found = [rep for rep in reps if rep.load.peak_moment_nm is not None]
    if not found:
        return None
    rep = max(found, key=lambda one: one.load.peak_moment_nm or 0.0)
    value = rep.load.peak_moment_nm or 0.0
    low = rep.load.low.peak_moment_nm if rep.load.low else None
    high = rep.load.high.peak_moment_nm if rep.load.high else None
    return Spread(value, value if low is None else low, value if high is None else high, 1)


def thirds(n: int) -> list[tuple[int, int]]:
    """Spans of rep indices to compare: three groups from 15 reps on, else one."""
    if n < 15:
        return [(0, n)] if n else []
    return [(0, n // 3), (n // 3, 2 * n // 3), (2 * n // 3, n)]


def phases_of(rep: Rep) -> list[tuple[str, float, float]]:
    """(phase, start, end) in order of time; a squat lowers first, so what comes first is told by the turn."""
    before = rep.top_s - rep.start_s
    is_lift_first = abs(before - rep.concentric_s) <= abs(before - rep.eccentric_s)
    order = PHASES if is_lift_first else PHASES[::-1]
    first, last = (
        (rep.concentric_s, rep.eccentric_s) if is_lift_first else (rep.eccentric_s, rep.concentric_s)
    )
    edges = (rep.start_s, rep.start_s + first, rep.end_s - last, rep.end_s)
    return [(name, a, b) for name, a, b in zip(order, edges, edges[1:], strict=False) if b > a]


def course_between(look: SetLook, start_s: float, end_s: float) -> list[list[tuple[float, float]]]:
    """The pieces of the course between two instants, (s, height), cut at both ends."""
    out = []
    for piece in look.one.trace:
        cut = [(t, look.height(v)) for t, v in _cut(piece, start_s, end_s)]
        if len(cut) > 1:
            out.append(cut)
    return out


def _cut(piece: Sequence[tuple[float, float]], start_s: float, end_s: float) -> list[tuple[float, float]]:
    low, high = max(start_s, piece[0][0]), min(end_s, piece[-1][0])
    if high <= low:
        return []
    inside = [(t, v) for t, v in piece if low < t < high]
    return [(low, value_at(piece, low)), *inside, (high, value_at(piece, high))]


def value_at(piece: Sequence[tuple[float, float]], t: float) -> float:
    """The course at an instant within the piece."""
    for (t0, v0), (t1, v1) in itertools.pairwise(piece):
        if t0 <= t <= t1:
            return v0 if t1 == t0 else v0 + (v1 - v0) * (t - t0) / (t1 - t0)
    return piece[-1][1] if t > piece[-1][0] else piece[0][1]


def start_height(look: SetLook, rep: Rep) -> float:
    """Height at the start of a rep: from the course, or from top and range."""
    for piece in look.one.trace:
        if piece[0][0] <= rep.start_s <= piece[-1][0]:
            return look.height(value_at(piece, rep.start_s))
    return look.height(rep.top_deg - rep.rom_deg)
