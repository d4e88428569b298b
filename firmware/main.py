"""The only place that picks hardware: it builds the parts for the board in `cuff.json` and runs them."""

import gc
import os
import sys

import machine

from distal_cuff.messages import VERSION
from distal_cuff.radio import Radio
from distal_cuff.settings import Settings, number_of
from distal_wire import spec

WATCHDOG_MS = 8000
# One after another, those that others need first: to compile a file that is imported within another one takes
# more heap than a board has
PARTS = (
    "ring",
    "sampler",
    "rest",
    "sampling",
    "guard",
    "moments",
    "fetch",
    "setup",
    "control",
    "keep",
    "app",
)
STORE_PARTS = ("squeeze", "store_walk", "store", "store_read")


def load(names):
    """Import these, each with all the heap there is."""
    for name in names:
        gc.collect()
        __import__("distal_cuff." + name)


def start_radio(settings, cuff_id):
    """Before anything else takes heap: on a C3 Bluetooth may not start later."""
    serial = "".join(["%02x" % byte for byte in cuff_id])
    version = ".".join([str(part) for part in VERSION])
    return Radio(settings.title(cuff_id), ("Distal", settings.board, serial, version))


def build(settings, cuff_id, radio):
    """All parts, joined."""
    import time

    load(PARTS)
    from distal_cuff.app import App
    from distal_cuff.control import Control
    from distal_cuff.crystal import Crystal
    from distal_cuff.keep import Keep
    from distal_cuff.setup import Identity

    board = __import__("boards." + settings.board, None, None, ("pins",))
    boot = int.from_bytes(os.urandom(2), "little")
    store = build_store(board, boot, cuff_id)
    gc.collect()
    keep = Keep(build_sampling(settings, board, time.sleep_ms), store, Crystal())
    battery = build_battery(board)
    identity = Identity(boot, cuff_id, board.NUMBER, number_of(spec.IMUS, settings.imu))
    control = Control(identity, settings, keep, radio, battery, build_button(board))
    control.setup.apply()
    return App(control, keep, radio, build_led(board), battery)


def build_sampling(settings, board, sleep_ms):
    """IMU, ring, sampler and rest check."""
    from distal_cuff.imu.lsm6dso32 import Lsm6dso32
    from distal_cuff.rest import RestCheck
    from distal_cuff.ring import Ring
    from distal_cuff.sampler import Sampler
    from distal_cuff.sampling import Edge, Sampling

    sda, scl = machine.Pin(board.SDA), machine.Pin(board.SCL)
    bus = machine.I2C(0, scl=scl, sda=sda, freq=board.I2C_HZ)
    imu = Lsm6dso32(bus, sleep_ms, settings.imu)
    pin = None if board.IMU_INT1 is None else machine.Pin(board.IMU_INT1, machine.Pin.IN)
    return Sampling(imu, Sampler(Ring()), RestCheck(), Edge(pin))


def build_store(board, boot, cuff_id):
    """The flash ring, if the board has its partition. A flash that cannot be read is as none."""
    from boards import store_device

    try:
        device = store_device(board.STORE)
        if device is None:
            return None
        load(STORE_PARTS)
        from distal_cuff.store import Store

        return Store(device, boot, cuff_id)
    except OSError as error:
        sys.print_exception(error)
        return None


def build_button(board):
    """The button, if the board has one: it closes its pin to ground."""
    from distal_cuff.button import Button

    if board.BUTTON is None:
        return Button(None)
    return Button(machine.Pin(board.BUTTON, machine.Pin.IN, machine.Pin.PULL_UP))


def build_led(board):
    """The module's own light and the three colours of the carrier, as far as the board has them."""
    from distal_cuff import led

    found = led.Led(None)
    colours = (board.LED_R, led.RED), (board.LED_G, led.GREEN), (board.LED_B, led.BLUE)
    lights = [(board.LED, board.LED_LIT, led.WHITE)]
    lights += [(number, board.RGB_LIT, colour) for number, colour in colours]
    for number, lit, colour in lights:
        if number is not None:
            found.add(machine.Pin(number, machine.Pin.OUT, value=1 - lit), lit, colour)
    return found


def build_battery(board):
    """The cell behind its divider, if the board has one."""
    from distal_cuff.battery import Battery

    if board.VBAT_SENSE is None:
        return Battery(None, 1)
    converter = machine.ADC(machine.Pin(board.VBAT_SENSE), atten=machine.ADC.ATTN_11DB)
    return Battery(converter.read_uv, board.VBAT_RATIO)


def main():
    settings = Settings()
    cuff_id = (machine.unique_id() + bytes(8))[:8]
    app = build(settings, cuff_id, start_radio(settings, cuff_id))
    gc.collect()
    app.feed = machine.WDT(timeout=WATCHDOG_MS).feed
    app.run()


main()
