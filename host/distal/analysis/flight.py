"""In the air: flights of one leg. A body that falls freely feels next to nothing, at the ankle as well.

What is felt at a cuff in flight is the turning of the shank about the body: bumps of half a g and more, that
come and go. A flight begins with a push and ends with a landing; a leg that is let fall has no push. Running
and kicks do not come here: a leg that is whirled about the hip feels more than g.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distal.analysis.even import RATE_HZ, Even
from distal.model import BoolArray, FloatArray
from distal.units import G

FREE = 0.55 * G  # felt in the air at most, in the mean over SMOOTH samples: bumps come and go
SMOOTH = 7
BUMP = 1.4 * G  # and no bump is larger: what is larger is the floor
DROPS = 0.35  # to this share of its peak a push has ended
REACH_S = 0.14  # from where the mean is free to the floor, at most
MEAN = 0.75 * G  # of a whole flight, at most
# rad/s, mean turning from take-off to landing: a shank lands much as it left the floor. Swings of walkers in
# which little is felt have 1.1 and more, jumps 0.5 at most
TURNS = 1.0
LEAST_S, MOST_S = 0.12, 1.0  # 2 cm; 1.2 m
# A walker's foot meets the floor with up to 2.2 g (100 Hz), one that hops 4 cm with 3.3
LANDING = 2.3 * G
SOFT = BUMP  # amid hops: at 50 Hz and where samples were lost little is left of a knock
REACH = int(REACH_S * RATE_HZ)
SURE_S = REACH_S + SMOOTH / RATE_HZ
WELL_SEEN, LEAST_SEEN = 0.5, 0.25  # share of a flight that was not lost: of one that is sure, of any
Place = tuple[int, float]  # a sample, and how far beyond it
KEPT = 240  # samples: the longest flight, its push and its landing
HOP_S = 0.6  # on the floor between hops at most; standing up from a landing takes longer


@dataclass(frozen=True, slots=True)
class Flight:
    """Take-off and landing, fractional samples at RATE_HZ."""

    takeoff: float
    landing: float


class FlightFinder:
    """Streaming; delay: the flight itself + SURE_S. Samples that are missing count as bridged."""

    def __init__(self) -> None:
        self._felt = np.zeros((0, 3))
        self._gyr = np.zeros((0, 3))
        self._present = np.zeros(0, np.bool_)
        self._size = np.zeros(0)  # of _felt
        self._free = np.zeros(0, np.bool_)  # whether nothing is felt in the mean of SMOOTH samples from here
        self._first = 0  # index of _felt[0]
        self._judged = 0  # flights that end up to here are decided
        self._row: list[Flight] = []  # the last sure one, and soft ones close after it

    def update(self, even: Even) -> list[Flight]:
        """Take samples at RATE_HZ, return the flights that have ended for certain."""
        self._felt = np.concatenate([self._felt, even.acc])
        self._gyr = np.concatenate([self._gyr, even.gyr])
        self._present = np.concatenate([self._present, even.present])
        fresh = np.sqrt(np.einsum("ni,ni->n", even.acc, even.acc))
        self._size = size = np.concatenate([self._size, fresh])
        self._free = np.concatenate([self._free, _is_free(self._felt[len(self._free) :])])
        sure = len(size) - int(SURE_S * RATE_HZ)
        out = []
        for low, high in _aloft(self._free, size):
            if self._judged < high + self._first and high < sure:
                self._judged = high + self._first
                ends = _ends(size, low, high)
                seen = 0.0 if ends is None else self._seen(*ends)
                if ends is not None and seen >= LEAST_SEEN:
                    # whole samples first: the same bits wherever the stream was cut
                    (off, takes), (on, lands) = ends
                    one = Flight(off + self._first + takes, on + self._first + lands)
                    knock = float(size[high - 1 : high + REACH].max())
                    out += self._in_row(one, knock >= LANDING and seen >= WELL_SEEN)
        drop = max(len(size) - KEPT, 0)
        self._felt, self._gyr, self._present = self._felt[drop:], self._gyr[drop:], self._present[drop:]
        self._size, self._free = size[drop:], self._free[drop:]
        self._first += drop
        return out

    def _in_row(self, one: Flight, is_sure: bool) -> list[Flight]:
        """One that is not sure counts when hops that are come right before and right after."""
        if self._row and one.takeoff - self._row[-1].landing > HOP_S * RATE_HZ:
            self._row.clear()
        if not is_sure:
            self._row += [one] if self._row else []
            return []
        out = [*self._row[1:], one]
        self._row = [one]
        return out

    def _seen(self, takeoff: Place, landing: Place) -> float:
        """Share of the samples that were not lost; 0 of a leg that turns too much to fly."""
        rows = slice(takeoff[0], landing[0] + 1)
        turns = self._gyr[rows].mean(axis=0)
        return float(self._present[rows].mean()) if float(turns @ turns) < TURNS**2 else 0.0


def _is_free(felt: FloatArray) -> BoolArray:
    """Whether the mean of SMOOTH samples from each on is next to nothing."""
    n = max(len(felt) - SMOOTH + 1, 0)
    mean = felt[:n].copy()
    for k in range(1, SMOOTH):
        mean += felt[k : k + n]
    mean /= SMOOTH
    out: BoolArray = np.einsum("ni,ni->n", mean, mean) < FREE**2
    return out


def _aloft(free: BoolArray, size: FloatArray) -> list[tuple[int, int]]:
    """Stretches [low, high) in which nothing is felt in the mean, with no more than bumps between."""
    if not free.any():
        return []
    out: list[tuple[int, int]] = []
    for low, high in runs(free):
        low, high = low + SMOOTH // 2, high + SMOOTH // 2
        if out and float(size[out[-1][1] : low].max()) < BUMP:
            out[-1] = (out[-1][0], high)
        else:
            out.append((low, high))
    return out


def runs(flags: BoolArray) -> list[tuple[int, int]]:
    """Stretches [low, high) where flags hold."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _ends(size: FloatArray, low: int, high: int) -> tuple[Place, Place] | None:
    """Take-off and landing around a stretch [low, high) of nothing; None if it is no flight."""
    reach = REACH
    if low < 2 * reach:
        return None  # it began before what is kept: too long
    before, after = size[low - 2 * reach : low + 1], size[high - 1 : high + reach]
    if float(after.max()) < SOFT or float(size[low:high].mean()) >= MEAN:
        return None
    off, on = _leaves(before), _lands(after)
    if off is None or on is None:
        return None
    takeoff, landing = (low - 2 * reach + off[0], off[1]), (high - 1 + on[0], on[1])
    is_long = LEAST_S * RATE_HZ <= landing[0] - takeoff[0] <= MOST_S * RATE_HZ
    return (takeoff, landing) if is_long else None


