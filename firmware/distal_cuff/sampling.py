"""Runs the IMU: start, stop, drain in time, and get it back when it fails."""

import gc
import time

from micropython import const

from distal_cuff import packing
from distal_cuff import settings as wire
from distal_cuff.ring import SLOT_BYTES
from distal_wire import spec

_RING_S = const(5)  # at least; a host that went out of reach needs 6 s and more to be back
_SHORT_RING_S = const(2)  # where there is no memory for that
_LONG_RING_S = const(30)  # at most, where there is memory: a board with PSRAM has megabytes
# A fifth of a packet: its last sample is known to be whole only when the next one comes, and a packet must
# not wait another 86 ms for that
_WATERMARK = const(8)  # words
_LONG = const(32)  # words whose burst takes as long as a sample does
_POLL_MS = const(20)  # without an interrupt pin
_MISSED_MS = const(250)  # with one: an edge that was missed costs no more than this
_LOOK_MS = const(100)  # rest check
_SILENT_MS = const(500)  # a running FIFO without words for that long is a dead IMU
_RETRY_MS = const(250)
_STRIKES = const(3)  # failed steps in a row before the IMU is set up anew
_NEARLY_FULL = const(480)  # words: it may overrun between this look and the burst
_LATE_MS = const(30)  # and one less full may, when so much time has passed between the two


class Edge:
    """Remembers that the IMU's interrupt pin rose. `pin` may be None."""

    def __init__(self, pin):
        self.has_pin = pin is not None
        self.seen = False
        if self.has_pin:
            pin.irq(self._rose, pin.IRQ_RISING)

    def _rose(self, pin):
        self.seen = True


