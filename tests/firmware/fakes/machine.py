"""A board with a FakeImu on its I2C, for main.py."""

from fake_imu import FakeImu

imu = FakeImu()
levels = {}  # pin -> what was last written
fed = [0]


def unique_id():
    return b"\x24\x0a\xc4\x00\x12\x34"


def I2C(id, scl, sda, freq):  # noqa: N802
    return imu


class Pin:
    IN = 1
    OUT = 3
    IRQ_RISING = 1

    def __init__(self, id, mode=-1):
        self.id = id

    def value(self, level):
        levels[self.id] = level

    def irq(self, handler, trigger):
        imu.on_watermark = lambda: handler(self)


class ADC:
    ATTN_11DB = 3

    def __init__(self, pin, atten):
        pass

    def read_uv(self):
        return 1_950_000


class WDT:
    def __init__(self, timeout):
        pass

    def feed(self):
        fed[0] += 1
