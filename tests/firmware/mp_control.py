# What a host may ask, ask wrongly, and not ask at all.
import json

from bench import CUFF_ID, Bench, command, unpack

from distal_wire import codec, spec

OP, SEQ, KEY, ERROR, DETAIL, INDEX, CLOCK = range(7)


def connected(mtu=247):
    bench = Bench()
    bench.pass_ms(50)
    bench.ble.connect(mtu)
    bench.pass_ms(50)
    return bench


def stored():
    with open("cuff.json") as file:
        return json.load(file)


def test_advertisement_carries_service_and_name():
    bench = connected()
    data, response = bench.ble.advertised[0]
    uuid = bytes.fromhex(spec.SERVICE.replace("-", ""))
    assert data == b"\x02\x01\x06\x11\x07" + bytes(reversed(uuid))
    assert response == b"\x0d\x09Distal bench"
    assert len(bench.ble.advertised) == 1


def test_cuff_advertises_again_after_every_link():
    bench = connected()
    for links in (2, 3):
        bench.ble.disconnect()
        bench.pass_ms(50)
        assert len(bench.ble.advertised) == links
        bench.ble.connect()
        bench.pass_ms(50)


def test_stack_that_is_not_ready_to_advertise_is_asked_again():
    bench = connected()
    bench.ble.is_ending = True
    bench.ble.disconnect()
    bench.pass_ms(100)
    bench.ble.is_ending = False
    bench.pass_ms(50)
    assert len(bench.ble.advertised) == 2


def test_buffers_are_long_enough_for_every_write():
    ble = connected().ble
    assert ble.buffers[ble.control] == (128, True)
    assert ble.buffers[ble.info][0] == codec.message_size(spec.KIND_INFO)
    assert ble.settings["mtu"] >= spec.MIN_MTU
    assert [ble.values[handle] for handle in ble.facts] == [b"Distal", b"bench", b"1234", b"0.1.0"]
    assert ble.values[ble.battery] == bytes((67,))  # 3.9 V


def test_nothing_is_sent_before_start():
    bench = connected()
    bench.pass_ms(2000)
    assert bench.ble.notified == []


def test_a_status_comes_at_start_each_second_and_at_stop():
    bench = connected()
    bench.ask(spec.COMMAND_START)
    assert bench.statuses()[0]["flags"] == spec.STATUS_STREAMING
    bench.pass_ms(3000)
    assert 4 <= len(bench.statuses()) <= 5
    bench.ask(spec.COMMAND_STOP)
    assert bench.statuses()[-1]["flags"] == 0
    assert bench.ble.notified[-1][0] == spec.KIND_STATUS
    count = len(bench.ble.notified)
    bench.pass_ms(3000)
    assert len(bench.ble.notified) == count


def test_stop_answers_after_the_last_packet():
    bench = connected()
    bench.ask(spec.COMMAND_START)
    bench.pass_ms(1000)
    bench.ble.room = 0
    bench.pass_ms(1000)
    del bench.ble.indicated[:]
    bench.ble.write(bench.command(spec.COMMAND_STOP))
    bench.pass_ms(1000)
    assert bench.ble.indicated == []
    bench.ble.room = -1
    bench.pass_ms(1000)
    header, rows = bench.packets()[-1]
    assert bench.answers()[-1][INDEX] == header["index"] + len(rows) == bench.fake.taken


def test_stop_without_start_is_answered():
    bench = connected()
    answer = bench.ask(spec.COMMAND_STOP)
    assert (answer[ERROR], answer[INDEX]) == (spec.OK, 0)


def test_start_while_streaming_resumes():
    bench = connected()
    bench.ask(spec.COMMAND_START)
    bench.pass_ms(500)
    answer = bench.ask(spec.COMMAND_START, ms=20)
    assert answer[ERROR] == spec.OK
    assert 0 < answer[INDEX] <= bench.fake.taken
    assert answer[INDEX] % 18 == 0


