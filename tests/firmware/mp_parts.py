# Small parts: rest check, settings, battery, LED, messages, the vectors' command.
import led_pin
import micropython
from fake_imu import counts

from distal_cuff import messages
from distal_cuff.battery import Battery, percent
from distal_cuff.led import ADVERTISING, IDENTIFY, Led
from distal_cuff.rest import RestCheck
from distal_cuff.settings import Settings
from distal_wire import spec


def motion(gyr=(0, 0, 0), acc=(0, 0, 1024)):
    return counts(*gyr) + counts(*acc)


def judged(*looks, acc_range_g=32, gyr_range_dps=2000):
    rest = RestCheck()
    rest.set_ranges(acc_range_g, gyr_range_dps)
    for look in looks:
        rest.look(look)
    return rest


def test_one_g_in_any_attitude_and_range_is_right():
    for acc_range_g in (4, 8, 16, 32):
        one = int(1e6 / (30.5 * acc_range_g))
        for acc in ((one, 0, 0), (0, -one, 0), (int(one * 0.6), int(one * -0.8), 0)):
            rest = judged(*([motion(acc=acc)] * 20), acc_range_g=acc_range_g)
            assert not rest.has_failed
            assert abs(rest.milli_g() - 1000) < 10


def test_half_and_double_g_are_the_wrong_part():
    for one, milli_g in ((512, 500), (2048, 2000)):
        rest = judged(*([motion(acc=(0, one, 0))] * 9))
        assert rest.has_failed
        assert abs(rest.milli_g() - milli_g) < 10


def test_wrong_part_that_was_replaced_is_forgiven():
    rest = judged(*([motion(acc=(0, 512, 0))] * 9 + [motion()] * 9))
    assert not rest.has_failed


def test_moving_cuff_is_not_judged():
    still, half = motion(acc=(0, 512, 0)), motion(gyr=(200, 0, 0), acc=(0, 512, 0))
    assert not judged(*([half] * 50)).has_failed
    assert not judged(*([still] * 7 + [half]) * 5).has_failed
    shaking = [motion(acc=(0, 512 + 40 * (i % 2), 0)) for i in range(50)]
    assert not judged(*shaking).has_failed


def test_offset_of_an_uncalibrated_gyroscope_still_counts_as_rest():
    for gyr_range_dps in (125, 2000):
        offset = int(5 / (35e-6 * gyr_range_dps))
        looks = [motion(gyr=(offset, -offset, offset), acc=(0, 512, 0))] * 9
        assert judged(*looks, gyr_range_dps=gyr_range_dps).has_failed


def test_looking_allocates_nothing():
    rest, look = RestCheck(), motion(acc=(-32768, -32768, -32768))
    micropython.heap_lock()
    try:
        for _ in range(5):
            rest.look(look)
    finally:
        micropython.heap_unlock()


def test_cuff_without_a_file_gets_the_defaults():
    settings = Settings("none.json")
    assert (settings.board, settings.rate_hz, settings.acc_range_g) == ("generic", 208, 32)
    assert (settings.side, settings.mass_g, settings.gyr_range_dps) == (None, 0, 2000)


def test_broken_file_does_not_stop_the_cuff():
    for text in ("", "{", "[1, 2]", '{"side": "up", "rate_hz": 7}', "\xff"):
        with open("cuff.json", "w") as file:
            file.write(text)
        settings = Settings()
        assert (settings.side, settings.rate_hz) == (None, 208)


def test_ranges_that_the_part_does_not_have_give_way_to_the_defaults():
    with open("cuff.json", "w") as file:
        file.write('{"acc_range_g": 3, "gyr_range_dps": "fast", "imu": "other", "mass_g": -4, "board": 3}')
    settings = Settings()
    assert (settings.acc_range_g, settings.gyr_range_dps) == (32, 2000)
    assert (settings.imu, settings.mass_g, settings.board) == ("LSM6DSO32", 0, "generic")
    with open("cuff.json", "w") as file:
        file.write('{"imu": "LSM6DSO"}')
    assert Settings().acc_range_g == 16


def test_name_comes_from_file_side_or_id():
    settings = Settings()
    assert settings.title(b"\x01\x02\xab\xcd") == "Distal abcd"
    settings.side = "left"
    assert settings.title(b"\x01\x02") == "Distal left"
    settings.name = "Anna"
    assert settings.title(b"\x01\x02") == "Anna"


def test_charge_never_rises_when_the_voltage_falls():
    charges = [percent(mv) for mv in range(2900, 4300, 10)]
    assert charges == sorted(charges)
    assert (charges[0], charges[-1], percent(3760)) == (0, 100, 40)


def test_cuff_without_a_divider_knows_no_charge():
    battery = Battery(None, 2)
    battery.measure()
    assert (battery.mv, battery.pct) == (0, spec.UNKNOWN_PCT)


def test_cell_is_the_tap_times_the_divider():
    battery = Battery(lambda: 1_880_400, 2)
    battery.measure()
    assert (battery.mv, battery.pct) == (3760, 40)


def test_led_is_written_only_when_it_changes():
    pin = led_pin.Pin()
    led = Led(pin, 0)
    for now in range(0, 4000, 10):
        led.show(ADVERTISING, now)
    assert pin.writes == [0, 1, 0, 1]
    for now in range(4000, 4200, 10):
        led.show(IDENTIFY, now)
    assert pin.writes == [0, 1, 0, 1, 0, 1, 0, 1]
    Led(None).show(IDENTIFY, 0)


def test_status_counters_stop_at_their_end():
    battery = Battery(None, 1)
    status = messages.status(1, (2**32 - 1, 2**31), battery, 0, (5, 2**32 - 1, 70000, 70000, 70000, 70000))
    assert status[-12:-4] == b"\xff" * 8


def test_cuff_keeps_no_units_and_meanings():
    for _, name, fields, trailer in spec.MESSAGES:
        assert {len(row) for row in fields + trailer} == {2}, name
    assert len(spec.SAMPLE[0]) == 2
    assert spec.IMUS[0][1] == "LSM6DSO32"
