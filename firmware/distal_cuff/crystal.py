"""The processor's crystal: microseconds without the wrap of its ticks, and seconds since boot."""

import time

from micropython import const

_UNWRAP_MS = const(60000)  # ticks_us come round after 17.9 min; half of that can be told apart


class Crystal:
    """`us` keeps 32 bits, as the wire does."""

    def __init__(self):
        self.us = self._ticks = time.ticks_us()
        self._seconds = 0
        self._rest_us = 0
        self._counted_at = time.ticks_ms()

    def step(self, now):
        """Keep the count over the wrap of the ticks."""
        if time.ticks_diff(now, self._counted_at) >= _UNWRAP_MS:
            self.count(time.ticks_us())
            self._counted_at = now

    def count(self, ticks):
        """What it says at `ticks` of ticks_us: 32 bits, us."""
        passed = time.ticks_diff(ticks, self._ticks)
        self.us = (self.us + passed) & 0xFFFFFFFF
        self._ticks = ticks
        passed += self._rest_us
        self._seconds += passed // 1000000
        self._rest_us = passed % 1000000
        return self.us

    def seconds(self):
        """Since boot."""
        self.count(time.ticks_us())
        return self._seconds
