"""What the host asks for: commands in, responses out, status and info kept current."""

import time

from micropython import const

from distal_cuff import messages
from distal_cuff.alone import Alone
from distal_cuff.commands import Commands
from distal_cuff.fetch import Fetch
from distal_cuff.guard import Guard
from distal_cuff.lane import Lane
from distal_cuff.moments import Moments
from distal_cuff.setup import Setup
from distal_wire import spec

_STATUS_MS = const(1000)
_FRESH = const(2)  # packets that may wait; with more, the link was gone or is too slow
_UNPROVEN_MS = const(60000)  # a host that proves nothing for so long keeps others from connecting


class Control(Commands):
    """Stands between radio and sampling. `is_open`: the host of this link has asked for samples."""

    def __init__(self, identity, settings, keep, radio, battery, button):
        sampling = keep.sampling
        self.is_open = False
        self.guard = Guard(settings, identity)
        self.bad_commands = 0
        self.identify_until = None  # ticks
        self._identity = identity
        self.setup = Setup(identity, settings, keep.sampling, radio)
        self._keep = keep
        self._sampling = sampling
        self._radio = radio
        self._battery = battery
        self._button = button
        self._moments = Moments(identity.boot, sampling, button, keep.crystal)
        self._alone = Alone(settings, keep, battery, button)
        self._fetch = Fetch(identity.boot, keep, settings)
        self._lane = Lane(radio, self._moments.of_now)
        self._ring = sampling.sampler.ring
        self._link = 0
        self._linked_at = 0
        self._is_heard = False  # the host of this link has said something: it listens
        self._index = bytearray(4)
        self._lost_bytes = 0
        self._stop = None  # command whose answer waits for the last packet
        self._status_due = False
        self._origin_due = False
        self._status_at = 0
        self._actions = {
            spec.COMMAND_START: self._start,
            spec.COMMAND_STOP: self._begin_stop,
            spec.COMMAND_IDENTIFY: self._identify,
            spec.COMMAND_SET: self._set,
            spec.COMMAND_ECHO: self._echo,
            spec.COMMAND_CHALLENGE: self._challenge,
        }

    def step(self, now):
        """Follow the link and the button, read what the host wrote, send what is due."""
        if self._link != self._radio.links or not self._radio.is_connected:
            self._forget_link(now)
        if self._button.step(now):
            self.guard.open_window(now)
            self._linked_at = now
        self.guard.step(now)
        self._keep.crystal.step(now)
        self._read_messages(now)
        self._alone.step(now, self.is_open, self._radio.is_connected and self.guard.is_open(self._link))
        if self._sampling.is_on and time.ticks_diff(now, self._status_at) >= _STATUS_MS:
            self._status_due = True
        if self.is_open:
            self._send(now)
        if not self.guard.is_open(self._link):
            self._end_idle_link(now)
        elif self._is_heard:
            self._send_moment(now)
            self._send_kept(now)

    @property
    def is_calm(self):
        """Nothing of the live lane waits for the radio."""
        return not (self.is_open and (self._ring.unsent or self._status_due))

    def _forget_link(self, now):
        self._link = self._radio.links
        self._linked_at = now
        self._is_heard = False
        self._stop = None
        self._status_due = self._origin_due = False
        self._moments.forget_link()
        self._fetch.forget()
        self._lane.forget()
        if self.is_open:
            self._ring.rewind()
        self.is_open = False

    def _end_idle_link(self, now):
        if self._radio.is_connected and time.ticks_diff(now, self._linked_at) >= _UNPROVEN_MS:
            self._radio.drop()
            self._linked_at = now

    # ---- sending

    def _send(self, now):
        if self._origin_due:  # first of all: the samples after a restart are placed by it
            origin = messages.origin(self._identity.boot, self._sampling.origin)
            self._origin_due = not self._radio.notify(origin, now)
        for _ in range(4):  # more in one step would leave the stack no room to answer its host
            packet = self._ring.oldest()
            has_piled_up = self._ring.unsent > _FRESH
            if packet is None or (has_piled_up and self._lane.is_full()):
                break
            if not self._radio.notify(_whole(packet), now):
                break
            self._ring.taken()
            if has_piled_up:
                self._lane.count()
        if self._status_due and self._radio.notify(self._status(), now):
            self._status_due = False
            self._status_at = now
        if self._stop and not self._ring.unsent and not self._status_due:
            self._respond(self._stop, spec.OK)
            self._stop = None

    def _send_moment(self, now):
        moment = self._moments.due(now)
        if moment and self._radio.notify(moment, now):
            self._moments.told(now)

    def _send_kept(self, now):
        """One kept message a turn, behind everything else, and never shortly before a live packet."""
        is_on = self.is_open and self._sampling.is_on
        self._lane.step(now, is_on)
        if not self.is_calm or self._radio.is_answering():
            return
        if is_on and 2 * self._sampling.sampler.count() > spec.SAMPLES_PER_PACKET:
            return
        message = self._fetch.message()
        if message and self._lane.send(message):
            self._fetch.taken()

    def _status(self):
        sampling, sampler, radio = self._sampling, self._sampling.sampler, self._radio
        flags = spec.STATUS_STREAMING if sampling.is_on else 0
        if sampling.rest.has_failed:
            flags |= spec.STATUS_REST_FAILED
        lost = sampler.lost + self._ring.lost
        errors = sampling.imu_errors + sampler.bad_words
        faults = (self._ring.unsent, lost, sampler.overruns, radio.no_buffer, errors, self.bad_commands)
        return messages.status(self._identity.boot, self._counters(), self._battery, flags, faults)

    def _counters(self):
        clock = self._sampling.clock()
        self._sampling.sampler.next_index(self._index)
        return messages.number(self._index), messages.number(clock) if clock else 0

    def _respond(self, command, error, detail=0, index=None):
        counters = self._counters()
        if index is not None:
            counters = (index, counters[1])
        self._radio.respond(messages.response(command, error, detail, counters))


def _whole(packet):
    """The bytes of a packet without the rest of its buffer; a full packet is sent as it lies."""
    if packet[14] == spec.SAMPLES_PER_PACKET:
        return packet
    return memoryview(packet)[: 28 + packet[14] * 12]