def test_lost_link_is_bridged_by_the_ring():
    bench = connected()
    bench.ask(spec.COMMAND_START)
    bench.pass_ms(1000)
    bench.ble.disconnect()
    seen = len(bench.ble.notified)
    bench.pass_ms(3000)
    bench.ble.connect()
    bench.pass_ms(500)
    assert len(bench.ble.notified) == seen  # the new link has not asked yet
    answer = bench.ask(spec.COMMAND_START, ms=1000)
    assert answer[INDEX] == 0  # all of it fits in the ring: what was on the air may not have arrived
    bench.ask(spec.COMMAND_STOP)
    found = set()
    for header, rows in bench.packets():
        found.update(range(header["index"], header["index"] + len(rows)))
    assert found == set(range(bench.fake.taken))
    assert bench.ring.lost == 0


def test_link_lost_for_too_long_loses_the_oldest_and_says_how_many():
    bench = connected()
    bench.shorten_ring()
    bench.ask(spec.COMMAND_START, ms=10)
    bench.ble.disconnect()
    bench.pass_ms(8000)
    bench.ble.connect()
    answer = bench.ask(spec.COMMAND_START)
    bench.ask(spec.COMMAND_STOP)
    status = bench.statuses()[-1]
    assert status["lost"] == answer[INDEX]
    assert answer[INDEX] > 500
    found = [header["index"] + i for header, rows in bench.packets() for i in range(len(rows))]
    assert found == list(range(answer[INDEX], bench.fake.taken))


def test_what_piled_up_leaves_the_radio_room_to_answer_its_host():
    bench = connected()
    bench.shorten_ring()
    bench.ask(spec.COMMAND_START, ms=10)
    bench.ble.disconnect()
    bench.pass_ms(8000)
    bench.ble.connect()
    bench.ask(spec.COMMAND_START, ms=20)
    bench.ble.confirms = False  # nothing leaves the radio's queue
    before = len(bench.ble.notified)
    bench.pass_ms(1000)
    kinds = [one[0] for one in bench.ble.notified[before:]]
    assert 0 < kinds.count(spec.KIND_SAMPLES) <= 10
    bench.ble.confirms = True
    bench.pass_ms(4000)
    assert bench.ring.unsent == 0


def test_session_without_a_host_ends_after_a_minute():
    bench = connected()
    bench.ask(spec.COMMAND_START)
    bench.ble.disconnect()
    bench.pass_ms(59000)
    assert bench.sampling.is_on
    bench.pass_ms(1500)
    assert not bench.sampling.is_on


def test_no_room_in_the_radio_keeps_the_packet_and_backs_off():
    bench = connected()
    bench.ask(spec.COMMAND_START)
    bench.ble.room = 0
    bench.pass_ms(2000)
    tries = bench.radio.no_buffer
    assert 5 <= tries <= 25
    bench.ble.room = -1
    bench.pass_ms(1000)
    bench.ask(spec.COMMAND_STOP)
    found = [header["index"] + i for header, rows in bench.packets() for i in range(len(rows))]
    assert found == list(range(bench.fake.taken))
    assert bench.statuses()[-1]["no_buffer"] == tries


def test_small_mtu_refuses_start_with_its_size():
    for mtu, detail in ((None, 23), (100, 100), (246, 246)):
        bench = connected(mtu)
        answer = bench.ask(spec.COMMAND_START)
        assert (answer[ERROR], answer[DETAIL]) == (spec.ERROR_SMALL_MTU, detail)
        assert not bench.sampling.is_on
        bench.ble.disconnect()


def test_commands_of_one_moment_are_all_answered():
    for is_late in (False, True):
        bench = connected()
        commands = [bench.command(spec.COMMAND_ECHO) for _ in range(4)]
        del bench.ble.indicated[:]
        bench.ble.write(*commands, is_late=is_late)
        bench.pass_ms(100)
        assert [answer[SEQ] for answer in bench.answers()] == [1, 2, 3, 4]
        bench.ble.disconnect()


