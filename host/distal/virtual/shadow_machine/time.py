"""The board's `time`: the rig's clock where the rig owns time, the real one elsewhere.

Ticks keep 30 bits as on a board, so that the wrap is met in a simulation too.
"""

import bus
from micropython import const
from utime import *

if ticks_add(0x3FFFFFFF, 1):  # a 64-bit MicroPython: its own ticks hardly ever wrap
    from utime import ticks_ms as _ticks_ms
    from utime import ticks_us as _ticks_us

    _MASK = const(0x3FFFFFFF)
    _HALF = const(0x20000000)

    def ticks_add(ticks, delta):
        return (ticks + delta) & _MASK

    def ticks_diff(end, start):
        return ((end - start + _HALF) & _MASK) - _HALF

    def ticks_ms():
        return _ticks_ms() & _MASK

    def ticks_us():
        return _ticks_us() & _MASK


if bus.owns_time:

    def ticks_us():
        return bus.ticks(0)

    def ticks_ms():
        return bus.ticks(1)

    def time():
        return bus.ticks(2)  # an ESP32 that nobody told the date counts from its boot

    def time_ns():
        return bus.ticks(2) * 1_000_000_000

    sleep_us = bus.sleep_us

    def sleep_ms(ms):
        bus.sleep_us(ms * 1000)

    def sleep(seconds):
        bus.sleep_us(int(seconds * 1_000_000))

else:
    from utime import sleep_ms as _sleep_ms

    def sleep_ms(ms):
        _sleep_ms(ms)
        if bus.has_irq or bus.waiting:
            bus.run_handlers(True)  # nobody wakes us: look after each sleep
