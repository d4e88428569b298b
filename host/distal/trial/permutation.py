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
    """Mean difference and the shifts that the test does not refuse at `alpha`; None when too few pairs."""
    d = np.asarray(differences, np.float64)
    if not len(d) or 2.0 / 2.0 ** len(d) > alpha:
        return None
    mean, far = float(d.mean()), float(np.ptp(d)) + 1e-12
    return Estimate(mean, _edge(d, mean, -far, alpha), _edge(d, mean, far, alpha), len(d))


def _edge(d: FloatArray, inside: float, reach: float, alpha: float) -> float:
    """Where the test begins to refuse, by bisection; beyond the farthest difference it always does."""
    outside = inside + reach
    for _ in range(40):
        middle = (inside + outside) / 2
        if p_value(d.tolist(), middle) > alpha:
            inside = middle
        else:
            outside = middle
    return outside
