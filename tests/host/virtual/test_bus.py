"""The bus between a cuff and the rig: one table on both sides, ports, events, time."""

import ast
import asyncio
import errno
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from distal.virtual import bus
from distal.virtual.bus import CALL_S, TICKS_MASK, WRAP_US, BusClock, Port, unique_id
from distal.virtual.clockloop import run
from distal.virtual.interpreter import SHADOW_MACHINE

HOST_SIDE = Path(bus.__file__)
CUFF_SIDE = SHADOW_MACHINE / "bus.py"
HOST_ONLY = {"TICKS_MASK", "WRAP_US", "CALL_S", "REQUEST", "REPLY", "LONG_REPLY"}


def numbers(path: Path) -> dict[str, int]:
    """NAME = 0x01 or NAME = const(0x01) at the top of a module."""
    found = {}
    for line in ast.parse(path.read_text(encoding="utf-8")).body:
        if not (isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name)):
            continue
        value = line.value.args[0] if isinstance(line.value, ast.Call) and line.value.args else line.value
        if isinstance(value, ast.Constant) and isinstance(value.value, int):
            found[line.targets[0].id] = value.value
    return {name: value for name, value in found.items() if name.isupper()}


def in_virtual_time(check: Callable[[Port], None], start_us: int = 0) -> None:
    async def main() -> None:
        check(Port(3, BusClock(asyncio.get_running_loop(), start_us)))

    run(main(), math.inf)


def value(answer: bus.Answer) -> int:
    assert isinstance(answer, bytes)
    return int.from_bytes(answer, "little")


def test_both_sides_have_the_same_numbers() -> None:
    host = {name: n for name, n in numbers(HOST_SIDE).items() if name not in HOST_ONLY}
    assert host == numbers(CUFF_SIDE)
    assert len(host) > 20


def test_ops_stay_below_those_of_the_radio() -> None:
    own = {name: n for name, n in numbers(HOST_SIDE).items() if name not in HOST_ONLY | {"TIMED"}}
    assert max(own.values()) < 0x40


def test_hello_tells_who_owns_time_and_who_the_cuff_is() -> None:
    def check(port: Port) -> None:
        assert port.answer(bus.HELLO, 0, 3, b"") == bytes((bus.FLAG_OWNS_TIME, 1)) + unique_id(3)

    in_virtual_time(check)


@pytest.mark.parametrize("unit", [0, 1])
def test_long_reply_tells_the_time_that_would_be_asked_for_next(unit: int) -> None:
    def check(port: Port) -> None:
        port.clock.set_drift(40.0)
        for _ in range(50):
            port.clock.charge(22.5e-6)
            told = bus.LONG_REPLY.unpack(port.long_reply(b"", 1.0))[4 + unit]
            assert value(port.answer(bus.TIME, unit, 0, b"")) == told

    in_virtual_time(check, WRAP_US - 500)


def test_calls_without_an_answer_end_before_the_cuff_is_too_far_ahead() -> None:
    def check(port: Port) -> None:
        lead_s = 20 * CALL_S
        room = bus.LONG_REPLY.unpack(port.long_reply(b"", lead_s))[3]
        assert 15 < room < 20
        port.answer(bus.TIMED | bus.WDT_FEED, bus.NO_ANSWER, 0, b"")
        assert port.clock.lead() == pytest.approx(2 * CALL_S)
        assert bus.LONG_REPLY.unpack(port.long_reply(b"", lead_s))[3] == pytest.approx(room - 2, abs=1)
        assert bus.LONG_REPLY.unpack(port.long_reply(b"", CALL_S))[3] == 0

    in_virtual_time(check)


def test_unique_ids_differ_and_have_six_bytes() -> None:
    ids = {unique_id(index) for index in range(300)}
    assert len(ids) == 300
    assert {len(one) for one in ids} == {6}


def test_unknown_op_is_refused() -> None:
    def check(port: Port) -> None:
        assert port.reply(port.answer(0x3F, 0, 0, b"")) == bytes((errno.EOPNOTSUPP, 0, 0, 0))

    in_virtual_time(check)


