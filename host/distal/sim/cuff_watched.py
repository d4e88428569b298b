"""The firmware, unchanged, and what it needs of the heap: a line in heap.txt now and then, in bytes."""

import gc
import time

from distal_cuff.app import App

_EVERY_MS = 5000
_step = App.step
_last = time.ticks_ms()


def step(self, now):
    """One turn of the loop, and a look at the heap when it is due."""
    global _last
    _step(self, now)
    if time.ticks_diff(now, _last) >= _EVERY_MS:
        _last = now
        gc.collect()
        with open("heap.txt", "a") as file:
            file.write("%d\n" % gc.mem_alloc())


App.step = step
__import__("main")
