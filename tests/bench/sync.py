"""Left against right in time, from seeded arrivals: error and the receipt's word beside their targets."""

import numpy as np
from tests.arrivals import Air, compare, pair
from tests.bench.row import Row

INTERVALS_MS = (7.5, 15.0, 30.0, 45.0)
SEEDS = range(8)
TARGET_MS = 0.25
HOLDS = 0.95


def rows() -> list[Row]:
    """RMS over runs of ten minutes, 10 % loss, +-2 ppm drift; share of runs in which the p95 held."""
    found: list[Row] = []
    held = []
    for interval_ms in INTERVALS_MS:
        runs = [compare(pair(seed, Air(interval_s=interval_ms / 1e3))) for seed in SEEDS]
        rms = float(np.sqrt(np.mean([np.mean(error**2) for error, _ in runs])))
        held += [float(np.quantile(np.abs(error), 0.95)) <= receipt.p95_ms for error, receipt in runs]
        what = f"{interval_ms:g} ms interval, RMS"
        found.append(
            Row("left against right, 10 min", what, rms, "ms", rms / TARGET_MS, f"{TARGET_MS} ms target")
        )
    share = sum(held) / len(held)
    return [
        *found,
        Row("left against right, 10 min", "p95 of the receipt held", share, "", share / HOLDS, "0.95 target"),
    ]
