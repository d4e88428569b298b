# Who may command: proofs right, wrong, replayed and late; the button's window; what a locked cuff keeps back.
import json

from bench import CUFF_ID, Bench, checked, command

from distal_cuff import packing
from distal_wire import codec, curve, proof, spec

OP, SEQ, KEY, ERROR, DETAIL, INDEX, CLOCK = range(7)
THE_KEY = bytes(range(32))
IDENTITY = (CUFF_ID, 0xBEEF)
NONCE = b"0123456789abcdef"
SECRET = bytes(range(60, 92))


def locked(key=THE_KEY):
    """A cuff with a key, and a host that has connected."""
    with open("cuff.json", "w") as file:
        json.dump({"key": "".join(["%02x" % byte for byte in key]), "side": "left"}, file)
    bench = Bench()
    bench.ble.connect()
    bench.pass_ms(50)
    return bench


def stored_key():
    with open("cuff.json") as file:
        return json.load(file)["key"]


def send(bench, data, ms=100):
    """Write bytes, let time pass, return the last answer as it came."""
    del bench.ble.indicated[:]
    bench.ble.write(data)
    bench.pass_ms(ms)
    return checked(bench.ble.indicated[-1])


def challenge(bench):
    """(seq, flags, boot, nonce, public) of a new challenge."""
    answer = send(bench, bench.command(spec.COMMAND_CHALLENGE))
    assert answer[0] == spec.KIND_CHALLENGE
    assert len(answer) == codec.message_size(spec.KIND_CHALLENGE) <= spec.MAX_BYTES
    return codec.read_fields(answer)[2:]


def proof_message(asked, key, direction=spec.PROOF_HOST, public=bytes(32)):
    message = bytearray(codec.message_size(spec.KIND_PROOF))
    mac = proof.mac(key, direction, (asked[3], NONCE), IDENTITY)
    values = (asked[0], direction, NONCE, mac, public)
    packing.seal(message, codec.write_fields(message, spec.KIND_PROOF, *values))
    return bytes(message)


def prove(bench, key=THE_KEY):
    """Answer a new challenge; returns what the cuff said."""
    return send(bench, proof_message(challenge(bench), key))


def opened():
    bench = locked()
    assert prove(bench)[0] == spec.KIND_PROOF
    return bench


def pair(bench):
    """Agree on a new key within the window; returns (key, what the cuff said)."""
    asked = challenge(bench)
    shared = curve.multiply(SECRET, asked[4])
    public = curve.public_of(SECRET)
    key = proof.agreed_key(shared, (asked[4], public), (asked[3], NONCE), CUFF_ID)
    return key, send(bench, proof_message(asked, key, spec.PROOF_NEW_HOST, public))


def test_locked_cuff_takes_no_command_and_tells_nothing():
    bench = locked()
    for op, key, value in (
        (spec.COMMAND_START, 0, 0),
        (spec.COMMAND_STOP, 0, 0),
        (spec.COMMAND_IDENTIFY, 0, 5),
        (spec.COMMAND_ECHO, 0, 0),
        (spec.COMMAND_SET, spec.SET_MASS_G, 3000),
        (spec.COMMAND_SET, spec.SET_RATE_HZ, 416),
    ):
        answer = bench.ask(op, key, value)
        assert (answer[OP], answer[ERROR], answer[DETAIL]) == (op, spec.ERROR_LOCKED, 0)
    bench.press(200)
    bench.pass_ms(3000)
    assert not bench.sampling.is_on
    assert (bench.settings.mass_g, bench.settings.rate_hz) == (0, 208)
    assert bench.control.identify_until is None
    assert bench.ble.notified == []
    assert bench.control.bad_commands == 6


def test_right_key_opens_and_the_cuff_proves_it_back():
    bench = locked()
    asked = challenge(bench)
    assert asked[1:3] == (spec.CHALLENGE_LOCKED, 0xBEEF)
    answer = codec.read_fields(send(bench, proof_message(asked, THE_KEY)))[2:]
    mac = proof.mac(THE_KEY, spec.PROOF_CUFF, (asked[3], NONCE), IDENTITY)
    assert answer == (asked[0], spec.PROOF_CUFF, NONCE, mac, bytes(32))
    assert bench.ask(spec.COMMAND_START)[ERROR] == spec.OK
    bench.pass_ms(500)
    assert bench.packets()


def test_cuff_without_a_key_answers_the_challenge_and_obeys():
    bench = Bench()
    bench.ble.connect()
    assert bench.ask(spec.COMMAND_CHALLENGE)[:4] == (spec.COMMAND_CHALLENGE, 1, 0, spec.OK)
    assert bench.ask(spec.COMMAND_START)[ERROR] == spec.OK