def _leaves(size: FloatArray) -> Place | None:
    """Where the push has ended, in samples from the first; the strap rings after it."""
    reach = int(REACH_S * RATE_HZ)
    pushed = np.flatnonzero(size[reach:] >= BUMP) + reach
    if len(pushed) == 0:
        return None
    low = int(pushed[-1]) - reach + 1
    at = low + int(np.argmax(size[low : int(pushed[-1]) + 1]))
    least = DROPS * size[at]
    while at + 1 < len(size) and (size[at + 1] < size[at] or size[at] > least) and size[at] > FREE:
        at += 1
    return _foot(size, at - 1, at)


def _lands(size: FloatArray) -> Place | None:
    """Where the rise to the landing begins, in samples from the first."""
    floor = np.flatnonzero(size >= BUMP)
    if len(floor) == 0:
        return None
    at = int(floor[0])
    while at > 0 and size[at - 1] < size[at] and size[at] > FREE:
        at -= 1
    return _foot(size, min(at + 1, len(size) - 1), at)


def _foot(size: FloatArray, high: int, low: int) -> Place:
    """Where a slope from sample `high` down to `low` passes FREE; its foot if it does not."""
    if size[low] >= FREE or size[high] <= FREE:
        return low, 0.0
    return low, (high - low) * float((FREE - size[low]) / (size[high] - size[low]))


def is_hop(flights: Sequence[Flight], k: int) -> bool:
    """Whether a flight follows or is followed by another after a brief contact."""
    brief = HOP_S * RATE_HZ
    before = k > 0 and flights[k].takeoff - flights[k - 1].landing < brief
    return before or (k + 1 < len(flights) and flights[k + 1].takeoff - flights[k].landing < brief)
