"""Quiet stance of a whole session: both feet still, upright, no rep and no step in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from distal.analysis.coverage import LEAST, Marks
from distal.analysis.even import RATE_HZ
from distal.analysis.rotate import unit
from distal.analysis.sway import BAND_HZ, LEAST_S, LISTED_S, Quiet, shank_sway
from distal.analysis.wear_words import Worn
from distal.model import SIDES, FloatArray, Side, Stance, SwayAngle, Timebase, warn

UPRIGHT = float(np.cos(np.pi * 25.0 / 180.0))  # a standing shank leans by some 10 degrees; a lying one by 90
AS_DRAWN = float(np.cos(np.pi * 30.0 / 180.0))
# degrees: quiet standing moves the centre of mass by 3 to 6 mm rms (Winter 1998), 0.2 to 0.4 degrees at the
# ankle; a sitting or lying leg, and a cuff on a table, do not
TOO_STILL = 0.05
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class StillLeg:
    """What the search needs of a leg."""

    quiet: Sequence[Quiet]
    worn: Worn
    holes: Marks
    time: Timebase

    def spans(self) -> list[Span]:
        """Stretches of stillness, session s."""
        return [(self.seconds(one.start), self.seconds(one.start + len(one.gyr))) for one in self.quiet]

    def seconds(self, position: float) -> float:
        """Session seconds of a position at RATE_HZ."""
        return self.time.start_s + position / RATE_HZ

    def cut(self, span: Span) -> Quiet:
        """The samples of this leg in a span that lies in one of its stretches."""
        low, high = (round((t - self.time.start_s) * RATE_HZ) for t in span)
        for one in self.quiet:
            if one.start <= low + 1 and high <= one.start + len(one.gyr) + 1:
                rows = slice(max(low - one.start, 0), high - one.start)
                return Quiet(low, one.gyr[rows], one.acc[rows])
        raise ValueError("the span lies in no stretch of stillness")

    def present(self, span: Span) -> float:
        """Share of the span's samples that are there."""
        return self.holes.present(*((t - self.time.start_s) * self.time.rate_hz for t in span))


def find_stances(
    legs: Mapping[Side, StillLeg], busy: Sequence[Span], seated: Sequence[Span] = ()
) -> tuple[Stance, ...]:
    """Every span of at least LISTED_S; measures from LEAST_S on.

    busy    reps and swings, session s
    seated  those of them done on a chair: stillness next to one, with nothing else between, is sitting
    """
    spans = [leg.spans() for leg in legs.values()]
    common = spans[0] if spans else []
    for other in spans[1:]:
        common = [(max(a, c), min(b, d)) for a, b in common for c, d in other if min(b, d) > max(a, c)]
    out = []
    for span in _without(common, busy):
        if span[1] - span[0] < LISTED_S or _is_beside(span, busy, seated):
            continue
        stance = _stance(legs, span)
        if stance is not None:
            out.append(stance)
    return tuple(out)


def _is_beside(span: Span, busy: Sequence[Span], seated: Sequence[Span]) -> bool:
    """Whether what comes just before or just after a span was done on a chair."""
    before = max((one for one in busy if one[1] <= span[0] + 1e-6), key=lambda one: one[1], default=None)
    after = min((one for one in busy if one[0] >= span[1] - 1e-6), key=lambda one: one[0], default=None)
    return before in seated or after in seated


def _without(spans: Sequence[Span], busy: Sequence[Span]) -> list[Span]:
    """Parts of the spans in which nothing else was found."""
    out = []
    for low, high in spans:
        for a, b in sorted(busy):
            if b > low and a < high:
                out.append((low, min(a, high)))
                low = max(low, b)
        out.append((low, high))
    return [span for span in out if span[1] > span[0]]


def _stance(legs: Mapping[Side, StillLeg], span: Span) -> Stance | None:
    """None when a leg is known not to stand, or nothing sways."""
    quiet = {side: leg.cut(span) for side, leg in legs.items()}
    posture = [_upright(one, legs[side].worn) for side, one in quiet.items()]
    if any(sure is None for sure in posture):
        return None
    sure = min(value for value in posture if value is not None)
    if span[1] - span[0] < LEAST_S:
        why = warn("sway_short", seconds=span[1] - span[0], least=LEAST_S)
        return Stance(*span, dict.fromkeys(legs), BAND_HZ, sure, (why,))
    found: dict[Side, SwayAngle | None] = {}
    reasons = []
    for side, leg in legs.items():
        found[side] = shank_sway(quiet[side], *_sideways(quiet[side], leg.worn))
        if leg.present(span) < LEAST["sway"]:
            found[side] = None
            there, least = 100 * leg.present(span), 100 * LEAST["sway"]
            reasons.append(warn("sway_coverage", side=side, percent=there, least=least))
    moving = [one for one in found.values() if one is not None]
    if moving and all(one.rms_deg < TOO_STILL for one in moving):
        return None
    if len(legs) < len(SIDES):
        reasons.append(warn("sway_one_cuff"))
    if sure <= 0.5:
        reasons.append(warn("sway_posture"))
    return Stance(*span, found, BAND_HZ, sure, tuple(reasons))


def _upright(quiet: Quiet, worn: Worn) -> float | None:
    """How sure it is that the shank is upright, 0 to 1; None when it is known not to be."""
    up = unit(quiet.acc.mean(axis=0))
    if worn.foot is None:
        return 0.5 if abs(float(up[0])) > AS_DRAWN else 0.3
    return 0.9 if float(-up @ worn.foot) > UPRIGHT else None


def _sideways(quiet: Quiet, worn: Worn) -> tuple[FloatArray | None, Literal["motion", "as_worn"] | None]:
    """The mediolateral axis: from walking, else as drawn when the cuff sits upright."""
    if worn.right is not None and worn.is_signed:
        return worn.right, "motion"
    up = unit(quiet.acc.mean(axis=0))
    if abs(float(up[0])) > AS_DRAWN:
        return np.array([0.0, 0.0, 1.0]), "as_worn"
    return None, None
