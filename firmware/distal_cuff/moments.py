"""What a host wants to know at once: the button and movement; and what the IMU's clock is worth.

The IMU's oscillator may be off by percents, the processor's crystal is not. Both read together, some times
a second, say how fast the cuff clock runs.
"""

import time

from micropython import const

from distal_cuff import messages
from distal_wire import spec

# While streaming. A host tells the cuff's time from how long these wait for the radio: it needs many of them,
# unevenly apart, so that they never keep step with the radio's own rhythm.
_EVERY_MS = const(100)  # and up to 63 more


class Moments:
    """Makes the message when it is due. It lies ready until the radio takes it: its times stay true."""

    def __init__(self, boot, sampling, button, crystal):
        self._boot = boot
        self._sampling = sampling
        self._button = button
        self._crystal = crystal
        self._told = None  # (presses, flags) as the host of this link knows them
        self._told_at = 0
        self._count = 0  # told while streaming, modulo 64
        self._state = None
        self._message = None

    def forget_link(self):
        """The next host knows nothing yet."""
        self._told = self._message = None

    def due(self, now):
        """The message to send now, None if there is nothing to say."""
        state = self._look()
        is_old = self._sampling.is_on and time.ticks_diff(now, self._told_at) >= self._wait_ms()
        if state == self._told and not is_old:
            return None
        if self._message is None or state != self._state:
            self._state = state
            self._message = self._write(state)
        return self._message

    def told(self, now):
        """The radio took the message."""
        self._told, self._told_at = self._state, now
        self._message = None
        if self._sampling.is_on:
            self._count = (self._count + 1) & 63

    def of_now(self):
        """The message as things stand."""
        return self._write(self._look())

    def _wait_ms(self):
        return _EVERY_MS + (self._count * 29 & 63)

    def _look(self):
        flags = spec.MOMENT_MOVING if self._sampling.rest.is_moving else 0
        if self._button.is_down:
            flags |= spec.MOMENT_PRESSED
        return (self._button.presses & 255, flags)

    def _write(self, state):
        clock = self._sampling.clock()
        crystal = self._crystal.count(self._sampling.clock_us if clock else time.ticks_us())
        ticks = messages.number(clock) if clock else 0
        return messages.moment(self._boot, (ticks, crystal), state)
