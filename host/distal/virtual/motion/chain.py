"""A limb as a chain of turns and shifts, and what is felt at its end.

The forward half of the recursive Newton-Euler method (Luh, Walker & Paul 1980): angular rate, angular
acceleration and specific force are carried outward, link by link, in the axes of the link just reached.
Exact for given curves; nothing is differentiated numerically.
"""

from dataclasses import dataclass

import numpy as np

from distal.model import FloatArray
from distal.units import G
from distal.virtual.motion.curve import Constant, Path

X, Y, Z = 0, 1, 2
# Rows of a state: vectors in the axes of the chain's end
GYR, TURNING, ACC, VELOCITY, POSITION, EARTH_X, EARTH_Y, EARTH_Z = range(8)
FELT, ALL = 3, 8  # how many rows: what an IMU feels, or everything

STILL = Constant(0.0)


@dataclass(frozen=True, slots=True)
class Turn:
    """Rotation of what follows about one axis, right-handed, by sign * path in rad."""

    axis: int
    path: Path
    sign: float = 1.0

    def carry(self, state: FloatArray, t: FloatArray) -> None:
        """Into the turned axes, adding the joint's own rate and acceleration."""
        angle, rate, bend = self.path.at(t)
        i, j, k = (self.axis + 1) % 3, (self.axis + 2) % 3, self.axis
        sin, cos = np.sin(self.sign * angle), np.cos(self.sign * angle)
        old = state[:, i].copy()
        state[:, i] = cos * old + sin * state[:, j]
        state[:, j] = cos * state[:, j] - sin * old
        gyr, turning = state[GYR], state[TURNING]
        # w x (e rate): the axis itself is carried round by the links before
        turning[i] += self.sign * rate * gyr[j]
        turning[j] -= self.sign * rate * gyr[i]
        turning[k] += self.sign * bend
        gyr[k] += self.sign * rate


@dataclass(frozen=True, slots=True)
class Shift:
    """A rigid link: a step of constant length in the axes reached so far, m."""

    by: tuple[float, float, float]

    def carry(self, state: FloatArray, t: FloatArray) -> None:
        """To the far end: adds w' x r + w x (w x r) to the acceleration, w x r to the velocity."""
        r = np.array(self.by)[:, None]
        across = _cross(state[GYR], r)
        state[ACC] += _cross(state[TURNING], r) + _cross(state[GYR], across)
        if len(state) > VELOCITY:
            state[VELOCITY] += across
            state[POSITION] += r


@dataclass(frozen=True, slots=True)
class Slide:
    """A step that changes in time, along three curves in the axes reached so far, m."""

    by: tuple[Path, Path, Path]

    def carry(self, state: FloatArray, t: FloatArray) -> None:
        """As Shift, with r'' + 2 w x r' on top of the acceleration and r' on top of the velocity."""
        r, speed, bend = (np.stack(np.broadcast_arrays(*rows)) for rows in zip(*_at(self.by, t), strict=True))
        across = _cross(state[GYR], r)
        state[ACC] += _cross(state[TURNING], r) + _cross(state[GYR], across + 2 * speed) + bend
        if len(state) > VELOCITY:
            state[VELOCITY] += across + speed
            state[POSITION] += r


def _at(paths: tuple[Path, Path, Path], t: FloatArray) -> list[tuple[FloatArray, FloatArray, FloatArray]]:
    return [path.at(t) for path in paths]


Link = Turn | Shift | Slide


def _cross(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


@dataclass(frozen=True, slots=True)
class Chain:
    """Links from a root point that moves along three curves in earth axes (x ahead, y left, z up; m)."""

    links: tuple[Link, ...]
    root: tuple[Path, Path, Path] = (STILL, STILL, STILL)

    def at(self, t: FloatArray, rows: int = ALL) -> FloatArray:
        """State (rows, 3, n) at the chain's end, vectors in the axes of the end.

        rad/s, rad/s2, specific force m/s2, m/s, then position (m, from the earth's origin) and
        the three earth axes, which are the columns of the rotation from earth to end.
        """
        state = np.zeros((rows, 3, len(t)))
        for k, path in enumerate(self.root):
            position, velocity, acceleration = path.at(t)
            state[ACC, k] = acceleration
            if rows > VELOCITY:
                state[VELOCITY, k], state[POSITION, k] = velocity, position
                state[EARTH_X + k, k] = 1.0
        state[ACC, Z] += G  # f = a - g, and g points down
        for link in self.links:
            link.carry(state, t)
        return state


@dataclass(frozen=True, slots=True)
class Span:
    """A chain that holds from start to end, s; at rest at both, so that spans join smoothly."""

    start_s: float
    end_s: float
    chain: Chain
