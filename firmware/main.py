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
# One after another: to compile a file that is imported within another one takes more heap than a board has.
# Long files come early, while there is room for the compiler, but after those that they need.
FIRST_PARTS = ("guard", "moments", "fetch", "lane", "alone", "setup", "commands", "control")
STORE_PARTS = ("store_walk", "store", "rice", "squeeze", "store_read")
PARTS = ("ring", "sampler", "sampling", "rest", "keep", "app")
STORE_BYTES = 66000  # of heap behind FIRST_PARTS; with less no flash ring is tried, for names are never freed
SPARE_BYTES = 6000  # beside all parts and the ring


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


def forget(names):
    """Give back the heap of these."""
    package = sys.modules["distal_cuff"]
    for name in names:
        sys.modules.pop("distal_cuff." + name, None)
        if hasattr(package, name):
            delattr(package, name)
    gc.collect()


def build(settings, cuff_id, radio):
    """All parts, joined; without the flash ring where the heap is too small for it."""
    load(FIRST_PARTS)
    from distal_cuff.setup import Identity

    board = __import__("boards." + settings.board, None, None, ("pins",))
    boot = int.from_bytes(os.urandom(2), "little")
    me = Identity(boot, cuff_id, board.NUMBER, number_of(spec.IMUS, settings.imu))
    device = find_store(board)
    gc.collect()
    if device and gc.mem_free() >= STORE_BYTES:
        try:
            return join(settings, me, radio, board, device)
        except MemoryError:
            forget(STORE_PARTS)
    if device:
        print("the heap is too small for the flash ring: packets are kept in RAM only")
    return join(settings, me, radio, board, None)


def join(settings, me, radio, board, device):
    """The parts on this board. raises MemoryError if a flash ring leaves too little heap"""
    import time

    if device:
        load(STORE_PARTS)
    load(PARTS)
    from distal_cuff.app import App
    from distal_cuff.control import Control
    from distal_cuff.crystal import Crystal
    from distal_cuff.keep import Keep

    store = build_store(device, me.boot, me.cuff_id)
    gc.collect()
    keep = Keep(build_sampling(settings, board, time.sleep_ms), store, Crystal())
    battery = build_battery(board)
    control = Control(me, settings, keep, radio, battery, build_button(board))
    has_room = control.setup.apply()
    if device and (not has_room or gc.mem_free() < SPARE_BYTES):
        raise MemoryError
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


def find_store(board):
    """The flash ring's block device, None where the board has none."""
    from boards import store_device

    try:
        return store_device(board.STORE)
    except OSError as error:
        sys.print_exception(error)
        return None


def build_store(device, boot, cuff_id):
    """The flash ring. A flash that cannot be read is as none."""
    if device is None:
        return None
    from distal_cuff.store import Store

    try:
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
