"""Samples -> short blocks, and the rests among them, for calibration; found by themselves.

A block is quiet when its samples scatter little; a rest is a run of quiet blocks that read the same all
along, its first and last block left out (the hand is still there). Slow turning reads differently from block
to block, so it is no rest.
"""

from dataclasses import dataclass

import numpy as np

from distal.model import BoolArray, FloatArray
from distal.units import RAD_PER_DEG, G

BLOCK_S = 0.25
QUIET_ACC = 0.025 * G  # SD within a block, any axis: noise of the IMUs in use is 1 to 6 mg at 208 Hz
QUIET_GYR = 1.5 * RAD_PER_DEG
SAME_ACC = 0.015 * G  # mean of a block against that of the run
SAME_GYR = 0.3 * RAD_PER_DEG
LEAST_BLOCKS = 4  # of a rest, its ends left out: 1 s
MOST_GYR = 12.0 * RAD_PER_DEG  # a gyro's offset is smaller; more is turning about the vertical


@dataclass(frozen=True, slots=True)
class Blocks:
    """Means (n, 3) of equal cuts of a stream, block_s long; NaN where half of the samples are missing."""

    gyr: FloatArray
    acc: FloatArray
    quiet: BoolArray
    block_s: float


@dataclass(frozen=True, slots=True)
class Found:
    """A rest: means over it (gyr rad/s, acc m/s2) and its first and last + 1 block."""

    gyr: FloatArray
    acc: FloatArray
    start: int
    end: int


def cut(gyr: FloatArray, acc: FloatArray, rate_hz: float, block_s: float = BLOCK_S) -> Blocks:
    """Rows (n, 3), NaN where missing -> blocks; what is left at the end is dropped."""
    size = max(round(block_s * rate_hz), 2)
    n = len(acc) // size
    rows = np.concatenate([gyr, acc], axis=1)[: n * size].reshape(n, size, 6)
    there = np.isfinite(rows).all(axis=2)
    count = np.where(there.sum(axis=1) > size / 2, there.sum(axis=1), np.nan)[:, None]
    kept = np.where(there[:, :, None], rows, 0.0)
    mean = kept.sum(axis=1) / count
    off = np.where(there[:, :, None], rows - mean[:, None, :], 0.0)
    spread = np.sqrt((off * off).sum(axis=1) / count)
    quiet = (spread[:, :3] < QUIET_GYR).all(axis=1) & (spread[:, 3:] < QUIET_ACC).all(axis=1)
    return Blocks(mean[:, :3], mean[:, 3:], quiet, size / rate_hz)


class Rests:
    """Streaming search; feed blocks in order."""

    def __init__(self) -> None:
        self.found: list[Found] = []
        self._at = 0
        self._run: list[tuple[FloatArray, FloatArray]] = []

    def update(self, blocks: Blocks) -> None:
        """Take the next blocks; rests that have ended are in `found`."""
        for gyr, acc, quiet in zip(blocks.gyr, blocks.acc, blocks.quiet, strict=True):
            if not (quiet and self._is_like(gyr, acc)):
                self._end()
            if quiet:
                self._run.append((gyr, acc))
            self._at += 1

    def open_s(self) -> float:
        """Seconds of the rest that has not ended yet."""
        return max(len(self._run) - 2, 0) * BLOCK_S

    def now(self) -> Found | None:
        """The rest that has not ended, once it is long enough."""
        return self._rest()

    def finish(self) -> list[Found]:
        """All rests, the open one included."""
        self._end()
        return self.found

    def _is_like(self, gyr: FloatArray, acc: FloatArray) -> bool:
        if not self._run:
            return True
        means = np.mean(self._run, axis=0)
        near_acc = np.abs(acc - means[1]).max() < SAME_ACC
        return bool(near_acc and np.abs(gyr - means[0]).max() < SAME_GYR)

    def _rest(self) -> Found | None:
        kept = self._run[1:-1]
        if len(kept) < LEAST_BLOCKS:
            return None
        gyr, acc = np.mean(kept, axis=0)
        start = self._at - len(self._run) + 1
        return Found(gyr, acc, start, start + len(kept)) if np.abs(gyr).max() < MOST_GYR else None

    def _end(self) -> None:
        rest = self._rest()
        if rest is not None:
            self.found.append(rest)
        self._run = []


def find_rests(gyr: FloatArray, acc: FloatArray, rate_hz: float) -> list[Found]:
    """All rests of a stretch of samples: gyr rad/s, acc m/s2, (n, 3), NaN where missing."""
    search = Rests()
    search.update(cut(gyr, acc, rate_hz))
    return search.finish()
