"""The test that a drawn order allows: flip each pair's sign in every way. Exact, no normal distribution.

Source: Edgington & Onghena 2007, Randomization Tests, 4th ed., ch. 5 (memory: chapter not verified). It holds
whatever drift or rhythm the person has, because under "no effect" the draw alone decides each sign.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from distal.model import Estimate, FloatArray

EXACT_PAIRS = 14  # 16 384 sign patterns; above it drawn ones
DRAWN = 20_000
_TIE = 1e-9  # sums that differ by rounding are the same sum


@lru_cache(maxsize=8)
def _signs(pairs: int) -> FloatArray:
    """Sign patterns (m, pairs), the observed one (all +) first."""
    if pairs <= EXACT_PAIRS:
        bits = np.arange(1 << pairs)[:, None] >> np.arange(pairs) & 1
        return np.asarray(1.0 - 2.0 * bits, np.float64)
    drawn = np.random.default_rng(pairs).integers(0, 2, (DRAWN, pairs)) * 2.0 - 1.0
    return np.vstack([np.ones(pairs), drawn])


def p_value(differences: Sequence[float], shift: float = 0.0) -> float:
    """Two-sided p of the mean difference being `shift`; 1 without a pair."""
    d = np.asarray(differences, np.float64) - shift
    if not len(d):
        return 1.0
    sums = np.abs(_signs(len(d)) @ d)
    return float(np.mean(sums >= sums[0] - _TIE * float(np.abs(d).sum())))


def interval(differences: Sequence[float], alpha: float) -> Estimate | None:
    """Mean difference and the shifts that the test does not refuse at `alpha`; None when too few pairs.

    A sign pattern is as far as the observed one when the mean of the pairs that it flips, or of those that
    it does not, lies beyond the shift: the ends are order statistics of such means (Hartigan 1969, typical
    values; from memory).
    """
    d = np.asarray(differences, np.float64)
    if not len(d) or 2.0 / 2.0 ** len(d) > alpha:
        return None
    signs = _signs(len(d))
    kept, summed = (len(d) + signs.sum(axis=1)) / 2.0, (d.sum() + signs @ d) / 2.0
    counts = np.concatenate([kept, len(d) - kept])
    sums = np.concatenate([summed, d.sum() - summed])[counts > 0]
    # a pattern without flips, or of flips alone, is always as far
    refused = int(alpha * len(signs) * (1.0 + _TIE)) - int((counts == 0).sum())
    means = np.sort(sums / counts[counts > 0])
    return Estimate(float(d.mean()), float(means[refused]), float(means[-1 - refused]), len(d))
