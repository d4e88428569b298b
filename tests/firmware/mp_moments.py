# The button, movement and the two clocks, as a host hears of them.
import micropython
from bench import Bench
from fake_imu import counts

from distal_wire import spec


def test_short_presses_are_counted_and_bouncing_is_not():
    bench = Bench()
    for _ in range(3):
        bench.press(100)
    assert bench.button.presses == 3
    for level in (0, 1, 0, 1, 0, 1):
        bench.pin.set(level)
        bench.pass_ms(10)
    bench.pass_ms(100)
    assert bench.button.presses == 3
    for level in (0, 1, 0):  # bounces at the beginning, then stays
        bench.pin.set(level)
    bench.press(150)
    assert bench.button.presses == 4
    bench.press(5000)
    assert bench.button.presses == 4


def heard():
    """A keyless cuff whose host has asked something and knows the first moment."""
    bench = Bench()
    bench.ble.connect()
    bench.ask(spec.COMMAND_CHALLENGE)
    del bench.ble.notified[:]
    return bench


def test_press_is_told_at_once_also_when_nothing_is_sampled():
    bench = heard()
    bench.pass_ms(3000)
    assert bench.moments() == []
    bench.press(100)
    told = [(moment["presses"], moment["flags"]) for moment in bench.moments()]
    assert told == [(0, spec.MOMENT_PRESSED), (1, 0)]


def test_next_host_learns_the_count_of_presses_once_it_has_spoken():
    bench = heard()
    bench.press(100)
    bench.ble.disconnect()
    bench.pass_ms(100)
    bench.ble.connect()
    bench.pass_ms(500)
    del bench.ble.notified[:]
    bench.pass_ms(500)
    assert bench.moments() == []
    bench.ask(spec.COMMAND_CHALLENGE)
    assert [moment["presses"] for moment in bench.moments()] == [1]


def test_moments_of_a_stream_come_unevenly_apart():
    bench = heard()
    bench.ask(spec.COMMAND_START)
    bench.pass_ms(10000)
    moments = bench.moments()
    assert 64 <= len(moments) <= 84
    apart = [after["crystal_us"] - before["crystal_us"] for before, after in zip(moments, moments[1:])]
    assert min(apart) >= 95_000
    assert max(apart) <= 180_000
    assert len({wait // 10_000 for wait in apart}) >= 6


def test_moments_tell_both_clocks_for_as_long_as_the_stream_lasts():
    bench = heard()
    bench.ask(spec.COMMAND_START)
    for _ in range(32):
        bench.pass_ms(5000, step_ms=100)
        del bench.ble.notified[:]
    bench.pass_ms(10000)
    moments = bench.moments()
    assert 64 <= len(moments) <= 84
    for before, after in zip(moments[1:], moments[2:]):
        crystal_us = after["crystal_us"] - before["crystal_us"]
        assert 95_000 <= crystal_us <= 180_000
        assert abs((after["clock"] - before["clock"]) * 25 - crystal_us) <= 30_000
    assert moments[0]["boot"] == 0xBEEF
    bench.ask(spec.COMMAND_STOP)
    del bench.ble.notified[:]
    bench.pass_ms(5000)
    assert bench.moments() == []


def test_crystal_goes_on_over_the_wrap_of_its_ticks():
    bench = heard()
    bench.press(100)
    before = bench.moments()[-1]["crystal_us"]
    bench.pass_ms(1_800_000, step_ms=1000)  # ticks_us come round after 1073 s
    bench.press(100)
    assert abs(bench.moments()[-1]["crystal_us"] - before - 1_800_200_000) <= 1000


def test_movement_begins_at_once_and_ends_after_five_seconds_of_rest():
    bench = heard()
    bench.fake.motion = counts(1000, 0, 0) + counts(0, 0, 1024)  # 70 deg/s
    bench.pass_ms(500)
    bench.fake.motion = counts(10, 0, 0) + counts(0, 0, 1024)
    bench.pass_ms(4500)
    assert [moment["flags"] for moment in bench.moments()] == [spec.MOMENT_MOVING]
    bench.pass_ms(1000)
    assert [moment["flags"] for moment in bench.moments()] == [spec.MOMENT_MOVING, 0]


def test_a_knock_and_standing_are_no_movement():
    bench = heard()
    for _ in range(5):
        bench.fake.motion = counts(20000, 0, 0) + counts(0, 0, 1024)
        bench.pass_ms(100)
        bench.fake.motion = counts(70, -70, 0) + counts(0, 0, 1024)  # 5 deg/s
        bench.pass_ms(1500)
    assert bench.moments() == []


def test_moment_that_found_no_room_keeps_its_times_and_is_not_made_twice():
    bench = heard()
    bench.ble.room = 0
    bench.pin.set(0)
    bench.pass_ms(1000)
    bench.ble.room = -1
    bench.pass_ms(500)
    moments = bench.moments()
    assert [moment["flags"] for moment in moments] == [spec.MOMENT_PRESSED]
    now_us = (bench.keep.crystal._ticks, moments[0]["crystal_us"])
    assert now_us[0] == now_us[1]


def test_looking_at_the_button_and_at_movement_allocates_nothing():
    bench = Bench()
    look, step, motion = bench.rest.look, bench.button.step, counts(3000, 0, 0) + counts(0, 0, 1024)
    bench.pin.set(0)
    micropython.heap_lock()
    try:
        for now in range(0, 4000, 10):
            step(now)
            look(motion)
    finally:
        micropython.heap_unlock()
