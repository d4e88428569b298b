# What a host asks for of all that is kept, while it streams.
import time

from bench import BOOT, Bench
from mp_keep import bench_with, runs, streaming
from store_bench import Watched, fill, store_on

from distal_cuff.lane import Lane
from distal_wire import spec


def split(offered):
    """(sample headers, other dicts, the last `fetched`)"""
    assert offered[-1]["kind"] == spec.KIND_FETCHED, offered[-1:]
    kinds = [message["kind"] for message in offered]
    samples = [one for one, kind in zip(offered, kinds) if kind == spec.KIND_SAMPLES]
    others = [one for one, kind in zip(offered, kinds) if kind in (spec.KIND_KEPT, spec.KIND_STORE)]
    return samples, others, offered[-1]


def assert_covers(samples, first, end):
    """No sample of the range is missing, and only whole packets make it longer."""
    ((begin, stop),) = runs(samples)
    assert (first - begin) % 2**32 < 80
    assert (stop - end) % 2**32 < 80


def test_all_that_was_taken_can_be_fetched_while_it_streams():
    bench = streaming()
    bench.pass_ms(10000)
    samples, _, done = split(bench.fetch(spec.FETCH_RANGE, BOOT, 0, 100000))
    assert_covers(samples, 0, done["end"])
    assert 2000 < done["end"] <= bench.fake.taken
    assert (done["error"], done["missing"], done["sent"]) == (spec.OK, 0, len(samples))
    assert spec.ENCODING_RAW not in {one["encoding"] for one in samples}


def test_marks_come_among_the_samples_and_count_as_no_packet():
    bench = streaming(Watched(250, 1024))
    bench.ble.is_recording = False
    bench.pass_ms(125000)
    bench.ble.is_recording = True
    bench.ask(spec.COMMAND_STOP)
    taken = bench.fake.taken
    offered = bench.fetch(spec.FETCH_RANGE, BOOT, 0, taken, 60000)
    marks = [one for one in offered if one["kind"] == spec.KIND_MARKED]
    events = [spec.MARK_START, spec.MARK_TIME, spec.MARK_TIME, spec.MARK_STOP]
    assert [one["event"] for one in marks] == events
    assert (marks[0]["index"], marks[-1]["index"]) == (0, taken)
    for one, after in zip(marks, marks[1:]):
        between_us = after["crystal_us"] - one["crystal_us"]
        assert abs((after["clock"] - one["clock"]) * 25 - between_us) < 20000
        assert one["event"] != spec.MARK_TIME or abs(between_us - 60000000) < 100000 or after is marks[-1]
    samples, _, done = split(offered)
    assert done["sent"] == len(samples)
    offered = bench.fetch(spec.FETCH_RANGE, BOOT, marks[1]["index"] + 1, 100)
    assert [one["kind"] for one in offered if one["kind"] == spec.KIND_MARKED] == []


def test_a_range_gives_whole_packets_and_no_more():
    bench = streaming()
    bench.pass_ms(5000)
    samples, _, done = split(bench.fetch(spec.FETCH_RANGE, BOOT, 100, 50))
    assert (done["first"], done["end"], done["missing"]) == (100, 150, 0)
    assert_covers(samples, 100, 150)
    assert samples[0]["index"] + samples[0]["count"] > 100
    assert samples[-1]["index"] < 150


def test_what_is_not_in_flash_yet_comes_out_of_ram():
    bench = streaming()
    bench.pass_ms(500)
    bench.keep.step = lambda now, is_calm: None
    bench.pass_ms(2000)
    samples, _, done = split(bench.fetch(spec.FETCH_RANGE, BOOT, 0, 10000, 2000))
    assert_covers(samples, 0, done["end"])
    assert done["end"] > 400
    assert done["missing"] == 0


def test_a_cuff_without_flash_gives_what_its_ram_has_and_says_so():
    bench = Bench()
    bench.shorten_ring()
    bench.ble.connect()
    bench.pass_ms(50)
    bench.ask(spec.COMMAND_START)
    bench.pass_ms(10000)
    samples, _, done = split(bench.fetch(spec.FETCH_RANGE, BOOT, 0, 10000))
    assert 700 < samples[0]["index"] == done["missing"]
    assert_covers(samples, done["missing"], done["end"])
    _, (about,), done = split(bench.fetch(spec.FETCH_SESSIONS))
    assert (about["size"], about["held"], done["sent"]) == (0, 0, 0)
    _, _, done = split(bench.fetch(spec.FETCH_RELEASE, BOOT, 100))
    assert (done["error"], done["end"]) == (spec.OK, 100)