def test_bytes_that_are_no_command_are_counted_and_answered():
    good = command(spec.COMMAND_START, seq=9)
    cases = (b"", b"\x04", b"\x04\x01\x01\x09", b"hello", good[:-1], good + b"\0", bytes(13), bytes(60))
    flipped = [good[:i] + bytes((good[i] ^ 4,)) + good[i + 1 :] for i in range(13)]
    for data in cases[1:] + tuple(flipped):
        bench = connected()
        del bench.ble.indicated[:]
        bench.ble.write(data)
        bench.pass_ms(50)
        assert bench.control.bad_commands == 1, data
        assert bench.answers()[-1][ERROR] == spec.ERROR_BAD_MESSAGE
        assert bench.sampling.is_on == (data == good + b"\0")
        assert bench.ask(spec.COMMAND_ECHO)[ERROR] == spec.OK
        bench.ble.disconnect()


def test_answer_to_a_damaged_command_names_its_number():
    bench = connected()
    damaged = bytearray(command(spec.COMMAND_ECHO, seq=77))
    damaged[-1] ^= 1
    del bench.ble.indicated[:]
    bench.ble.write(bytes(damaged))
    bench.pass_ms(50)
    assert bench.answers()[0][:4] == (spec.COMMAND_ECHO, 77, 0, spec.ERROR_BAD_MESSAGE)


def test_good_command_behind_rubbish_is_found():
    bench = connected()
    del bench.ble.indicated[:]
    bench.ble.write(b"\x04\x01rub\x04", command(spec.COMMAND_ECHO, seq=5), is_late=True)
    bench.pass_ms(50)
    assert [answer[ERROR] for answer in bench.answers()] == [spec.ERROR_BAD_MESSAGE, spec.OK]
    assert bench.answers()[1][SEQ] == 5


def test_unknown_command_is_refused_by_name():
    bench = connected()
    answer = bench.ask(99)
    assert answer[:4] == (99, bench.seq, 0, spec.ERROR_UNKNOWN_COMMAND)


def test_flood_of_rubbish_is_survived():
    bench = connected()
    for i in range(200):
        bench.ble.write(bytes([(i * 31 + j * 7) & 255 for j in range(i % 60)]))
        if i % 9 == 0:
            bench.pass_ms(10)
    bench.pass_ms(200)
    assert bench.control.bad_commands > 10
    assert bench.ask(spec.COMMAND_ECHO)[ERROR] == spec.OK


def test_command_of_an_earlier_link_is_forgotten():
    bench = connected()
    bench.ble.write(bench.command(spec.COMMAND_START))
    bench.ble.disconnect()
    bench.ble.connect()
    bench.pass_ms(500)
    assert not bench.sampling.is_on


def test_host_that_never_confirms_holds_up_nothing():
    bench = connected()
    bench.ble.confirms = False
    for _ in range(10):
        bench.ble.write(bench.command(spec.COMMAND_ECHO))
        bench.pass_ms(300)
    bench.ask(spec.COMMAND_START, ms=9000)
    assert bench.sampling.is_on
    assert len(bench.packets()) > 50


def test_side_and_mass_outlive_the_power():
    bench = connected()
    assert bench.ask(spec.COMMAND_SET, spec.SET_SIDE, spec.SIDE_RIGHT)[ERROR] == spec.OK
    assert bench.ask(spec.COMMAND_SET, spec.SET_MASS_G, 1500)[ERROR] == spec.OK
    assert stored() == {"side": "right", "mass_g": 1500}
    info = codec.read_fields(bench.ble.values[bench.ble.info])
    assert (info[3], info[4], info[13]) == (CUFF_ID, spec.SIDE_RIGHT, 1500)
    assert Bench().settings.side == "right"


def test_other_keys_of_the_file_stay():
    with open("cuff.json", "w") as file:
        file.write('{"name": "Anna", "board": "xiao_esp32c3", "own": [1]}')
    bench = connected()
    bench.ask(spec.COMMAND_SET, spec.SET_SIDE, spec.SIDE_LEFT)
    assert stored() == {"name": "Anna", "board": "xiao_esp32c3", "own": [1], "side": "left"}


