# A cuff that began anew while its IMU did not: whose clock it finds, and what it tells of it.
from bench import BOOT, Bench

from distal_wire import codec, spec


def connected(fake=None):
    bench = Bench(fake)
    bench.pass_ms(50)
    bench.ble.connect()
    bench.pass_ms(50)
    return bench


def test_restarted_cuff_tells_first_whose_clock_its_imu_told():
    old = connected()
    old.fake.registers[0x73], old.fake.registers[0x74] = 0x34, 0x12  # as if another boot had signed it
    old.ask(spec.COMMAND_START)
    assert old.ble.notified[0][0] != spec.KIND_ORIGIN
    old.fake.ticks = 2**31
    bench = connected(fake=old.fake)
    del bench.ble.notified[:]
    bench.ask(spec.COMMAND_START)
    message = bench.ble.notified[0]
    assert message[0] == spec.KIND_ORIGIN
    boot, before, clock = codec.read_fields(message)[2:]
    assert (boot, before) == (BOOT, 0x1234)
    assert abs(clock - 2**31) < 400
    bench.pass_ms(2000)
    bench.ask(spec.COMMAND_START)
    assert [data[0] for data in bench.ble.notified].count(spec.KIND_ORIGIN) == 2  # a resume tells it again


def test_imu_that_failed_and_came_back_within_a_boot_is_no_restart():
    bench = connected()
    bench.pass_ms(500)
    bench.fake.brown_out()
    bench.sampling.is_up = False
    bench.pass_ms(1000)
    bench.ask(spec.COMMAND_START)
    assert spec.KIND_ORIGIN not in [data[0] for data in bench.ble.notified]
