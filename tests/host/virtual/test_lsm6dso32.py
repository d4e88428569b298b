"""The IMU against DS13607: reset values, FIFO, timestamps, scales, noise. All expectations in closed form."""

import itertools
import math
import struct
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from distal.units import RAD_PER_DEG, G
from distal.virtual.imu_fifo import DEPTH, tag_byte
from distal.virtual.lsm6dso32 import ImuFaults, Lsm6dso32, World

Floats = NDArray[np.float64]

TICK_S = 25e-6
SAMPLE_S = 192 * TICK_S  # "208 Hz"
IDEAL = ImuFaults(gyr_noise_mdps=0.0, acc_noise_ug=0.0)
GYR, ACC, STAMP = 1, 2, 4

# DS13607 section 8: default column of the register address map, registers a master may meet
RESET_VALUES = {
    0x01: 0x00, 0x02: 0x3F, 0x07: 0x00, 0x08: 0x00, 0x09: 0x00, 0x0A: 0x00, 0x0B: 0x00, 0x0C: 0x00,
    0x0D: 0x00, 0x0E: 0x00, 0x0F: 0x6C, 0x10: 0x00, 0x11: 0x00, 0x12: 0x04, 0x13: 0x00, 0x14: 0x00,
    0x15: 0x00, 0x16: 0x00, 0x17: 0x00, 0x18: 0xE0, 0x19: 0x00, 0x3A: 0x00, 0x3B: 0x00, 0x40: 0x00,
    0x41: 0x00, 0x42: 0x00, 0x43: 0x00, 0x56: 0x00, 0x57: 0x00, 0x58: 0x00, 0x59: 0x00, 0x5A: 0x00,
    0x5B: 0x00, 0x5C: 0x00, 0x5D: 0x00, 0x5E: 0x00, 0x5F: 0x00, 0x63: 0x00, 0x73: 0x00, 0x78: 0x00,
}  # fmt: skip


class Constant:
    """One pose, or one steady turn, for ever."""

    duration_s = 1e9

    def __init__(self, gyr: Sequence[float] = (0, 0, 0), acc: Sequence[float] = (0, 0, G)) -> None:
        self.gyr, self.acc = gyr, acc

    def sample(self, t: Floats) -> tuple[Floats, Floats]:
        return np.tile([self.gyr], (len(t), 1)), np.tile([self.acc], (len(t), 1))


class Ramp:
    """Tells its time: acc x is t in m/s2 between 0 and 100 s."""

    duration_s = 100.0

    def sample(self, t: Floats) -> tuple[Floats, Floats]:
        acc = np.zeros((len(t), 3))
        acc[:, 0] = np.clip(t, 0, self.duration_s)
        return np.zeros_like(acc), acc


class Bench:
    """One chip and the time of its master."""

    def __init__(self, motion: object = None, faults: ImuFaults = IDEAL, world: World | None = None) -> None:
        self.imu = Lsm6dso32(motion or Constant(), world or World(), faults)  # type: ignore[arg-type]
        self.t = 0.0

    def write(self, *pairs: tuple[int, int]) -> None:
        for register, value in pairs:
            self.imu.write(register, bytes((value,)), self.t)

    def read(self, register: int, count: int = 1) -> bytes:
        return self.imu.read(register, count, self.t)

    def start(self, odr: int = 5, stamps: int = 0, mode: int = 6, watermark: int = 34) -> None:
        """As the cuff does: 32 g, 2000 deg/s, FIFO on."""
        self.write((0x12, 0x44), (0x10, odr << 4 | 4), (0x11, odr << 4 | 12), (0x19, 0x20))
        self.write((0x07, watermark & 0xFF), (0x08, watermark >> 8), (0x0D, 0x08))
        self.write((0x09, odr << 4 | odr), (0x0A, stamps << 6 | mode))

    def wait(self, samples: float, period: float = SAMPLE_S) -> None:
        self.t += samples * period

    @property
    def level(self) -> int:
        low, high = self.read(0x3A, 2)
        return low | (high & 3) << 8

    def words(self) -> list[tuple[int, int, bytes]]:
        """All words: sensor, slot counter, data."""
        block = self.read(0x78, 7 * self.level)
        rows = [block[i : i + 7] for i in range(0, len(block), 7)]
        return [(row[0] >> 3, row[0] >> 1 & 3, row[1:]) for row in rows]

    def acc(self) -> list[tuple[int, ...]]:
        return [struct.unpack("<3h", data) for sensor, _, data in self.words() if sensor == ACC]

    def stamps(self) -> list[int]:
        return [struct.unpack_from("<I", data)[0] for sensor, _, data in self.words() if sensor == STAMP]


