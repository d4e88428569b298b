"""The lifts of a set, their rows one after another: a numpy call for all of them instead of one for each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from distal.analysis.load import Felt, Phases, without_contact
from distal.model import FloatArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lifts:
    """What is felt in k lifts, n rows in all; edges (k, 4): where lift, hold, lower begin, and its end."""

    felt: Felt
    edges: IntArray

    @property
    def sizes(self) -> IntArray:
        """(k, 3) rows of each phase."""
        out: IntArray = np.diff(self.edges, axis=1)
        return out

    def sums(self, course: FloatArray) -> FloatArray:
        """(n,) -> (k,)."""
        out: FloatArray = np.add.reduceat(course, self.edges[:, 0])
        return out

    def peaks(self, course: FloatArray) -> FloatArray:
        """(n,) -> (k,) the largest."""
        out: FloatArray = np.maximum.reduceat(course, self.edges[:, 0])
        return out

    def first_peaks(self, course: FloatArray) -> IntArray:
        """(n,) -> (k,) row of the first that is the largest."""
        begins = self.edges[:, 0]
        at = np.flatnonzero(course == np.repeat(self.peaks(course), self.edges[:, 3] - begins))
        return at[np.searchsorted(at, begins)]

    def phase_sums(self, course: FloatArray) -> FloatArray:
        """(n,) -> (k, 3); 0 where a phase has no rows."""
        return self._by_phase(np.add, course, 0.0)

    def phase_peaks(self, course: FloatArray) -> FloatArray:
        """(n,) -> (k, 3); NaN where a phase has no rows."""
        return self._by_phase(np.maximum, course, np.nan)

    def _by_phase(self, join: np.ufunc, course: FloatArray, none: float) -> FloatArray:
        # one row more, so that a last phase without rows may begin at it; it is left out of the others
        ends = np.append(self.edges[:, :3].ravel(), len(course))
        joined = join.reduceat(np.append(course, 0.0), ends)[:-1].reshape(-1, 3)
        return np.where(self.sizes > 0, joined, none)


def lifts_of(felt: Felt, phases: Sequence[Phases]) -> Lifts:
    """The lifts of a span without what floor or mat add to them; `felt` is the whole span."""
    marks = [[round(x) for x in (one.start, one.hold_start, one.hold_end, one.end)] for one in phases]
    ends = [(low, min(last + 1, len(felt.acc))) for low, _, _, last in marks]
    inside = np.concatenate([np.arange(low, high) for low, high in ends])
    acc = np.concatenate([without_contact(felt.acc, low, high) for low, high in ends])
    low, high = np.array(ends).T
    shift = np.cumsum(high - low) - high  # from rows of the span to rows of the lifts
    edges = np.clip(np.array(marks), low[:, None], high[:, None]) + shift[:, None]
    edges[:, 3] = high + shift
    return Lifts(Felt(felt.gyr[inside], acc, felt.turning[inside], felt.up[inside]), edges)
