"""What the host asks for: commands in, responses out, status and info kept current."""

import time

from micropython import const

from distal_cuff import messages
from distal_cuff.alone import Alone
from distal_cuff.fetch import Fetch
from distal_cuff.guard import Guard
from distal_cuff.lane import Lane
from distal_cuff.moments import Moments
from distal_cuff.setup import Setup
from distal_wire import codec, spec

_STATUS_MS = const(1000)
_FRESH = const(2)  # packets that may wait; with more, the link was gone or is too slow
_NONE = (0, 0, 0)  # op, seq, key of bytes that were no command
_UNPROVEN_MS = const(60000)  # a host that proves nothing for so long keeps others from connecting


class Control:
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
        """One kept message a turn, behind everything else."""
        self._lane.step(now)
        if not self.is_calm or self._radio.is_answering():
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

    # ---- commands

    def _read_messages(self, now):
        """Everything that the host wrote. Writes can come joined, so a message may begin at any byte."""
        inbox = self._radio.inbox
        data = inbox.take()
        link = self._radio.links  # asked after the bytes were taken: they are of this host or an earlier one
        at, is_refusing = 0, False
        while at < len(data):
            message = messages.whole(data, at)
            if message:
                self._use(message, link, now)
            elif not is_refusing:
                self._refuse(data, at)
            is_refusing = message is None
            at += len(message) if message else 1
        if inbox.lost != self._lost_bytes:
            self._lost_bytes = inbox.lost
            self.bad_commands += 1

    def _use(self, message, link, now):
        """Obey, if the host of that link may command."""
        self._is_heard = True
        fields = codec.read_fields(message)[2:]
        if message[0] == spec.KIND_PROOF:
            return self._prove(fields, link, now)
        if message[0] == spec.KIND_FETCH:
            return self._begin_fetch(fields, link, now)
        action = self._actions.get(fields[0])
        if action is None:
            self._turn_down(fields, spec.ERROR_UNKNOWN_COMMAND)
        elif fields[0] != spec.COMMAND_CHALLENGE and not self.guard.is_open(link):
            self._turn_down(fields, spec.ERROR_LOCKED, self.guard.wait_ms(now))
        else:
            action(fields)

    def _begin_fetch(self, fields, link, now):
        command = (0, fields[1], 0)
        if not self.guard.is_open(link):
            self._turn_down(command, spec.ERROR_LOCKED, self.guard.wait_ms(now))
        elif self._radio.mtu < spec.MIN_MTU:
            self._turn_down(command, spec.ERROR_SMALL_MTU, self._radio.mtu)
        else:
            self._fetch.ask(fields)

    def _refuse(self, data, at):
        """Bytes that are no message. The answer names what they seem to be; one for all that are joined."""
        looks_right = len(data) >= at + 4 and data[at] == spec.KIND_COMMAND
        self._turn_down((data[at + 2], data[at + 3], 0) if looks_right else _NONE, spec.ERROR_BAD_MESSAGE)

    def _turn_down(self, command, error, detail=0):
        self.bad_commands += 1
        self._respond(command, error, detail)

    def _challenge(self, command):
        guard = self.guard
        if not guard.has_question():
            return self._respond(command, spec.OK)
        if self._radio.mtu < codec.message_size(spec.KIND_CHALLENGE) + 3:
            return self._turn_down(command, spec.ERROR_SMALL_MTU, self._radio.mtu)
        wait_ms = guard.wait_ms(time.ticks_ms())
        if wait_ms:
            return self._turn_down(command, spec.ERROR_LOCKED, wait_ms)
        self._radio.respond(guard.challenge(self._radio.links, command[1]))

    def _prove(self, fields, link, now):
        """A proof is answered by the cuff's own, a wrong one as a refused challenge."""
        command = (spec.COMMAND_CHALLENGE, fields[0], 0)
        try:
            answer = self.guard.answer(link, fields, now)
        except OSError:  # a full or broken file system: the old key holds
            return self._turn_down(command, spec.ERROR_MEMORY)
        if answer is None:
            return self._turn_down(command, spec.ERROR_LOCKED, self.guard.wait_ms(now))
        self._radio.respond(answer)

    def _start(self, command):
        sampling = self._sampling
        if self._stop:
            return self._turn_down(command, spec.ERROR_BUSY)
        if self._radio.mtu < spec.MIN_MTU:
            return self._turn_down(command, spec.ERROR_SMALL_MTU, self._radio.mtu)
        if not sampling.is_on:
            if not sampling.has_room:
                return self._turn_down(command, spec.ERROR_MEMORY)
            if sampling.rest.has_failed and sampling.is_up:
                return self._turn_down(command, spec.ERROR_IMU, sampling.rest.milli_g())
            if not self._keep.start(spec.REASON_HOST):
                return self._turn_down(command, spec.ERROR_IMU)
        self._respond(command, spec.OK, 0, self._first_index())
        self.is_open = True
        self._status_due = True
        self._origin_due = sampling.origin is not None

    def _first_index(self):
        """Index of the first sample that will be sent."""
        packet = self._ring.oldest()
        return messages.number(packet[4:8] if packet else self._sampling.sampler.index)

    def _begin_stop(self, command):
        if self._sampling.is_on:
            self._keep.stop(spec.REASON_HOST)
        if self._radio.mtu < spec.MIN_MTU:
            return self._respond(command, spec.OK)
        self._stop = command
        self.is_open = True
        self._status_due = True

    def _identify(self, command):
        seconds = command[3]
        if not 0 <= seconds <= 3600:
            return self._turn_down(command, spec.ERROR_BAD_VALUE)
        self.identify_until = time.ticks_add(time.ticks_ms(), seconds * 1000)
        self._respond(command, spec.OK)

    def _echo(self, command):
        if self._sampling.clock() is None:
            return self._turn_down(command, spec.ERROR_IMU)
        self._respond(command, spec.OK)

    def _set(self, command):
        error = self.setup.set(command[2], command[3], bool(self._sampling.is_on or self._stop))
        if error:
            return self._turn_down(command, error)
        self._respond(command, spec.OK)


def _whole(packet):
    """The bytes of a packet without the rest of its buffer; a full packet is sent as it lies."""
    if packet[14] == spec.SAMPLES_PER_PACKET:
        return packet
    return memoryview(packet)[: 28 + packet[14] * 12]