def test_registers_stand_at_their_reset_values() -> None:
    bench = Bench()
    assert {register: bench.read(register)[0] for register in RESET_VALUES} == RESET_VALUES


def test_software_reset_restores_them_and_empties_the_fifo() -> None:
    bench = Bench()
    bench.start()
    bench.wait(50)
    bench.write((0x12, 0x01))
    assert {register: bench.read(register)[0] for register in RESET_VALUES} == RESET_VALUES
    bench.wait(50)
    assert bench.level == 0


def test_read_only_registers_ignore_writes() -> None:
    bench = Bench()
    bench.write((0x0F, 0), (0x3A, 9), (0x22, 9), (0x78, 9))
    assert bench.read(0x0F) == b"\x6c"
    assert bench.read(0x3A) == bench.read(0x22) == b"\0"


def test_address_stands_still_without_if_inc() -> None:
    bench = Bench()
    bench.write((0x12, 0x00))
    assert bench.read(0x0F, 3) == b"\x6c\x6c\x6c"
    bench.write((0x12, 0x04))
    assert bench.read(0x0F, 4) == b"\x6c\x00\x00\x04"


def test_tag_byte_has_even_parity() -> None:
    for sensor, slot in itertools.product(range(32), range(4)):
        byte = tag_byte(sensor, slot)
        assert byte.bit_count() % 2 == 0
        assert (byte >> 3, byte >> 1 & 3) == (sensor, slot)


def test_slot_holds_gyro_and_accelerometer_and_counts_on() -> None:
    bench = Bench()
    bench.start()
    bench.wait(6)
    assert [(s, n) for s, n, _ in bench.words()] == [(s, n % 4) for n in range(6) for s in (GYR, ACC)]


@pytest.mark.parametrize(("code", "every"), [(1, 1), (2, 8), (3, 32)])
def test_timestamps_come_with_every_nth_slot(code: int, every: int) -> None:
    bench = Bench()
    bench.start(stamps=code)
    bench.wait(100)
    assert bench.stamps() == [(1 + k * every) * 192 for k in range(math.ceil(100 / every))]


@pytest.mark.parametrize(("odr", "ticks"), [(4, 384), (5, 192), (6, 96)])
def test_rate_is_an_exact_number_of_timestamp_ticks(odr: int, ticks: int) -> None:
    bench = Bench()
    bench.start(odr=odr)
    bench.wait(99.999, ticks * TICK_S)
    assert bench.level == 2 * 99
    bench.wait(0.001, ticks * TICK_S)
    assert bench.level == 2 * 100


def test_odr_change_starts_the_sample_clock_anew() -> None:
    bench = Bench()
    bench.start(stamps=1)
    bench.wait(2.5)
    bench.write((0x09, 0x66), (0x10, 0x64), (0x11, 0x6C))
    bench.wait(2, 96 * TICK_S)
    assert bench.stamps() == [192, 384, 480 + 96, 480 + 192]


def test_batch_rate_below_the_sensors_rate_thins_the_fifo() -> None:
    bench = Bench()
    bench.start()
    bench.write((0x09, 0x45))  # gyro at 104 Hz
    bench.wait(8)
    sensors = [sensor for sensor, _, _ in bench.words()]
    assert (sensors.count(GYR), sensors.count(ACC)) == (4, 8)


def test_watermark_raises_flag_and_int1() -> None:
    bench = Bench()
    bench.start(watermark=10)
    bench.wait(4)
    assert (bench.read(0x3B)[0] & 0x80, bench.imu.level(bench.t)) == (0, 0)
    bench.wait(1)
    assert (bench.read(0x3B)[0] & 0x80, bench.imu.level(bench.t)) == (0x80, 1)
    bench.words()
    assert bench.imu.level(bench.t) == 0