def test_wrong_key_is_refused_counted_and_costs_a_wait_that_doubles():
    bench = locked()
    waits = []
    for _ in range(7):
        answer = codec.read_fields(prove(bench, bytes(32)))[2:]
        assert answer[:4] == (spec.COMMAND_CHALLENGE, bench.seq, 0, spec.ERROR_LOCKED)
        waits.append(answer[DETAIL])
        early = bench.ask(spec.COMMAND_CHALLENGE, ms=20)
        assert early[ERROR] == spec.ERROR_LOCKED
        assert 0 < early[DETAIL] < waits[-1]
        bench.pass_ms(waits[-1] + 20)
    assert waits == [500, 1000, 2000, 4000, 8000, 8000, 8000]
    assert bench.control.bad_commands == 14
    bench.ble.disconnect()
    bench.pass_ms(50)
    bench.ble.connect()
    assert prove(bench)[0] == spec.KIND_PROOF
    assert bench.ask(spec.COMMAND_START)[ERROR] == spec.OK


def test_wait_is_kept_over_links_and_a_right_proof_does_not_shorten_it():
    bench = locked()
    prove(bench, bytes(32))
    bench.pass_ms(500)
    asked = challenge(bench)
    prove(bench, bytes(32))
    bench.ble.disconnect()
    bench.pass_ms(50)
    bench.ble.connect()
    assert bench.ask(spec.COMMAND_CHALLENGE, ms=50)[ERROR] == spec.ERROR_LOCKED
    answer = send(bench, proof_message(asked, THE_KEY))
    assert codec.read_fields(answer)[2:][ERROR] == spec.ERROR_LOCKED
    assert bench.ask(spec.COMMAND_START)[ERROR] == spec.ERROR_LOCKED


def test_replayed_proof_is_refused_on_the_same_link_and_on_the_next():
    bench = locked()
    good = proof_message(challenge(bench), THE_KEY)
    assert send(bench, good)[0] == spec.KIND_PROOF
    assert codec.read_fields(send(bench, good))[2:][ERROR] == spec.ERROR_LOCKED
    bench.ble.disconnect()
    bench.pass_ms(600)
    bench.ble.connect()
    bench.pass_ms(50)
    assert codec.read_fields(send(bench, good))[2:][ERROR] == spec.ERROR_LOCKED
    bench.pass_ms(2000)
    challenge(bench)
    assert codec.read_fields(send(bench, good))[2:][ERROR] == spec.ERROR_LOCKED
    assert bench.ask(spec.COMMAND_START)[ERROR] == spec.ERROR_LOCKED


def test_cuffs_own_proof_sent_back_opens_nothing():
    bench = locked()
    asked = challenge(bench)
    back = send(bench, proof_message(asked, THE_KEY))
    bench.ble.disconnect()
    bench.pass_ms(50)
    bench.ble.connect()
    bench.pass_ms(50)
    challenge(bench)
    assert send(bench, back)[0] == spec.KIND_RESPONSE
    assert bench.ask(spec.COMMAND_START)[ERROR] == spec.ERROR_LOCKED


def test_every_challenge_is_new_and_only_the_last_one_counts():
    bench = locked()
    first, second = challenge(bench), challenge(bench)
    assert first[3] != second[3]
    assert send(bench, proof_message(first, THE_KEY))[0] == spec.KIND_RESPONSE


def test_any_changed_byte_of_a_proof_is_refused():
    for place in range(2, 2 + 2 + 16 + 16):
        bench = locked()
        message = bytearray(proof_message(challenge(bench), THE_KEY))
        message[place] ^= 1
        packing.seal(message, len(message) - 4)
        answer = codec.read_fields(send(bench, bytes(message)))[2:]
        assert (answer[OP], answer[ERROR]) == (spec.COMMAND_CHALLENGE, spec.ERROR_LOCKED), place
        bench.ble.disconnect()


def test_proof_dies_with_the_link_also_when_the_next_host_comes_between_two_steps():
    bench = opened()
    assert bench.ask(spec.COMMAND_ECHO)[ERROR] == spec.OK
    bench.ble.disconnect()
    bench.ble.connect()  # the loop saw neither
    assert bench.ask(spec.COMMAND_ECHO)[ERROR] == spec.ERROR_LOCKED
    bench.ble.disconnect()
    bench.pass_ms(100)
    bench.ble.connect()
    assert bench.ask(spec.COMMAND_START)[ERROR] == spec.ERROR_LOCKED


def test_next_host_that_comes_while_its_bytes_are_taken_gets_nothing_of_the_last_ones_rights():
    bench = opened()
    take = bench.radio.inbox.take

    def take_late():
        bench.radio.inbox.take = take
        bench.ble.disconnect()
        bench.ble.connect()
        bench.ble.write(bench.command(spec.COMMAND_START))
        return take()

    bench.radio.inbox.take = take_late
    bench.pass_ms(500)
    assert not bench.sampling.is_on
    assert bench.ask(spec.COMMAND_ECHO)[ERROR] == spec.ERROR_LOCKED


def test_host_that_proves_nothing_for_a_minute_is_put_out():
    bench = locked()
    bench.pass_ms(59000)
    assert bench.radio.is_connected
    bench.pass_ms(1500)
    assert not bench.radio.is_connected
    assert len(bench.ble.advertised) == 1
    bench = opened()
    bench.pass_ms(70000)
    assert bench.radio.is_connected


