# Start to stop with an IMU that behaves and one that does not.
import time

import micropython
from bench import Bench

from distal_cuff import sampling
from distal_wire import spec


class Heap:
    """`gc` of a board with that much memory left."""

    def __init__(self, free):
        self.free = free

    def collect(self):
        pass

    def mem_free(self):
        return self.free


def numbers(bench):
    """Index of every sample that was sent; gyr x of the fake IMU is the sample's own number."""
    found = []
    for header, rows in bench.packets():
        found += range(header["index"], header["index"] + len(rows))
    return found


def streaming(has_pin=False):
    bench = Bench(has_pin=has_pin)
    bench.ble.connect()
    bench.pass_ms(100)
    assert bench.ask(spec.COMMAND_START, ms=20)[3] == spec.OK
    return bench


def test_every_sample_between_start_and_stop_is_sent_once():
    for has_pin in (False, True):
        bench = streaming(has_pin)
        bench.pass_ms(3000)
        answer = bench.ask(spec.COMMAND_STOP)
        assert answer[5] == bench.fake.taken
        assert numbers(bench) == list(range(bench.fake.taken))
        values = [row[0] for _, rows in bench.packets() for row in rows]
        assert values == list(range(bench.fake.taken))
        bench.ble.notified.clear()


def test_second_session_goes_on_with_the_index():
    bench = streaming()
    bench.pass_ms(500)
    end = bench.ask(spec.COMMAND_STOP)[5]
    bench.pass_ms(500)
    assert bench.ask(spec.COMMAND_START)[5] == end
    bench.pass_ms(500)
    assert bench.ask(spec.COMMAND_STOP)[5] == bench.fake.taken
    assert numbers(bench) == list(range(bench.fake.taken))
    assert bench.sampler.lost == 0


def test_missed_interrupt_costs_no_sample():
    bench = streaming(has_pin=True)
    bench.fake.on_watermark = None
    bench.pass_ms(2000)
    bench.ask(spec.COMMAND_STOP)
    assert numbers(bench) == list(range(bench.fake.taken))


def test_with_an_interrupt_pin_the_fifo_is_left_alone_between_watermarks():
    bench = streaming(has_pin=True)
    reads = []
    waiting = bench.imu.waiting
    bench.imu.waiting = lambda: reads.append(1) or waiting()
    bench.pass_ms(10000)
    # 8 words are 4 samples: about 50 drains a second, not one each turn of the loop
    assert 450 <= len(reads) <= 560, len(reads)


