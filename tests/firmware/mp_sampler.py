# FIFO words to packets: order of words, index and clock, everything that goes missing.
import micropython
from bench import unpack
from fake_imu import ACC, GYR, STAMP, counts, stamp_bytes, tag, word

from distal_cuff.ring import Ring
from distal_cuff.sampler import Sampler

PERIOD = 192
OVERRUN, TIME_JUMP = 4, 8
ORDERS = (
    (GYR, ACC, STAMP),
    (GYR, STAMP, ACC),
    (ACC, GYR, STAMP),
    (ACC, STAMP, GYR),
    (STAMP, GYR, ACC),
    (STAMP, ACC, GYR),
)


class Line:
    """A sampler and the words that a chip would give it. Sample n has gyr x = n."""

    def __init__(self, start=0, order=(STAMP, GYR, ACC), slots=40):
        self.ring = Ring()
        self.ring.resize(slots)
        self.ring.write_headers(7, 0, 0, 208, 0, 0, 0, 1, 32, 16)
        self.sampler = Sampler(self.ring)
        self.start = start
        self.order = order
        self.shift = 0  # ticks added to timestamps
        self.sampler.begin(stamp_bytes(start - 50), PERIOD)

    def words(self, first, last, without=()):
        """Words of the samples first..last; `without`: pairs (sample, kind) that are missing."""
        out = b""
        for n in range(first, last):
            data = {GYR: counts(n, 2, -3), ACC: counts(4, -5, 1024)}
            if n % 8 == 0:
                data[STAMP] = stamp_bytes(self.start + self.shift + n * PERIOD)
            for kind in self.order:
                if kind in data and (n, kind) not in without:
                    out += word(kind, n, data[kind])
        return out

    def feed(self, words, burst=16):
        for at in range(0, len(words), burst * 7):
            part = words[at : at + burst * 7]
            self.sampler.take(part, len(part))

    def packets(self):
        """What came out, held against the truth: sample n has index n and clock start + n x period."""
        self.sampler.finish()
        found = []
        while self.ring.oldest():
            buffer = self.ring.oldest()
            found.append(unpack(bytes(buffer[: 28 + 12 * buffer[14]])))
            self.ring.taken()
        return found

    def check(self, packets, base=0):
        numbers = []
        for header, rows in packets:
            for i, row in enumerate(rows):
                numbers.append((header["index"] + i - base) & 0xFFFFFFFF)
                assert row == (numbers[-1], 2, -3, 4, -5, 1024)
            first = (header["index"] - base) & 0xFFFFFFFF
            assert header["clock"] == (self.start + first * PERIOD) & 0xFFFFFFFF
        return numbers


def test_words_of_a_sample_may_come_in_any_order_and_any_burst():
    for order in ORDERS:
        for burst in (1, 2, 3, 5, 16):
            line = Line(order=order)
            line.feed(line.words(0, 100), burst)
            assert line.check(line.packets()) == list(range(100)), (order, burst)
            assert (line.sampler.lost, line.sampler.bad_words) == (0, 0)


def test_clock_wraps_where_32_and_30_bits_end():
    for edge in (2**30, 2**31, 3 * 2**30, 2**32):
        line = Line(start=edge - 1000)
        line.feed(line.words(0, 60))
        packets = line.packets()
        assert line.check(packets) == list(range(60))
        assert [header["flags"] for header, _ in packets] == [0, 0, 0, 0]


def test_index_wraps_where_32_and_30_bits_end():
    for edge in (2**30, 2**31, 2**32):
        line = Line()
        line.sampler.index[:] = stamp_bytes(edge - 30)
        line.feed(line.words(0, 90))
        packets = line.packets()
        assert line.check(packets, edge - 30) == list(range(90))
        out = bytearray(4)
        line.sampler.next_index(out)
        assert out == stamp_bytes(edge + 60)


def test_missing_word_costs_one_sample_and_its_index():
    for kind in (GYR, ACC):
        line = Line()
        line.feed(line.words(0, 60, without=((25, kind),)))
        assert line.check(line.packets()) == [n for n in range(60) if n != 25]
        assert line.sampler.lost == 1


def test_missing_timestamp_costs_nothing():
    line = Line()
    line.feed(line.words(0, 60, without=((16, STAMP), (24, STAMP))))
    assert line.check(line.packets()) == list(range(60))
    assert line.sampler.lost == 0


def test_up_to_three_whole_slots_may_vanish():
    for gone in (1, 2, 3):
        line = Line()
        line.feed(line.words(0, 29) + line.words(29 + gone, 70))
        assert line.check(line.packets()) == [n for n in range(70) if not 29 <= n < 29 + gone]
        assert line.sampler.lost == gone


def test_word_with_wrong_parity_is_refused_and_counted():
    line = Line(order=(GYR, ACC, STAMP))
    words = bytearray(line.words(0, 40))
    words[7 * 20] ^= 0x08
    line.feed(words)
    numbers = line.check(line.packets())
    assert line.sampler.bad_words == 1
    assert len(numbers) == 39
    assert line.sampler.lost == 1


