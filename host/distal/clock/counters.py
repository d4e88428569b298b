"""Counters of 32 bits made endless, and what a tick is. Pure."""

from distal_wire import spec

TICK_S = 1.0 / spec.CLOCK_HZ
PERIOD_TICKS = dict(spec.PERIOD_TICKS)
_WRAP = 1 << 32


def sample_rate(rate_hz: int) -> float:
    """True output rate for a nominal one: the chip divides 6666.67 Hz, so "208" is 208.33."""
    return spec.CLOCK_HZ / PERIOD_TICKS[rate_hz]


class Unwrap:
    """Make a 32-bit counter endless: each value is the one nearest to the newest seen."""

    def __init__(self) -> None:
        self.newest: int | None = None

    def __call__(self, value: int) -> int:
        """Return `value` plus the number of wraps; older values (repeats) are understood too."""
        if self.newest is None:
            self.newest = value
            return value
        ahead = (value - self.newest + _WRAP // 2) % _WRAP - _WRAP // 2
        full = self.newest + ahead
        self.newest = max(self.newest, full)
        return full
