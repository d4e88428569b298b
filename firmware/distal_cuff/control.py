"""What the host asks for: commands in, responses out, status and info kept current."""

import time

from micropython import const

from distal_cuff import messages
from distal_cuff import settings as wire
from distal_cuff.guard import Guard
from distal_cuff.moments import Moments
from distal_wire import codec, spec

_STATUS_MS = const(1000)
_NONE = (0, 0, 0)  # op, seq, key of bytes that were no command
_UNPROVEN_MS = const(60000)  # a host that proves nothing for so long keeps others from connecting
_LIMITS = {spec.SET_SIDE: 2, spec.SET_MASS_G: wire.MAX_MASS_G}
_MEASURING = {
    spec.SET_RATE_HZ: "rate_hz",
    spec.SET_ACC_RANGE_G: "acc_range_g",
    spec.SET_GYR_RANGE_DPS: "gyr_range_dps",
}


class Identity:
    """What does not change: boot number and id of this cuff, numbers of board and IMU on the wire."""

    def __init__(self, boot, cuff_id, board, imu):
        self.boot = boot
        self.cuff_id = cuff_id
        self.board = board
        self.imu = imu


class Control:
    """Stands between radio and sampling. `is_open`: the host of this link has asked for samples."""

    def __init__(self, identity, settings, sampling, radio, battery, button):
        self.is_open = False
        self.guard = Guard(settings, identity)
        self.bad_commands = 0
        self.identify_until = None  # ticks
        self._identity = identity
        self._settings = settings
        self._sampling = sampling
        self._radio = radio
        self._battery = battery
        self._button = button
        self._moments = Moments(identity.boot, sampling, button)
        self._ring = sampling.sampler.ring
        self._link = 0
        self._linked_at = 0
        self._is_heard = False  # the host of this link has said something: it listens
        self._index = bytearray(4)
        self._lost_bytes = 0
        self._stop = None  # command whose answer waits for the last packet
        self._status_due = False
        self._status_at = 0
        self._actions = {
            spec.COMMAND_START: self._start,
            spec.COMMAND_STOP: self._begin_stop,
            spec.COMMAND_IDENTIFY: self._identify,
            spec.COMMAND_SET: self._set,
            spec.COMMAND_ECHO: self._echo,
            spec.COMMAND_CHALLENGE: self._challenge,
        }

    def apply_settings(self):
        """Make the settings real and tell them in info. False: no room for the ring."""
        settings, me = self._settings, self._identity
        ranges = (me.imu, settings.acc_range_g, settings.gyr_range_dps // 125)
        header = (me.boot, 0, 0, settings.rate_hz, 0, spec.ENCODING_RAW, 0) + ranges
        has_room = self._sampling.apply(settings, header)
        self.show_info()
        return has_room

    def show_info(self):
        """Write the info characteristic anew; its IMU is 0 while none answers."""
        me = self._identity
        imu = me.imu if self._sampling.is_up else 0
        numbers = (wire.SIDES.index(self._settings.side), me.board, imu, self._ring.slots)
        self._radio.show_info(messages.info(me.boot, me.cuff_id, self._settings, numbers))

    def step(self, now):
        """Follow the link and the button, read what the host wrote, send what is due."""
        if self._link != self._radio.links or not self._radio.is_connected:
            self._forget_link(now)
        if self._button.step(now):
            self.guard.open_window(now)
            self._linked_at = now
        self.guard.step(now)
        self._moments.step(now)
        self._read_messages(now)
        if self._sampling.is_on and time.ticks_diff(now, self._status_at) >= _STATUS_MS:
            self._status_due = True
        if self.is_open:
            self._send(now)
        if not self.guard.is_open(self._link):
            self._end_idle_link(now)
        elif self._is_heard:
            self._send_moment(now)

    def _forget_link(self, now):
        self._link = self._radio.links
        self._linked_at = now
        self._is_heard = False
        self._stop = None
        self._status_due = False
        self._moments.forget_link()
        if self.is_open:
            self._ring.rewind()
        self.is_open = False

    def _end_idle_link(self, now):
        if self._radio.is_connected and time.ticks_diff(now, self._linked_at) >= _UNPROVEN_MS:
            self._radio.drop()
            self._linked_at = now

    # ---- sending

    def _send(self, now):
        for _ in range(4):  # more in one step would leave the stack no room to answer its host
            packet = self._ring.oldest()
            if packet is None or not self._radio.notify(_whole(packet), now):
                break
            self._ring.taken()
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
        action = self._actions.get(fields[0])
        if action is None:
            self._turn_down(fields, spec.ERROR_UNKNOWN_COMMAND)
        elif fields[0] != spec.COMMAND_CHALLENGE and not self.guard.is_open(link):
            self._turn_down(fields, spec.ERROR_LOCKED, self.guard.wait_ms(now))
        else:
            action(fields)

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
            if not sampling.start():
                return self._turn_down(command, spec.ERROR_IMU)
        self._respond(command, spec.OK, 0, self._first_index())
        self.is_open = True
        self._status_due = True

    def _first_index(self):
        """Index of the first sample that will be sent."""
        packet = self._ring.oldest()
        return messages.number(packet[4:8] if packet else self._sampling.sampler.index)

    def _begin_stop(self, command):
        if self._sampling.is_on:
            self._sampling.stop()
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
        _, _, key, value = command
        if key in _LIMITS:
            error = self._set_fact(key, value)
        elif self._sampling.is_on or self._stop:
            error = spec.ERROR_BUSY
        else:
            error = self._set_measuring(key, value)
        if error:
            return self._turn_down(command, error)
        self._respond(command, spec.OK)

    def _set_fact(self, key, value):
        if not 0 <= value <= _LIMITS[key]:
            return spec.ERROR_BAD_VALUE
        try:
            if key == spec.SET_SIDE:
                self._settings.keep("side", wire.SIDES[value])
            else:
                self._settings.keep("mass_g", value)
        except OSError:  # a full or broken file system
            return spec.ERROR_MEMORY
        self.show_info()
        return spec.OK

    def _set_measuring(self, key, value):
        name = _MEASURING.get(key)
        if name is None or value not in self._settings.choices()[name]:
            return spec.ERROR_BAD_VALUE
        before = getattr(self._settings, name)
        setattr(self._settings, name, value)
        if self.apply_settings():
            return spec.OK
        setattr(self._settings, name, before)
        self.apply_settings()
        return spec.ERROR_MEMORY


def _whole(packet):
    """The bytes of a packet without the rest of its buffer; a full packet is sent as it lies."""
    if packet[14] == spec.SAMPLES_PER_PACKET:
        return packet
    return memoryview(packet)[: 28 + packet[14] * 12]
