"""Which lifts in a span belong together, and on which way of the limb they show best."""

from collections.abc import Iterator, Sequence

import numpy as np

from distal.analysis.even import RATE_HZ
from distal.analysis.gait import Swing
from distal.analysis.reps import (
    USUAL,
    Lift,
    Taste,
    find_lifts,
    follow,
    main_tilt,
    moved,
    moving_tilt,
    tilt_way,
)
from distal.analysis.reps_foot import Foot, strays
from distal.analysis.reps_limb import QUIET, SLOW, SLOW_HZ, Limb, rise_of
from distal.analysis.reps_loops import SHANK_M, Loop, leans_over, lifts_of_loops
from distal.analysis.rotate import rotate
from distal.model import FloatArray

LEAST_SOLO = 0.26  # rad = 15 degrees: a single excursion smaller than this is a fidget, not a set
LEAST_SET = 0.07  # rad = 4 degrees: so is a row of them
SOLO_REST_S, SOLO_REST = 0.4, 0.17  # s, rad/s = 10 degrees/s: a lone rep begins and ends at rest
ONE_STORY = 0.9945  # cosine of 6 degrees: real reps wander 3 at most
SOLO_BACK = 0.25  # of its rise: and ends where it began
CARRIED = 2.5  # rise / turning: hip to ankle is 2.2 shanks, so more is carrying
FRAME_S, RESTS = 3.0, 0.7  # calm enough for a rest on one leg
QUIET_NEAR_S, TURNED_OVER = 12.0, 0.6
FIRM = 0.8  # share explained by a joint that truly stays in place
LEAST_TURN = 0.05  # rad = 3 degrees: less does not show where a lift begins
LIES = 0.56  # sine of the elevation: the leg of someone who lies
OTHER_POSE = 0.5  # rad: rests this far apart belong to different exercises
WALK_NEAR_S = 4.0
ROLLS = 1.3  # tilt / elevation: a leg that turns about itself more than it rises shows reps better so
TWICE = 1.7
SEVERAL = 1.5
# a prone leg that is lifted by 5 degrees shows what rides on a rep nearly as large as the rep
CLEAR, WITH_ENDS = Taste(0.7), Taste(0.7, has_ends=True)
LEAST_LOOPS = 2  # steps away and back that make a set
INSIDE, OUTSIDE, STANDS = (
    0.85,
    0.3,
    0.7,
)  # share of other lifts that lie in them; share in which the far foot carries
OFF = 0.34  # a set in which more of the lifts end elsewhere is walking
REST_S = 12.0  # a pause this long parts two sets


def sets_in(limb: Limb, start: int, swings: Sequence[Swing]) -> list[list[Lift]]:
    """Lifts that belong together, on the way that carries them best."""
    found = [_sets_on(way, limb, start, swings) for way in _ways(limb)]
    if found and _lifted_from_level(found[0], limb):
        return _agreed(found[0], limb, start, swings)
    counts = [_count(groups) for groups in found]
    first = next((k for k, n in enumerate(counts) if n), 0)
    # a way that shows a few more is the better one; one that shows twice as many shows each rep twice
    return max(found[first:], key=lambda groups: _seen(groups, counts[first]))


def _agreed(found: list[list[Lift]], limb: Limb, start: int, swings: Sequence[Swing]) -> list[list[Lift]]:
    """Three looks at a limb that lies: the one with neither the most nor the fewest reps.

    A look that sees nothing has no say: long holds leave little movement to tell a direction from.
    """
    tilt = moving_tilt(limb)
    other = _sets_on(tilt, limb, start, swings, CLEAR)
    if _count(other) in (0, _count(found)):
        return found
    return sorted((found, other, _sets_on(tilt, limb, start, swings, WITH_ENDS)), key=_count)[1]


def _lifted_from_level(groups: list[list[Lift]], limb: Limb) -> bool:
    starts = [round(lift.start) for group in groups for lift in group]
    swings = limb.is_hinged and not limb.stands
    return swings and bool(starts) and abs(float(np.median(np.sin(limb.elevation[starts])))) < LIES


def _count(groups: list[list[Lift]]) -> int:
    return sum(len(group) for group in groups)


def _seen(groups: list[list[Lift]], first: int) -> int:
    n = _count(groups)
    return n if n < TWICE * first else 0


