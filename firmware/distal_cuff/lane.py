"""How much may lie in the radio's queue: a live packet never waits long behind what is kept, and what piled
up while the link was gone leaves the stack room to answer its host. A full one answers no write.

Nothing tells when a notification has left. But an indication is confirmed by the host, and it travels in the
same queue: once it is confirmed, all that was sent before it has arrived.
"""

import time

from micropython import const

_MOST = const(8)  # packets on their way: more than an interval of 45 ms takes
_AHEAD = const(3)  # the same while live packets come: these leave before the next one is full
_ROOM = const(10)  # of the stack's 12 buffers; a probe and an answer take the others
_QUICK = const(2)  # a probe that took no more than so many times the quickest one: there is room for more
_SLOW = const(3)
_INTERVAL_MS = const(45)  # between two turns of a slow radio; which part of it a probe waits is chance
_LONGEST_MS = const(2000)  # a probe that is not confirmed by then (twin: `_CONFIRM_MS` in radio.py)


class Lane:
    """`probe()` makes a message that is worth its indication."""

    def __init__(self, radio, probe):
        self._radio = radio
        self._probe = probe
        self.forget()

    def forget(self):
        """Another link: nothing is known of it."""
        self._window = self._limit = 2
        self._out = 0  # packets since the last confirmed probe
        self._covered = 0  # of these, sent before the probe that is on its way
        self._is_probing = False
        self._probed_at = 0
        self._wait = 0  # ms of rest since then
        self._tried_at = 0
        self._quickest = _LONGEST_MS

    def step(self, now, is_on):
        """Each turn: look for the probe's answer, or send one if it is time. `is_on`: live packets come."""
        self._limit = min(self._window, _AHEAD if is_on else _MOST)
        if not is_on or time.ticks_diff(now, self._tried_at) >= self._wait:
            self._wait = 0
        if self._radio.is_answering():
            return
        if self._is_probing:
            self._learn(now)
        elif self._out and 2 * self._out >= self._limit:
            self._radio.respond(self._probe())
            self._is_probing = True
            self._probed_at = now
            self._covered = self._out

    def is_full(self):
        """Whether one more could take the room that the stack needs for its answers."""
        return self._out >= _ROOM

    def count(self):
        """One more is on its way."""
        self._out += 1

    def send(self, message):
        """Offer a message of what is kept; True if the radio took it."""
        if self._wait or self._out >= self._limit or not self._radio.offer(message):
            return False
        self.count()
        return True

    def _learn(self, now):
        took_ms = time.ticks_diff(now, self._probed_at)
        self._is_probing = False
        self._out -= self._covered
        self._quickest = max(_INTERVAL_MS, min(self._quickest, took_ms))
        wait = max(0, took_ms - _QUICK * self._quickest)
        # a late probe: rest for a tenth of the square of that, in ms. Hardly at all where 10 % of packets are
        # lost, nearly always where live packets alone fill the air
        self._wait = min(2 * _LONGEST_MS, wait * wait // 10)
        self._tried_at = now
        if not wait:
            self._window = min(_MOST, self._window + 1)
        elif took_ms > _SLOW * self._quickest:
            self._window = max(1, self._window // 2)