def test_stall_that_leaves_a_long_burst_is_caught_up_with():
    """While it is read more arrives than the watermark asks for: the pin stays high, no edge comes."""
    bench = streaming(has_pin=True)
    read, waits = bench.imu.read, []

    def read_slowly(at_most):
        words = read(at_most)
        bench.fake.run(words // 12)
        return words

    bench.imu.read = read_slowly
    bench.fake.run(100)
    for _ in range(100):
        bench.pass_ms(10)
        waits.append(bench.fake.level)
    assert max(waits[30:]) < 16, waits


def test_stalled_loop_loses_samples_but_not_the_count():
    bench = streaming()
    bench.pass_ms(1000)
    bench.fake.run(600)  # the loop stood still for 2.9 s, the FIFO holds 1.2 s
    bench.pass_ms(1000)
    assert bench.ask(spec.COMMAND_STOP)[5] == bench.fake.taken
    found = numbers(bench)
    values = [row[0] for _, rows in bench.packets() for row in rows]
    assert values == found
    lost = bench.fake.taken - len(found)
    assert lost == bench.sampler.lost > 300
    assert bench.sampler.overruns == 1
    status = bench.statuses()[-1]
    assert (status["lost"], status["overruns"]) == (lost, 1)


def test_stall_between_the_look_at_the_fifo_and_its_words_gives_no_sample_a_wrong_place():
    for slots in range(600, 608):  # the chip counts slots modulo 4: words from after it may seem to follow
        for looks in (1, 2):
            bench = streaming()
            bench.pass_ms(1000)
            stall_after_look(bench.fake, looks, slots)
            bench.pass_ms(1000)
            assert bench.ask(spec.COMMAND_STOP)[5] == bench.fake.taken
            assert [row[0] for _, rows in bench.packets() for row in rows] == numbers(bench), slots
            assert bench.fake.taken - len(numbers(bench)) == bench.sampler.lost > 300
            bench.ble.notified.clear()


def stall_after_look(fake, looks, slots):
    """The loop stands still for so many slots, right after its so-manieth look at the FIFO's level."""
    read, left = fake.readfrom_mem_into, [looks]

    def look(address, register, buffer):
        read(address, register, buffer)
        left[0] -= register == 0x3A
        if left[0] == 0 and register == 0x3A:
            fake.run(slots)
            time.now_ms += slots * 4800 // 1000

    fake.readfrom_mem_into = look


def test_failed_transfers_are_counted_and_the_index_stays_right():
    bench = streaming()
    for _ in range(20):
        bench.pass_ms(130)
        bench.fake.failures = 1
    bench.pass_ms(300)
    bench.ask(spec.COMMAND_STOP)
    assert bench.sampling.imu_errors == 20
    assert [row[0] for _, rows in bench.packets() for row in rows] == numbers(bench)
    assert bench.statuses()[-1]["imu_errors"] == 20


def test_imu_that_browns_out_is_set_up_again_and_time_goes_on():
    bench = streaming()
    bench.pass_ms(1000)
    before = bench.packets()[-1][0]
    bench.fake.brown_out()
    bench.pass_ms(2000)
    after = bench.packets()[-1][0]
    assert bench.sampling.is_up
    assert bench.sampling.imu_errors > 0
    flags = [header["flags"] for header, _ in bench.packets()]
    assert flags.count(spec.FLAG_OVERRUN | spec.FLAG_TIME_JUMP) == 1
    # both follow the cuff's own milliseconds through the hole: 2 s within 30 ms
    assert abs(after["index"] - before["index"] - 2 * 208.33) < 18 + 7
    assert abs((after["clock"] - before["clock"]) / 192 - (after["index"] - before["index"])) < 1.5
    assert bench.sampler.lost > 50


def test_imu_that_comes_late_is_found_and_start_says_so_before():
    bench = Bench()
    bench.fake.is_absent = True
    bench.control.setup.apply()
    bench.ble.connect()
    bench.pass_ms(1000)
    assert bench.ble.values[bench.ble.info][14] == 0
    answer = bench.ask(spec.COMMAND_START)
    assert (answer[3], answer[4]) == (spec.ERROR_IMU, 0)
    assert bench.ask(spec.COMMAND_ECHO)[3] == spec.ERROR_IMU
    bench.fake.is_absent = False
    bench.pass_ms(1000)
    assert bench.ble.values[bench.ble.info][14] == 1
    assert bench.ask(spec.COMMAND_START)[3] == spec.OK


def test_imu_that_dies_while_streaming_never_ends_the_loop():
    bench = streaming()
    bench.pass_ms(500)
    bench.fake.is_absent = True
    bench.pass_ms(3000)
    answer = bench.ask(spec.COMMAND_STOP)
    assert answer[3] == spec.OK
    assert answer[5] == numbers(bench)[-1] + 1


def test_ring_holds_5_s_where_memory_is_short_and_30_s_where_it_is_not():
    for rate_hz, least, most in ((104, 29, 174), (208, 58, 348), (416, 116, 695)):
        for free, slots in ((20_000, least), (10_000_000, most)):
            sampling.gc = Heap(free)
            bench = Bench()
            bench.settings.rate_hz = rate_hz
            bench.ring.resize(0)
            assert bench.control.setup.apply()
            assert bench.ring.slots == slots
        assert least * 18 * bench.sampling.period >= 5 * spec.CLOCK_HZ


def test_clock_of_the_cuff_goes_on_when_the_imu_is_set_up_anew():
    bench = Bench()
    bench.ble.connect()
    before = bench.ask(spec.COMMAND_ECHO)[6]
    bench.pass_ms(700)
    bench.ask(spec.COMMAND_SET, spec.SET_RATE_HZ, 416)
    bench.pass_ms(700)
    after = bench.ask(spec.COMMAND_ECHO)[6]
    # two sets of 200 ms and the 80 ms that the gyroscope needs, on two clocks of 1 ms
    assert abs((after - before) / 40 - (700 + 200 + 80 + 700 + 200)) <= 30
    bench.ask(spec.COMMAND_START)
    bench.pass_ms(1000)
    flags = [header["flags"] for header, _ in bench.packets()]
    assert flags[0] == spec.FLAG_TIME_JUMP
    assert set(flags[1:]) == {0}


def test_whole_path_from_fifo_to_radio_allocates_nothing():
    bench = streaming()
    bench.pass_ms(1000)
    bench.ble.is_recording = False
    bench.fake.run(200)
    before = bench.sampler.bad_words, bench.ring.unsent
    drain, send, ring = bench.sampling._drain, bench.radio.notify, bench.ring
    look, motion = bench.rest.look, bench.imu.motion
    micropython.heap_lock()
    try:
        drain()
        while ring.oldest():
            assert send(ring.oldest(), 0)
            ring.taken()
        look(motion)
    finally:
        micropython.heap_unlock()
    assert before == (0, 0)
    assert ring.unsent == 0
