"""Jumps and hops: reps with a flight. In the air a limb feels nearly nothing.

A rep of a jump goes from rest to rest; hops follow one another, there a rep goes from landing to landing.
"""

import numpy as np

from distal.analysis.even import RATE_HZ
from distal.analysis.reps import Lift
from distal.analysis.reps_limb import QUIET, SLOW, SLOW_HZ, Limb
from distal.model import FloatArray

HOP_S = 0.6  # on the floor between hops at most; standing up from a landing takes longer
STANDS_S = 2.0  # a jump begins and ends at rest within this time of the flight


def lifts_of_flights(limb: Limb, flights: list[tuple[int, int]]) -> list[Lift]:
    """One rep a flight; the top is the middle of the flight."""
    lifts = []
    for k, (off, on) in enumerate(flights):
        before = flights[k - 1][1] if k else None
        after = flights[k + 1][0] if k + 1 < len(flights) else None
        hops_in = before is not None and off - before < HOP_S * RATE_HZ
        hops_out = after is not None and after - on < HOP_S * RATE_HZ
        start = before / SLOW if hops_in and before is not None else _leaves_rest(limb, off // SLOW)
        end = on / SLOW if hops_out else _finds_rest(limb, on // SLOW)
        top = (off + on) / 2.0 / SLOW
        lifts.append(Lift(start, top, end, top, top, float("inf")))
    return lifts


def _leaves_rest(limb: Limb, off: int) -> float:
    calm = _quiet(limb, max(off - int(STANDS_S * SLOW_HZ), 0), off)
    return float(calm[-1]) if len(calm) else max(off - SLOW_HZ, 0.0)


def _finds_rest(limb: Limb, on: int) -> float:
    calm = _quiet(limb, on, min(on + int(STANDS_S * SLOW_HZ), len(limb.calm)))
    return float(calm[0]) if len(calm) else min(on + SLOW_HZ, len(limb.calm) - 1.0)


def _quiet(limb: Limb, low: int, high: int) -> FloatArray:
    found: FloatArray = (np.flatnonzero(limb.calm[low:high] > QUIET) + low).astype(np.float64)
    return found