def _sets_on(
    way: FloatArray, limb: Limb, start: int, swings: Sequence[Swing], taste: Taste = USUAL
) -> list[list[Lift]]:
    lifts = find_lifts(way, taste)
    lifts = lifts if is_firm(limb) else _without_steps(lifts, start, swings)
    groups = part(lifts, limb)
    turned = [_right_way_up(group, way, limb) for group in groups]
    if len(groups) > 1 and all(one is not group for one, group in zip(turned, groups, strict=True)):
        turned = part(find_lifts(-way), limb)  # all upside down: between them there may be more
    return [
        one for one in turned if _is_set(one, limb) and (len(one) > 2 or not _beside_walk(one, start, swings))
    ]


def _ways(limb: Limb) -> Iterator[FloatArray]:
    """Signals in which reps may be closed excursions, rad; the likeliest first."""
    tilt = main_tilt(limb)
    if limb.is_hinged and not limb.stands:
        yield limb.elevation if _extent(tilt) < ROLLS * _extent(limb.elevation) else tilt
        return
    rise = rise_of(limb) / SHANK_M
    spans = [_extent(way) for way in (rise, tilt)]
    # a limb that is carried up rises more than any turning of it explains
    yield from (rise, tilt) if spans[0] > CARRIED * spans[1] else (tilt, rise)


def _extent(way: FloatArray) -> float:
    return float(np.subtract(*np.percentile(way, (95, 5))))


def _right_way_up(lifts: list[Lift], way: FloatArray, limb: Limb) -> list[Lift]:
    """Turn the way over when the quiet before and after the lifts looks like their tops, not their starts."""
    if len(lifts) < 2:
        return lifts
    low = np.median([way[round(x.start)] for x in lifts])
    high = np.median([way[round(x.top)] for x in lifts])
    rests = []
    reach = int(QUIET_NEAR_S * SLOW_HZ)
    first, last = round(lifts[0].start), round(lifts[-1].end)
    for part in (slice(max(first - reach, 0), first + 1), slice(last, last + reach)):
        # a hold before an upside-down lift is quiet, too: look far away, but not in another posture
        like = np.abs(way[part] - (low + high) / 2.0) < 0.8 * (high - low)
        at = np.flatnonzero((limb.calm[part] > QUIET) & like) + part.start
        if len(at) == 0:
            return lifts
        rests.append(at[:25] if part.start < first else at[-25:])
    before, after = rests
    if min(float(np.median(way[at])) for at in rests) < low + TURNED_OVER * (high - low):
        return lifts
    begin, stop = int(before[0]), int(after[-1]) + 1
    found = find_lifts(-way[begin:stop])
    return [moved(lift, begin) for lift in found] or lifts


def measured_best(lifts: list[Lift], limb: Limb) -> list[Lift]:
    """The lifts on the angle of their own way out, where the limb turns enough to show it."""
    way = None if lifts[0].is_step else tilt_way(limb, lifts)
    if way is None or np.median([way[round(x.top)] - way[round(x.start)] for x in lifts]) < LEAST_TURN:
        return lifts
    return follow(way, lifts)


def _is_set(lifts: list[Lift], limb: Limb) -> bool:
    """A row of lifts, or one or two that are large, begin and end at rest and come all the way back."""
    if len(lifts) == 0 or 2 * sum(_is_true(lift, limb) for lift in lifts) <= len(lifts):
        return False
    if len(lifts) > 2:
        firm = limb.is_hinged  # on hip, knee, or over the ankle
        return max(lift.rise for lift in lifts) >= LEAST_SET and (firm or is_framed(lifts, limb))
    return all(lift.rise >= LEAST_SOLO and _is_closed(lift, limb) for lift in lifts)


def _is_true(lift: Lift, limb: Limb) -> bool:
    """Whether gyro and accelerometer tell one story: up stays up on earth while the limb turns."""
    at = [round(lift.start), round(lift.top), min(round(lift.end), len(limb.up) - 1)]
    fixed = rotate(limb.turns[at], limb.up[at])
    return float((fixed @ fixed.T).min()) > ONE_STORY


