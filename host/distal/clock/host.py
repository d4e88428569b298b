"""The host's clock as all cuffs saw it: where it jumped and how far. Pure.

Every cuff is fitted against the same host clock, so a jump that one of them saw parts the arrivals of all,
in the order in which the host heard them. Between two jumps left and right agree by the host's clock alone,
whatever the jumps were; across one, by whoever's own time went on over it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from distal.clock.course import Course, joined
from distal.clock.fit import HostFit, Part

_SAME_S = 0.05  # two cuffs that saw a jump agree so well
_SHORT_S = 10.0  # a course of less may be told better by the next one of the same clock


class HostClock:
    """Makes the fits of all cuffs; each hears of the jumps that another one saw."""

    def __init__(self) -> None:
        self._fits: list[HostFit] = []
        self._parts: list[Part] = []

    def new_fit(self, before: HostFit | None = None) -> HostFit:
        """For a cuff, or after a boot that its IMU's clock did not outlive; `before`: until then."""
        fit = HostFit(lambda part: self._hear(fit, part), before)
        self._fits.append(fit)
        return fit

    def _hear(self, by: HostFit, part: Part) -> None:
        for fit in self._fits:
            if fit is not by:
                part = fit.part(part)
        self._parts = sorted([*self._parts, part], key=lambda one: (one.high, one.low))

    def eras(self) -> "Eras":
        """What all fits saw so far."""
        return Eras.seen(self._parts, [fit.courses() for fit in self._fits if self._parts])


@dataclass(frozen=True, slots=True)
class Eras:
    """The host's time between its jumps, (n,) s; session time is host time without them."""

    parts: Sequence[Part]
    jumps: tuple[float, ...]

    @classmethod
    def seen(cls, parts: Sequence[Part], courses: Sequence[Sequence[Course]]) -> "Eras":
        """Jumps as courses show them: the cuffs' own time went on evenly."""
        blank = cls(parts, (0.0,) * len(parts))
        found: dict[tuple[int, int], list[tuple[float, float]]] = {}
        for one in courses:
            for old, new in pairwise(one):
                over = blank.era(old), blank.era(new)
                if over[0] < over[1]:
                    found.setdefault(over, []).append(_jump(old, new))
        known = {over: _settled(seen) for over, seen in found.items()}
        return cls(parts, _solved(known, parts))

    def era(self, course: Course) -> int:
        """How many jumps were before a course."""
        return sum(part.high <= course.places[0] for part in self.parts)

    def doubt_s(self, course: Course) -> float:
        """What a course may be wrong by, s, as nobody knows whether it was before a jump or after it."""
        first, last = course.places
        return math.fsum(
            abs(by_s)
            for part, by_s in zip(self.parts, self.jumps, strict=True)
            if first < part.high and last > part.low
        )

    def session(self, courses: Sequence[Course]) -> Course:
        """One clock's courses, in order and not none, as one from cuff time to session time."""
        placed = [
            course.doubted(self.doubt_s(course)).moved(0.0, -math.fsum(self.jumps[: self.era(course)]))
            for course in courses
        ]
        return joined([one for k, one in enumerate(placed) if not _is_told_better(one, placed, k)])


def _is_told_better(one: Course, courses: Sequence[Course], at: int) -> bool:
    """A short course whose neighbour, carried on, is surer than itself."""
    if one.span_s >= _SHORT_S:
        return False
    middle_s, own_s = float(one.cuff_s.mean()), float(one.error_s.min())
    beside = [courses[k] for k in (at - 1, at + 1) if 0 <= k < len(courses)]
    return any(other.span_s > one.span_s and other.sd_s(middle_s) < own_s for other in beside)


def _jump(old: Course, new: Course) -> tuple[float, float]:
    """By how much the host's clock jumped from one course to the next of the same clock; standard error.

    Looked at where both, carried on, are surest.
    """
    ends = float(old.cuff_s[-1]), float(new.cuff_s[0])
    found = [(math.hypot(old.sd_s(x), new.sd_s(x)), x) for x in (*ends, sum(ends) / 2)]
    sd_s, at_s = min(found)
    return new.host_s(at_s) - old.host_s(at_s), sd_s


def _settled(seen: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """One jump as several cuffs saw it; where they do not agree, a cuff's own clock jumped as well."""
    by_s, sd_s = np.array(seen).T
    least = float(by_s[np.argmin(np.abs(by_s))])
    same = np.abs(by_s - least) < _SAME_S + 3.0 * sd_s
    weight = same / np.maximum(sd_s, 1e-6) ** 2
    return float((weight * by_s).sum() / weight.sum()), float(weight.sum() ** -0.5)


def _solved(known: Mapping[tuple[int, int], tuple[float, float]], parts: Sequence[Part]) -> tuple[float, ...]:
    """Each jump from those known over one or more of them, the surest first; else as it was told."""
    jumps: list[float | None] = [None] * len(parts)
    rest = sorted(known, key=lambda over: (over[1] - over[0], known[over][1]))
    for first, end in rest:
        unknown = [k for k in range(first, end) if jumps[k] is None]
        if len(unknown) == 1:
            others = math.fsum(jumps[k] or 0.0 for k in range(first, end))
            jumps[unknown[0]] = known[first, end][0] - others
    return tuple(part.by_s if by_s is None else by_s for part, by_s in zip(parts, jumps, strict=True))
