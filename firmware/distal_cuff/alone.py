"""Recordings without a host: what begins them, and what ends them."""

import time

from micropython import const

from distal_wire import spec

_GONE_MS = const(60000)  # without flash a session whose host is not back by then is over
_LOW_PCT = const(5)  # the cell keeps the rest: the voltage falls fast from here on


class Alone:
    """`settings.alone` and `settings.still_min` say what may be; without flash nothing may."""

    def __init__(self, settings, keep, battery, button):
        self.gone_ms = _GONE_MS
        self._settings = settings
        self._keep = keep
        self._battery = battery
        self._button = button
        self._presses = button.presses
        self._was_moving = False
        self._heard_at = self._moved_at = time.ticks_ms()

    def step(self, now, is_heard, has_host):
        """What is due at ticks `now`. `is_heard`: a host takes the samples; `has_host`: one could."""
        sampling = self._keep.sampling
        is_pressed = self._button.presses != self._presses and not has_host
        self._presses = self._button.presses
        begins_to_move = sampling.rest.is_moving and not self._was_moving
        self._was_moving = sampling.rest.is_moving
        if is_heard or not sampling.is_on:
            self._heard_at = self._moved_at = now
        if self._was_moving:
            self._moved_at = now
        if not sampling.is_on:
            self._begin(is_pressed, begins_to_move and not has_host)
        elif not is_heard:
            self._end(now, is_pressed)

    def _may(self):
        return self._keep.store is not None and self._settings.alone != "off"

    def _is_low(self):
        return self._battery.pct <= _LOW_PCT  # 255: unknown

    def _begin(self, is_pressed, begins_to_move):
        reason = 0
        if is_pressed:
            reason = spec.REASON_BUTTON
        elif begins_to_move and self._settings.alone == "motion":
            reason = spec.REASON_MOTION
        sampling = self._keep.sampling
        if not reason or not self._may() or self._is_low():
            return
        if sampling.has_room and not sampling.rest.has_failed:
            self._keep.start(reason)

    def _end(self, now, is_pressed):
        still_ms = self._settings.still_min * 60000
        reason = 0
        if is_pressed:
            reason = spec.REASON_BUTTON
        elif not self._may():
            if time.ticks_diff(now, self._heard_at) >= self.gone_ms:
                reason = spec.REASON_ALONE
        elif self._is_low():
            reason = spec.REASON_BATTERY
        elif time.ticks_diff(now, self._moved_at) >= still_ms:
            reason = spec.REASON_MOTION
        if reason:
            self._keep.stop(reason)
