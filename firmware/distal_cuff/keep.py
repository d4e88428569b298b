"""Sessions, and what is kept of them: every finished packet goes from RAM into flash, packed.

The sampler knows nothing of flash: a packet waits in the RAM ring, which holds 5 s and more, until flash
has time for it. While flash erases nothing runs at all (45 ms, 400 at worst); the IMU's FIFO holds 1.2 s.
"""

import time

from micropython import const

from distal_cuff import messages
from distal_wire import spec

_COUNT_AT = const(14)
_STARVED_MS = const(1000)  # erase now, also when it delays a packet: flash must not run out of erased blocks
_MARK_MS = const(
    60000
)  # the IMU's clock wanders; read beside the crystal so often, it does so by less than 1 ms
_BEGINS = const(16)  # sessions of this boot whose age is known


class Keep:
    """Starts and ends sampling. `store` is the flash ring, None on a board without one."""

    def __init__(self, sampling, store, crystal):
        self.sampling = sampling
        self.store = store
        self.crystal = crystal
        self.begins = []  # (first index, seconds since boot) of the newest sessions of this boot
        self._ring = sampling.sampler.ring
        self._refused = 0
        self._calm_at = self._marked_at = time.ticks_ms()
        self._index = bytearray(4)
        self.read = self._squeezer = None
        if store:
            from distal_cuff import store_read
            from distal_cuff.squeeze import Squeezer

            self.read = store_read  # loaded now: later the heap has no room for a compiler
            self._squeezer = Squeezer(self._append)

    @property
    def missed(self):
        """Samples of this boot that did not get into flash."""
        return self._refused + self._ring.missed if self.store else 0

    def start(self, reason):
        """Begin a session (spec.REASON_*); False if the IMU does not answer."""
        if not self.sampling.start():
            return False
        self.begins.append((self.next_index(), self.crystal.seconds()))
        if len(self.begins) > _BEGINS:
            self.begins.pop(0)
        self._mark(spec.MARK_START, reason)
        return True

    def stop(self, reason):
        """End it; what was sampled is in flash afterwards."""
        self.sampling.stop()
        if self.store:
            while self._ring.unkept:
                self._take()
            self._squeezer.finish()
        self._mark(spec.MARK_STOP, reason)

    def step(self, now, is_calm):
        """One packet into flash, if one waits; then an erase ahead, if one is due. Call it after the FIFO was
        emptied. `is_calm`: no packet waits for the radio. Right after one was finished and sent, an erase is
        over before the next one is full, so it delays none."""
        if not self.store or not self.sampling.is_on:
            return
        if time.ticks_diff(now, self._marked_at) >= _MARK_MS:
            self._mark(spec.MARK_TIME, 0)
        was_taken = self._ring.unkept == 1
        if self._ring.unkept:
            self._take()
        if is_calm and was_taken:
            self._calm_at = now
        elif time.ticks_diff(now, self._calm_at) < _STARVED_MS:
            return
        self.store.step(now)

    def next_index(self):
        """Index of the next sample."""
        self.sampling.sampler.next_index(self._index)
        return messages.number(self._index)

    def age_s(self, first, rate_hz):
        """Seconds since sample `first` of this boot was taken; UNKNOWN_S if that is not known any more."""
        for begin, second in reversed(self.begins):
            since = (first - begin) & 0xFFFFFFFF
            if since < 0x80000000:
                return max(0, self.crystal.seconds() - second - since // rate_hz)
        return spec.UNKNOWN_S

    def _take(self):
        self._squeezer.add(self._ring.unkept_packet())
        self._ring.kept()

    def _append(self, packet, size):
        if not self.store.append(packet, size):
            self._refused += packet[_COUNT_AT]

    def _mark(self, event, reason):
        if not self.store:
            return
        self._marked_at = time.ticks_ms()
        clock = self.sampling.clock()
        crystal = self.crystal.count(self.sampling.clock_us if clock else time.ticks_us())
        ticks = messages.number(clock) if clock else 0
        self.store.mark(event, reason, self.next_index(), ticks, crystal)
