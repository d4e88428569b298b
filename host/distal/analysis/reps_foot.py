"""Where the ankle of a leg that stands goes: steps up, ahead and back, from plant to plant.

The sensor is a known height above the ankle, so what the ankle itself feels is known; while the foot is on
the floor that is gravity alone, however the shank leans over it. Between two such plants the acceleration
is integrated twice. The speed that is left at a plant is taken off where it may have come from: evenly for
an axis that is tilted, most where the foot was knocked, for a strap gives and a sensor clips, and where
samples were lost.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_erosion

from distal.analysis.flight import runs
from distal.analysis.lever import Lever, swing_acceleration
from distal.analysis.reps import Lift
from distal.analysis.reps_limb import QUIET, SLOW_HZ, Limb
from distal.analysis.rotate import rotate, unit
from distal.model import BoolArray, FloatArray
from distal.units import G

ON_FLOOR = 0.6  # m/s2 at most at an ankle that stays: errors of tilt of 2 degrees and of the lever
LEANS = 1.5  # rad/s: a shank over a standing foot is slower
PLANT_S = 0.16  # a swing passes its fastest sooner
SLIPS, DRIFTS = 0.06, 0.12  # m/s, m/s2: speed that integration shows at a plant, and how it grows
KNOCKED, LOST, FOR_S = 0.1, 0.5, 0.05  # share of what is felt that is wrong, there and in a hole, for so long
MOST_OFF = 25.0  # a slip of 5 spreads
ALIKE = 1e-6  # ways that cost the same but for rounding: the one found first counts
CALM_COST, LEAN_COST, PIECE_S = 12.0, 6.0, 0.4  # of a second that is taken for no plant
TOUCH_S = 0.3  # plants this near are one
EDGE = 3  # samples: a slow step begins within what may be a plant
LOST_S = 5.0  # without a plant for longer, the place is not known
AWAY_M = 0.12  # a foot this far from home has taken a step
STRAYS = 0.6  # of the farthest: an end that is not home
LEVEL = 0.3  # a step ahead rises less: what rises with it is a lift that was not seen well
BRISK = 0.5  # m/s: the foot of the slowest walkers is faster; the way back of a slower lift may be missed
UPRIGHT_S = 0.5


@dataclass(frozen=True, slots=True)
class _Piece:
    """Samples [first, last] in which the foot may stand; the cost of a second when it does not."""

    first: int
    last: int
    cost: float


@dataclass(frozen=True, slots=True)
class Foot:
    """The ankle's way at SLOW_HZ, m from where it began; earth axes with `up` a unit vector."""

    place: FloatArray  # (n, 3)
    up: FloatArray
    plants: list[tuple[int, int]]  # [first, last] samples on the floor, in order
    lost: list[int]  # numbers of plants whose way there is not known

    def height(self, at: int) -> float:
        """Above the first place, m."""
        return float(self.place[at] @ self.up)


def see_foot(limb: Limb, cuff_height_m: float) -> Foot | None:
    """Follow the ankle of a leg that stands at first and last; None when it never stands still."""
    still = np.flatnonzero(limb.calm > QUIET)
    if len(still) < UPRIGHT_S * SLOW_HZ or not _runs(limb.calm > QUIET):
        return None
    near = int(UPRIGHT_S * SLOW_HZ)
    long_axis = unit(limb.up[still[:near]].mean(axis=0) + limb.up[still[-near:]].mean(axis=0))
    lever = Lever(cuff_height_m * long_axis, 1.0, long_axis)
    felt = rotate(limb.turns, limb.acc - swing_acceleration(lever, limb.gyr, SLOW_HZ))
    upward = rotate(limb.turns, limb.up)
    moves = felt - G * upward
    pieces = _pieces(_may_stand(limb, moves), limb.calm > QUIET)
    # what is left at rest is scale and offset of the sensor
    rest = np.concatenate([moves[low:high] for low, high in _runs(limb.calm > QUIET)])
    return _follow(_speed(moves - rest.mean(axis=0), limb.present), pieces, unit(upward.mean(axis=0)))


@dataclass(frozen=True, slots=True)
class _Speed:
    """Of the ankle by integration, m/s (n, 3), and how unsure it becomes, (m/s)2 (n,) summed up."""

    value: FloatArray
    doubt: FloatArray

    def slip(self, first: int, last: int) -> FloatArray:
        """What is gained between two plants: none in truth."""
        out: FloatArray = self.value[last] - self.value[first]
        return out

    def off(self, first: int, last: int) -> float:
        """How far off none the gain is, in spreads, squared."""
        slip = self.slip(first, last)
        return min(float(slip @ slip) / self._spread2(first, last), MOST_OFF)

    def way(self, first: int, last: int) -> FloatArray:
        """From one plant to the next, m (n, 3): the slip is taken off where it is likeliest to have come."""
        even = np.linspace(0.0, 1.0, last - first + 1) * _even2(first, last)
        grown = (even + self.doubt[first : last + 1] - self.doubt[first]) / self._spread2(first, last)
        own = self.value[first : last + 1] - self.value[first] - grown[:, None] * self.slip(first, last)
        out: FloatArray = np.cumsum((own[1:] + own[:-1]) / (2.0 * SLOW_HZ), axis=0)
        return out

    def _spread2(self, first: int, last: int) -> float:
        return _even2(first, last) + float(self.doubt[last] - self.doubt[first])