def test_challenge_does_not_fit_a_small_mtu_and_says_so():
    bench = locked()
    bench.ble.disconnect()
    bench.pass_ms(50)
    bench.ble.connect(mtu=None)
    answer = bench.ask(spec.COMMAND_CHALLENGE)
    assert (answer[ERROR], answer[DETAIL]) == (spec.ERROR_SMALL_MTU, 23)


def test_key_that_is_none_locks_the_cuff():
    for text in ('"12"', '"zz"', "5", "[]", '""'):
        with open("cuff.json", "w") as file:
            file.write('{"key": ' + text + "}")
        bench = Bench()
        bench.ble.connect()
        assert bench.ask(spec.COMMAND_START)[ERROR] == spec.ERROR_LOCKED, text
        bench.ble.disconnect()


def test_button_held_gives_a_window_in_which_a_new_key_is_agreed_on():
    bench = locked()
    bench.press(3200)
    assert bench.button.presses == 0
    key, answer = pair(bench)
    fields = codec.read_fields(answer)[2:]
    assert fields[1] == spec.PROOF_NEW_CUFF
    assert stored_key() == "".join(["%02x" % byte for byte in key])
    assert bench.ask(spec.COMMAND_START)[ERROR] == spec.OK
    assert not bench.control.guard.has_window
    bench.ble.disconnect()
    bench.pass_ms(50)
    bench.ble.connect()
    assert prove(bench)[0] == spec.KIND_RESPONSE  # the old key is void
    bench.pass_ms(600)
    assert prove(bench, key)[0] == spec.KIND_PROOF
    assert Bench().settings.key == key
    assert Bench().settings.side == "left"


def test_cuff_without_a_key_gets_one_in_the_window_only():
    bench = Bench()
    bench.ble.connect()
    asked = (1, 0, 0, bytes(16), bytes(32))
    public = curve.public_of(SECRET)
    message = proof_message(asked, THE_KEY, spec.PROOF_NEW_HOST, public)
    assert codec.read_fields(send(bench, message))[2:][ERROR] == spec.ERROR_LOCKED
    bench.press(3200)
    bench.pass_ms(500)
    assert challenge(bench)[1] == spec.CHALLENGE_WINDOW
    key, answer = pair(bench)
    assert answer[0] == spec.KIND_PROOF
    assert bench.settings.key == key


def test_window_ends_after_30_s_and_opens_without_a_link_too():
    bench = locked()
    bench.ble.disconnect()
    bench.press(3200)
    bench.pass_ms(25000)
    bench.ble.connect()
    bench.pass_ms(50)
    asked = challenge(bench)
    assert asked[1] == spec.CHALLENGE_LOCKED | spec.CHALLENGE_WINDOW
    bench.pass_ms(6000)
    public = curve.public_of(SECRET)
    shared = curve.multiply(SECRET, asked[4])
    key = proof.agreed_key(shared, (asked[4], public), (asked[3], NONCE), CUFF_ID)
    late = proof_message(asked, key, spec.PROOF_NEW_HOST, public)
    assert codec.read_fields(send(bench, late))[2:][ERROR] == spec.ERROR_LOCKED
    bench.pass_ms(600)
    assert challenge(bench)[1] == spec.CHALLENGE_LOCKED
    assert bench.settings.key == THE_KEY


def test_weak_public_value_and_full_disk_change_no_key():
    bench = locked()
    bench.press(3200)
    asked = challenge(bench)
    message = proof_message(asked, bytes(32), spec.PROOF_NEW_HOST)
    assert codec.read_fields(send(bench, message))[2:][ERROR] == spec.ERROR_LOCKED
    bench.pass_ms(600)

    def keep(name, value):
        raise OSError(28)

    bench.settings.keep = keep
    _, answer = pair(bench)
    assert codec.read_fields(answer)[2:][ERROR] == spec.ERROR_MEMORY
    assert bench.settings.key == THE_KEY
    assert bench.ask(spec.COMMAND_START)[ERROR] == spec.ERROR_LOCKED


def test_led_shows_the_window():
    bench = locked()
    shown = []
    bench.app._led.show = lambda code, now: shown.append(code)
    bench.press(2500)
    assert (1000, 500, 4) not in shown
    bench.press(3200)
    assert shown[-1] == (1000, 500, 4)


def test_proof_and_commands_of_one_write_are_all_read():
    bench = locked()
    asked = challenge(bench)
    del bench.ble.indicated[:]
    bench.ble.write(b"\x07\x01", proof_message(asked, THE_KEY), command(spec.COMMAND_ECHO, 77), is_late=True)
    bench.pass_ms(200)
    kinds = [data[0] for data in bench.ble.indicated]
    assert kinds == [spec.KIND_RESPONSE, spec.KIND_PROOF, spec.KIND_RESPONSE]
    assert codec.read_fields(bench.ble.indicated[0])[5] == spec.ERROR_BAD_MESSAGE
    assert bench.ble.indicated[2][3] == 77
