"""The button: short presses are counted, a long one is told once."""

import time

from micropython import const

_SETTLE_MS = const(30)  # contacts bounce for 5 ms and less
_LONG_MS = const(3000)


class Button:
    """`pin` may be None: nobody ever presses. `down`: the pin's level while pressed."""

    def __init__(self, pin, down=0):
        self.presses = 0  # short ones since boot
        self.is_down = False
        self._pin = pin
        self._down = down
        self._is_looking = pin is not None  # an edge was seen, or the level is not settled
        self._differs_at = None  # ticks since which the pin is not as `is_down` says
        self._down_at = 0
        self._is_long = False
        if pin is not None:
            pin.irq(self._on_edge, pin.IRQ_FALLING | pin.IRQ_RISING)

    def _on_edge(self, pin):
        self._is_looking = True

    def step(self, now):
        """Look at the pin at ticks `now`; True once for each long press, while it is still held."""
        if self._is_looking:
            self._settle(now)
        if not self.is_down or self._is_long or time.ticks_diff(now, self._down_at) < _LONG_MS:
            return False
        self._is_long = True
        return True

    def _settle(self, now):
        if (self._pin.value() == self._down) == self.is_down:
            self._is_looking = False
            self._differs_at = None
        elif self._differs_at is None:
            self._differs_at = now
        elif time.ticks_diff(now, self._differs_at) >= _SETTLE_MS:
            self._change(self._differs_at)

    def _change(self, at):
        self.is_down = not self.is_down
        self._differs_at = None
        if self.is_down:
            self._down_at = at
            self._is_long = False
        elif not self._is_long:
            self.presses += 1