def test_rate_and_ranges_change_packets_and_info():
    bench = connected()
    for key, value in (
        (spec.SET_RATE_HZ, 416),
        (spec.SET_ACC_RANGE_G, 16),
        (spec.SET_GYR_RANGE_DPS, 500),
    ):
        assert bench.ask(spec.COMMAND_SET, key, value)[ERROR] == spec.OK
    bench.ask(spec.COMMAND_START)
    bench.pass_ms(500)
    header, _ = bench.packets()[-1]
    assert (header["rate_hz"], header["acc_range_g"], header["gyr_range"]) == (416, 16, 4)
    info = codec.read_fields(bench.ble.values[bench.ble.info])
    assert info[10:13] == (416, 16, 4)
    assert info[14] == bench.ring.slots >= 116


def test_settings_that_samples_depend_on_wait_for_the_stop():
    bench = connected()
    bench.ask(spec.COMMAND_START)
    for key, value in ((spec.SET_RATE_HZ, 104), (spec.SET_ACC_RANGE_G, 16), (spec.SET_GYR_RANGE_DPS, 500)):
        assert bench.ask(spec.COMMAND_SET, key, value)[ERROR] == spec.ERROR_BUSY
    assert bench.ask(spec.COMMAND_SET, spec.SET_MASS_G, 900)[ERROR] == spec.OK
    assert bench.settings.rate_hz == 208


def test_values_that_no_cuff_can_take_are_refused():
    bench = connected()
    for key, value in (
        (spec.SET_RATE_HZ, 200),
        (spec.SET_RATE_HZ, -1),
        (spec.SET_ACC_RANGE_G, 2),
        (spec.SET_GYR_RANGE_DPS, 4000),
        (spec.SET_SIDE, 3),
        (spec.SET_SIDE, -1),
        (spec.SET_MASS_G, 65536),
        (spec.SET_MASS_G, -(2**31)),
        (77, 1),
    ):
        answer = bench.ask(spec.COMMAND_SET, key, value)
        assert answer[KEY:DETAIL] == (key, spec.ERROR_BAD_VALUE), (key, value)
    assert bench.ask(spec.COMMAND_IDENTIFY, 0, -5)[ERROR] == spec.ERROR_BAD_VALUE
    assert bench.control.bad_commands == 10


def test_no_memory_for_the_ring_is_told_and_the_old_rate_stays():
    bench = connected()
    resize = bench.ring.resize

    def resize_small(slots):
        if slots > 40:
            raise MemoryError
        resize(slots)

    bench.ring.resize = resize_small
    assert bench.ask(spec.COMMAND_SET, spec.SET_RATE_HZ, 416)[ERROR] == spec.ERROR_MEMORY
    assert (bench.settings.rate_hz, bench.ring.slots) == (208, 24)  # 2 s still have room
    assert bench.ask(spec.COMMAND_START)[ERROR] == spec.OK


def test_echo_tells_the_imu_clock_of_that_moment():
    bench = connected()
    first = bench.ask(spec.COMMAND_ECHO)[CLOCK]
    bench.pass_ms(800)
    second = bench.ask(spec.COMMAND_ECHO)[CLOCK]
    assert abs((second - first) / 40 - 1000) < 10
    assert second <= bench.fake.ticks


def test_wrong_part_is_refused_with_what_it_reads():
    bench = connected()
    bench.fake.motion = bytes(10) + b"\x00\x02"  # 512 counts: half a g
    bench.pass_ms(2000)
    answer = bench.ask(spec.COMMAND_START)
    assert answer[ERROR] == spec.ERROR_IMU
    assert abs(answer[DETAIL] - 500) < 10
    bench.fake.motion = bytes(10) + b"\x00\x04"
    bench.pass_ms(2000)
    assert bench.ask(spec.COMMAND_START)[ERROR] == spec.OK


def test_every_packet_says_who_sent_it():
    bench = connected()
    bench.ask(spec.COMMAND_START)
    bench.pass_ms(500)
    for data in bench.ble.notified:
        if data[0] == spec.KIND_SAMPLES:
            header, _ = unpack(data)
            assert (header["boot"], header["rate_hz"], header["imu"]) == (0xBEEF, 208, 1)
            assert (header["encoding"], header["acc_range_g"], header["gyr_range"]) == (0, 32, 16)
            assert len(data) == spec.MAX_BYTES
