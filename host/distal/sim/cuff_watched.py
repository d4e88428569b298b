"""The firmware, unchanged, and what it needs of the heap: a line in heap.txt now and then, in bytes.

Nothing is loaded before the firmware loads it: in which order its files are compiled decides what fits.
"""

import gc
import time

import machine

_EVERY_MS = 5000
_start_watchdog = machine.WDT  # main makes it when all is loaded
_last = time.ticks_ms()
_step = None


def step(self, now):
    """One turn of the loop, and a look at the heap when it is due."""
    global _last
    _step(self, now)
    if time.ticks_diff(now, _last) >= _EVERY_MS:
        _last = now
        gc.collect()
        with open("heap.txt", "a") as file:
            file.write("%d\n" % gc.mem_alloc())


def _watch(timeout):
    global _step
    from distal_cuff.app import App

    _step = App.step
    App.step = step
    return _start_watchdog(timeout=timeout)


machine.WDT = _watch
__import__("main")