def test_watermark_has_nine_bits() -> None:
    bench = Bench()
    bench.start(watermark=300)
    bench.wait(149)
    assert bench.imu.level(bench.t) == 0
    bench.wait(1)
    assert bench.imu.level(bench.t) == 1


@pytest.mark.parametrize(("stamps", "slots"), [(0, 17), (1, 12), (3, 17)])
def test_next_rise_is_the_instant_of_the_sample_that_reaches_the_watermark(stamps: int, slots: int) -> None:
    bench = Bench()
    bench.start(stamps=stamps, watermark=34)
    rise = bench.imu.next_rise(bench.t)
    assert rise == pytest.approx(slots * SAMPLE_S, abs=1e-9)
    assert (bench.imu.level(rise - 1e-6), bench.imu.level(rise)) == (0, 1)
    assert bench.imu.next_rise(rise) is None


def test_overrun_keeps_the_newest_words_and_is_latched_until_read() -> None:
    bench = Bench(Ramp())
    bench.start()
    bench.wait(256)
    assert bench.read(0x3B)[0] & 0x48 == 0  # full, nothing lost
    bench.wait(10)
    bench.read(0x78, 7 * 20)  # the plain flag goes with the first read, the latched one stays
    assert bench.read(0x3B)[0] & 0x48 == 0x08
    assert bench.read(0x3B)[0] & 0x48 == 0
    assert bench.imu.fifo.lost == 20
    assert bench.imu.taken == 266
    oldest = bench.acc()[0][0] * 0.976e-3 * G
    assert oldest == pytest.approx((10 + 10) * SAMPLE_S, abs=0.976e-3 * G / 2)


def test_fifo_never_holds_more_than_its_depth() -> None:
    bench = Bench()
    bench.start(stamps=3)
    bench.wait(5000)
    low, high = bench.read(0x3A, 2)
    assert low | (high & 3) << 8 == DEPTH
    assert high & 0x68 == 0x68  # overrun, full, latched


def test_fifo_mode_keeps_the_oldest_words() -> None:
    bench = Bench(Ramp())
    bench.start(mode=1)
    bench.wait(400)
    assert bench.level == DEPTH
    assert bench.acc()[0][0] == 0


def test_bypass_empties_the_fifo() -> None:
    bench = Bench()
    bench.start()
    bench.wait(20)
    bench.write((0x0A, 0x00))
    assert bench.level == 0
    bench.wait(20)
    assert bench.level == 0


def test_empty_fifo_reads_as_zeros() -> None:
    bench = Bench()
    bench.start()
    bench.wait(1)
    assert bench.read(0x78, 21)[14:] == bytes(7)


def test_word_leaves_with_its_last_byte() -> None:
    bench = Bench()
    bench.start()
    bench.wait(2)
    tag = bench.read(0x78, 1)
    assert bench.level == 4
    data = bench.read(0x79, 6)
    assert bench.level == 3
    assert (tag[0] >> 3, len(data)) == (GYR, 6)


def test_timestamp_registers_count_25_us() -> None:
    bench = Bench()
    bench.write((0x19, 0x20))
    bench.t = 1.0
    assert struct.unpack("<I", bench.read(0x40, 4)) == (40_000,)
    bench.write((0x42, 0xAA))
    bench.t += 0.5
    assert struct.unpack("<I", bench.read(0x40, 4)) == (20_000,)


def test_timestamp_wraps_at_32_bits() -> None:
    bench = Bench(faults=ImuFaults(timestamp_start=2**32 - 192))
    bench.start(stamps=1)
    bench.wait(2)
    assert bench.stamps() == [0, 192]


def test_fast_oscillator_gives_more_samples_and_ticks() -> None:
    bench = Bench(faults=ImuFaults(drift_ppm=3000.0))
    bench.start(stamps=1)
    bench.t = 1.0
    assert bench.imu.read(0x40, 4, 1.0) == struct.pack("<I", 40_120)
    assert bench.imu.taken == 40_120 // 192
    assert bench.read(0x63) == b"\x02"  # INTERNAL_FREQ_FINE, 0.15 % a step


