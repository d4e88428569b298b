# The LSM6DSO32 driver against registers: what it writes, how it reads, whom it refuses.
import time

import micropython
from fake_imu import FakeImu

from distal_cuff.imu.lsm6dso32 import Lsm6dso32


def make(part="LSM6DSO32", fake=None):
    fake = fake or FakeImu()
    return fake, Lsm6dso32(fake, time.sleep_ms, part)


def test_start_up_writes_what_the_datasheet_asks():
    fake, imu = make()
    imu.configure(208, 32, 2000, 36)
    assert (fake.registers[0x10], fake.registers[0x11]) == (0x54, 0x5C)
    assert (fake.registers[0x12], fake.registers[0x19]) == (0x44, 0x20)
    assert (fake.registers[0x07], fake.registers[0x08], fake.registers[0x0D]) == (36, 0, 0x08)
    assert not fake.is_filling()
    imu.start()
    assert (fake.registers[0x09], fake.registers[0x0A]) == (0x55, 0x86)


def test_every_rate_and_range_has_the_code_of_its_part():
    for rate_hz, odr in ((104, 4), (208, 5), (416, 6)):
        for gyr_range_dps, gyr in ((125, 2), (250, 0), (500, 4), (1000, 8), (2000, 12)):
            for part, ranges in (
                ("LSM6DSO32", ((4, 0), (8, 8), (16, 12), (32, 4))),
                ("LSM6DSO", ((2, 0), (4, 8), (8, 12), (16, 4))),
            ):
                for acc_range_g, acc in ranges:
                    fake, imu = make(part)
                    imu.configure(rate_hz, acc_range_g, gyr_range_dps, 300)
                    assert fake.registers[0x10] == odr << 4 | acc
                    assert fake.registers[0x11] == odr << 4 | gyr
                    assert fake.registers[0x07] | fake.registers[0x08] << 8 == 300


def test_a_chip_with_another_name_is_refused():
    class Stranger(FakeImu):
        def readfrom_mem_into(self, address, register, buffer):
            FakeImu.readfrom_mem_into(self, address, register, buffer)
            if register == 0x0F:
                buffer[0] = 0x6A

    imu = Lsm6dso32(Stranger(), time.sleep_ms)
    try:
        imu.configure(208, 32, 2000, 36)
        refusal = ""
    except OSError as error:
        refusal = str(error)
    assert "0x6a" in refusal


def test_bursts_are_whole_words_and_empty_the_fifo():
    fake, imu = make()
    imu.configure(208, 32, 2000, 36)
    imu.start()
    fake.run(18)
    assert imu.waiting() == 18 * 2 + 3
    sizes, left = [], imu.waiting()
    while left:
        sizes.append(imu.read(left))
        left -= sizes[-1]
    assert sizes == [16, 16, 7]
    assert imu.waiting() == 0


def test_overrun_is_told_once():
    fake, imu = make()
    imu.configure(208, 32, 2000, 36)
    imu.start()
    fake.run(300)
    assert (imu.waiting(), imu.overran) == (512, True)
    assert (imu.waiting(), imu.overran) == (512, False)


def test_hold_keeps_what_was_taken_and_stop_drops_it():
    fake, imu = make()
    imu.configure(208, 32, 2000, 36)
    imu.start()
    fake.run(8)
    imu.hold()
    fake.run(8)
    assert imu.waiting() == 17
    imu.stop()
    assert imu.waiting() == 0


def test_signed_clock_is_found_after_a_restart_of_the_processor():
    fake, imu = make()
    imu.configure(208, 32, 2000, 36)
    assert imu.before is None
    imu.sign(0xBEEF)
    fake.ticks = 2**32 - 100
    _, imu = make(fake=fake)
    imu.configure(208, 32, 2000, 36)
    boot, clock = imu.before
    assert boot == 0xBEEF
    assert (clock - (2**32 - 100)) & 0xFFFFFFFF < 400  # 10 ms between the two looks
    assert fake.registers[0x75] == 0  # the reset took the name, too: the next one must sign
    imu.configure(208, 32, 2000, 36)
    assert imu.before is None


def test_chip_that_lost_its_power_is_nobodys():
    fake, imu = make()
    imu.configure(208, 32, 2000, 36)
    imu.sign(0xBEEF)
    fake.brown_out()
    _, imu = make(fake=fake)
    imu.configure(208, 32, 2000, 36)
    assert imu.before is None


def test_reading_allocates_nothing():
    fake, imu = make()
    imu.configure(208, 32, 2000, 36)
    imu.start()
    fake.run(60)
    stamp = bytearray(4)
    micropython.heap_lock()
    try:
        left = imu.waiting()
        while left:
            left -= imu.read(left)
        imu.read_clock(stamp)
        imu.read_motion()
    finally:
        micropython.heap_unlock()
    assert int.from_bytes(stamp, "little") == fake.ticks
