"""What neither an event nor a live view waits for: shocks, how the cuff sits, quiet stance. In long parts."""

from collections.abc import Sequence

import numpy as np

from distal.analysis.even import Even, join
from distal.analysis.gait import Swing
from distal.analysis.impact import ShockWatch
from distal.analysis.sway import QuietFinder
from distal.analysis.wear import WearWatch
from distal.model import BoolArray, FloatArray

LONG = 16384  # samples: some numpy calls for each part cost more than its samples do


class Aside:
    """Streaming; each watch sees all samples in order, `LONG` of them late or at the end."""

    def __init__(self) -> None:
        self.shocks = ShockWatch()
        self.wear = WearWatch()
        self.quiet = QuietFinder()
        self._raw: list[tuple[FloatArray, BoolArray]] = []  # acc, clipped: not looked at yet
        self._even: list[Even] = []
        self._swings: list[Swing] = []
        self._waiting = 0  # rows in _raw

    def update(self, acc: FloatArray, clipped: BoolArray, even: Even, swings: Sequence[Swing]) -> None:
        """Samples of the sensor, the same at RATE_HZ as far as they are made, swings known by now."""
        self._raw.append((acc, clipped))
        self._even.append(even)
        self._swings += swings
        self._waiting += len(acc)
        if self._waiting >= LONG:
            self._look()

    def finish(self) -> None:
        """The end of the samples."""
        self._look()
        self.wear.finish()
        self.quiet.finish()

    def _look(self) -> None:
        raw, even = self._raw, join(self._even)
        self.shocks.update(np.concatenate([acc for acc, _ in raw]), np.concatenate([hit for _, hit in raw]))
        self.wear.update(even, self._swings)
        self.quiet.update(even)
        self._raw, self._even, self._swings, self._waiting = [], [], [], 0
