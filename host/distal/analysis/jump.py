"""Jumps and hops of one leg: a flight in which the cuff feels next to nothing, then a landing.

In the air the body falls freely: specific force is what the turning of the shank leaves of it, a small part
of g. h = g t^2 / 8; an error of 10 ms in 0.5 s is 12 mm (science 3g). Running and swings do not come here:
there the leg is whirled about the hip and feels more than g.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from distal.analysis.even import RATE_HZ, Even
from distal.model import Estimate, FloatArray, Jump, Side
from distal.units import G

FREE = 0.55 * G  # in the air below it, on the floor above: half of standing still
LEAST_S, MOST_S = 0.15, 1.0  # 3 cm; 1.2 m
LANDING, LANDING_S = 1.7 * G, 0.12  # a landing is felt within
JOIN = 3  # samples: a flight is not two because of one peak in it
KEPT = 200  # samples: the longest flight and its landing


@dataclass(frozen=True, slots=True)
class Flight:
    """Take-off and landing, fractional samples at RATE_HZ."""

    takeoff: float
    landing: float


class FlightFinder:
    """Streaming; delay: the flight itself + LANDING_S."""

    def __init__(self) -> None:
        self._size = np.zeros(0)  # |f|
        self._first = 0  # index of _size[0]
        self._judged = 0  # flights that end up to here are decided

    def update(self, even: Even) -> list[Flight]:
        """Take samples at RATE_HZ, return the flights that have ended for certain."""
        acc = even.acc
        size = np.sqrt(acc[:, 0] ** 2 + acc[:, 1] ** 2 + acc[:, 2] ** 2)
        self._size = np.concatenate([self._size, np.where(even.present, size, G)])
        sure = len(self._size) - int(LANDING_S * RATE_HZ)
        out = []
        for low, high in _free(self._size):
            if self._judged < high + self._first and high < sure:
                self._judged = high + self._first
                if _is_flight(self._size, low, high):
                    ends = [_cross(self._size, at, self._first) for at in (low, high)]
                    out.append(Flight(ends[0], ends[1]))
        drop = max(len(self._size) - KEPT, 0)
        self._size, self._first = self._size[drop:], self._first + drop
        return out


def _free(size: FloatArray) -> list[tuple[int, int]]:
    """Stretches [low, high) of free fall, in order."""
    free = np.concatenate([[False], size < FREE, [False]])
    edges = np.flatnonzero(free[1:] != free[:-1]).tolist()
    out: list[tuple[int, int]] = []
    for low, high in zip(edges[::2], edges[1::2], strict=True):
        if out and low - out[-1][1] <= JOIN:
            out[-1] = (out[-1][0], high)
        else:
            out.append((low, high))
    return out


def _is_flight(size: FloatArray, low: int, high: int) -> bool:
    """One that begins before what is kept is too long."""
    long_enough = low > 0 and LEAST_S * RATE_HZ <= high - low <= MOST_S * RATE_HZ
    return long_enough and bool(size[high : high + int(LANDING_S * RATE_HZ)].max(initial=0.0) >= LANDING)


def _cross(size: FloatArray, at: int, first: int) -> float:
    """Where the course crosses FREE just before sample `at`; index of the stream."""
    a, b = float(size[at - 1]), float(size[at])
    return (at - 1 + first) + ((a - FREE) / (a - b) if a != b else 0.0)


HEIGHT_SLIP = 0.05  # m: landing with bent knees lengthens the flight (science 3g); one cuff cannot tell
EDGE_S = 0.015  # of take-off and landing each
MOST_CONTACT_S = 1.0  # a longer stay between two flights is a rest
PAIR_S = 0.12  # both legs leave the floor within


def jumps(legs: Mapping[Side, Sequence[tuple[float, float]]]) -> tuple[Jump, ...]:
    """Flights (take-off, landing in s) of one or two legs -> jumps in order."""
    marks = sorted((a, b, side) for side, some in legs.items() for a, b in some)
    joined: list[tuple[float, float, set[Side]]] = []
    for a, b, side in marks:
        if joined and a - joined[-1][0] <= PAIR_S and side not in joined[-1][2]:
            first = joined[-1]
            joined[-1] = ((first[0] + a) / 2, (first[1] + b) / 2, first[2] | {side})
        else:
            joined.append((a, b, {side}))
    out: list[Jump] = []
    for k, (a, b, sides) in enumerate(joined):
        before = a - joined[k - 1][1] if k else None
        contact = before if before is not None and 0 < before < MOST_CONTACT_S else None
        out.append(_jump(a, b, "both" if len(sides) == 2 else next(iter(sides)), contact))
    return tuple(out)


def _jump(
    takeoff: float, landing: float, side: Literal["left", "right", "both"], contact: float | None
) -> Jump:
    flight = landing - takeoff
    low, high = (max(flight + k * EDGE_S * float(np.sqrt(2.0)), 0.0) for k in (-1, 1))
    height = Estimate(G * flight**2 / 8, max(G * low**2 / 8 - HEIGHT_SLIP, 0.0), G * high**2 / 8, 1)
    stay = rsi = None
    if contact is not None:
        stay = Estimate(contact, max(contact - 2 * EDGE_S, EDGE_S), contact + 2 * EDGE_S, 1)
        rsi = Estimate(height.value / contact, height.low / stay.high, height.high / stay.low, 1)
    return Jump(side, takeoff, landing, Estimate(flight, low, high, 1), height, stay, rsi)
