"""Reps of a foot that steps: loops of the ankle, away from a place and back.

Where the foot rests at home it stands, but it need not stand long: who steps up and down without a pause
only touches the floor. So a way from home to home is looked at as a whole, and every visit to the far place
is a loop; and which places are home is decided for the whole row at once: a row taken upside down leaves a
step at each end that belongs to nothing.
"""

import itertools
from dataclasses import dataclass, replace

import numpy as np

from distal.analysis.flight import runs
from distal.analysis.reps import Lift
from distal.analysis.reps_foot import ALIKE, AWAY_M, Foot, apart
from distal.analysis.reps_limb import SLOW_HZ, Limb
from distal.analysis.reps_phases import HOLD, LEAST_HOLD_S, SPREAD, onset
from distal.analysis.rotate import rotate, unit
from distal.model import FloatArray

HOME_M, HOME = 0.08, 0.4  # m; or share of the way: so near it is back
LONGEST_S = 20.0  # from home to home
MOST_PLANTS = 8  # between them
ROUND = 0.5  # of its whole extent: a way that goes back by less has not turned round
OFF = 1.6  # of what it may be off: a loop that misses home by more is none
MORE = 0.7  # what a plant more costs than the far one
LEAST_MOVES, BIASED = 4, 0.35  # steps of which the bias is known; it is less than this share of a step
FARTHER = 2.0  # of the usual step: a foot does not go
CLOSED = 0.6  # of the steps belong to a loop
STRAY = 4.0  # what a step costs that belongs to no loop; a loop that misses home by all it may costs 1
THERE, TOUCHES = 0.6, 0.4  # of the farthest: the far place, and so near it is home
START = 1.03  # 0.109 / (0.214 - 0.109)
LEANS_OVER = 0.2  # rad
NEAR = 3  # samples
LIKE = 0.4  # of the usual way: smaller loops go along with the other leg
STEP_LEVEL = 0.25  # what an error along the floor counts for a foot that was on a step
SHANK_M = 0.4  # a way counts as the turning of a shank that would move as far


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
    marked = _marked(foot)
    step = _usual(marked)
    ways = [ends for ends in _homeward(marked, step) if _farthest(marked, *ends) < FARTHER * step]
    gone = [k for k in range(len(marked.plants) - 1) if _farthest(marked, k, k + 1) > AWAY_M]
    if sum(any(a <= k < b for a, b in ways) for k in gone) < CLOSED * len(gone):
        return []  # what is not understood for the most part is not counted from
    loops = [_loop(marked, *ends) for ends in ways]
    usual = float(np.median(sorted(one.farthest_m for one in loops)[len(loops) // 2 :])) if loops else 0.0
    # the heel of a rear foot lifts while the other leg steps
    return [one for one in loops if one.farthest_m > LIKE * usual]


def _marked(foot: Foot) -> Foot:
    """With the instants at which the foot turns round between two plants as plants of one sample."""
    plants, lost = foot.plants[:1], []
    for k in range(1, len(foot.plants)):
        if k in foot.lost:
            lost.append(len(plants))
        else:
            plants += [(at, at) for at in _turns(foot, foot.plants[k - 1][1], foot.plants[k][0])]
        plants.append(foot.plants[k])
    marked = Foot(foot.place, foot.up, plants, lost)
    return replace(marked, place=_unbiased(marked))


def _moves(foot: Foot) -> FloatArray:
    """(k, 3) m from plant to plant; no row for those after which the place was lost."""
    way = np.array([foot.place[b[0]] - foot.place[a[1]] for a, b in itertools.pairwise(foot.plants)])
    known = [k for k in range(len(way)) if k + 1 not in foot.lost]
    out: FloatArray = way.reshape(-1, 3)[known]
    return out


def _unbiased(foot: Foot) -> FloatArray:
    """Places without what every step adds: of a foot that goes to and fro, two steps in a row cancel.

    Each landing shakes the cuff alike, which shifts the place a little the same way each time.
    """
    moves = _moves(foot)
    if len(moves) < LEAST_MOVES:
        return foot.place
    bias = np.median(moves[1:] + moves[:-1], axis=0) / 2.0
    usual = float(np.median(apart(moves, np.zeros(3))))
    if float(np.sqrt(bias @ bias)) > BIASED * usual:
        return foot.place  # it does not go to and fro
    knots = [at for ends in foot.plants for at in ends]
    steps = np.repeat(np.arange(len(foot.plants)), 2)
    out: FloatArray = foot.place - np.interp(np.arange(len(foot.place)), knots, steps)[:, None] * bias
    return out


def _turns(foot: Foot, begun: int, low: int) -> list[int]:
    """Where the way between two samples turns round, seen along its longest direction."""
    way = foot.place[begun : low + 1] - foot.place[begun]
    farthest = way[int(np.argmax(apart(way, np.zeros(3))))]
    along = (way @ unit(farthest)).tolist()
    least = max(AWAY_M, ROUND * (max(along) - min(along)))
    turns, best, sign = [], 0, 1.0
    for k, at in enumerate(along):
        if sign * (at - along[best]) > 0.0:
            best = k
        elif sign * (along[best] - at) > least:
            turns.append(begun + best)
            best, sign = k, -sign
    return [at for at in turns if at > begun]


def _usual(foot: Foot) -> float:
    """How far a step goes, m."""
    sizes = apart(_moves(foot), np.zeros(3))
    sizes = sizes[sizes > AWAY_M]
    return float(np.median(sizes)) if len(sizes) else 0.0


def _homeward(foot: Foot, usual: float) -> list[tuple[int, int]]:
    """Plants between which the foot goes away and comes home: the cheapest way through all of them.

    usual  m, how far a step goes: of one that seems to go much farther the way home is not known so badly
    """
    n = len(foot.plants)
    cost, best = [0.0] + [float("inf")] * (n - 1), [0] * n
    for k in range(n - 1):
        for j, price in (
            (k + 1, STRAY if _farthest(foot, k, k + 1) > AWAY_M else 0.0),
            *_homes(foot, k, usual),
        ):
            if cost[k] + price < cost[j] - ALIKE:
                cost[j], best[j] = cost[k] + price, k
    out, j = [], n - 1
    while j > 0:
        if cost[j] - cost[best[j]] < STRAY - ALIKE and _farthest(foot, best[j], j) > AWAY_M:
            out.append((best[j], j))
        j = best[j]
    return out[::-1]


def _homes(foot: Foot, k: int, usual: float) -> list[tuple[int, float]]:
    """Later plants at which a foot that left with plant k may be home, and how far off that is, squared."""
    begun, out = foot.plants[k][1], []
    home, inside = foot.place[begun], float("inf")
    for j in range(k + 1, min(k + MOST_PLANTS, len(foot.plants) - 1) + 1):
        low = foot.plants[j][0]
        farthest = _farthest(foot, k, j)
        if j in foot.lost or low - begun > LONGEST_S * SLOW_HZ or farthest < AWAY_M:
            break
        if inside < TOUCHES * farthest:
            break  # it was home before
        near = max(HOME_M, HOME * (min(farthest, FARTHER * usual) + usual) / 2.0)
        gap = _gap(foot, (k, j))
        if gap < OFF * near and j > k + 1:
            out.append((j, (gap / near) ** 2 + MORE * (j - k - 2)))
        if j > k + 1:
            inside = min(inside, float(apart(foot.place[low : low + 1], home)[0]))
    return out


def _farthest(foot: Foot, k: int, j: int) -> float:
    begun, low = foot.plants[k][1], foot.plants[j][0]
    return float(apart(foot.place[begun : low + 1], foot.place[begun]).max())


def _loop(foot: Foot, k: int, j: int) -> Loop:
    begun, low = foot.plants[k][1], foot.plants[j][0]
    away = apart(foot.place[begun : low + 1], foot.place[begun])
    farthest = float(away.max())
    far = [
        one for one in foot.plants[k + 1 : j] if one[1] > one[0] and away[one[0] - begun] > THERE * farthest
    ]
    there = (far[0][0], far[-1][1]) if far else None
    at = there[0] if there else begun + int(np.argmax(away))
    return Loop(begun, low, there, farthest, foot.height(at) - foot.height(begun))


def _gap(foot: Foot, ends: tuple[int, int]) -> float:
    """How far apart two plants are, m; between them a foot that stood on a step tells it by height.

    A slow way to the side is half lost, one up or down is not: the shank's turning does not hide it.
    """
    first, last = foot.plants[ends[0]][1], foot.plants[ends[1]][0]
    off = foot.place[last] - foot.place[first]
    rise = float(off @ foot.up)
    level = max(float(off @ off) - rise**2, 0.0)
    steps = [foot.height(low) - foot.height(first) for low, _ in foot.plants[ends[0] + 1 : ends[1]]]
    weight = STEP_LEVEL if max(map(abs, steps), default=0.0) > AWAY_M else 1.0
    return float(np.hypot(rise, weight * np.sqrt(level)))


def lifts_of_loops(limb: Limb, foot: Foot, loops: list[Loop]) -> list[Lift]:
    """One rep a loop. It turns where the shank is quietest at the far place."""
    lifts = []
    for loop in loops:
        way = apart(foot.place[loop.leaves : loop.lands + 1], foot.place[loop.leaves])
        top = int(np.argmax(way))
        low, high = loop.there or (loop.leaves + top, loop.leaves + top)
        # the two ends differ by drift: each is measured from its own
        back = apart(foot.place[loop.leaves : loop.lands + 1], foot.place[loop.lands])
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
    stay = next((one for one in runs(speed < HOLD) if one[0] - NEAR <= at < one[1] + NEAR), None)
    if stay is None:
        return float(low + at), float(low + at)
    calmest = stay[0] + int(np.argmin(speed[stay[0] : stay[1]]))
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
        way = apart(foot.place[loop.leaves : loop.lands + 1], foot.place[loop.leaves])
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