@pytest.mark.parametrize(("code", "mg"), [(0, 0.122), (1, 0.976), (2, 0.244), (3, 0.488)])
def test_acceleration_scale(code: int, mg: float) -> None:
    bench = Bench()
    bench.start()
    bench.write((0x10, 0x50 | code << 2))
    bench.wait(1)
    assert bench.acc() == [(0, 0, round(1000 / mg))]


@pytest.mark.parametrize(("code", "mdps"), [(0, 8.75), (1, 4.375), (2, 17.5), (4, 35.0), (6, 70.0)])
def test_angular_rate_scale(code: int, mdps: float) -> None:
    bench = Bench(Constant(gyr=(100 * RAD_PER_DEG, 0, -50 * RAD_PER_DEG)))
    bench.start()
    bench.write((0x11, 0x50 | code << 1))
    bench.wait(1)
    data = bench.words()[0][2]
    assert struct.unpack("<3h", data) == (round(100e3 / mdps), 0, round(-50e3 / mdps))


def test_values_beyond_the_scale_stand_at_its_end() -> None:
    bench = Bench(Constant(gyr=(100.0, -100.0, 0), acc=(400.0, -400.0, 0)))
    bench.start()
    bench.wait(1)
    (_, _, gyr), (_, _, acc) = bench.words()
    assert struct.unpack("<3h", gyr) == struct.unpack("<3h", acc) == (32767, -32768, 0)


def test_same_seed_same_bytes_however_often_the_fifo_is_read() -> None:
    def collect(pause: int, seed: int) -> bytes:
        bench = Bench(faults=ImuFaults(seed=seed))
        bench.start(stamps=3)
        out = b""
        for _ in range(240 // pause):
            bench.wait(pause)
            out += bench.read(0x78, 7 * bench.level)
        return out

    assert collect(8, 1) == collect(120, 1)
    assert collect(8, 1) != collect(8, 2)


def test_motion_begins_with_the_first_sample_of_the_first_fifo() -> None:
    world = World()
    first, second = Bench(Ramp(), world=world), Bench(Ramp(), world=world)
    first.t = second.t = 7.0
    first.start()
    second.t += 10 * SAMPLE_S
    second.start()
    first.wait(100)
    second.wait(90)
    lsb = 0.976e-3 * G
    seconds = [np.array(bench.acc())[:, 0] * lsb for bench in (first, second)]
    assert seconds[0] == pytest.approx(np.arange(100) * SAMPLE_S, abs=lsb / 2 + 1e-9)
    assert seconds[1] == pytest.approx(np.arange(10, 100) * SAMPLE_S, abs=lsb / 2 + 1e-9)


def test_motion_rewinds_when_all_fifos_are_off() -> None:
    world = World()
    benches = [Bench(Ramp(), world=world) for _ in range(2)]
    for bench in benches:
        bench.start()
        bench.wait(50)
    benches[0].write((0x0A, 0x00))
    assert world.start is not None
    benches[1].write((0x0A, 0x00))
    assert world.start is None
    benches[0].wait(1000)
    benches[0].write((0x0A, 0x06))
    benches[0].wait(1)
    assert benches[0].acc() == [(0, 0, 0)]


def test_output_registers_show_the_newest_sample() -> None:
    bench = Bench(Constant(gyr=(7 * RAD_PER_DEG, 0, 0)))
    bench.write((0x10, 0x54), (0x11, 0x5C))
    assert bench.read(0x1E)[0] & 3 == 0
    bench.wait(1)
    assert bench.read(0x1E)[0] & 3 == 3
    assert struct.unpack("<6h", bench.read(0x22, 12)) == (100, 0, 0, 0, 0, 1025)
    assert bench.read(0x1E)[0] & 3 == 0
    bench.wait(1)
    assert bench.read(0x1E)[0] & 3 == 3


def test_temperature_is_256_counts_a_degree_from_25() -> None:
    bench = Bench(faults=ImuFaults(temperature_c=30.5))
    bench.write((0x10, 0x54))
    bench.wait(1)
    assert struct.unpack("<h", bench.read(0x20, 2)) == (1408,)
