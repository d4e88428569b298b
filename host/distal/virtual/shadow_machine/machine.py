"""The board's `machine`, by calls to the rig. What the ESP32 port has and Distal uses, no more."""

import sys

import bus
from umachine import *

PWRON_RESET = bus.CAUSE_POWER_ON
HARD_RESET = bus.CAUSE_HARD
WDT_RESET = bus.CAUSE_WATCHDOG

_pins = {}  # number -> Pin that wants to hear of edges


def unique_id():
    return bus.unique_id


def reset_cause():
    return bus.reset_cause


def reset():
    bus.call(bus.RESET, 0, bus.CAUSE_HARD)
    sys.exit(0)


soft_reset = reset


def freq(hz=None):
    return 160_000_000


class I2C:
    """Register access only: no chip of ours is spoken to in another way."""

    def __init__(self, id=0, scl=None, sda=None, freq=400_000, timeout=50_000):
        pass

    def scan(self):
        return list(bus.reply[: bus.call(bus.I2C_SCAN)])

    def readfrom_mem_into(self, addr, memaddr, buf, addrsize=8):
        bus.read_into(buf, bus.I2C_READ, addr, memaddr | len(buf) << 8)

    def readfrom_mem(self, addr, memaddr, nbytes, addrsize=8):
        buf = bytearray(nbytes)
        self.readfrom_mem_into(addr, memaddr, buf)
        return bytes(buf)

    def writeto_mem(self, addr, memaddr, buf, addrsize=8):
        bus.call(bus.I2C_WRITE, addr, memaddr, buf)


SoftI2C = I2C


class Pin:
    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2
    IRQ_RISING = bus.EDGE_RISING
    IRQ_FALLING = bus.EDGE_FALLING

    def __init__(self, id, mode=-1, pull=-1, value=None):
        self.id = id
        self._handler = None
        if value is not None:
            self.value(value)
        if mode != -1:
            is_output = bus.MODE_OUTPUT if mode & 2 else 0
            bus.call(bus.PIN_MODE, id, is_output | (bus.MODE_PULL_UP if pull == Pin.PULL_UP else 0))

    def value(self, level=None):
        if level is None:
            bus.call(bus.PIN_READ, self.id)
            return bus.reply[0]
        bus.call(bus.PIN_WRITE, self.id, 1 if level else 0)

    def __call__(self, level=None):
        return self.value(level)

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def irq(self, handler=None, trigger=3, hard=False):
        self._handler = handler
        _pins[self.id] = self
        bus.has_irq = True
        bus.call(bus.PIN_IRQ, self.id, trigger if handler else 0)


def _on_edge(event, n):
    pin = _pins.get(event[0])
    if pin and pin._handler:
        pin._handler(pin)


bus.listen(bus.EVENT_PIN, _on_edge)


class ADC:
    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3

    def __init__(self, pin, atten=3):
        self._pin = pin if isinstance(pin, int) else pin.id

    def atten(self, atten):
        pass

    def read_uv(self):
        bus.call(bus.ADC_READ, self._pin)
        reply = bus.reply
        return reply[0] | reply[1] << 8 | reply[2] << 16 | reply[3] << 24

    def read_u16(self):
        return min(65535, self.read_uv() // 50)  # 65535 is 3.3 V at 11 dB, to 1 %


class WDT:
    def __init__(self, id=0, timeout=5000):
        bus.call(bus.WDT_START, 0, timeout)

    def feed(self):
        bus.tell(bus.WDT_FEED)
