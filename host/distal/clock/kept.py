"""When a kept session was: a reading of its cuff's clocks, carried back to it. Pure.

Nobody heard the cuff while it recorded. At a meeting its clock and its crystal are read against the host's.
From there time goes back by the crystal, which is steady; where the cuff has begun anew since, by the IMU's
clock, which wanders. What neither tells is in the standard error.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from distal.clock.counters import TICK_S
from distal.clock.course import Course
from distal.ranges import WRAP, unwrap

# standard errors
CRYSTALS = 30e-6  # of two crystals that nobody compared: each is good to +-40 ppm
WARMTH = 5e-6  # of a crystal at another temperature than at the meeting
BEND = 1.2e-8  # 1/s: as fast does its rate change, 2 ppm in 20 min at most
SWING = 40e-6  # of an IMU's clock, the same
PACE = 0.01  # of an IMU's clock that was not read beside a crystal
AGE_S = 0.5  # of an age in whole seconds, with the way of the answer
WALL_S = 1.0  # of two wall clocks, or one that was set between two meetings
_HALF = math.sqrt(0.5)  # of a variance
_95 = 1.96  # standard errors in half of an interval
_SAME_S = 0.1  # one host's clock, not set in between: its offset changes by less
_PACED_S = 5.0  # between two marks that tell how fast the clock ran
_NEAR = 0.06  # an IMU's clock is not farther off than that
_CRYSTAL_WRAP_S = WRAP * 1e-6


@dataclass(frozen=True, slots=True)
class Anchor:
    """One reading of a cuff's clocks at a meeting, as seen from a session.

    zero        the cuff's clock at the session's first sample, 32 bits
    ticks       of its clock from there to the reading
    crystal_us  at the reading, 32 bits; None: not the crystal's count of the session's boot
    at_s        when it was read: seconds since 1970 by the host's wall clock
    error_s     standard error of that
    pace        crystal seconds a second of the cuff's clock; pace_error: its standard error
    rate        host seconds a crystal second, less 1; rate_error: its standard error
    offset_s    the host's wall clock less its monotonic one
    """

    zero: int
    ticks: int
    crystal_us: int | None
    at_s: float
    error_s: float
    pace: float
    pace_error: float
    rate: float
    rate_error: float
    offset_s: float
    pin_s: float | None = None  # when knocks told how both legs lie, s since 1970; not noted
    pin_error_s: float = 0.0

    def shifted(self, clock: int) -> "Anchor":
        """As seen from another sample of the session, by the cuff's clock there."""
        since = unwrap(clock, self.zero) - self.zero
        return replace(self, zero=clock, ticks=self.ticks - since)

    def drift_s(self) -> float:
        """By how much the crystals may differ over the time since the session began."""
        return self.rate_error * self.ticks * TICK_S

    def begin(self) -> tuple[float, float]:
        """When the session began, s since 1970, without any mark; standard error."""
        course = self.course((), 1)
        return float(course.at_host_s[0]), float(course.error_s[0])

    def course(self, marks: Sequence[tuple[int, int]], length: int, zero_s: float = 0.0) -> Course:
        """Cuff seconds, `zero_s` at the first sample -> seconds since 1970, over `length` ticks.

        marks  (ticks since the first sample, crystal_us), in order
        """
        if self.crystal_us is None:
            return self._paced(marks)._course(marks, length, zero_s)
        return self._course(marks, length, zero_s)

    def _paced(self, marks: Sequence[tuple[int, int]]) -> "Anchor":
        """By how fast the clock ran in the session itself, where its marks tell."""
        if len(marks) < 2 or self.pace_error <= SWING:
            return self
        (first, first_us), (last, last_us) = marks[0], marks[-1]
        passed_s = (last - first) * TICK_S
        by_crystal_s = _passed_s(first_us, last_us, passed_s)
        if passed_s < _PACED_S or abs(by_crystal_s - passed_s) > _NEAR * passed_s:
            return self
        return replace(self, pace=by_crystal_s / passed_s, pace_error=SWING)

    def _course(self, marks: Sequence[tuple[int, int]], length: int, zero_s: float) -> Course:
        steps = self._steps(marks)
        inner = {step.ticks: step for step in steps if 0 < step.ticks < length}
        ends = {ticks: self._near(steps, ticks) for ticks in (0, max(length, 1))}
        found = [one for _, one in sorted({**inner, **ends}.items())]
        slope = self.pace * (1.0 + self.rate)
        return Course(
            np.array([zero_s + one.ticks * TICK_S for one in found]),
            np.array([self.at_s - one.back_s * (1.0 + self.rate) for one in found]),
            np.array([self._sd_s(one) for one in found]),
            (slope, slope),
            between=False,
            kept=True,
        )

    def _steps(self, marks: Sequence[tuple[int, int]]) -> "list[_Step]":
        """The reading, and before it every mark that can be believed; newest first."""
        found, us = [_Step(self.ticks, 0.0, 0.0)], self.crystal_us
        for ticks, mark_us in reversed(marks):
            last = found[-1]
            by_clock_s = (last.ticks - ticks) * TICK_S * self.pace
            if us is None:
                found.append(_Step(ticks, last.back_s + by_clock_s, last.by_imu_s + abs(by_clock_s)))
            else:
                by_crystal_s = _passed_s(mark_us, us, by_clock_s)
                if abs(by_crystal_s - by_clock_s) > _NEAR * abs(by_clock_s) + AGE_S:
                    continue
                found.append(_Step(ticks, last.back_s + by_crystal_s, last.by_imu_s))
            us = mark_us
        return found

    def _near(self, steps: "Sequence[_Step]", ticks: int) -> "_Step":
        """A time without a mark: by the IMU's clock from the nearest one."""
        step = min(steps, key=lambda one: abs(one.ticks - ticks))
        more_s = (step.ticks - ticks) * TICK_S * self.pace
        return _Step(ticks, step.back_s + more_s, step.by_imu_s + abs(more_s))

    def _sd_s(self, step: "_Step") -> float:
        back_s, read_s, by_imu_s = abs(step.back_s), self.error_s, step.by_imu_s
        if self.pin_s is not None:  # against the other leg: since the knocks
            back_s, read_s = abs(self.at_s - step.back_s - self.pin_s), self.pin_error_s
            by_imu_s = min(by_imu_s, back_s)
        warm_s = min(BEND * back_s**2 / 2, WARMTH * back_s)
        imu_s = math.hypot(self.pace_error, SWING) * by_imu_s
        return math.hypot(read_s, self.rate_error * back_s, warm_s, imu_s)


