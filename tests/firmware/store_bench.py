# What the tests of the flash ring share: packets of any length, a ring on simulated flash, what is in it.
import struct

from nor import NorFlash

from distal_cuff import packing
from distal_cuff.store import Store
from distal_cuff.store_read import Range
from distal_cuff.store_walk import Walk
from distal_wire import codec, spec

CUFF = b"\x02\xd1\x57\xa1\0\1\0\0"
_HEAD = codec.struct_format(spec.SAMPLES)


class Draw:
    """Repeatable numbers: xorshift32 (Marsaglia 2003)."""

    def __init__(self, seed):
        self.state = seed

    def __call__(self, below):
        x = self.state
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        self.state = x
        return x % below


def packet(boot, index, count=18, size=244, salt=0):
    """A sealed sample packet of that many bytes; the ring does not look into its payload."""
    message = bytearray(size)
    index &= 0xFFFFFFFF
    clock = index * 192 & 0xFFFFFFFF
    struct.pack_into(_HEAD, message, 0, 1, 1, boot, index, clock, 208, count, 0, 0, 1, 32, 16)
    for i in range(20, size - 4):
        message[i] = (i * 31 + index * 7 + salt) & 255
    packing.seal(message, size - 4)
    return bytes(message)


def index_of(message):
    return struct.unpack_from("<I", message, 4)[0]


def samples_of(messages):
    return sum([message[14] for message in messages])


def store_on(flash, boot=1):
    return Store(flash, boot, CUFF)


def everything(store):
    """(packets in the ring from old to new, places where a record was damaged)"""
    walk = Walk(store)
    walk.begin(store.oldest)
    found = []
    length = walk.next()
    while length:
        if walk.packet[0] == spec.KIND_SAMPLES:
            found.append(bytes(walk.packet[:length]))
        length = walk.next()
    return found, walk.damaged


class Watched(NorFlash):
    """Counts what a real flash takes its time for, and can refuse."""

    def __init__(self, blocks, block=4096):
        NorFlash.__init__(self, blocks * block, block)
        self.reads = 0
        self.broken = set()

    def readblocks(self, number, buffer, offset=0):
        self.reads += 1
        NorFlash.readblocks(self, number, buffer, offset)

    def program(self, at, data):
        if at // self.block in self.broken:
            raise OSError(5)
        NorFlash.program(self, at, data)

    def erase(self, number):
        if number in self.broken:
            raise OSError(5)
        NorFlash.erase(self, number)


def fill(store, count, first=0, boot=1, size=244):
    """Append `count` packets, a step after each; returns the last 400 of them."""
    messages = []
    for i in range(count):
        message = packet(boot, first + 18 * i, 18, size)
        assert store.append(message, len(message))
        messages = messages[-399:]
        messages.append(message)
        store.step(300 * i)
    return messages


def read(store, boot, first, end):
    """The packets of the range; marks left out."""
    wanted = Range(store, boot, first, end)
    found = []
    length = wanted.next()
    while length:
        if wanted.packet[0] == spec.KIND_SAMPLES:
            found.append(bytes(wanted.packet[:length]))
        length = wanted.next()
    return found
