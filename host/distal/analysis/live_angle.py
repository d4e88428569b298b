"""The limb's angle for a live drawing: 0 degrees hanging, 90 level, RATE times a second, without delay.

A view, not a measurement: reps, ranges and reports come from `reps.py`, which sees a whole span at once.
What is seen here is only computed when somebody looks, from the last samples, so that a replay pays nothing.
"""

from collections import deque
from dataclasses import dataclass, field
from math import cos, sin, sqrt

import numpy as np

from distal.analysis.coverage import usable
from distal.model import FloatArray
from distal.units import DEG_PER_RAD, G

RATE = 25.0  # points a second
SHOWN_S = 8.0
KEPT_S = 12.0  # raw samples: more than a look that comes late needs
TILT_S = 0.5  # s in which a calm accelerometer pulls the angle right
CALM_ACC, CALM_GYR = 0.3, 0.35  # m/s2, rad/s: as in reps_limb
STILL, BIAS_S, STILL_STEPS = 0.05, 2.0, 12  # rad/s; half a second of stillness shows the gyro's bias
LOST_STEPS = 25  # a longer hole than a second says nothing about the turn meanwhile
AS_DRAWN = np.array([1.0, 0.0, 0.0])  # x along the leg towards the foot
NOW_S = 0.12  # samples that make the present moment

Vector = tuple[float, float, float]


@dataclass(slots=True)
class Tilt:
    """Which way is up, in sensor axes, step by step: gyro in between, gravity where the limb is calm."""

    up: Vector | None = None
    bias: Vector = (0.0, 0.0, 0.0)
    still: int = 0
    lost: int = 0

    def miss(self) -> None:
        """A step without samples."""
        self.lost += 1
        if self.lost > LOST_STEPS:
            self.up = None

    def step(self, gyr: Vector, acc: Vector) -> Vector:
        """Mean turning rate (rad/s) and specific force (m/s2) of a step -> up."""
        size = max(sqrt(acc[0] ** 2 + acc[1] ** 2 + acc[2] ** 2), 1e-6)
        felt = (acc[0] / size, acc[1] / size, acc[2] / size)
        if self.up is None:
            self.up, self.lost = felt, 0
            return felt
        rate = (gyr[0] - self.bias[0], gyr[1] - self.bias[1], gyr[2] - self.bias[2])
        turning = rate[0] ** 2 + rate[1] ** 2 + rate[2] ** 2
        calm = 1.0 / (1.0 + ((size - G) / CALM_ACC) ** 2 + turning / CALM_GYR**2)
        pull = min(calm * (1 + self.lost) / (RATE * TILT_S), 1.0)  # after a hole gravity counts more
        moved = _turned(self.up, rate)
        mixed = tuple(m + pull * (f - m) for m, f in zip(moved, felt, strict=True))
        length = max(sqrt(sum(x * x for x in mixed)), 1e-6)
        self.up = (mixed[0] / length, mixed[1] / length, mixed[2] / length)
        self.lost = 0
        self._learn_bias(gyr, turning)
        return self.up

    def _learn_bias(self, gyr: Vector, turning: float) -> None:
        self.still = self.still + 1 if turning < STILL**2 else 0
        if self.still > STILL_STEPS:
            b, share = self.bias, 1.0 / (RATE * BIAS_S)
            self.bias = tuple(x + share * (w - x) for x, w in zip(b, gyr, strict=True))  # type: ignore[assignment]


def _turned(up: Vector, rate: Vector) -> Vector:
    """A direction that stands still, seen from axes that turn with `rate` for one step (Rodrigues)."""
    size = sqrt(rate[0] ** 2 + rate[1] ** 2 + rate[2] ** 2)
    if size < 1e-9:
        return up
    angle = -size / RATE
    x, y, z = rate[0] / size, rate[1] / size, rate[2] / size
    c, s = cos(angle), sin(angle)
    along = (x * up[0] + y * up[1] + z * up[2]) * (1.0 - c)
    return (
        up[0] * c + (y * up[2] - z * up[1]) * s + x * along,
        up[1] * c + (z * up[0] - x * up[2]) * s + y * along,
        up[2] * c + (x * up[1] - y * up[0]) * s + z * along,
    )