@dataclass(frozen=True, slots=True)
class _Step:
    """A place of the cuff's clock, so many crystal seconds before the reading, some of them by the IMU."""

    ticks: int
    back_s: float
    by_imu_s: float


def with_knocks(
    anchors: Mapping[str, Sequence[Anchor]], sides: Mapping[str, str], tap: Mapping[str, Any] | None
) -> dict[str, list[Anchor]] | None:
    """Anchors of both legs as knocks of the cuffs against each other put them; None: they tell nothing."""
    later = tap["right_later_ms"] if tap else None
    if not tap or not later or sorted(sides.values()) != ["left", "right"]:
        return None
    begin_s = min(one.begin()[0] for of_cuff in anchors.values() for one in of_cuff)
    knocks = [one["at_s"] for one in tap["knocks"]]
    pin = {
        "pin_s": begin_s + sum(knocks) / len(knocks),
        "pin_error_s": 1e-3 * (later["high"] - later["low"]) / 2 / _95 * _HALF,
    }
    moved = {cuff: 1e-3 * later["value"] if side == "right" else 0.0 for cuff, side in sides.items()}
    return {
        cuff: [replace(one, at_s=one.at_s - moved[cuff], **pin) for one in of_cuff]
        for cuff, of_cuff in anchors.items()
    }


def _passed_s(first_us: int, last_us: int, near_s: float) -> float:
    """Between two readings of a crystal of 32 bits."""
    passed_s = ((last_us - first_us) % WRAP) * 1e-6
    return passed_s + round((near_s - passed_s) / _CRYSTAL_WRAP_S) * _CRYSTAL_WRAP_S


def to_dict(anchor: Anchor) -> dict[str, Any]:
    """As a recording notes it."""
    return {name: value for name, value in asdict(anchor).items() if not name.startswith("pin")}


def from_dict(values: Mapping[str, Any]) -> Anchor:
    """Read what a recording noted. raises KeyError, TypeError, ValueError when it is no anchor"""
    names = ("at_s", "error_s", "pace", "pace_error", "rate", "rate_error", "offset_s")
    parts = {name: float(values[name]) for name in names}
    zero, ticks, us = int(values["zero"]), int(values["ticks"]), values["crystal_us"]
    if not all(map(math.isfinite, parts.values())) or parts["pace"] <= 0:
        raise ValueError("an anchor has finite numbers")
    return Anchor(zero, ticks, None if us is None else int(us), **parts)


def with_walls(anchors: Mapping[str, Sequence[Anchor]]) -> dict[str, list[Anchor]]:
    """Anchors of each cuff, less sure where their meetings went by different wall clocks."""
    offsets = {cuff: [one.offset_s for one in of_cuff] for cuff, of_cuff in anchors.items()}

    def more_s(cuff: str, anchor: Anchor) -> float:
        others = [offset for other, found in offsets.items() if other != cuff for offset in found]
        apart_s = max((abs(offset - anchor.offset_s) for offset in others), default=0.0)
        return (apart_s if apart_s < _SAME_S else WALL_S) * _HALF

    return {
        cuff: [replace(one, error_s=math.hypot(one.error_s, more_s(cuff, one))) for one in of_cuff]
        for cuff, of_cuff in anchors.items()
    }


def ticks_since(zero: int, readings: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """(clock, crystal_us) of marks, each once and in order -> (ticks since `zero`, crystal_us)."""
    return sorted({(unwrap(clock, zero) - zero, us) for clock, us in readings if clock})
