"""How sure a number of reps is: what in and beside a set may be a rep that was not seen, or one too many.

Missed: between two reps the leg moved as in a rep, for as long as one takes. Too many: another set's reps lie
in the same time, so both may be two sides of one movement.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from distal.model import ExerciseSet, Rep

MOVES = 0.5  # of the turning in the reps: less in a pause is shifting from foot to foot
LEAST = 4  # reps that make a usual time
OVERLAP = 0.5
Moving = Callable[[ExerciseSet, tuple[float, float]], float]


def doubted(sets: Sequence[ExerciseSet], moving: Moving) -> tuple[ExerciseSet, ...]:
    """The sets with the range their count lies in; moving: mean turning of a set's leg in a time, rad/s."""
    out = []
    for one in sets:
        few, many = len(one.reps) - _too_many(one, sets), len(one.reps) + _missed(one, sets, moving)
        out.append(replace(one, reps_between=(few, many)))
    return tuple(out)


def _missed(one: ExerciseSet, sets: Sequence[ExerciseSet], moving: Moving) -> int:
    """Reps that fit where the leg moved between two of them and no other leg had a rep."""
    if len(one.reps) < LEAST:
        return 0
    usual = float(np.median([rep.end_s - rep.start_s for rep in one.reps]))
    turning = float(np.median([moving(one, (rep.start_s, rep.end_s)) for rep in one.reps]))
    if usual <= 0.0:  # reps without length, in noise: there is no usual time
        return 0
    return sum(
        int((high - low) / usual)
        for low, high in _gaps(one, sets)
        if high - low > usual and moving(one, (low, high)) > MOVES * turning
    )


def _gaps(one: ExerciseSet, sets: Sequence[ExerciseSet]) -> list[tuple[float, float]]:
    """Times within a set in which no set has a rep, s."""
    out, done = [], one.reps[0].end_s
    for rep in sorted((rep for other in sets for rep in other.reps), key=lambda rep: rep.start_s):
        if done < rep.start_s <= one.reps[-1].start_s:
            out.append((done, rep.start_s))
        done = max(done, rep.end_s)
    return out


def _too_many(one: ExerciseSet, sets: Sequence[ExerciseSet]) -> int:
    """Reps that lie in the time of another set's: those of the set with fewer may be part of the others."""
    others = [other for other in sets if other is not one and len(other.reps) >= len(one.reps)]
    rivals = [rep for other in others for rep in other.reps]
    return sum(any(_overlaps(rep, rival) for rival in rivals) for rep in one.reps)


def _overlaps(a: Rep, b: Rep) -> bool:
    both = min(a.end_s, b.end_s) - max(a.start_s, b.start_s)
    return both > OVERLAP * min(a.end_s - a.start_s, b.end_s - b.start_s)
