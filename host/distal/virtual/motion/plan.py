"""When the repetitions of a set happen and how large each is: tempo, pauses, tiring, odd ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from distal.errors import DataError
from distal.model import FloatArray, Side
from distal.virtual.motion.stage import RepMark

Tempo = tuple[float, float, float]  # out, hold, back; s
Sides = Literal["left", "right", "both", "alternating"]
Odd = Literal["partial", "aborted", "isometric", "fast", "touched"]


@dataclass(frozen=True, slots=True)
class Kind:
    """How an odd rep differs from the others: shares of range, of the ways out and back, and hold in s."""

    range: float = 1.0
    time: float = 1.0
    hold_s: float | None = None
    flags: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {
    "full": Kind(),
    "partial": Kind(range=0.5, flags=("partial",)),
    "aborted": Kind(range=0.38, time=0.5, hold_s=0.0, flags=("aborted",)),
    "isometric": Kind(hold_s=15.0, flags=("isometric",)),
    "fast": Kind(time=0.5, hold_s=0.0),
    "touched": Kind(flags=("contact",)),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What all sets have in common.

    variability  relative spread of range and times from rep to rep
    slowing      how much longer the last way out takes than the first, as a share
    fading       how much less range the last rep has than the first, as a share
    odd          number of a rep from 0 -> what is different about it
    second       from this rep on, with that tempo: a set of two speeds
    """

    code: str  # of the exercise, as in the contract of `distal analyze`
    reps: int = 8
    side: Sides = "right"
    tempo: Tempo = (1.2, 0.8, 1.5)
    pause_s: float = 0.8
    variability: float = 0.05
    slowing: float = 0.0
    fading: float = 0.0
    odd: Mapping[int, Odd] = field(default_factory=dict)
    second: tuple[int, Tempo] | None = None


def plan_reps(plan: Plan, start_s: float, rng: np.random.Generator) -> tuple[tuple[RepMark, ...], FloatArray]:
    """Instants of every rep, and its range as a share of the usual one. A pause comes first.

    raises DataError without a rep
    """
    if plan.reps < 1:
        raise DataError(f"a set of {plan.reps} reps. Give at least 1.")
    n = plan.reps * (2 if plan.side == "alternating" else 1)
    spread = np.clip(1 + plan.variability * rng.standard_normal((4, n)), 0.5, 1.5)
    tired = np.linspace(0, 1, n)
    sizes = spread[3] * (1 - plan.fading * tired)
    marks, now = [], start_s + plan.pause_s
    for k in range(n):
        kind = KINDS[plan.odd.get(k, "full")]
        tempo = plan.second[1] if plan.second and k >= plan.second[0] else plan.tempo
        out, hold, back = (float(part) * s for part, s in zip(spread[:3, k], tempo, strict=True))
        out, back = out * kind.time * (1 + plan.slowing * tired[k]), back * kind.time
        hold = hold if kind.hold_s is None else kind.hold_s
        sizes[k] *= kind.range
        start_s, top_s, lower_s, end_s = np.cumsum([now, out, hold, back]).tolist()
        marks.append(RepMark(start_s, top_s, lower_s, end_s, kind.flags))
        now = end_s + plan.pause_s
    return tuple(marks), sizes


def working(plan: Plan, side: Side, n: int) -> list[int]:
    """Which of the n reps a leg does."""
    if plan.side == "alternating":
        return list(range(0 if side == "right" else 1, n, 2))
    return list(range(n)) if plan.side in (side, "both") else []
