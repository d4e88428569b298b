# Any sequence of calls with power cuts among them, against a list.
from nor import NorFlash, PowerCut
from store_bench import Draw, everything, index_of, packet, read, store_on

from distal_cuff.store_read import sessions


class Model:
    """The ring of the last boot, and what was confirmed in all boots."""

    def __init__(self, seed, block, blocks):
        self.draw = Draw(seed)
        self.flash = NorFlash(block * blocks, block, seed)
        self.kept = []  # (boot, packet) that were confirmed
        self.trying = None
        self.boot = self.now = 0
        self.start()

    def start(self):
        self.boot += 1
        self.index = 0
        self.store = store_on(self.flash, self.boot)

    def act(self):
        """One call, in one of twelve with a power cut somewhere."""
        draw = self.draw
        if draw(12) == 0:
            self.flash.cut_in = draw(3 * self.flash.block)
        try:
            self.call(draw(100))
        except PowerCut:
            self.flash.cut_in = -1
            self.start()
            found, _ = everything(self.store)
            if self.trying and found and found[-1] == self.trying:
                self.kept.append((self.boot - 1, self.trying))  # the cut came after its last byte
        self.trying = None

    def call(self, what):
        store, draw = self.store, self.draw
        if what < 75:
            count = 1 + draw(18)
            self.trying = packet(self.boot, self.index, count, 28 + draw(170))
            self.index += count
            assert store.append(self.trying, len(self.trying))
            self.kept.append((self.boot, self.trying))
        elif what < 85:
            self.now += 300
            store.step(self.now)
        elif what < 90:
            store.mark(1 + draw(2), draw(6), self.index, self.index * 192, self.now)
        elif what < 95:
            store.release(self.boot, draw(self.index + 1))
        elif what < 97:
            store.close()
        else:
            raise PowerCut


def compare(store, kept, draw):
    messages = [message for _, message in kept]
    found, damaged = everything(store)
    run = 0
    while run < len(found) and found[-1 - run] == messages[-1 - run]:
        run += 1
    assert store.lost <= store.gone
    assert run >= min(len(messages), 2 * (store.blocks - 7)), (run, len(messages))
    # a block that an erase was cut in may hold some of its packets still
    rest = found[: len(found) - run]
    assert not rest or (damaged and len(rest) < 16 and [m for m in rest if m not in messages] == [])
    if run:
        boot = kept[len(kept) - 1 - draw(run)][0]
        first = draw(200)
        wanted = [m for b, m in kept if b == boot and m in found]
        wanted = [m for m in wanted if index_of(m) + m[14] > first and index_of(m) < first + 100]
        assert read(store, boot, first, first + 100) == wanted
    for session in sessions(store):
        assert session.end >= session.first


def test_any_sequence_of_calls_and_cuts_keeps_a_run_of_what_was_confirmed():
    for seed in range(1, 6):
        model = Model(seed, 512, 8 + seed)
        for _ in range(600):
            model.act()
            if model.draw(10) == 0:
                compare(model.store, model.kept, model.draw)
