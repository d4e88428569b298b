"""What the leg does this moment, for the cue of a live view: lift, hold, lower. Point by point, no delay.

It names the movement while it is being made and may be wrong; which reps there were is told by `reps.py`.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from distal.analysis.live_angle import RATE

Phase = Literal["lift", "hold", "lower"]
Mark = tuple[Phase, float]
Way = tuple[float, float, float]  # start and end, s; degrees between rest and top

LEAVES = 8.0  # degrees above the rest: the leg is on its way
LEAST = 15.0  # degrees: what stays lower was no rep
MOVES, STANDS = 10.0, 7.0  # degrees/s: above, below
SPEED_STEPS = 5  # points over which speed is read: 0.2 s
HOLD_S = 0.16  # s of standing still that make a hold
BACK = 0.15  # of the way: the leg is back at its rest
AGAIN = 0.4  # of the way: a leg that turns round below this begins another rep
BRIEF_S = 1.0  # a shorter excursion is more likely a step
LONG_S, POSE_S = 3.0, 12.0  # s: a hold that ends in a lift was a rest; a longer one is a pose
QUIET_S = 0.8  # s of rest after which a brief excursion is forgotten
REST_S = 4.0  # s in which the rest is read


@dataclass(slots=True)
class PhaseWatch:
    """Feed it points in order.

    marks  phases of the rep being done, each with its start; done  the last ones that look like reps
    """

    marks: list[Mark] = field(default_factory=list)
    done: deque[Way] = field(default_factory=lambda: deque(maxlen=8))
    _last: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=int(REST_S * RATE)))
    _base: float = 0.0  # degrees at rest
    _top: float = 0.0
    _still_s: float = 0.0
    _wary: bool = False  # the last excursion was as brief as a step

    @property
    def phase(self) -> Phase | None:
        """What the leg does; None at rest."""
        return self.marks[-1][0] if self.marks else None

    def update(self, points: list[tuple[float, float]]) -> None:
        """New points (s, degrees)."""
        for t, angle in points:
            if self._last and t - self._last[-1][0] > 0.5:  # a hole: what was going on is not known
                self._last.clear()
                self.marks = []
            self._last.append((t, angle))
            self._take(t, angle, self._speed())

    def _speed(self) -> float:
        ago = self._last[max(len(self._last) - SPEED_STEPS, 0)]
        now = self._last[-1]
        return (now[1] - ago[1]) / (now[0] - ago[0]) if now[0] > ago[0] else 0.0

    def _take(self, t: float, angle: float, speed: float) -> None:
        self._still_s = self._still_s + 1.0 / RATE if abs(speed) < STANDS else 0.0
        if not self.marks:
            self._rest(angle, speed)
            return
        self._top = max(self._top, angle)
        way, phase = self._top - self._base, self.phase
        height = (angle - self._base) / max(way, 1.0)
        if height < BACK or (phase == "lower" and self._still_s >= HOLD_S):
            self._end(t)
        elif phase == "lower" and speed > MOVES and height < AGAIN:
            self._end(t)
            self._begin()
        elif phase != "lower" and speed < -MOVES and angle < self._top - 3.0:
            self.marks.append(("lower", t))
        elif phase == "lift" and self._still_s >= HOLD_S and way >= LEAST:
            self.marks.append(("hold", t - self._still_s))
        elif phase == "hold" and t - self.marks[-1][1] > POSE_S:
            self._forget()
        elif phase in ("hold", "lower") and speed > MOVES and angle >= self._top:
            self._higher(t)

    def _higher(self, t: float) -> None:
        """It was a stop on the way up; after a long one the leg lifts from a new rest."""
        if t - self.marks[-1][1] > LONG_S:
            self._forget()
            self._begin()
        else:
            self.marks = [self.marks[0]]

    def _forget(self) -> None:
        """No rep after all: a pose."""
        newest = list(self._last)[-SPEED_STEPS:]
        self.marks = []
        self._last.clear()
        self._last.extend(newest)

    def _rest(self, angle: float, speed: float) -> None:
        self._base = min(a for _, a in self._last)
        if self._still_s > QUIET_S:
            self._wary = False
            self._base = angle
        if angle > self._base + LEAVES and speed > MOVES and not self._wary:
            self._begin()

    def _begin(self) -> None:
        """The lift began where the leg was last at its lowest."""
        low = min(a for _, a in self._last)
        at = [(t, a) for t, a in self._last if a < low + 2.0]
        self._base, self._top = low, self._last[-1][1]
        self.marks = [("lift", at[-1][0])]

    def _end(self, t: float) -> None:
        begun, way = self.marks[0][1], self._top - max(self._base, self._last[-1][1])
        if t - begun < BRIEF_S or way < LEAST:
            self._wary = True
        else:
            self.done.append((begun, t, way))
        self._forget()