def _even2(first: int, last: int) -> float:
    return (SLIPS + DRIFTS * (last - first) / SLOW_HZ) ** 2


def _speed(moves: FloatArray, present: BoolArray) -> _Speed:
    gain = np.cumsum((moves[1:] + moves[:-1]) / (2.0 * SLOW_HZ), axis=0)
    share = np.where(present, KNOCKED, LOST)
    wrong = share**2 * np.einsum("ni,ni->n", moves, moves) * FOR_S / SLOW_HZ
    return _Speed(np.concatenate([np.zeros((1, 3)), gain]), np.cumsum(wrong))


def _may_stand(limb: Limb, moves: FloatArray) -> BoolArray:
    size = np.einsum("ni,ni->n", moves, moves)
    turning = np.einsum("ni,ni->n", limb.gyr, limb.gyr)
    out: BoolArray = (size < ON_FLOOR**2) & (turning < LEANS**2)
    return out


def _runs(flags: BoolArray) -> list[tuple[int, int]]:
    """[low, high) where flags hold for long enough."""
    return [(a, b) for a, b in runs(flags) if b - a >= PLANT_S * SLOW_HZ]


def _pieces(may: BoolArray, calm: BoolArray) -> list[_Piece]:
    """Where the foot may stand: calm stretches whole, the rest in short pieces: a slow step hides there."""
    found = [_Piece(a, b - 1, CALM_COST) for a, b in _runs(calm)]
    weak = may.copy()
    for one in found:
        weak[one.first : one.last + 1] = False
    size = int(PIECE_S * SLOW_HZ)
    for low, high in _runs(binary_erosion(weak, iterations=EDGE) if EDGE else weak):
        cuts = np.linspace(low, high, max(round((high - low) / size), 1) + 1).astype(int).tolist()
        found += [_Piece(a, b - 1, LEAN_COST) for a, b in itertools.pairwise(cuts)]
    return sorted(found, key=lambda one: one.first)


def _standing(pieces: list[_Piece], speed: _Speed) -> list[_Piece]:
    """The pieces in which the foot truly stands: those in and between which its speed comes out as none.

    Shortest path from the first to the last: a link costs its slip in spreads, squared; leaving a piece out
    costs by its length, because a foot passes the fastest point of a swing soon.
    """
    cost, best = [0.0] * len(pieces), [0] * len(pieces)
    own = [speed.off(one.first, one.last) for one in pieces]
    for k in range(1, len(pieces)):
        cost[k], skipped = float("inf"), 0.0
        for j in range(k - 1, -1, -1):
            seconds = (pieces[k].first - pieces[j].last) / SLOW_HZ
            total = cost[j] + speed.off(pieces[j].last, pieces[k].first) + own[k] + skipped
            if total < cost[k] - ALIKE:
                cost[k], best[k] = total, j
            skipped += pieces[j].cost * ((pieces[j].last - pieces[j].first) / SLOW_HZ + PLANT_S)
            if seconds > LOST_S or skipped > MOST_OFF:
                break
    kept = [len(pieces) - 1]
    while kept[-1] > 0:
        kept.append(best[kept[-1]])
    return [pieces[k] for k in kept[::-1]]


def _follow(speed: _Speed, pieces: list[_Piece], up: FloatArray) -> Foot:
    """From plant to plant; a run that is passed at speed is none."""
    stood = _standing(pieces, speed)
    place, lost, plants = np.zeros_like(speed.value), [], [(stood[0].first, stood[0].last)]
    for one in stood[1:]:
        last, low = plants[-1][1], one.first
        place[last + 1 : low + 1] = place[last] + speed.way(last, low)
        place[low + 1 : one.last + 1] = place[low]
        if low - last < TOUCH_S * SLOW_HZ:
            plants[-1] = plants[-1][0], one.last
            continue
        if low - last > LOST_S * SLOW_HZ or speed.off(last, low) >= MOST_OFF:
            lost.append(len(plants))
        plants.append((low, one.last))
    place[plants[-1][1] :] = place[plants[-1][1]]
    return Foot(place, up, plants, lost)


def apart(places: FloatArray, home: FloatArray) -> FloatArray:
    """(n,) distance of places (n, 3) from one, m."""
    off = places - home
    out: FloatArray = np.sqrt(np.einsum("ni,ni->n", off, off))
    return out


def strays(foot: Foot, lift: Lift) -> bool:
    """Whether the foot ends a lift far from where it began: that is a step of someone who walks."""
    first, last = round(lift.start), min(round(lift.end), len(foot.place) - 1)
    way = foot.place[first : last + 1] - foot.place[first]
    rise = float(way[-1] @ foot.up)
    ahead = float(np.sqrt(max(float(way[-1] @ way[-1]) - rise**2, 0.0)))
    farthest = float(apart(way, way[0]).max())
    is_brisk = float(apart(np.diff(way, axis=0), np.zeros(3)).max()) * SLOW_HZ > BRISK
    return is_brisk and ahead > max(AWAY_M, STRAYS * farthest) and abs(rise) < LEVEL * ahead