@dataclass(slots=True)
class AngleWatch:
    """Keeps the last samples of a leg; `look` turns them into points. rate_hz: of the samples."""

    rate_hz: float
    axis: FloatArray = field(default_factory=lambda: AS_DRAWN)  # towards the foot, sensor axes
    _rows: deque[tuple[FloatArray, FloatArray]] = field(default_factory=deque)
    _have: int = 0  # rows in _rows
    _seen: int = 0  # rows ever
    _step: int = 0  # next step
    _tilt: Tilt = field(default_factory=Tilt)
    _points: deque[tuple[float, Vector]] = field(default_factory=lambda: deque(maxlen=int(SHOWN_S * RATE)))

    def keep(self, gyr: FloatArray, acc: FloatArray) -> None:
        """Take samples, (n, 3) each; nothing is computed."""
        most = int(KEPT_S * self.rate_hz)
        self._rows.append((gyr[-most:], acc[-most:]))
        self._seen += len(gyr)
        self._have += min(len(gyr), most)
        while self._have - len(self._rows[0][0]) >= most:
            self._have -= len(self._rows.popleft()[0])

    def _last(self, want: int) -> FloatArray:
        """(n, 6) the last rows kept, at least as many as wanted if there are."""
        parts: list[tuple[FloatArray, FloatArray]] = []
        have = 0
        for part in reversed(self._rows):
            if have >= want:
                break
            parts.append(part)
            have += len(part[0])
        if not parts:
            return np.zeros((0, 6))
        return np.concatenate(
            usable(*(np.concatenate(rows) for rows in zip(*parts[::-1], strict=True))), axis=1
        )

    def look(self) -> list[tuple[float, float]]:
        """Every point that is new since the last look: (sample of the leg, degrees)."""
        scale = self.rate_hz / RATE
        first = self._seen - self._have
        if self._step * scale < first:  # nobody looked for long: begin anew with what is kept
            self._step, self._tilt = int(first / scale) + 1, Tilt()
        last = int(self._seen / scale)
        if self._step >= last:
            return []
        rows, fresh = self._last(self._seen - int(self._step * scale)), []
        first = self._seen - len(rows)
        for step in range(self._step, last):
            part = rows[int(step * scale) - first : int((step + 1) * scale) - first]
            part = part[np.isfinite(part.sum(axis=1))]
            if len(part) == 0:
                self._tilt.miss()
                continue
            mean = part.mean(axis=0).tolist()
            fresh.append(((step + 0.5) * scale, self._tilt.step(tuple(mean[:3]), tuple(mean[3:]))))
        self._step = last
        self._points.extend(fresh)
        return self._angles(fresh)

    def shown(self) -> list[tuple[float, float]]:
        """The points of the last SHOWN_S: (sample of the leg, degrees); a hole has none."""
        since = self._seen - SHOWN_S * self.rate_hz
        return self._angles([point for point in self._points if point[0] >= since])

    def now(self) -> tuple[FloatArray, FloatArray] | None:
        """Turning rate and specific force of the last NOW_S, (n, 3) each; None when samples are missing."""
        want = int(NOW_S * self.rate_hz)
        last = self._last(want)[-want:]
        return (last[:, :3], last[:, 3:]) if len(last) == want and np.isfinite(last).all() else None

    def _angles(self, points: list[tuple[float, Vector]]) -> list[tuple[float, float]]:
        if not points:
            return []
        down = -np.array([up for _, up in points]) @ self.axis
        degrees = np.arccos(np.clip(down, -1.0, 1.0)) * DEG_PER_RAD
        return [(at, deg) for (at, _), deg in zip(points, degrees.tolist(), strict=True)]
