# Ranges and sessions out of the flash ring.
import micropython
from nor import PowerCut
from store_bench import Watched, everything, fill, index_of, packet, read, store_on

from distal_cuff.store_read import Range, sessions
from distal_wire import spec


def test_a_session_without_a_host_is_listed():
    flash = Watched(32)
    store = store_on(flash, 7)
    store.mark(spec.MARK_START, 3, 5, 111, 222)
    fill(store, 50, 5, 7)
    store.mark(spec.MARK_STOP, 3, 905, 0, 0)
    (kept,) = sessions(store_on(flash, 8))
    assert (kept.boot, kept.first, kept.end, kept.rate_hz) == (7, 5, 905, 208)
    assert (kept.clock, kept.crystal_us, kept.reason) == (5 * 192, 222, 3)
    assert kept.is_whole
    assert kept.is_stopped
    assert not kept.is_open
    assert not kept.is_released


def test_sessions_come_newest_first_and_say_how_they_ended():
    flash = Watched(32)
    store = store_on(flash, 1)
    for number in range(3):
        store.mark(spec.MARK_START, 2, 1000 * number, 0, 0)
        fill(store, 20, 1000 * number)
        if number != 1:
            store.mark(spec.MARK_STOP, 2, 1000 * number + 360, 0, 0)
    store = store_on(flash, 2)
    store.mark(spec.MARK_START, 1, 0, 0, 0)
    fill(store, 3, 0, 2)
    found = list(sessions(store))
    assert [(s.boot, s.first, s.end) for s in found] == [
        (2, 0, 54),
        (1, 2000, 2360),
        (1, 1000, 1360),
        (1, 0, 360),
    ]
    assert [s.is_open for s in found] == [True, False, False, False]
    assert [s.is_stopped for s in found] == [False, True, False, True]
    store.release(1, 2360)
    assert [s.is_released for s in sessions(store)] == [False, True, True, True]


def test_a_session_whose_begin_gave_way_says_so():
    flash = Watched(8)
    store = store_on(flash)
    store.mark(spec.MARK_START, 2, 0, 0, 0)
    kept = fill(store, 200)
    (session,) = sessions(store)
    found, _ = everything(store)
    assert (session.is_whole, session.crystal_us) == (False, None)
    assert (session.first, session.end) == (index_of(found[0]), index_of(kept[-1]) + 18)


def test_a_session_ends_with_its_last_packet_wherever_the_power_went():
    for cut in range(0, 1500, 64):
        flash = Watched(8)
        store = store_on(flash)
        store.mark(spec.MARK_START, 1, 0, 0, 0)
        last = fill(store, 32)[-1]  # two full blocks: the next packet begins one
        flash.cut_in = cut
        try:
            store.append(packet(1, index_of(last) + 18), 244)
        except PowerCut:
            pass
        flash.cut_in = -1
        (session,) = sessions(store_on(flash, 2))
        ahead = session.end - index_of(last)
        assert (session.first, ahead) in ((0, 18), (0, 36)), (cut, session.first, ahead)


def test_a_range_gives_the_packets_that_hold_it_and_no_more():
    store = store_on(Watched(32))
    kept = fill(store, 300)
    assert read(store, 1, 100, 101) == kept[5:6]
    assert read(store, 1, 1800, 3600) == kept[100:200]
    assert read(store, 1, 5382, 99999) == kept[299:]
    assert read(store, 1, 9000, 99999) == []
    assert read(store, 2, 0, 99999) == []


def test_a_range_is_found_in_few_reads_and_one_for_each_packet():
    flash = Watched(256, 1024)
    store = store_on(flash)
    kept = fill(store, 1700, 0, 1, 120)
    flash.reads = 0
    assert read(store, 1, 18 * 1400, 18 * 1500) == kept[100:200]
    # the packets, those before them in their block, two for each block's header and end, and the search
    assert flash.reads <= 100 + 6 + 2 * 16 + 10, flash.reads


def test_a_range_goes_on_over_sessions_of_its_boot():
    store = store_on(Watched(32))
    first = fill(store, 10)
    store.mark(spec.MARK_STOP, 1, 180, 0, 0)
    store.mark(spec.MARK_START, 1, 180, 0, 0)
    second = fill(store, 10, 180)
    assert read(store, 1, 0, 360) == first + second


def test_indices_may_wrap_within_a_range():
    store = store_on(Watched(32))
    kept = fill(store, 200, 2**32 - 1800)
    assert read(store, 1, 2**32 - 900, 900) == kept[50:150]
    assert store.release(1, 0) == 0
    assert [store._walk.is_synced(seq) for seq in range(8)] == [True] * 6 + [False] * 2


def test_a_reader_is_not_led_astray_when_its_block_gives_way():
    store = store_on(Watched(8))
    fill(store, 50)
    wanted = Range(store, 1, 0, 99999)
    assert wanted.next()
    assert index_of(wanted.packet) == 0
    kept = fill(store, 150, 900)
    found = [index_of(wanted.packet) for _ in range(40) if wanted.next()]
    assert found == [index_of(message) for message in everything(store)[0][:40]]
    assert found[0] > 900 - 18
    assert kept


def test_a_reader_meets_what_is_written_after_it_came_to_the_end():
    store = store_on(Watched(8))
    fill(store, 3)
    wanted = Range(store, 1, 0, 99999)
    assert [bool(wanted.next()) for _ in range(4)] == [True, True, True, False]
    fill(store, 20, 54)
    assert sum([1 for _ in range(30) if wanted.next()]) == 20


def test_a_walk_allocates_nothing():
    class Kept(Watched):
        def readblocks(self, number, buffer, offset=0):
            at = number * 4096 + offset
            for i in range(len(buffer)):
                buffer[i] = self.data[at + i]

    store = store_on(Kept(8))
    fill(store, 40)
    wanted = Range(store, 1, 0, 720)
    micropython.heap_lock()
    count = 0
    while wanted.next():
        count += 1
    micropython.heap_unlock()
    assert count == 40
