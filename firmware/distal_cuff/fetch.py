"""What a host asks for of all that is kept: samples by boot and index, sessions. One fetch at a time.

The answers go out in a lane of their own, one message a turn, and only while the live lane has nothing to
send; `Lane` sees to it that what the radio has taken already does not hold up the next live packet.
"""

from micropython import const

from distal_cuff import messages
from distal_cuff import settings as wire
from distal_wire import spec

_INDEX_AT = const(4)
_COUNT_AT = const(14)
_HALF = const(0x1FFFFFFF)  # a range may be as long as the flash ring can tell apart
_TAIL = const(28)  # of a packet: header and trailer
_ANSWERS = const(4)  # that wait; a host that asks more at once loses them


class Fetch:
    """`keep` has the flash ring, `ring` what is not in it yet."""

    def __init__(self, boot, keep, settings):
        self._boot = boot
        self._keep = keep
        self._settings = settings
        self._ring = keep.sampling.sampler.ring
        self._job = None
        self._next = None  # the message whose turn it is
        self._answers = []
        self.forget()

    def forget(self):
        """The link is gone, and with it what its host asked for."""
        self._job = self._next = self._asked = None
        self._answers.clear()

    def ask(self, fields):
        """Begin the fetch of `fields` (op, seq, boot, first, count)."""
        op, count = fields[0], fields[4]
        jobs = {
            spec.FETCH_RANGE: self._range,
            spec.FETCH_SESSIONS: self._list,
            spec.FETCH_RELEASE: self._release,
        }
        if op == spec.FETCH_CANCEL:
            if self._job:
                self._end(spec.OK)
            self._answer(fields, spec.OK, 0)
        elif self._job:
            self._answer(fields, spec.ERROR_BUSY, 0)
        elif op not in jobs:
            self._answer(fields, spec.ERROR_UNKNOWN_COMMAND, 0)
        elif op == spec.FETCH_RANGE and not 0 < count <= _HALF:
            self._answer(fields, spec.ERROR_BAD_VALUE, 0)
        else:
            self._asked = fields
            self._done = self._sent = self._missing = 0
            self._job = jobs[op](fields)

    def message(self):
        """The message whose turn it is; None if there is none now."""
        if self._next is None:
            if self._job and not self._answers:
                self._work()
            if self._next is None and self._answers:
                self._next = self._answers.pop(0)
        return self._next

    def taken(self):
        """The radio took it."""
        self._next = None

    def _work(self):
        try:
            self._next = next(self._job)
            if self._next is not None:
                self._sent += 1
        except StopIteration:
            self._end(spec.OK)
        except OSError:
            self._end(spec.ERROR_FLASH)

    def _end(self, error):
        fields, self._job, self._next = self._asked, None, None
        self._answer(fields, error, self._done, self._sent, self._missing)

    def _answer(self, fields, error, done, sent=0, missing=0):
        op, seq, boot, first, _ = fields
        if len(self._answers) < _ANSWERS:
            end = (first + done) & 0xFFFFFFFF
            head = (op, seq, error, boot, first, end)
            self._answers.append(messages.fetched(head + (min(65535, sent), missing)))

    # ---- the jobs: each `next` gives a message, or None where there is more to do before the next one

    def _range(self, fields):
        """Whatever holds samples of the range, out of flash or RAM; what is in neither is missing."""
        _, _, boot, first, count = fields
        walk = None
        ring = None
        if boot == self._boot:
            ring = self._ring
            taken = (messages.number(self._keep.sampling.sampler.index) - first) & 0xFFFFFFFF
            count = min(count, taken) if taken <= _HALF else 0
        if self._keep.store and count:
            walk = self._keep.read.Range(self._keep.store, boot, first, first + count)
            yield None
        for message in self._samples(walk, ring, first, count):
            yield message
        while walk and walk.next():
            if walk.packet[0] != spec.KIND_SAMPLES:
                yield self._mark(walk)

    def _samples(self, walk, ring, first, count):
        copy = bytearray(spec.MAX_BYTES)
        length = 0
        while self._done < count:
            if walk and not length:
                length = walk.next()  # also after the end: RAM goes into flash meanwhile
                if length and walk.packet[0] != spec.KIND_SAMPLES:
                    yield self._mark(walk)
                    length = 0
                    continue
            at = _since(walk.packet, first) if length else count
            if length and at + walk.packet[_COUNT_AT] <= self._done:
                length = 0
                continue
            if at > self._done and ring:
                packet = ring.find(first + self._done)
                since = _since(packet, first) if packet else count
                if since < at:  # it may give way while the radio has no room
                    copy[:] = packet
                    self._pass(since, packet[_COUNT_AT], count)
                    yield memoryview(copy)[: _TAIL + 12 * copy[_COUNT_AT]]
                    continue
            if not length:
                self._missing += count - self._done
                self._done = count
            else:
                self._pass(at, walk.packet[_COUNT_AT], count)
                yield memoryview(walk.packet)[:length]
                length = 0

    def _mark(self, walk):
        """What is sent of a mark; it counts as no packet."""
        self._sent -= 1
        return messages.marked(walk.packet)

    def _pass(self, at, samples, count):
        """A packet is sent that begins at `at`: what is before it, and was not sent, is missing."""
        self._missing += max(0, at - self._done)
        self._done = min(count, at + samples)

    def _list(self, fields):
        """The store as a whole, then its sessions, newest first."""
        keep, settings = self._keep, self._settings
        store = keep.store
        about = (0, 0, 0, 0, 0, 0)
        if store:
            held = (store.total - store.gone) & 0x3FFFFFFF
            faults = (min(65535, store.errors), min(65535, store.torn))
            about = (store.size * store.blocks, held, store.lost, keep.missed) + faults
        alone = (wire.ALONE.index(settings.alone), settings.still_min)
        yield messages.store(self._boot, keep.crystal.seconds(), about + alone)
        origin = self._keep.sampling.origin
        if origin:
            yield messages.origin(self._boot, origin)
        self._sent = 0
        if not store:
            return
        is_open = store.run >= 0
        for session in keep.read.sessions(store):
            if session.rate_hz or is_open:  # else there is no packet of it
                yield self._tell(session, is_open)
            is_open = False

    def _tell(self, session, is_open):
        end = self._keep.next_index() if is_open else session.end
        flags = spec.KEPT_OPEN if is_open else 0
        if session.reason in (spec.REASON_BUTTON, spec.REASON_MOTION):
            flags |= spec.KEPT_ALONE
        if session.is_released:
            flags |= spec.KEPT_RELEASED
        age_s = spec.UNKNOWN_S
        if session.boot == self._boot:
            age_s = self._keep.age_s(session.first, session.rate_hz or 1)
        place = (session.first, end, session.clock, age_s, session.rate_hz)
        return messages.kept(session.boot, place, flags)

    def _release(self, fields):
        _, _, boot, first, count = fields
        end = (first + count) & 0xFFFFFFFF
        while self._keep.store and self._keep.store.release(boot, end):
            yield None
        self._done = count


def _since(packet, first):
    """From `first` to the packet's first sample; negative if it begins before."""
    index = messages.number(packet[_INDEX_AT : _INDEX_AT + 4])
    since = (index - first) & 0xFFFFFFFF
    return since - 0x100000000 if since & 0x80000000 else since