class Sampling:
    """The loop's view of the IMU. No method raises OSError; failures are counted in `imu_errors`."""

    def __init__(self, imu, sampler, rest, edge):
        self.is_up = False  # the IMU answers and is configured
        self.is_on = False  # between start and stop
        self.has_room = False  # the ring got its memory
        self.imu_errors = 0
        self.origin = None  # (boot, clock): see spec.ORIGIN
        self.clock_us = 0  # ticks_us when the cuff clock was read
        self.imu = imu
        self.sampler = sampler
        self.rest = rest
        self._edge = edge
        self._is_behind = False  # the last burst was long
        self._settings = None
        self._boot = 0
        self._stamp = bytearray(4)
        self._last_clock = bytearray(4)  # the cuff clock, and the ticks when it was read
        self._clock_at = None
        self._strikes = 0
        self._tried_at = self._drained_at = self._fed_at = self._looked_at = time.ticks_ms()

    def apply(self, settings, header):
        """Take over rate and ranges; `header`: the packet fields that stay. False: no room for the ring."""
        self._settings = settings
        self.period = wire.period_ticks(settings.rate_hz)
        self.rest.set_ranges(settings.acc_range_g, settings.gyr_range_dps)
        self.has_room = self._resize_ring()
        self.sampler.ring.write_headers(*header)
        self._boot = header[0]
        self.clock()
        self.is_up = False
        self.revive()
        return self.has_room

    def revive(self):
        """Set the IMU up; returns whether it is up now."""
        self._tried_at = time.ticks_ms()
        wanted = self._settings
        try:
            self.imu.configure(wanted.rate_hz, wanted.acc_range_g, wanted.gyr_range_dps, _WATERMARK)
            if self.is_on:
                self._switch_on()
            elif self._clock_at is not None:
                self._set_clock()
            else:
                self._inherit_clock()
            self.is_up = True
            self._strikes = 0
        except OSError:
            self._count_error()
        return self.is_up

    def start(self):
        """Begin to sample; False if the IMU does not answer."""
        if not self.is_up and not self.revive():
            return False
        self.sampler.ring.clear()
        try:
            self.imu.start()
            self.imu.read_clock(self._stamp)
        except OSError:
            self._count_error()
            self.is_up = False
            return False
        self.sampler.begin(self._stamp, self.period)
        self._fed_at = self._drained_at = time.ticks_ms()
        self._edge.seen = False
        self.is_on = True
        return True

    def stop(self):
        """Take no more samples; those taken go into the ring."""
        self.is_on = False
        try:
            self.imu.hold()
            self._drain()
            self.imu.stop()
        except OSError:
            self._count_error()
            self.is_up = False
        self.sampler.finish()

    def step(self, now):
        """What is due at ticks `now`."""
        if not self.is_up:
            if time.ticks_diff(now, self._tried_at) >= _RETRY_MS:
                self.revive()
            return
        try:
            if self.is_on and self._is_due(now):
                self._drain()
                self._strikes = 0
            if time.ticks_diff(now, self._looked_at) >= _LOOK_MS:
                self._looked_at = now
                self.rest.look(self.imu.read_motion())
                self._strikes = 0
        except OSError:
            self._fail()
        if self.is_on and time.ticks_diff(now, self._fed_at) >= _SILENT_MS:
            self._count_error()
            self.is_up = False

    def clock(self):
        """The cuff clock now, 4 bytes that are used again; None if the IMU does not answer."""
        if not self.is_up:
            return None
        try:
            self.imu.read_clock(self._stamp)
        except OSError:
            self._fail()
            return None
        self.clock_us = time.ticks_us()  # first thing after the read
        self._clock_at = time.ticks_ms()
        self.sampler.to_cuff_clock(self._stamp)
        self._last_clock[:] = self._stamp
        return self._last_clock

    def _is_due(self, now):
        if self._edge.seen:
            self._edge.seen = False
            return True
        # during a long burst more may arrive than the watermark: the pin stays high and tells of no more
        wait = _MISSED_MS if self._edge.has_pin and not self._is_behind else _POLL_MS
        return time.ticks_diff(now, self._drained_at) >= wait

    def _drain(self):
        """Everything that waits in the FIFO goes to the sampler."""
        imu = self.imu
        looked = time.ticks_ms()
        left = imu.waiting()
        if imu.overran or left >= _NEARLY_FULL:
            self.sampler.doubt()
        self._drained_at = time.ticks_ms()
        self._is_behind = left > _LONG
        if left:
            self._fed_at = self._drained_at
        while left > 0:
            words = imu.read(left)
            left -= words
            if time.ticks_diff(time.ticks_ms(), looked) > _LATE_MS:
                looked = time.ticks_ms()
                imu.waiting()
                if imu.overran:  # before these words or after them: nobody knows their place
                    self.sampler.doubt()
                    continue
            self.sampler.take(imu.words, words * packing.WORD)

    def _resize_ring(self):
        ring = self.sampler.ring
        ring.clear()
        gc.collect()
        packet = self.period * spec.SAMPLES_PER_PACKET  # ticks
        least = _RING_S * spec.CLOCK_HZ // packet + 1
        short = _SHORT_RING_S * spec.CLOCK_HZ // packet + 1
        most = _LONG_RING_S * spec.CLOCK_HZ // packet + 1
        third = (gc.mem_free() // SLOT_BYTES + ring.slots) // 3  # the rest of the heap has its own needs
        for slots in (max(least, min(most, third)), least, short):
            try:
                ring.resize(slots)
                return True
            except MemoryError:
                pass
        return False

    def _inherit_clock(self):
        """Nobody has read this boot's clock yet. IMU and clock outlive a restart of the processor."""
        if self.imu.before and self.imu.before[0] != self._boot:
            self.origin = self.imu.before
        self.imu.sign(self._boot)

    def _set_clock(self):
        """The IMU's timestamp began anew: the cuff's clock goes on by the milliseconds since it was read."""
        self.imu.read_clock(self._stamp)
        passed = time.ticks_diff(time.ticks_ms(), self._clock_at)
        self.sampler.align(self._stamp, self._last_clock, passed * (spec.CLOCK_HZ // 1000))

    def _switch_on(self):
        """The IMU lost its samples and its clock: go on by ours."""
        self.imu.start()
        self.imu.read_clock(self._stamp)
        now = time.ticks_ms()
        silent = time.ticks_diff(now, self._fed_at)
        self.sampler.resume(self._stamp, silent * (spec.CLOCK_HZ // 1000) // self.period)
        self._fed_at = self._drained_at = now

    def _fail(self):
        self._count_error()
        if self.is_on:
            self.sampler.doubt()  # part of a burst may be gone
        self._strikes += 1
        if self._strikes >= _STRIKES:
            self.is_up = False

    def _count_error(self):
        self.imu_errors += 1
