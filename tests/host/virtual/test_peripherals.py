"""Board parts on the rig's side: I2C errors, pins wired to a chip, battery."""

import asyncio
import errno
import math
from collections.abc import Callable

import pytest

from distal.virtual import bus
from distal.virtual.bus import BusClock, Port
from distal.virtual.clockloop import run
from distal.virtual.peripherals import Peripherals


class Counter:
    """A chip whose registers hold their own numbers, and whose line rises at 5 s and 9 s unless touched."""

    def __init__(self) -> None:
        self.rises = [1005.0, 1009.0]

    def read(self, register: int, count: int, t: float) -> bytes:
        return bytes(range(register, register + count))

    def write(self, register: int, data: bytes, t: float) -> None:
        self.rises.pop(0)

    def level(self, t: float) -> int:
        return int(t >= self.rises[0])

    def next_rise(self, t: float) -> float | None:
        return self.rises[0] if self.rises and t < self.rises[0] else None


def with_board(check: Callable[[Peripherals, Counter], None], wait_s: float = 0.0) -> list[bytes]:
    """Run `check` on a board with one chip on pin 3; the events posted within `wait_s` seconds."""

    async def main() -> list[bytes]:
        loop = asyncio.get_running_loop()
        board, chip = Peripherals(Port(0, BusClock(loop)), loop), Counter()
        board.i2c.chips[0x6A] = chip
        board.pins.connect(3, chip)
        check(board, chip)
        await asyncio.sleep(wait_s)
        answers = [board.port.answer(bus.NEXT_EVENT, 0, 0, b"") for _ in range(board.port.waiting)]
        return [answer for answer in answers if isinstance(answer, bytes)]

    return run(main(), math.inf)


def test_chip_is_read_by_address_and_register() -> None:
    def check(board: Peripherals, chip: Counter) -> None:
        assert board.port.answer(bus.I2C_READ, 0x6A, 0x20 | 3 << 8, b"") == b"\x20\x21\x22"
        assert board.port.answer(bus.I2C_READ, 0x6B, 0x20 | 3 << 8, b"") == errno.ENODEV

    with_board(check)


def test_failing_transfers_end_by_themselves() -> None:
    def check(board: Peripherals, chip: Counter) -> None:
        board.i2c.failing = 2
        answers = [board.port.answer(bus.I2C_READ, 0x6A, 0x20 | 1 << 8, b"") for _ in range(3)]
        assert answers == [errno.EIO, errno.EIO, b"\x20"]

    with_board(check)


def test_edge_of_a_chip_comes_at_its_instant_and_moves_when_the_chip_is_touched() -> None:
    def listen(board: Peripherals, chip: Counter) -> None:
        board.port.answer(bus.PIN_IRQ, 3, bus.EDGE_RISING, b"")

    def touch(board: Peripherals, chip: Counter) -> None:
        listen(board, chip)
        board.port.answer(bus.I2C_WRITE, 0x6A, 0, b"\x00")

    edge = bytes((bus.EVENT_PIN, 3, 1))
    assert with_board(listen, 4.9) == []
    assert with_board(listen, 5.1) == [edge]
    assert with_board(touch, 8.9) == []
    assert with_board(touch, 9.1) == [edge]


def test_edge_is_not_lost_when_a_cuff_ahead_of_the_loop_touches_the_chip_after_it() -> None:
    def check(board: Peripherals, chip: Counter) -> None:
        board.port.answer(bus.PIN_IRQ, 3, bus.EDGE_RISING, b"")
        board.port.clock.charge(5.5)
        board.port.answer(bus.I2C_READ, 0x6A, 0x20 | 1 << 8, b"")

    assert with_board(check) == [bytes((bus.EVENT_PIN, 3, 1))]


@pytest.mark.parametrize(
    ("wanted", "levels"), [(bus.EDGE_RISING, [1]), (bus.EDGE_FALLING, [0]), (3, [1, 0]), (0, [])]
)
def test_only_the_edges_asked_for_are_told(wanted: int, levels: list[int]) -> None:
    def press(board: Peripherals, chip: Counter) -> None:
        board.port.answer(bus.PIN_IRQ, 2, wanted, b"")
        for level in (1, 1, 0):
            board.pins.set(2, level)

    assert with_board(press) == [bytes((bus.EVENT_PIN, 2, level)) for level in levels]


def test_boot_forgets_outputs_edges_and_watchdog() -> None:
    bitten: list[int] = []

    def check(board: Peripherals, chip: Counter) -> None:
        board.port.on_reset = bitten.append
        board.port.answer(bus.PIN_WRITE, 21, 1, b"")
        board.port.answer(bus.PIN_IRQ, 2, 3, b"")
        board.port.answer(bus.WDT_START, 0, 500, b"")
        board.restart(bus.CAUSE_HARD)
        board.pins.set(2, 1)
        assert board.pins.outputs == {}

    assert with_board(check, 1.0) == []
    assert bitten == []


def test_watchdog_bites_once_it_is_not_fed() -> None:
    bitten: list[int] = []

    def check(board: Peripherals, chip: Counter) -> None:
        board.port.on_reset = bitten.append
        board.port.answer(bus.WDT_START, 0, 500, b"")

    with_board(check, 0.499)
    assert bitten == []
    with_board(check, 0.501)
    assert bitten == [bus.CAUSE_WATCHDOG]


def test_battery_is_read_behind_equal_resistors() -> None:
    def check(board: Peripherals, chip: Counter) -> None:
        board.battery.millivolts = 4000
        assert board.port.answer(bus.ADC_READ, 1, 0, b"") == (2_000_000).to_bytes(4, "little")

    with_board(check)