def test_samples_to_come_are_neither_sent_nor_missing():
    bench = streaming()
    bench.pass_ms(1000)
    samples, _, done = split(bench.fetch(spec.FETCH_RANGE, BOOT, 5000, 100))
    assert (samples, done["end"], done["missing"], done["error"]) == ([], 5000, 0, spec.OK)


def test_samples_that_gave_way_are_missing_to_the_sample():
    bench = streaming(Watched(8, 1024))
    bench.ble.is_recording = False
    bench.pass_ms(60000)
    store = bench.keep.store
    assert store.gone > 1000
    samples, _, done = split(bench.fetch(spec.FETCH_RANGE, BOOT, 0, 2**20, 20000))
    assert done["missing"] == samples[0]["index"]
    assert_covers(samples, done["missing"], done["end"])


def test_samples_lost_by_the_fifo_are_missing_to_the_sample():
    bench = streaming()
    bench.pass_ms(2000)
    step, bench.sampling.step = bench.sampling.step, lambda now: None
    bench.pass_ms(2000)
    bench.sampling.step = step
    bench.pass_ms(3000)
    lost = bench.sampler.lost
    assert lost > 100
    samples, _, done = split(bench.fetch(spec.FETCH_RANGE, BOOT, 0, 2**20))
    assert done["missing"] == lost
    (_, hole), (after, _) = runs(samples)
    assert after - hole == lost


def test_the_index_may_wrap_within_a_range():
    bench = bench_with()
    bench.sampler.index[:] = (2**32 - 700).to_bytes(4, "little")
    bench.ble.connect()
    bench.pass_ms(50)
    bench.ask(spec.COMMAND_START)
    bench.pass_ms(8000)
    samples, _, done = split(bench.fetch(spec.FETCH_RANGE, BOOT, 2**32 - 600, 1100))
    assert (done["end"], done["missing"]) == (500, 0)
    assert_covers(samples, 2**32 - 600, 500)


def test_an_earlier_boot_is_fetched_and_its_hole_is_missing():
    flash = Watched(32)
    store = store_on(flash, 7)
    kept = fill(store, 20, 0, 7)
    fill(store, 20, 18 * 25, 7)
    store.close()
    bench = streaming(flash)
    bench.pass_ms(1000)
    samples, _, done = split(bench.fetch(spec.FETCH_RANGE, 7, 0, 18 * 45))
    assert [one["index"] for one in samples] == [18 * i for i in range(20)] + [18 * i for i in range(25, 45)]
    assert (done["missing"], done["end"]) == (5 * 18, 18 * 45)
    assert bench.ble.offered[0] == kept[0]
    _, _, done = split(bench.fetch(spec.FETCH_RANGE, 8, 0, 1000))
    assert (done["missing"], done["sent"]) == (1000, 0)


def test_sessions_are_listed_newest_first_with_their_age():
    flash = Watched(32)
    store = store_on(flash, 7)
    store.mark(spec.MARK_START, spec.REASON_BUTTON, 0, 0, 0)
    fill(store, 20, 0, 7)
    bench = bench_with(flash)
    bench.press(200)
    bench.pass_ms(10000)
    bench.press(200)
    bench.pass_ms(20000)
    bench.ble.connect()
    bench.ask(spec.COMMAND_START)
    bench.pass_ms(3000)
    _, (about, now, alone, old), done = split(bench.fetch(spec.FETCH_SESSIONS))
    assert done["sent"] == 3
    assert (now["flags"], now["boot"]) == (spec.KEPT_OPEN, BOOT)
    assert bench.fake.taken - 700 < now["end"] <= bench.fake.taken
    assert (alone["flags"], alone["first"], alone["end"]) == (spec.KEPT_ALONE, 0, now["first"])
    assert 33 <= alone["age_s"] <= 35
    assert 3 <= now["age_s"] <= 4
    assert (old["boot"], old["age_s"], old["flags"]) == (7, spec.UNKNOWN_S, spec.KEPT_ALONE)
    assert (about["size"], about["alone"], about["still_min"]) == (32 * 4096, spec.ALONE_BUTTON, 5)
    assert 30 <= about["up_s"] <= 40
    assert 0 <= bench.keep.store.total - about["held"] < 700


