"""Cuff time -> host time: endless counters, the clock of each boot, left against right. Pure."""

from distal.clock.counters import PERIOD_TICKS, TICK_S, Unwrap, sample_rate

__all__ = ["PERIOD_TICKS", "TICK_S", "Unwrap", "sample_rate"]
