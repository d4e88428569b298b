"""The firmware, unchanged, whose counters start just before they go round; its heap as in cuff_watched.py."""

import machine

_SAMPLES_LEFT = 1500
_LEFT_US = 12000000

_start_watchdog = machine.WDT
_run = None


def run(self):
    """Before the first session."""
    self._keep.crystal.us = 0x100000000 - _LEFT_US
    self._sampling.sampler.index[:] = (0x100000000 - _SAMPLES_LEFT).to_bytes(4, "little")
    _run(self)


def _set_counters(timeout):
    global _run
    from distal_cuff.app import App

    _run = App.run
    App.run = run
    return _start_watchdog(timeout=timeout)


machine.WDT = _set_counters
__import__("cuff_watched")
