"""A whole cuff on the bench: every part real but the IMU, the radio and the clock."""

# ruff: noqa: B905  (no strict zip in MicroPython)

import struct
import time

import bluetooth
from fake_imu import FakeImu

from distal_cuff import (
    app,
    battery,
    button,
    control,
    crystal,
    keep,
    led,
    packing,
    radio,
    rest,
    ring,
    sampler,
    sampling,
    settings,
    setup,
    store,
)
from distal_cuff.imu.lsm6dso32 import Lsm6dso32
from distal_wire import codec, spec

BOOT = 0xBEEF
FIELDS = {
    spec.KIND_SAMPLES: spec.SAMPLES,
    spec.KIND_FETCHED: spec.FETCHED,
    spec.KIND_KEPT: spec.KEPT,
    spec.KIND_STORE: spec.STORE,
    spec.KIND_MARKED: spec.MARKED,
}
CUFF_ID = b"cuff\x00\x00\x12\x34"


class Pin:
    """INT1 of the fake IMU."""

    IRQ_RISING = 1

    def __init__(self, fake):
        self.fake = fake

    def irq(self, handler, trigger):
        self.fake.on_watermark = lambda: handler(self)


class ButtonPin:
    """A button that closes its pin to ground."""

    IRQ_FALLING, IRQ_RISING = 2, 1

    def __init__(self):
        self.level = 1

    def irq(self, handler, trigger):
        self.on_edge = handler

    def value(self):
        return self.level

    def set(self, level):
        self.level = level
        self.on_edge(self)


class Bench:
    def __init__(self, fake=None, has_pin=False, flash=None):
        self.fake = fake or FakeImu()
        self.settings = settings.Settings()
        self.ring = ring.Ring()
        self.sampler = sampler.Sampler(self.ring)
        self.rest = rest.RestCheck()
        self.imu = Lsm6dso32(self.fake, time.sleep_ms, self.settings.imu)
        edge = sampling.Edge(Pin(self.fake) if has_pin else None)
        self.sampling = sampling.Sampling(self.imu, self.sampler, self.rest, edge)
        self.radio = radio.Radio("Distal bench", ("Distal", "bench", "1234", "0.1.0"))
        self.battery = battery.Battery(lambda: 1_950_000, 2)
        identity = setup.Identity(BOOT, CUFF_ID, 1, 1)
        kept = store.Store(flash, BOOT, CUFF_ID) if flash else None
        self.keep = keep.Keep(self.sampling, kept, crystal.Crystal())
        self.pin = ButtonPin()
        self.button = button.Button(self.pin)
        self.control = control.Control(
            identity, self.settings, self.keep, self.radio, self.battery, self.button
        )
        self.control.setup.apply()
        self.app = app.App(self.control, self.keep, self.radio, led.Led(None), self.battery)
        self.ble = bluetooth.BLE()
        self.seq = 0

    def shorten_ring(self):
        """5 s at 208 Hz, whatever memory there is."""
        self.ring.resize(58)
        self.ring.write_headers(0xBEEF, 0, 0, 208, 0, 0, 0, 1, 32, 16)

    def pass_ms(self, ms, step_ms=10):
        """Time goes by on both clocks; the loop runs."""
        for _ in range(ms // step_ms):
            before = time.now_ms
            time.now_ms += step_ms
            self.fake.run(samples_between(before, time.now_ms, self.fake))
            self.app.step(time.ticks_ms())

    def command(self, op, key=0, value=0):
        """Bytes of a command; each has its own seq."""
        self.seq = (self.seq + 1) & 255
        return command(op, self.seq, key, value)

    def ask(self, op, key=0, value=0, ms=200):
        """Write a command, let time pass, return the fields of the response."""
        del self.ble.indicated[:]
        self.ble.write(self.command(op, key, value))
        self.pass_ms(ms)
        return self.answers()[-1]

    def fetch(self, op, boot=BOOT, first=0, count=0, ms=3000):
        """Write a fetch, let time pass; what came on `kept` as dicts, the last is `fetched`."""
        self.seq = (self.seq + 1) & 255
        del self.ble.offered[:]
        self.ble.write(fetch(op, self.seq, boot, first, count))
        self.pass_ms(ms)
        return self.offered()

    def offered(self):
        """Dicts of what came on `kept`, samples as their headers."""
        found = []
        for data in self.ble.offered:
            names = [field[0] for field in FIELDS[data[0]]]
            found.append(dict(zip(names, codec.read_fields(checked(data)))))
        return found

    def answers(self):
        """(op, seq, key, error, detail, index, clock) of every response so far."""
        found = [data for data in self.ble.indicated if data[0] == spec.KIND_RESPONSE]
        return [codec.read_fields(checked(data))[2:] for data in found]

    def packets(self):
        """(fields, rows) of every sample packet so far."""
        return [unpack(data) for data in self.ble.notified if data[0] == spec.KIND_SAMPLES]

    def press(self, ms):
        """Hold the button for so long."""
        self.pin.set(0)
        self.pass_ms(ms)
        self.pin.set(1)
        self.pass_ms(100)

    def moments(self):
        """Dicts of every moment so far."""
        names = [field[0] for field in spec.MOMENT]
        found = [
            codec.read_fields(checked(data)) for data in self.ble.notified if data[0] == spec.KIND_MOMENT
        ]
        return [dict(zip(names, fields)) for fields in found]

    def statuses(self):
        """Dicts of every status so far."""
        names = [field[0] for field in spec.STATUS]
        found = [
            codec.read_fields(checked(data)) for data in self.ble.notified if data[0] == spec.KIND_STATUS
        ]
        return [dict(zip(names, fields)) for fields in found]


def samples_between(before_ms, now_ms, fake):
    """Slots of the fake IMU in that time: 40 ticks a millisecond."""
    if not fake.registers[0x10]:
        return 0
    return now_ms * 40 // fake.period - before_ms * 40 // fake.period


def command(op, seq=1, key=0, value=0):
    message = bytearray(codec.message_size(spec.KIND_COMMAND))
    packing.seal(message, codec.write_fields(message, spec.KIND_COMMAND, op, seq, key, value))
    return bytes(message)


def fetch(op, seq, boot, first, count):
    message = bytearray(codec.message_size(spec.KIND_FETCH))
    values = (op, seq, boot, first & 0xFFFFFFFF, count)
    packing.seal(message, codec.write_fields(message, spec.KIND_FETCH, *values))
    return bytes(message)


def checked(message):
    """The same message; its checksum must be right."""
    copy = bytearray(message)
    packing.seal(copy, len(message) - 4)
    assert bytes(copy) == message, "checksum"
    return message


def unpack(message):
    """(dict of header, list of rows) of a sample packet."""
    names = [field[0] for field in spec.SAMPLES]
    header = dict(zip(names, codec.read_fields(checked(message))))
    assert len(message) == codec.message_size(spec.KIND_SAMPLES, header["count"])
    assert message[-8:-4] == b"\0\0\0\0"
    row = codec.struct_format(spec.SAMPLE)
    places = [codec.HEADER_SIZE + i * codec.SAMPLE_SIZE for i in range(header["count"])]
    return header, [struct.unpack_from(row, message, place) for place in places]
