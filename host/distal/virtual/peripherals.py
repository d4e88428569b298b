"""What a cuff's board has: I2C chips, pins, the battery's ADC, the watchdog. Server side of `machine`."""

import asyncio
import errno
import struct
from collections.abc import Callable
from typing import Protocol

from distal.virtual import bus
from distal.virtual.bus import Answer, Port
from distal.virtual.flash import FlashChip
from distal.virtual.nor import NorFlash

# 400 kHz, nine clocks a byte: 22.5 us. A read costs address, register, address again; a write two bytes.
I2C_BYTE_S = 22.5e-6
READ_OVERHEAD = 3
WRITE_OVERHEAD = 2
# of the flash ring: what a board with 4 MB of flash has room for, see device/partitions.py
RING_BYTES = 0x180000


class Chip(Protocol):
    """A chip with byte registers. `t` is the time of the transfer in loop seconds."""

    def read(self, register: int, count: int, t: float) -> bytes:
        """Bytes from a register on."""

    def write(self, register: int, data: bytes, t: float) -> None:
        """Bytes into registers from `register` on."""


class Line(Protocol):
    """An output of a chip that is wired to a pin of the board."""

    def level(self, t: float) -> int:
        """0 or 1 at time t."""

    def next_rise(self, t: float) -> float | None:
        """When it will go from 0 to 1 if nobody touches the chip; None: never."""


class I2cBus:
    """The cuff's I2C bus; chips by address."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self.chips: dict[int, Chip] = {}
        self.failing = 0  # the next transfers that fail with EIO
        self.touched: Callable[[], None] = _nothing
        port.handle(bus.I2C_SCAN, bus.I2C_SCAN, self._scan)
        port.handle(bus.I2C_READ, bus.I2C_WRITE, self._transfer)

    def _scan(self, op: int, a: int, arg: int, payload: bytes) -> Answer:
        self._port.clock.charge(112 * I2C_BYTE_S)  # addresses 0x08 to 0x77
        return bytes(sorted(self.chips))

    def _transfer(self, op: int, a: int, arg: int, payload: bytes) -> Answer:
        chip = self.chips.get(a)
        if chip is None:
            self._port.clock.charge(I2C_BYTE_S)
            return errno.ENODEV  # what the ESP32 port raises when nobody acknowledges
        if self.failing:
            self.failing -= 1
            return errno.EIO
        answer = self._read(chip, arg) if op == bus.I2C_READ else self._write(chip, arg, payload)
        self.touched()
        return answer

    def _read(self, chip: Chip, arg: int) -> bytes:
        register, count = arg & 0xFF, arg >> 8
        data = chip.read(register, count, self._port.clock.now())
        self._port.clock.charge((READ_OVERHEAD + count) * I2C_BYTE_S)
        return data

    def _write(self, chip: Chip, register: int, data: bytes) -> bytes:
        self._port.clock.charge((WRITE_OVERHEAD + len(data)) * I2C_BYTE_S)
        chip.write(register & 0xFF, data, self._port.clock.now())
        return b""


class Pins:
    """Levels of the board's pins, and the edges that the cuff asked to hear of."""

    def __init__(self, port: Port, loop: asyncio.AbstractEventLoop) -> None:
        self._port, self._loop = port, loop
        self._levels: dict[int, int] = {}
        self._edges: dict[int, int] = {}
        self._lines: dict[int, Line] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._rising = 0  # the pin that it is set for
        self.outputs: dict[int, int] = {}  # what the cuff drives: pin -> level
        port.handle(bus.PIN_MODE, bus.PIN_IRQ, self._serve)

    def connect(self, pin: int, line: Line) -> None:
        """Wire a chip's output to a pin."""
        self._lines[pin] = line

    def set(self, pin: int, level: int) -> None:
        """Drive an input from outside: a button."""
        before, self._levels[pin] = self._levels.get(pin, 0), level
        if before != level:
            self._edge(pin, level)

    def level(self, pin: int) -> int:
        """The level that the cuff reads."""
        if pin in self._lines:
            return self._lines[pin].level(self._port.clock.now())
        return self.outputs.get(pin, self._levels.get(pin, 0))

    def restart(self) -> None:
        """The cuff boots: nothing is driven, nobody listens."""
        self.outputs.clear()
        self._edges.clear()
        self._stop_timer()

    def watch(self) -> None:
        """A chip was touched: its next edge may have moved. One that is due already has been."""
        if self._edges:
            timer = self._timer
            if timer and timer.when() <= self._port.clock.now():  # the cuff is ahead of the loop's time
                self._stop_timer()
                self._rise(self._rising)
            self._start_timer()

    def _serve(self, op: int, a: int, arg: int, payload: bytes) -> Answer:
        if op == bus.PIN_READ:
            return bytes((self.level(a),))
        if op == bus.PIN_WRITE:
            self.outputs[a] = arg
        elif op == bus.PIN_IRQ:
            self._edges[a] = arg
            self.watch()
        elif op == bus.PIN_MODE:
            self._set_mode(a, arg)
        return b""

    def _set_mode(self, pin: int, mode: int) -> None:
        if not mode & bus.MODE_OUTPUT:
            self.outputs.pop(pin, None)
        if mode & bus.MODE_PULL_UP:
            self._levels.setdefault(pin, 1)

    def _edge(self, pin: int, level: int) -> None:
        wanted = bus.EDGE_RISING if level else bus.EDGE_FALLING
        if self._edges.get(pin, 0) & wanted:
            self._port.post(bus.EVENT_PIN, bytes((pin, level)))

    def _start_timer(self) -> None:
        now = self._port.clock.now()
        rises = [(line.next_rise(now), pin) for pin, line in self._lines.items() if self._edges.get(pin)]
        due = min(((when, pin) for when, pin in rises if when is not None), default=None)
        if due is None:
            self._stop_timer()
        elif not (self._timer and due == (self._timer.when(), self._rising)):
            self._stop_timer()
            self._rising = due[1]
            self._timer = self._loop.call_at(due[0], self._rise, due[1])

    def _rise(self, pin: int) -> None:
        self._timer = None
        self._edge(pin, 1)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None