def test_words_of_other_sensors_are_passed_over_and_counted():
    line = Line()
    stranger = word(3, 9, b"\x01\x02")
    line.feed(line.words(0, 9) + stranger + line.words(9, 40) + bytes(7))
    assert line.check(line.packets()) == list(range(40))
    assert line.sampler.bad_words == 2
    assert tag(3, 9) >> 3 == 3


def test_overrun_is_counted_by_the_timestamps():
    for gone in (1, 4, 100, 101, 4000):
        line = Line()
        line.feed(line.words(0, 30))
        line.sampler.doubt()
        line.feed(line.words(30 + gone, 90 + gone))
        packets = line.packets()
        assert line.check(packets) == [n for n in range(90 + gone) if not 30 <= n < 30 + gone]
        assert (line.sampler.lost, line.sampler.overruns) == (gone, 1)
        flagged = [header["index"] for header, _ in packets if header["flags"] & OVERRUN]
        assert flagged == [30 + gone]


def test_overrun_that_cuts_a_slot_in_two_leaves_no_false_sample():
    line = Line(order=(GYR, ACC, STAMP))
    line.feed(line.words(0, 30) + line.words(30, 31)[:7])  # the acceleration of 30 is overwritten
    line.sampler.doubt()
    line.feed(line.words(200, 201)[14:] + line.words(201, 260))  # as are both words of 200
    assert line.check(line.packets()) == list(range(30)) + list(range(201, 260))
    assert line.sampler.lost == 171


def test_doubt_without_a_loss_changes_nothing():
    line = Line()
    line.feed(line.words(0, 30))
    line.sampler.doubt()
    line.feed(line.words(30, 80))
    packets = line.packets()
    assert line.check(packets) == list(range(80))
    assert [header["flags"] for header, _ in packets if header["flags"]] == []
    assert (line.sampler.lost, line.sampler.overruns) == (0, 0)


def test_doubt_twice_before_a_timestamp_is_still_counted_right():
    line = Line()
    line.feed(line.words(0, 30))
    line.sampler.doubt()
    line.feed(line.words(61, 63))
    line.sampler.doubt()
    line.feed(line.words(97, 150))
    assert line.check(line.packets()) == list(range(30)) + list(range(97, 150))
    assert line.sampler.lost == 67


def test_one_false_timestamp_is_not_believed():
    line = Line()
    line.feed(line.words(0, 16))
    line.shift = 5461 * PERIOD
    line.feed(line.words(16, 17))
    line.shift = 0
    line.feed(line.words(17, 80))
    assert line.check(line.packets()) == list(range(80))
    assert line.sampler.lost == 0


def test_loss_that_nobody_announced_is_found_by_two_timestamps():
    line = Line()
    line.feed(line.words(0, 30) + line.words(34, 90))
    packets = line.packets()
    last, rows = packets[-1]
    assert last["index"] + len(rows) == 90
    assert last["clock"] == last["index"] * PERIOD
    assert [header["flags"] & OVERRUN for header, _ in packets].count(OVERRUN) == 1


def test_clock_that_jumps_is_flagged_and_followed():
    line = Line()
    line.feed(line.words(0, 36))
    line.shift = 77
    line.feed(line.words(36, 100))
    packets = line.packets()
    assert [header["flags"] & TIME_JUMP for header, _ in packets].count(TIME_JUMP) == 1
    last = packets[-1][0]
    assert last["clock"] == last["index"] * PERIOD + 77


def test_restarted_imu_goes_on_in_index_and_clock():
    line = Line(start=2**32 - 5000)
    line.feed(line.words(0, 40))
    line.sampler.resume(stamp_bytes(300), 208)
    again = Line(start=300)
    line.feed(again.words(0, 40))
    packets = line.packets()
    assert line.check(packets[:3]) == list(range(40))
    header = packets[3][0]
    assert header["index"] == 40 + 208
    assert header["flags"] & (OVERRUN | TIME_JUMP) == OVERRUN | TIME_JUMP
    assert header["clock"] == (line.start + header["index"] * PERIOD) & 0xFFFFFFFF
    assert line.sampler.lost == 208


def test_stop_before_the_first_timestamp_gives_a_clock_all_the_same():
    line = Line()
    line.feed(line.words(1, 6))
    header, rows = line.packets()[0]
    assert (header["index"], len(rows)) == (0, 5)
    assert (header["clock"] + 50) & 0xFFFFFFFF < PERIOD


def test_nothing_is_allocated_while_samples_flow():
    line = Line(start=2**31 - 3000, slots=6)
    words = line.words(0, 2000)
    bursts = [words[at : at + 112] for at in range(0, len(words), 112)]
    take = line.sampler.take
    micropython.heap_lock()
    try:
        for burst in bursts:
            take(burst, len(burst))
    finally:
        micropython.heap_unlock()
    assert line.sampler.lost == 0
    assert line.ring.lost == (2000 // 18 - 6) * 18


def test_nothing_is_allocated_when_samples_are_lost():
    line = Line(slots=50)
    hole = line.words(0, 30) + line.words(32, 60, without=((40, GYR),)) + bytes(7)
    after = line.words(500, 560)
    take, doubt = line.sampler.take, line.sampler.doubt
    micropython.heap_lock()
    try:
        take(hole, len(hole))
        doubt()
        take(after, len(after))
    finally:
        micropython.heap_unlock()
    assert line.sampler.lost == 2 + 1 + 440