def test_handled_range_of_ops_reaches_its_function() -> None:
    def check(port: Port) -> None:
        port.handle(0x40, 0x42, lambda op, a, arg, payload: bytes((op, a, arg)) + payload)
        assert port.answer(0x42, 1, 2, b"x") == b"\x42\x01\x02x"
        assert port.answer(0x43, 1, 2, b"x") == errno.EOPNOTSUPP

    in_virtual_time(check)


def test_events_come_in_order_and_are_counted_in_every_reply() -> None:
    def check(port: Port) -> None:
        woken: list[int] = []
        port.wake = lambda: woken.append(port.waiting)
        port.post(0x40, b"first")
        port.post(0x01, b"second")
        assert woken == [1, 2]
        assert port.reply(b"z") == b"\x00\x02\x01\x00z"
        assert port.answer(bus.NEXT_EVENT, 0, 0, b"") == b"\x40first"
        assert port.answer(bus.NEXT_EVENT, 0, 0, b"") == b"\x01second"
        assert port.answer(bus.NEXT_EVENT, 0, 0, b"") == b""

    in_virtual_time(check)


def test_waiting_events_saturate_at_one_byte() -> None:
    def check(port: Port) -> None:
        for _ in range(300):
            port.post(0x40)
        assert port.reply(b"")[1] == 255

    in_virtual_time(check)


def test_boot_forgets_events_and_keeps_the_cause() -> None:
    def check(port: Port) -> None:
        port.post(0x40)
        port.restart(bus.CAUSE_WATCHDOG)
        assert port.waiting == 0
        answer = port.answer(bus.HELLO, 0, 3, b"")
        assert isinstance(answer, bytes)
        assert answer[1] == bus.CAUSE_WATCHDOG

    in_virtual_time(check)


def test_ticks_wrap_together_just_after_the_start_value() -> None:
    def check(port: Port) -> None:
        assert value(port.answer(bus.TIME, 0, 0, b"")) > TICKS_MASK - 3000
        assert value(port.answer(bus.TIME, 1, 0, b"")) > TICKS_MASK - 3
        port.clock.charge(0.002)
        assert value(port.answer(bus.TIME, 0, 0, b"")) < 1000
        assert value(port.answer(bus.TIME, 1, 0, b"")) == 0

    in_virtual_time(check, WRAP_US - 2000)


def test_charged_time_runs_ahead_of_the_loop_and_ends_with_it() -> None:
    async def main() -> tuple[float, float, float]:
        loop = asyncio.get_running_loop()
        clock = BusClock(loop)
        clock.charge(0.010)
        lead = clock.lead()
        await asyncio.sleep(0.004)
        half = clock.now() - loop.time()
        await asyncio.sleep(1)
        return lead, half, clock.now() - loop.time()

    assert run(main(), math.inf) == pytest.approx((0.010, 0.006, 0.0), abs=1e-9)


def test_every_call_costs_cuff_time() -> None:
    def check(port: Port) -> None:
        for _ in range(100):
            port.answer(bus.TIME, 0, 0, b"")
        assert port.clock.lead() == pytest.approx(100 * CALL_S, rel=1e-6)

    in_virtual_time(check)


def test_cuff_that_owns_its_time_is_charged_nothing() -> None:
    async def main() -> float:
        clock = BusClock(asyncio.get_running_loop(), owns_time=False)
        clock.charge(1.0)
        return clock.lead()

    assert run(main(), math.inf) == 0.0


def test_random_bytes_repeat_in_virtual_time_and_differ_between_cuffs() -> None:
    async def main() -> list[bus.Answer]:
        loop = asyncio.get_running_loop()
        return [Port(index, BusClock(loop)).answer(bus.RANDOM, 0, 8, b"") for index in range(2)]

    first, second = run(main(), math.inf)
    assert [first, second] == run(main(), math.inf)
    assert first != second
    assert run(main(), 1.0) != run(main(), 1.0)
