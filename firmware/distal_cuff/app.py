"""The cuff's one loop. Everything it works with is given, so that a virtual cuff can give others."""

import sys
import time

from micropython import const

from distal_cuff import led as codes

_BUSY_MS = const(10)  # between two looks at FIFO and radio
_IDLE_MS = const(40)  # nobody is connected and nothing is sampled
_BATTERY_MS = const(10000)


class App:
    """`feed` feeds the watchdog."""

    def __init__(self, control, keep, radio, led, battery):
        self.feed = _nothing
        self._control = control
        self._keep = keep
        self._sampling = keep.sampling
        self._radio = radio
        self._led = led
        self._battery = battery
        self._was_up = None
        self._measured_at = time.ticks_add(time.ticks_ms(), -_BATTERY_MS)

    def run(self):
        """Work for ever. A part that fails is told on the serial line and tried again."""
        while True:
            try:
                self.step(time.ticks_ms())
                self.feed()
            except Exception as error:  # the outermost loop: the watchdog ends what never recovers
                sys.print_exception(error)
            time.sleep_ms(_BUSY_MS if self._is_busy() else _IDLE_MS)

    def step(self, now):
        """One turn of the loop at ticks `now`."""
        self._sampling.step(now)
        self._radio.step(now)
        self._control.step(now)
        self._radio.step(now)
        self._keep.step(now, self._control.is_calm)
        self._look_after_battery(now)
        if self._sampling.is_up != self._was_up:
            self._was_up = self._sampling.is_up
            self._control.setup.show_info()
        self._led.show(self._code(now), now)

    def _is_busy(self):
        return self._sampling.is_on or self._radio.is_connected

    def _look_after_battery(self, now):
        if time.ticks_diff(now, self._measured_at) >= _BATTERY_MS:
            self._measured_at = now
            self._battery.measure()
            self._radio.show_battery(self._battery.pct)

    def _code(self, now):
        until = self._control.identify_until
        if until is not None:
            if time.ticks_diff(until, now) > 0:
                return codes.IDENTIFY
            self._control.identify_until = None
        if self._control.guard.has_window:
            return codes.PAIRING
        if not self._sampling.is_up or self._sampling.rest.has_failed:
            return codes.FAULT
        if self._sampling.is_on:
            return codes.STREAMING if self._control.is_open else codes.ALONE
        return codes.CONNECTED if self._radio.is_connected else codes.ADVERTISING


def _nothing():
    pass
