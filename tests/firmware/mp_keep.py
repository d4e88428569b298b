# Every packet also goes into flash; sessions with and without a host.
import json
import time

import micropython
from bench import BOOT, Bench
from fake_imu import counts
from store_bench import Watched, everything

from distal_cuff import led as codes
from distal_cuff.settings import Settings
from distal_wire import spec

SWING = counts(3000, 0, 0) + counts(0, 0, 1024)  # 210 deg/s
REST = counts(0, 0, 0) + counts(0, 0, 1024)


class Still:
    """Flash that stores nothing and allocates nothing."""

    def ioctl(self, op, arg):
        return {4: 384, 5: 4096}.get(op, 0)

    def readblocks(self, number, buffer, offset):
        for i in range(len(buffer)):
            buffer[i] = 255

    def writeblocks(self, number, buffer, offset):
        pass


def bench_with(flash=None, **settings):
    with open("cuff.json", "w") as file:
        json.dump(settings, file)
    bench = Bench(flash=Watched(48, 1024) if flash is None else flash)
    bench.pass_ms(200)
    return bench


def streaming(flash=None):
    bench = bench_with(flash)
    bench.ble.connect()
    bench.pass_ms(50)
    bench.ask(spec.COMMAND_START)
    return bench


def runs(headers):
    """[first, end) of the samples in these packets, neighbours joined; they must be in order."""
    found = []
    for header in headers:
        first, end = header["index"], (header["index"] + header["count"]) % 2**32
        if found and (found[-1][1] - first) % 2**32 < 100:  # RAM and flash cut packets differently
            found[-1] = (found[-1][0], end)
        else:
            found.append((first, end))
    return found


def in_flash(store):
    """The same of everything in flash."""
    headers = [
        {"index": int.from_bytes(message[4:8], "little"), "count": message[14]}
        for message in everything(store)[0]
    ]
    return runs(headers)


def reasons(bench):
    """(begun by, ended by) of the sessions in flash, oldest first."""
    found = []
    walk = bench.keep.read.Walk(bench.keep.store)
    walk.begin(bench.keep.store.oldest)
    while walk.next():
        if walk.packet[0] == spec.KIND_MARK:
            if walk.packet[2] == spec.MARK_START:
                found.append((walk.packet[3], 0))
            elif walk.packet[2] == spec.MARK_STOP:
                found[-1] = (found[-1][0], walk.packet[3])
    return found


def test_every_sample_is_in_flash_once_after_stop():
    bench = streaming()
    bench.pass_ms(5000)
    bench.ask(spec.COMMAND_STOP)
    assert in_flash(bench.keep.store) == [(0, bench.fake.taken)]
    assert bench.keep.missed == 0
    assert reasons(bench) == [(spec.REASON_HOST, spec.REASON_HOST)]
    assert bench.keep.store.run == -1


def test_what_is_in_flash_is_packed():
    bench = streaming()
    bench.pass_ms(5000)
    bench.ask(spec.COMMAND_STOP)
    messages, _ = everything(bench.keep.store)
    assert spec.ENCODING_RAW not in {message[15] for message in messages}
    assert sum([len(message) for message in messages]) < bench.fake.taken * 12 / 1.6


def test_live_packets_stay_as_they_were():
    bench = streaming()
    bench.pass_ms(3000)
    headers = [header for header, _ in bench.packets()]
    assert {header["encoding"] for header in headers} == {spec.ENCODING_RAW}
    assert len(runs(headers)) == 1


def test_erases_are_done_ahead_and_never_by_a_packet():
    bench = streaming()
    bench.pass_ms(40000)
    store = bench.keep.store
    assert store.newest > 10
    assert store.late_erases == 1  # the first block of a boot: before, nothing was sampled
    assert sum(store.device.erases) <= store.newest + 5


def test_without_room_on_the_radio_flash_is_still_erased_ahead():
    bench = streaming()
    bench.ble.room = 0
    bench.pass_ms(40000)
    assert bench.keep.store.late_erases == 1
    assert bench.keep.missed == 0
    assert bench.ring.lost == 0  # RAM overflows, flash has it
    assert bench.ring.missed == 0


def test_flash_that_refuses_costs_nothing_but_itself():
    flash = Watched(16)
    flash.broken = set(range(16))
    bench = streaming(flash)
    bench.pass_ms(5000)
    headers = [header for header, _ in bench.packets()]
    assert len(runs(headers)) == 1
    assert bench.keep.missed > 500
    assert bench.keep.store.errors > 0


def test_flash_that_stands_still_for_seconds_costs_no_sample():
    bench = streaming()
    real, bench.keep.step = bench.keep.step, lambda now, is_calm: None
    bench.pass_ms(4000)
    assert bench.ring.unkept > 40
    bench.keep.step = real
    bench.pass_ms(2000)
    assert bench.ring.unkept <= 1
    bench.ask(spec.COMMAND_STOP)
    assert in_flash(bench.keep.store) == [(0, bench.fake.taken)]


def test_path_from_fifo_to_flash_allocates_nothing():
    bench = streaming(Still())
    bench.pass_ms(3000)
    bench.ble.is_recording = False
    steps = (bench.sampling.step, bench.control._send, bench.keep.step)
    for _ in range(60):
        time.now_ms += 80
        bench.fake.run(16)
        now = time.ticks_ms()
        bench.control._status_due = False
        micropython.heap_lock()
        try:
            steps[0](now)
            steps[1](now)
            steps[2](now, True)
        finally:
            micropython.heap_unlock()
    assert bench.keep.store.total > 1000


