# The flash ring on simulated flash: order, loss, wear, damage. Power cuts are in mp_cuts.py.
import gc

import micropython
from store_bench import Draw, Watched, everything, fill, packet, read, samples_of, store_on


class Still:
    """A flash that stores nothing and allocates nothing."""

    def ioctl(self, op, arg):
        return 16 if op == 4 else 4096

    def readblocks(self, number, buffer, offset):
        pass

    def writeblocks(self, number, buffer, offset):
        pass


def test_packets_come_back_as_they_were_in_order():
    flash = Watched(8)
    store = store_on(flash)
    draw = Draw(3)
    kept = []
    for i in range(60):
        message = packet(1, 18 * i, 18, 28 + draw(250 - 28 + 1))
        assert store.append(message, len(message))
        kept.append(message)
    assert everything(store) == (kept, 0)
    assert everything(store_on(flash, 2)) == (kept, 0)


def test_sixteen_raw_packets_fill_a_block():
    store = store_on(Watched(8))
    fill(store, 16)
    assert store.newest == 0
    fill(store, 1, 288)
    assert store.newest == 1


def test_the_oldest_give_way_and_are_counted_to_the_sample():
    flash = Watched(8)
    store = store_on(flash)
    kept = fill(store, 300)
    found, damaged = everything(store)
    assert damaged == 0
    assert found == kept[-len(found) :]
    assert store.gone == store.lost == 300 * 18 - samples_of(found)
    again = store_on(flash, 2)
    assert (again.gone, again.lost, again.total) == (store.gone, store.lost, 300 * 18)


def test_what_a_host_has_is_no_loss_when_it_gives_way():
    flash = Watched(8)
    store = store_on(flash)
    fill(store, 64)
    erases = sum(flash.erases)
    left = store.release(1, 33 * 18, 1)
    assert left == 1  # 33 packets are two whole blocks and one packet
    assert store.release(1, 33 * 18) == 0
    assert store.release(1, 33 * 18) == 0
    assert sum(flash.erases) == erases
    store = store_on(flash, 2)
    fill(store, 64, 0, 2)
    assert store.gone - store.lost == 32 * 18


def test_the_open_block_is_never_marked_as_had():
    store = store_on(Watched(8))
    fill(store, 20)
    assert store.release(1, 10000) == 0
    assert [store._walk.is_synced(seq) for seq in (0, 1)] == [True, False]
    store.close()
    store.release(1, 10000)
    assert store._walk.is_synced(1)


def test_with_steps_no_append_erases():
    store = store_on(Watched(16))
    for now in (0, 300, 600, 900, 1200, 1500):
        store.step(now)
    fill(store, 1000)
    assert store.late_erases == 0


def test_without_steps_nothing_is_lost():
    store = store_on(Watched(16))
    kept = [packet(1, 18 * i) for i in range(100)]
    assert all([store.append(message, 244) for message in kept])
    assert everything(store) == (kept, 0)
    assert store.late_erases == 7


def test_erases_are_apart_so_that_the_fifo_can_be_emptied_between():
    store = store_on(Watched(16))
    assert [store.step(now) for now in (1000, 1100, 1249, 1250, 1260)] == [True, False, False, True, False]


def test_wear_is_spread_evenly():
    flash = Watched(16)
    store = store_on(flash)
    fill(store, 16 * 16 * 20)
    assert max(flash.erases) - min(flash.erases) <= 1
    for boot in range(2, 60):
        fill(store_on(flash, boot), 40, 0, boot)
    assert max(flash.erases) <= 1.25 * sum(flash.erases) / 16 + 4


def test_an_append_allocates_nothing():
    store = store_on(Still())
    message = packet(1, 2**31 - 100)
    gc.collect()
    micropython.heap_lock()
    for now in range(0, 40000, 250):
        store.append(message, 244)
        store.step(now)
    micropython.heap_unlock()
    assert store.newest == 9


def test_a_start_reads_one_header_a_block():
    flash = Watched(64)
    fill(store_on(flash), 800)
    flash.reads = 0
    store_on(flash, 2)
    assert flash.reads <= 64 + 16 + 8


def test_a_flipped_bit_costs_its_own_packet_only():
    draw = Draw(9)
    flash = Watched(4)
    store = store_on(flash)
    kept = fill(store, 30)
    whole = bytes(flash.data)
    for _ in range(400):
        flash.data[:] = whole
        at = 47 + draw(16 * 246)
        flash.flip(at, draw(8))
        found, damaged = everything(store_on(flash, 2))
        assert len(found) == 29
        assert damaged == 1
        assert [message for message in found if message not in kept] == []


def test_a_flipped_bit_in_a_header_costs_its_block_and_is_counted():
    flash = Watched(8)
    store = store_on(flash)
    kept = fill(store, 60)
    flash.flip(4096 + 20, 3)
    again = store_on(flash, 2)
    found, damaged = everything(again)
    assert found == kept[:16] + kept[32:]
    assert (again.torn, damaged) == (1, 1)
    assert read(again, 1, 0, 99999) == found


def test_a_block_that_refuses_is_passed_over():
    flash = Watched(8)
    store = store_on(flash)
    kept = fill(store, 40)
    flash.broken.add(3)
    kept += fill(store, 40, 720)
    assert store.errors > 0
    found, damaged = everything(store)
    assert found == kept[-len(found) :]
    assert len(found) > 16 * 4
    assert everything(store_on(flash, 2))[0] == found


def test_what_lay_in_the_partition_before_is_not_ours():
    flash = Watched(8)
    draw = Draw(5)
    flash.data[:] = bytes([draw(256) for _ in range(len(flash.data))])
    store = store_on(flash)
    assert (store.held, store.torn) == (0, 8)
    kept = fill(store, 40)
    assert everything(store) == (kept, 0)
