"""Whole packets in RAM, from the sampler to the radio and into flash, and through a lost link.

Packets that the radio took stay as long as there is room: over a lost link some of those never
arrived, so `rewind` offers the last of them again.
"""

from micropython import const

from distal_cuff import store_bytes as raw
from distal_wire import codec, spec

SLOT_BYTES = const(288)  # heap that a packet takes, a 64-bit MicroPython's blocks counted
_ON_THE_AIR = const(36)  # packets that a radio holds at most; 22 were seen to vanish with a link
_INDEX_AT = const(4)
_COUNT_AT = codec.HEADER_SIZE - 6  # kind .. clock are before it, encoding .. gyr_range after


class Ring:
    """`slots` packets; one more is the packet that the sampler fills."""

    def __init__(self):
        self.lost = 0  # samples of packets that were dropped before the radio or flash took them
        self.missed = 0  # samples of packets that were dropped before flash took them
        self.unsent = 0  # packets that wait for the radio
        self.unkept = 0  # packets that wait for flash; without one, all of them for ever
        self._buffers = []
        self._head = 0  # the packet that is being filled
        self._held = 0  # finished packets, sent or not
        self._fresh = 0  # of these, packets that no radio ever took

    @property
    def slots(self):
        return max(0, len(self._buffers) - 1)

    def resize(self, slots):
        """Make room for that many packets, empty. Raises MemoryError and keeps what it had room for."""
        self.clear()
        self._head = 0
        while len(self._buffers) > slots + 1:
            self._buffers.pop()
        while len(self._buffers) < slots + 1:
            self._buffers.append(bytearray(spec.MAX_BYTES))

    def clear(self):
        """Forget every packet; those never sent count as lost."""
        while self._held:
            self._drop_oldest()

    def write_headers(self, *fields):
        """Give every packet the fields that stay the same until the settings change."""
        for buffer in self._buffers:
            codec.write_fields(buffer, spec.KIND_SAMPLES, *fields)

    def filling(self):
        """The buffer of the packet that is being filled."""
        return self._buffers[self._head]

    def push(self):
        """The packet that was being filled is finished; the oldest one gives way if it must."""
        self._head = (self._head + 1) % len(self._buffers)
        self._held += 1
        self._fresh += 1
        self.unsent += 1
        self.unkept += 1
        if self._held == len(self._buffers):
            self._drop_oldest()

    def _drop_oldest(self):
        samples = self._buffers[self._head - self._held][_COUNT_AT]
        is_unkept = self.unkept == self._held
        if is_unkept:
            self.missed += samples
            self.unkept -= 1
        if self._fresh == self._held:
            self.lost += samples if is_unkept else 0
            self._fresh -= 1
        if self.unsent == self._held:
            self.unsent -= 1
        self._held -= 1

    def oldest(self):
        """The next packet to send, a buffer of full size; None if all are sent."""
        return self._buffers[self._head - self.unsent] if self.unsent else None

    def taken(self):
        """The radio took the oldest packet."""
        self.unsent -= 1
        self._fresh = min(self._fresh, self.unsent)

    def rewind(self):
        """The link is gone: what was sent last may not have arrived, so it waits again."""
        self.unsent = min(self._held, self.unsent + _ON_THE_AIR)

    def unkept_packet(self):
        """The next packet for flash, a buffer of full size; there must be one."""
        return self._buffers[self._head - self.unkept]

    def kept(self):
        """Flash has that packet, or what packs it for flash."""
        self.unkept -= 1

    def find(self, index):
        """The oldest packet here, sent or not, with a sample from `index` on; None if there is none."""
        wanted = (index & 0xFFFFFFFF).to_bytes(4, "little")
        first, stop = 0, self._held
        while first < stop:
            middle = (first + stop) // 2
            packet = self._buffers[self._head - self._held + middle]
            if raw.ahead(packet, _INDEX_AT, wanted, 0) + packet[_COUNT_AT] > 0:
                stop = middle
            else:
                first = middle + 1
        return self._buffers[self._head - self._held + first] if first < self._held else None
