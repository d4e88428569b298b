# The power fails at every byte of every write and erase: everything before is read back, the cut is seen.
import struct
import sys

from nor import NorFlash, PowerCut
from store_bench import Draw, everything, packet, samples_of, store_on

from distal_wire import codec, spec

HEADER = struct.calcsize(codec.struct_format(spec.STORE_HEADER))
FOOTER = struct.calcsize(codec.struct_format(spec.STORE_FOOTER))


class Cutter(NorFlash):
    """Before each operation it tries the same operation on copies, cut at each of its bytes."""

    def __init__(self, size, block, every):
        NorFlash.__init__(self, size, block)
        self.check = (
            None  # called with the copy and the byte of the block where the operation began; -1: erase
        )
        self.every = every  # 1: every byte
        self.cuts = 0
        self._copy = NorFlash(size, block)

    def program(self, at, data):
        last = len(data.rstrip(b"\xff"))
        first = len(data) - len(data.lstrip(b"\xff"))
        for cut in range(first, last + 1, self.every):
            self._try(lambda copy: copy.program(at, data), cut, at % self.block + first)
        NorFlash.program(self, at, data)

    def erase(self, number):
        for cut in range(0, self.block, self.every):
            self._try(lambda copy: copy.erase(number), cut, -1)
        NorFlash.erase(self, number)

    def _try(self, operation, cut, begin):
        copy = self._copy
        copy.data[:] = self.data
        copy.cut_in = cut
        try:
            operation(copy)
        except PowerCut:
            pass
        copy.cut_in = -1
        self.cuts += 1
        self.check(copy, begin)


class Scenario:
    """Sessions of packets of drawn lengths; what must be read back is what `append` has confirmed."""

    def __init__(self, flash, seed):
        self.flash = flash
        self.draw = Draw(seed)
        self.store = store_on(flash)
        self.kept = []  # (block, packet)
        self.trying = None
        self.index = 0
        self.now = 0
        self.boot = 1
        self.cut_ones = 0
        flash.check = self.check

    def run(self, wraps):
        while self.store.newest < wraps * self.store.blocks:
            what = self.draw(40)
            if what == 0:
                self.store.mark(spec.MARK_START, 1, self.index, 0, 0)
            elif what == 1:
                self.store.mark(spec.MARK_STOP, 1, self.index, 0, 0)
            elif what == 2:
                self.store.release(self.boot, self.index - self.draw(60))
            elif what == 3:
                self.boot += 1
                self.index = 0
                self.store = store_on(self.flash, self.boot)
            self.take()

    def take(self):
        count = 1 + self.draw(18)
        self.trying = packet(self.boot, self.index, count, 28 + self.draw(150))
        assert self.store.append(self.trying, len(self.trying))
        self.kept.append((self.store.newest, self.trying))
        self.index += count
        self.trying = None
        self.now += 300
        if self.draw(4):
            self.store.step(self.now)

    def check(self, flash, begin):
        live = self.store
        self.kept = [pair for pair in self.kept if pair[0] >= live.oldest - 1]
        due = [message for block, message in self.kept if block >= live.oldest]
        store = store_on(flash, 999)
        found, damaged = everything(store)
        has_new = self.trying is not None and found and found[-1] == self.trying
        if has_new:
            found.pop()
        assert len(found) >= len(due), (len(found), len(due))
        assert not due or found[-len(due) :] == due, "a packet that was kept came back changed"
        known = [message for block, message in self.kept]
        for message in found[: len(found) - len(due)]:
            assert message in known, "a packet that nobody wrote"
        if begin >= 0 and self.trying is not None and not has_new:
            self.must_be_seen(flash, store, damaged, begin)
        if self.flash.cuts % 97 == 0:
            self.go_on(store, found, has_new)

    def must_be_seen(self, flash, store, damaged, begin):
        """What a cut write left of a header or a record is known for what it is."""
        live = self.store
        block = flash.data[live.newest % live.blocks * flash.block :][: flash.block]
        if begin < HEADER:
            is_begun = block[:HEADER].rstrip(b"\xff")
            is_whole = store.newest == live.newest
            assert not is_begun or is_whole or store.torn, "half a header"
            self.cut_ones += bool(is_begun) and not is_whole
        elif live.at:
            is_begun = block[live.at : flash.block - FOOTER].rstrip(b"\xff")
            assert not is_begun or damaged, "half a record"
            self.cut_ones += bool(is_begun)

    def go_on(self, store, found, has_new):
        """The next boot writes on: what was there stays."""
        more = [packet(999, 18 * i) for i in range(2)]
        for message in more:
            assert store.append(message, len(message))
        again, _ = everything(store)
        assert again[-2:] == more
        known = [message for block, message in self.kept] + more + [self.trying]
        assert [message for message in again if message not in known] == []
        lost = samples_of(found) - samples_of(again) + samples_of(more) + (self.trying[14] if has_new else 0)
        assert lost >= 0


def cut_everywhere(block, blocks, wraps, every):
    flash = Cutter(block * blocks, block, every)
    scenario = Scenario(flash, 20230501)
    scenario.run(wraps)
    print(flash.cuts, scenario.cut_ones, max(flash.erases), min(flash.erases))


if __name__ == "__main__":
    cut_everywhere(*[int(word) for word in sys.argv[1:]])