def is_framed(lifts: list[Lift], limb: Limb) -> bool:
    """Whether it is quiet before and after: what no joint explains has to begin and end at rest."""
    first, last, near = round(lifts[0].start), round(lifts[-1].end), int(FRAME_S * SLOW_HZ)
    before, after = limb.calm[max(first - near, 0) : first + 1], limb.calm[last : last + near]
    return bool((before > RESTS).sum() > SOLO_REST_S * SLOW_HZ < (after > RESTS).sum())


def _is_closed(lift: Lift, limb: Limb) -> bool:
    first, last = round(lift.start), round(lift.end)
    near = int(SOLO_REST_S * SLOW_HZ)
    speed = np.sqrt(np.einsum("ni,ni->n", limb.gyr, limb.gyr))
    around = [speed[max(first - near, 0) : first + 1].mean(), speed[last : last + near].mean()]
    moved = limb.up[max(first - near, 0)] @ limb.up[min(last + near, len(limb.up) - 1)]
    return max(around) < SOLO_REST and float(np.arccos(min(moved, 1.0))) < SOLO_BACK * lift.rise


def part(lifts: list[Lift], limb: Limb) -> list[list[Lift]]:
    """Lifts with less than REST_S between them that start from a like pose belong together."""
    groups: list[list[Lift]] = []
    for lift in lifts:
        last = groups[-1][-1] if groups else lift
        moved = abs(limb.elevation[round(lift.start)] - limb.elevation[round(last.start)])
        if groups and lift.start - last.end < REST_S * SLOW_HZ and moved < OTHER_POSE:
            groups[-1].append(lift)
        else:
            groups.append([lift])
    return groups


def is_firm(limb: Limb) -> bool:
    """A limb that hangs on a joint, and does nothing else."""
    return limb.is_hinged and not limb.stands and limb.lever.explained > FIRM


def lies(limb: Limb) -> bool:
    """Whether the limb is level at rest, as of someone who lies."""
    calm = limb.elevation[limb.calm > QUIET]
    return limb.is_hinged and not limb.stands and float(np.median(np.abs(np.sin(calm)))) < LIES


def that_stay(foot: Foot, sets: list[list[Lift]]) -> list[list[Lift]]:
    """Without the lifts that are steps to elsewhere; a set with many of them is walking."""
    stay = [(one, [lift for lift in one if not strays(foot, lift)]) for one in sets]
    return [kept for one, kept in stay if len(kept) > (1.0 - OFF) * len(one)]


def _beside_walk(lifts: list[Lift], start: int, swings: Sequence[Swing]) -> bool:
    low, high = start + fine(lifts[0].start), start + fine(lifts[-1].end)
    near = WALK_NEAR_S * RATE_HZ
    return any(low - near < swing.mid < high + near for swing in swings)


def _without_steps(lifts: list[Lift], start: int, swings: Sequence[Swing]) -> list[Lift]:
    """Excursions that are swings of walking are no reps; when most are, none is."""
    mids = np.array([swing.mid for swing in swings if swing.mid >= start])
    stepped = [bool(((mids > start + x.start * SLOW) & (mids < start + x.end * SLOW)).any()) for x in lifts]
    return [] if sum(stepped) > len(lifts) / 2 else lifts


def fine(position: float) -> float:
    """Position at SLOW_HZ -> position at RATE_HZ: a slow sample sits amid the SLOW it was made of."""
    return position * SLOW + (SLOW - 1) / 2


def steps_in(limb: Limb, foot: Foot, loops: list[Loop], lifts: list[list[Lift]]) -> list[list[Lift]]:
    """Reps of a foot that steps away and back, when what else was found lies in them."""
    found = lifts_of_loops(limb, foot, loops)
    tops = [lift.top for group in lifts for lift in group]
    inside = sum(any(loop.start < top < loop.end for loop in found) for top in tops)
    stands = sum(leans_over(limb, loop) for loop in loops)
    # a few more lifts than loops: loops were missed; many more: each step shows several
    is_more = len(found) >= len(tops) or (inside >= INSIDE * len(tops) and len(tops) > SEVERAL * len(found))
    # lifts that turn at home are the same steps upside down
    is_more |= inside < OUTSIDE * len(tops) and len(found) > INSIDE * len(tops) - 1.0
    if len(found) < LEAST_LOOPS or not (is_more or stands >= STANDS * len(found)):
        return []
    return [group for group in part(found, limb) if len(group) >= LEAST_LOOPS]