def test_the_age_of_a_session_whose_begin_gave_way_is_that_of_what_is_left():
    bench = bench_with(Watched(8, 1024))
    bench.press(200)
    bench.pass_ms(120000)
    bench.ble.connect()
    bench.pass_ms(50)
    _, (_, kept), _ = split(bench.fetch(spec.FETCH_SESSIONS))
    assert kept["first"] > 1000
    assert abs(kept["age_s"] - (122 - kept["first"] // 208)) <= 2


def test_release_marks_what_a_host_has_and_erases_nothing():
    bench = streaming()
    bench.pass_ms(20000)
    bench.ask(spec.COMMAND_STOP)
    end = bench.fake.taken
    erases = sum(bench.keep.store.device.erases)
    _, _, done = split(bench.fetch(spec.FETCH_RELEASE, BOOT, end))
    assert (done["error"], done["op"], done["end"]) == (spec.OK, spec.FETCH_RELEASE, end)
    _, (_, kept), _ = split(bench.fetch(spec.FETCH_SESSIONS))
    assert kept["flags"] == spec.KEPT_RELEASED
    assert sum(bench.keep.store.device.erases) == erases
    samples, _, _ = split(bench.fetch(spec.FETCH_RANGE, BOOT, 0, end))
    assert_covers(samples, 0, end)


# ---- who may ask, and what


def test_a_locked_cuff_sends_nothing_of_what_it_keeps():
    bench = bench_with(key="cd" * 32)
    bench.press(200)
    bench.pass_ms(3000)
    bench.ble.connect()
    bench.pass_ms(50)
    assert bench.fetch(spec.FETCH_SESSIONS) == []
    assert bench.answers()[-1][:4] == (0, bench.seq, 0, spec.ERROR_LOCKED)
    assert bench.control.bad_commands == 1


def test_a_small_mtu_is_refused_where_the_answer_fits():
    bench = bench_with()
    bench.ble.connect(23)
    bench.pass_ms(50)
    assert bench.fetch(spec.FETCH_SESSIONS) == []
    assert bench.answers()[-1][:5] == (0, bench.seq, 0, spec.ERROR_SMALL_MTU, 23)


def test_what_makes_no_sense_is_answered():
    bench = streaming()
    for op, count, error in (
        (9, 1, spec.ERROR_UNKNOWN_COMMAND),
        (spec.FETCH_RANGE, 0, spec.ERROR_BAD_VALUE),
        (spec.FETCH_RANGE, 2**30, spec.ERROR_BAD_VALUE),
        (spec.FETCH_CANCEL, 0, spec.OK),
    ):
        (answer,) = bench.fetch(op, BOOT, 0, count, 300)
        assert (answer["op"], answer["seq"], answer["error"]) == (op, bench.seq, error)


def test_one_fetch_runs_at_a_time_and_can_be_cancelled():
    bench = streaming()
    bench.pass_ms(20000)
    bench.fetch(spec.FETCH_RANGE, BOOT, 0, 4000, 100)
    running = bench.seq
    offered = bench.fetch(spec.FETCH_SESSIONS, ms=100)
    assert [one["error"] for one in offered if one["kind"] == spec.KIND_FETCHED] == [spec.ERROR_BUSY]
    offered = bench.fetch(spec.FETCH_CANCEL)
    ended, cancelled = [one for one in offered if one["kind"] == spec.KIND_FETCHED]
    assert (ended["seq"], cancelled["seq"]) == (running, bench.seq)
    assert ended["end"] < 4000
    assert offered[-1] == cancelled
    assert split(bench.fetch(spec.FETCH_SESSIONS))[2]["error"] == spec.OK


def test_flash_that_cannot_be_read_ends_the_fetch_with_its_error():
    bench = streaming()
    bench.pass_ms(5000)

    def refuse(number, buffer, offset=0):
        raise OSError(5)

    bench.keep.store.device.readblocks = refuse
    assert split(bench.fetch(spec.FETCH_RANGE, BOOT, 0, 100))[2]["error"] == spec.ERROR_FLASH
    assert split(bench.fetch(spec.FETCH_SESSIONS))[2]["error"] == spec.ERROR_FLASH


def test_a_fetch_ends_with_its_link():
    bench = streaming()
    bench.pass_ms(20000)
    bench.fetch(spec.FETCH_RANGE, BOOT, 0, 4000, 100)
    bench.ble.disconnect()
    bench.pass_ms(500)
    bench.ble.connect()
    del bench.ble.offered[:]
    bench.pass_ms(2000)
    assert bench.ble.offered == []


# ---- the lane


def test_a_kept_packet_waits_while_a_live_one_waits():
    bench = streaming()
    bench.pass_ms(5000)
    bench.ble.room = 0
    bench.pass_ms(1000)
    assert bench.ring.unsent > 5
    assert bench.fetch(spec.FETCH_RANGE, BOOT, 0, 500, 500) == []
    bench.ble.room = -1
    bench.pass_ms(2000)
    assert split(bench.offered())[2]["missing"] == 0


def test_at_most_one_kept_message_goes_out_in_a_turn():
    bench = streaming()
    bench.pass_ms(5000)
    bench.fetch(spec.FETCH_RANGE, BOOT, 0, 1000, 10)
    before = len(bench.ble.offered)
    for _ in range(50):
        bench.pass_ms(10)
        assert len(bench.ble.offered) <= before + 1
        before = len(bench.ble.offered)


def test_what_was_not_confirmed_to_arrive_holds_up_the_next_kept_packets_but_no_live_one():
    bench = streaming()
    bench.pass_ms(10000)
    bench.ble.confirms = False
    live = len(bench.packets())
    bench.fetch(spec.FETCH_RANGE, BOOT, 0, 2000, 1500)
    assert len(bench.ble.offered) <= 8
    assert len(bench.packets()) >= live + 17


class QueueRadio:
    """Confirms an indication so many ms after it was sent."""

    def __init__(self):
        self.took_ms, self.until = 50, 0
        self.sent = []

    def is_answering(self):
        return time.ticks_ms() < self.until

    def offer(self, message):
        self.sent.append(time.ticks_ms())
        return True

    def respond(self, message):
        self.until = time.ticks_ms() + self.took_ms


def through(lane, radio, ms, is_on=False):
    before = len(radio.sent)
    for _ in range(ms // 10):
        time.now_ms += 10
        lane.step(time.ticks_ms(), is_on)
        if not radio.is_answering():
            lane.send(b"kept")
    return len(radio.sent) - before


def test_a_queue_that_fills_gets_less_and_an_empty_one_more():
    radio = QueueRadio()
    lane = Lane(radio, lambda: b"probe")
    through(lane, radio, 1000)
    quick = through(lane, radio, 1000)
    radio.took_ms = 300
    through(lane, radio, 2000)
    assert lane._window == 1
    slow = through(lane, radio, 3000)
    assert slow <= 11 < quick
    radio.took_ms = 50
    through(lane, radio, 2000)
    assert through(lane, radio, 1000) >= quick - 2


def test_beside_live_packets_few_are_on_their_way_and_over_a_bad_radio_hardly_any():
    radio = QueueRadio()
    lane = Lane(radio, lambda: b"probe")
    alone = through(lane, radio, 2000)
    assert 0.3 * alone < through(lane, radio, 2000, True) < 0.7 * alone
    radio.took_ms = 300
    assert through(lane, radio, 20000, True) <= 20
    assert through(lane, radio, 20000) > 60
    radio.took_ms = 50
    through(lane, radio, 6000, True)
    assert 0.3 * alone < through(lane, radio, 2000, True)


def test_a_kept_packet_never_goes_out_shortly_before_a_live_one():
    bench = streaming()
    bench.pass_ms(5000)
    sampler = bench.sampler
    count, sampler.count = sampler.count, lambda: 10
    assert bench.fetch(spec.FETCH_RANGE, BOOT, 0, 500, 500) == []
    sampler.count = count
    bench.pass_ms(2000)
    assert split(bench.offered())[2]["missing"] == 0