# ---- without a host


def test_a_short_press_begins_a_session_and_the_next_one_ends_it():
    bench = bench_with()
    bench.press(200)
    assert bench.sampling.is_on
    assert bench.app._code(0) == codes.ALONE
    bench.pass_ms(5000)
    bench.press(200)
    assert not bench.sampling.is_on
    assert reasons(bench) == [(spec.REASON_BUTTON, spec.REASON_BUTTON)]
    assert in_flash(bench.keep.store) == [(0, bench.fake.taken)]
    assert bench.fake.taken > 5 * 200


def test_with_a_host_the_button_is_only_told():
    bench = bench_with()
    bench.ble.connect()
    bench.pass_ms(50)
    bench.press(200)
    assert not bench.sampling.is_on
    bench.ask(spec.COMMAND_START)
    bench.press(200)
    assert bench.sampling.is_on


def test_a_stranger_who_is_connected_does_not_take_the_button_away():
    bench = bench_with(key="ab" * 32)
    bench.ble.connect()
    bench.pass_ms(50)
    bench.press(200)
    assert bench.sampling.is_on


def test_movement_begins_a_session_only_where_it_may():
    for alone in ("off", "button", "motion"):
        bench = bench_with(alone=alone)
        bench.fake.motion = SWING
        bench.pass_ms(2000)
        assert bench.sampling.is_on == (alone == "motion")


def test_a_session_ends_after_minutes_of_stillness_and_movement_begins_the_next():
    bench = bench_with(Watched(48), alone="motion", still_min=1)
    for _ in range(2):
        bench.fake.motion = SWING
        bench.pass_ms(90000)
        assert bench.sampling.is_on
        bench.fake.motion = REST
        bench.pass_ms(58000)
        assert bench.sampling.is_on
        bench.pass_ms(10000)
        assert not bench.sampling.is_on
    assert reasons(bench) == [(spec.REASON_MOTION, spec.REASON_MOTION)] * 2


def test_after_the_button_has_ended_it_the_same_movement_begins_nothing():
    bench = bench_with(alone="motion")
    bench.fake.motion = SWING
    bench.pass_ms(3000)
    bench.press(200)
    bench.pass_ms(5000)
    assert not bench.sampling.is_on


def test_an_empty_cell_ends_it_and_begins_none():
    bench = bench_with()
    bench.press(200)
    bench.battery._read_uv = lambda: 1_700_000  # 3.4 V
    bench.pass_ms(15000)
    assert not bench.sampling.is_on
    assert reasons(bench) == [(spec.REASON_BUTTON, spec.REASON_BATTERY)]
    bench.press(200)
    assert not bench.sampling.is_on


def test_a_session_whose_host_has_gone_goes_on_into_flash():
    bench = streaming()
    bench.pass_ms(1000)
    bench.ble.disconnect()
    bench.fake.motion = SWING
    bench.pass_ms(100000)
    assert bench.sampling.is_on
    bench.press(200)
    assert reasons(bench) == [(spec.REASON_HOST, spec.REASON_BUTTON)]
    assert in_flash(bench.keep.store) == [(0, bench.fake.taken)]


def test_where_it_may_not_it_ends_after_a_minute():
    bench = bench_with(alone="off")
    bench.ble.connect()
    bench.ask(spec.COMMAND_START)
    bench.ble.disconnect()
    bench.pass_ms(59000)
    assert bench.sampling.is_on
    bench.pass_ms(2000)
    assert not bench.sampling.is_on
    assert reasons(bench) == [(spec.REASON_HOST, spec.REASON_ALONE)]


def test_a_cuff_without_flash_does_nothing_alone():
    with open("cuff.json", "w") as file:
        json.dump({"alone": "motion"}, file)
    bench = Bench()
    bench.fake.motion = SWING
    bench.press(200)
    bench.pass_ms(3000)
    assert not bench.sampling.is_on
    bench.ble.connect()
    bench.ask(spec.COMMAND_START)
    bench.ble.disconnect()
    bench.pass_ms(61000)
    assert not bench.sampling.is_on


def test_a_host_may_say_what_the_cuff_does_alone_and_it_is_kept():
    bench = bench_with()
    bench.ble.connect()
    bench.pass_ms(50)
    for key, value, error in (
        (spec.SET_ALONE, spec.ALONE_MOTION, spec.OK),
        (spec.SET_ALONE, 3, spec.ERROR_BAD_VALUE),
        (spec.SET_STILL_MIN, 20, spec.OK),
        (spec.SET_STILL_MIN, 0, spec.ERROR_BAD_VALUE),
    ):
        assert bench.ask(spec.COMMAND_SET, key, value)[3] == error
    again = Settings()
    assert (again.alone, again.still_min) == ("motion", 20)


def test_settings_that_make_no_sense_are_at_their_default():
    for alone, still_min in (("always", 0), (7, 10**6), (None, "5")):
        with open("cuff.json", "w") as file:
            json.dump({"alone": alone, "still_min": still_min}, file)
        settings = Settings()
        assert (settings.alone, settings.still_min) == ("button", 5)
    assert BOOT
