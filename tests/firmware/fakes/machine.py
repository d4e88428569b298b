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
    PULL_UP = 2
    IRQ_FALLING = 2
    IRQ_RISING = 1

    def __init__(self, id, mode=-1, pull=-1, value=None):
        self.id = id
        if pull == Pin.PULL_UP:
            levels[id] = 1
        if value is not None:
            levels[id] = value

    def value(self, level=None):
        if level is None:
            return levels[self.id]
        levels[self.id] = level

    def irq(self, handler, trigger):
        if trigger == Pin.IRQ_RISING:  # INT1; the button's edges are pressed by nobody here
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
