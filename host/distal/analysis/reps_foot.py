"""Where the ankle of a leg that stands goes: steps up, ahead and back, and whether it comes home.

The sensor is a known height above the ankle, so what the ankle itself feels is known; while the foot is on
the floor that is gravity alone, however the shank leans over it. Between two such plants the acceleration
is integrated twice, the drift of velocity taken off as a line. A rep is a loop: away from a place and back.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_erosion

from distal.analysis.lever import Lever, swing_acceleration
from distal.analysis.reps import Lift
from distal.analysis.reps_limb import QUIET, SLOW_HZ, Limb
from distal.analysis.reps_phases import HOLD, LEAST_HOLD_S, SPREAD, onset
from distal.analysis.rotate import rotate, unit
from distal.model import BoolArray, FloatArray
from distal.units import G

ON_FLOOR = 0.6  # m/s2 at most at an ankle that stays: errors of tilt of 2 degrees and of the lever
LEANS = 1.5  # rad/s: a shank over a standing foot is slower
PLANT_S = 0.16  # a swing passes its fastest sooner
SLIPS, DRIFTS = 0.06, 0.12  # m/s, m/s2: speed that integration shows at a plant, and how it grows
MOST_OFF = 25.0  # a slip of 5 spreads
CALM_COST, LEAN_COST, PIECE_S = 12.0, 6.0, 0.4  # of a second that is taken for no plant
TOUCH_S = 0.3  # plants this near are one
EDGE = 3  # samples: a slow step begins within what may be a plant
LOST_S = 5.0  # without a plant for longer, the place is not known
AWAY_M = 0.12  # a foot this far from home has taken a step
HOME_M, HOME = 0.08, 0.4  # m; or share of the way: so near it is back
LONGEST_S = 20.0  # of a loop
THERE, STRAYS = 0.6, 0.6  # of the farthest: the far place; an end that is not home
LEVEL = 0.3  # a step ahead rises less: what rises with it is a lift that was not seen well
START = 1.03  # 0.109 / (0.214 - 0.109)
LEANS_OVER = 0.2  # rad
NEAR = 3  # samples
LIKE = 0.4  # of the usual way: smaller loops go along with the other leg
BRISK = 0.5  # m/s: the foot of the slowest walkers is faster; the way back of a slower lift may be missed
STEP_LEVEL = 0.25  # what an error along the floor counts for a foot that was on a step
TWO_STEPS_S = 1.3  # without a plant: longer than a swing, up on a step and at once off it again
TURNS_ROUND = 0.7  # of the farthest: it is on its way back
MOST_PLANTS = 8  # in a loop
UPRIGHT_S = 0.5
SHANK_M = 0.4  # a way counts as the turning of a shank that would move as far


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
    return _follow(moves - rest.mean(axis=0), pieces, unit(upward.mean(axis=0)))


def _may_stand(limb: Limb, moves: FloatArray) -> BoolArray:
    size = np.einsum("ni,ni->n", moves, moves)
    turning = np.einsum("ni,ni->n", limb.gyr, limb.gyr)
    out: BoolArray = (size < ON_FLOOR**2) & (turning < LEANS**2)
    return out


def _runs(flags: BoolArray) -> list[tuple[int, int]]:
    """[low, high) where flags hold for long enough."""
    return [(a, b + 1) for a, b in _runs_of(flags) if b - a + 1 >= PLANT_S * SLOW_HZ]


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


def _standing(pieces: list[_Piece], speed: FloatArray) -> list[_Piece]:
    """The pieces in which the foot truly stands: those in and between which its speed comes out as none.

    Shortest path from the first to the last: a link costs its slip in spreads, squared; leaving a piece out
    costs by its length, because a foot passes the fastest point of a swing soon.
    """
    cost, best = [0.0] * len(pieces), [0] * len(pieces)
    own = [_off(speed, one.first, one.last) for one in pieces]
    for k in range(1, len(pieces)):
        cost[k], skipped = float("inf"), 0.0
        for j in range(k - 1, -1, -1):
            seconds = (pieces[k].first - pieces[j].last) / SLOW_HZ
            total = cost[j] + _off(speed, pieces[j].last, pieces[k].first) + own[k] + skipped
            if total < cost[k]:
                cost[k], best[k] = total, j
            skipped += pieces[j].cost * ((pieces[j].last - pieces[j].first) / SLOW_HZ + PLANT_S)
            if seconds > LOST_S or skipped > MOST_OFF:
                break
    kept = [len(pieces) - 1]
    while kept[-1] > 0:
        kept.append(best[kept[-1]])
    return [pieces[k] for k in kept[::-1]]


def _off(speed: FloatArray, first: int, last: int) -> float:
    """How far off none the gain of speed is, in spreads, squared."""
    slip = speed[last] - speed[first]
    return min(float(slip @ slip) / (SLIPS + DRIFTS * (last - first) / SLOW_HZ) ** 2, MOST_OFF)


def _follow(moves: FloatArray, pieces: list[_Piece], up: FloatArray) -> Foot:
    """From plant to plant; a run that is passed at speed is none."""
    gain = np.cumsum((moves[1:] + moves[:-1]) / (2.0 * SLOW_HZ), axis=0)
    speed = np.concatenate([np.zeros((1, 3)), gain])
    stood = _standing(pieces, speed)
    place, lost, plants = np.zeros_like(moves), [], [(stood[0].first, stood[0].last)]
    for one in stood[1:]:
        last, low = plants[-1][1], one.first
        slip = speed[low] - speed[last]
        own = speed[last : low + 1] - speed[last] - np.linspace(0.0, 1.0, low - last + 1)[:, None] * slip
        way = np.cumsum((own[1:] + own[:-1]) / (2.0 * SLOW_HZ), axis=0)
        place[last + 1 : low + 1] = place[last] + way
        place[low + 1 : one.last + 1] = place[low]
        if low - last < TOUCH_S * SLOW_HZ:
            plants[-1] = plants[-1][0], one.last
            continue
        if low - last > LOST_S * SLOW_HZ or _off(speed, last, low) >= MOST_OFF:
            lost.append(len(plants))
        plants.append((low, one.last))
    place[plants[-1][1] :] = place[plants[-1][1]]
    return Foot(place, up, plants, lost)


@dataclass(frozen=True, slots=True)
class Loop:
    """A way of the ankle from home and back."""

    leaves: int  # last sample at home
    lands: int  # first sample back at home
    there: tuple[int, int] | None  # on the floor at the far place, first and last; None: it only touched
    farthest_m: float
    rise_m: float  # of the far place above home


def find_loops(foot: Foot) -> list[Loop]:
    """Every time the ankle goes away and comes home, in order, never overlapping."""
    loops: list[Loop] = []
    k = 0
    while k + 1 < len(foot.plants):
        found = _comes_home(foot, k)
        if found is None:
            k += 1
        else:
            back, loop = found
            loops.append(loop)
            k = back
    usual = float(np.median(sorted(one.farthest_m for one in loops)[len(loops) // 2 :])) if loops else 0.0
    # the heel of a rear foot lifts while the other leg steps
    return [one for one in loops if one.farthest_m > LIKE * usual]


def _comes_home(foot: Foot, k: int) -> tuple[int, Loop] | None:
    """The loop that begins with plant k, and the plant with which it ends."""
    begun = foot.plants[k][1]
    home, farthest = foot.place[begun], 0.0
    for j in range(k + 1, len(foot.plants)):
        low = foot.plants[j][0]
        if j in foot.lost or low - begun > LONGEST_S * SLOW_HZ:
            return None
        farthest = max(farthest, float(_apart(foot.place[foot.plants[j - 1][1] : low + 1], home).max()))
        if farthest < AWAY_M:
            return None  # not gone at all: the next plant is home
        gap = _gap(foot, (k, j))
        if gap < max(HOME_M, HOME * farthest):
            far = [
                one
                for one in foot.plants[k + 1 : j]
                if float(_apart(foot.place[one[0] : one[0] + 1], home)[0]) > THERE * farthest
            ]
            there = (far[0][0], far[-1][1]) if far else None
            at = there[0] if there else begun + int(np.argmax(_apart(foot.place[begun : low + 1], home)))
            return j, Loop(begun, low, there, farthest, foot.height(at) - foot.height(begun))
        if j - k > MOST_PLANTS:
            return None
    return None


def _gap(foot: Foot, ends: tuple[int, int]) -> float:
    """How far apart two plants are, m; between them a foot that stood on a step tells it by height.

    A slow way to the side is half lost, one up or down is not: the shank's turning does not hide it.
    """
    first, last = foot.plants[ends[0]][1], foot.plants[ends[1]][0]
    off = foot.place[last] - foot.place[first]
    rise = float(off @ foot.up)
    level = max(float(off @ off) - rise**2, 0.0)
    steps = [foot.height(low) - foot.height(first) for low, _ in foot.plants[ends[0] + 1 : ends[1]]]
    if last - first > TWO_STEPS_S * SLOW_HZ:
        way = foot.place[first:last] - foot.place[first]
        if np.sqrt(level) < TURNS_ROUND * float(_apart(way, way[0]).max()):
            steps.append(float(np.abs(way @ foot.up).max()))
    weight = STEP_LEVEL if max(map(abs, steps), default=0.0) > AWAY_M else 1.0
    return float(np.hypot(rise, weight * np.sqrt(level)))


def _apart(places: FloatArray, home: FloatArray) -> FloatArray:
    off = places - home
    out: FloatArray = np.sqrt(np.einsum("ni,ni->n", off, off))
    return out


def lifts_of_loops(limb: Limb, foot: Foot, loops: list[Loop]) -> list[Lift]:
    """One rep a loop. It turns where the shank is quietest at the far place."""
    lifts = []
    for loop in loops:
        way = _apart(foot.place[loop.leaves : loop.lands + 1], foot.place[loop.leaves])
        top = int(np.argmax(way))
        low, high = loop.there or (loop.leaves + top, loop.leaves + top)
        # the two ends differ by drift: each is measured from its own
        back = _apart(foot.place[loop.leaves : loop.lands + 1], foot.place[loop.lands])
        start = loop.leaves + onset(way, 0, max(low - loop.leaves, 1)) + SPREAD
        end = loop.leaves + onset(back, len(back) - 1, min(high - loop.leaves, len(back) - 2)) - SPREAD
        hold = _turn(limb, low, high)
        first, last = min(max(hold[0], start), end), max(min(hold[1], end), start)
        lifts.append(Lift(start, first, end, first, last, loop.farthest_m / SHANK_M, True, loop.rise_m))
    return lifts


def _turn(limb: Limb, low: int, high: int) -> tuple[float, float]:
    """From when to when the shank stays where it turns between landing and leaving.

    That is where it is farthest from the straight way between the two: leaning most over the front foot of a
    lunge, upright again on top of a step. One instant if it does not stay.
    """
    if high - low < 2:
        return (low + high) / 2.0, (low + high) / 2.0
    tilt = _tilt(limb, low, high)
    at = int(np.argmax(np.abs(tilt - np.linspace(tilt[0], tilt[-1], len(tilt)))))
    speed = np.sqrt(np.einsum("ni,ni->n", limb.gyr[low : high + 1], limb.gyr[low : high + 1]))
    stay = next((one for one in _runs_of(speed < HOLD) if one[0] - NEAR <= at <= one[1] + NEAR), None)
    if stay is None:
        return float(low + at), float(low + at)
    calmest = stay[0] + int(np.argmin(speed[stay[0] : stay[1] + 1]))
    begin, finish = calmest - _leaves(speed[: calmest + 1][::-1]), calmest + _leaves(speed[calmest:])
    if finish - begin < LEAST_HOLD_S * SLOW_HZ:
        return float(low + at), float(low + at)
    return low + begin, low + finish


def _tilt(limb: Limb, low: int, high: int) -> FloatArray:
    """Angle along the direction in which the shank turns most, rad."""
    up = limb.up[low : high + 1] - limb.up[low : high + 1].mean(axis=0)
    out: FloatArray = up @ np.linalg.eigh(up.T @ up)[1][:, -1]
    return out


def leans_over(limb: Limb, loop: Loop) -> bool:
    """Whether the shank turns over a foot that stands at the far place: a step, no lift that is held."""
    if loop.there is None:
        return False
    tilt = _tilt(limb, *loop.there)
    return float(tilt.max() - tilt.min()) > LEANS_OVER


def _leaves(speed: FloatArray) -> float:
    """After how many samples a turning begins that has its first peak in `speed`.

    A smooth start passes 15 % and 45 % of its fastest at 0.109 and 0.214 of its way.
    """
    peak = _first_peak(speed)
    if speed[peak] < HOLD:
        return float(len(speed) - 1)
    near, far = (peak - int(np.argmax(speed[peak::-1] < share * speed[peak])) for share in (0.15, 0.45))
    return max(near - START * (far - near), 0.0)


def _first_peak(part: FloatArray) -> int:
    """The first maximum that is no wobble."""
    best = 0
    for k in range(1, len(part)):
        if part[k] > part[best]:
            best = k
        elif part[best] > HOLD and part[k] < 0.7 * part[best]:
            break
    return best


def _runs_of(flags: BoolArray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8))).reshape(-1, 2)
    return [(int(a), int(b) - 1) for a, b in edges]


@dataclass(frozen=True, slots=True)
class Contact:
    """A step of an exercise: positions at SLOW_HZ, and what the cuff feels in it, m/s2 (see `Swing`)."""

    tc: float
    ic: float
    force: float
    across: float
    lateral: float


def contacts_of(foot: Foot, limb: Limb, loops: list[Loop]) -> list[Contact]:
    """The two steps of every loop, away and home. A foot that only touches does so at the farthest."""
    out = []
    for loop in loops:
        way = _apart(foot.place[loop.leaves : loop.lands + 1], foot.place[loop.leaves])
        touch = loop.leaves + int(np.argmax(way))
        lands, leaves = loop.there or (touch, touch)
        ahead = foot.place[lands] - foot.place[loop.leaves]
        out += [_contact(foot, limb, ends, ahead) for ends in ((loop.leaves, lands), (leaves, loop.lands))]
    return [one for one in out if one.ic > one.tc]


def _contact(foot: Foot, limb: Limb, ends: tuple[int, int], ahead: FloatArray) -> Contact:
    rows = slice(ends[0], ends[1] + 1)
    acc, up = limb.acc[rows], limb.up[rows]
    right = rotate(
        limb.turns[rows].transpose(0, 2, 1), np.tile(unit(np.cross(ahead, foot.up)), (len(acc), 1))
    )
    sideways = np.einsum("ni,ni->n", acc, right)
    size2 = np.einsum("ni,ni->n", acc, acc)
    along = np.einsum("ni,ni->n", acc, up)
    return Contact(
        float(ends[0]),
        float(ends[1]),
        float(np.sqrt(size2.max())),
        float(np.sqrt(np.maximum(size2 - along**2, 0.0).max())),
        float(sideways[np.abs(sideways).argmax()]),
    )


def strays(foot: Foot, lift: Lift) -> bool:
    """Whether the foot ends a lift far from where it began: that is a step of someone who walks."""
    first, last = round(lift.start), min(round(lift.end), len(foot.place) - 1)
    way = foot.place[first : last + 1] - foot.place[first]
    rise = float(way[-1] @ foot.up)
    ahead = float(np.sqrt(max(float(way[-1] @ way[-1]) - rise**2, 0.0)))
    farthest = float(_apart(way, way[0]).max())
    is_brisk = float(_apart(np.diff(way, axis=0), np.zeros(3)).max()) * SLOW_HZ > BRISK
    return is_brisk and ahead > max(AWAY_M, STRAYS * farthest) and abs(rise) < LEVEL * ahead
