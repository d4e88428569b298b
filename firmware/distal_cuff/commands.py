"""What the host may ask for, and what the cuff does then: a part of Control, in a file of its own because the
compiler needs heap for a whole file at once."""

import time

from distal_cuff import messages
from distal_wire import codec, spec

_NONE = (0, 0, 0)  # op, seq, key of bytes that were no command


class Commands:
    """Reads what came, obeys or refuses; everything that it works with is Control's."""

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
