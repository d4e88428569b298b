"""Found events against true ones: one to one, nearest in sum, within a tolerance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.stats import norm

from distal.model import FloatArray

TOLERANCE_S = 0.25  # of a contact: the project's contract
FAR = 1e6  # cost of a pair that is none: more than all allowed pairs together


@dataclass(frozen=True, slots=True)
class Counts:
    """Events that agree, that were found, that were wanted."""

    hits: int = 0
    found: int = 0
    wanted: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.hits + other.hits, self.found + other.found, self.wanted + other.wanted)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None when there was nothing."""
        both = self.found + self.wanted
        return 2 * self.hits / both if both else None


def match(
    found: Sequence[float], wanted: Sequence[float], most: float = TOLERANCE_S
) -> list[tuple[int, int]]:
    """Pairs (index of found, index of wanted): as many as possible, then least total distance."""
    if not len(found) or not len(wanted):
        return []
    apart = np.abs(np.subtract.outer(np.asarray(found, float), np.asarray(wanted, float)))
    rows, columns = linear_sum_assignment(np.where(apart <= most, apart, FAR))
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if apart[i, j] <= most]


def count_in(found: Sequence[float], wanted: Sequence[float], spans: Iterable[tuple[float, float]]) -> Counts:
    """Counts inside time spans, from one matching over everything.

    A found event counts when it is matched to a wanted one inside, or unmatched within the tolerance of a
    span: so an event at the edge is never a hit and a mistake at once.
    """
    pairs = match(found, wanted)
    spans = list(spans)

    def inside(t: float, slack: float = 0.0) -> bool:
        return any(low - slack <= t <= high + slack for low, high in spans)

    hits = sum(inside(wanted[j]) for _, j in pairs)
    taken = {i for i, _ in pairs}
    extra = sum(inside(t, TOLERANCE_S) for i, t in enumerate(found) if i not in taken)
    return Counts(hits, hits + extra, sum(inside(t) for t in wanted))


@dataclass(frozen=True, slots=True)
class Spread:
    """How errors lie: mean, standard deviation, median absolute deviation (not scaled), mean size."""

    n: int
    bias: float | None
    sd: float | None
    mad: float | None
    mae: float | None


def spread(errors: Sequence[float] | FloatArray) -> Spread:
    """Statistics of errors; None where there are too few."""
    off = np.asarray(errors, float)
    if not len(off):
        return Spread(0, None, None, None, None)
    sd = float(off.std(ddof=1)) if len(off) > 1 else None
    mad = float(np.median(np.abs(off - np.median(off))))
    return Spread(len(off), float(off.mean()), sd, mad, float(np.abs(off).mean()))


def share_interval(hits: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927): honest also when all of few agree."""
    if not n:
        return 0.0, 1.0
    z = float(norm.ppf(0.5 + level / 2))
    middle = (hits + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * float(np.sqrt(hits * (n - hits) / n + z * z / 4))
    return middle - half, middle + half