class Battery:
    """The cell behind the divider of two equal resistors; any ADC pin reads it."""

    def __init__(self, port: Port, millivolts: int = 3900) -> None:
        self.millivolts = millivolts
        port.handle(bus.ADC_READ, bus.ADC_READ, self._read)

    def _read(self, op: int, a: int, arg: int, payload: bytes) -> Answer:
        return struct.pack("<I", self.millivolts * 500)


class Watchdog:
    """Restarts a cuff that does not feed it in time (cuff time)."""

    def __init__(self, port: Port, loop: asyncio.AbstractEventLoop) -> None:
        self._port, self._loop = port, loop
        self._timer: asyncio.TimerHandle | None = None
        self._timeout_s = 0.0
        self._due = 0.0
        port.handle(bus.WDT_START, bus.WDT_FEED, self._serve)

    def restart(self) -> None:
        """The cuff boots: no watchdog runs."""
        self._timeout_s = 0.0
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _serve(self, op: int, a: int, arg: int, payload: bytes) -> Answer:
        if op == bus.WDT_START:
            self.restart()
            self._timeout_s = arg / 1000
        self._due = self._port.clock.now() + self._timeout_s
        if self._timeout_s and not self._timer:
            self._timer = self._loop.call_at(self._due, self._look)
        return b""

    def _look(self) -> None:
        """Bite, or wait on: a timer for each feeding would cost more than all else."""
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._look)
            return
        self._timer = None
        self._port.on_reset(bus.CAUSE_WATCHDOG)


class Peripherals:
    """One cuff's hardware on one port."""

    def __init__(self, port: Port, loop: asyncio.AbstractEventLoop) -> None:
        self.port = port
        self.i2c = I2cBus(port)
        self.pins = Pins(port, loop)
        self.battery = Battery(port)
        self.watchdog = Watchdog(port, loop)
        self.flash = FlashChip(port, NorFlash(RING_BYTES))
        self.i2c.touched = self.pins.watch

    def restart(self, cause: int) -> None:
        """The cuff boots. Chips keep their power and their registers, the flash what is in it."""
        self.port.restart(cause)
        self.pins.restart()
        self.watchdog.restart()


def _nothing() -> None:
    """No pin is wired to a chip."""
