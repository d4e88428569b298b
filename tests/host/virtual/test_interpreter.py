"""Real MicroPython on the rig: boards, time, repeatable runs, every way to end."""

import asyncio
import math
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from distal.errors import VirtualError
from distal.units import G
from distal.virtual import interpreter as interpreter_module
from distal.virtual import lockstep
from distal.virtual.bus import WRAP_US, BusClock, Port
from distal.virtual.clockloop import START_S, run
from distal.virtual.interpreter import Interpreter, Program, find_micropython
from distal.virtual.lockstep import Lockstep
from distal.virtual.lsm6dso32 import ADDRESS, Lsm6dso32, World
from distal.virtual.peripherals import Peripherals

PROGRAMS = Path(__file__).parent / "programs"
pytestmark = pytest.mark.usefixtures("micropython")


class Still:
    duration_s = 60.0

    def sample(self, t: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        acc = np.zeros((len(t), 3))
        acc[:, 2] = G
        return np.zeros_like(acc), acc


@dataclass
class Cuff:
    """One interpreter and what it runs on."""

    port: Port
    board: Peripherals
    imu: Lsm6dso32
    interpreter: Interpreter


def make(folder: Path, program: str, *arguments: str, start_us: int = 0, index: int = 0) -> Cuff:
    loop = asyncio.get_running_loop()
    port = Port(index, BusClock(loop, start_us))
    board = Peripherals(port, loop)
    imu = Lsm6dso32(Still(), World())
    board.i2c.chips[ADDRESS] = imu
    folder.mkdir(exist_ok=True)
    runs = Program(script=PROGRAMS / program, radio=False, arguments=arguments)
    return Cuff(port, board, imu, Interpreter(board, folder, runs))


Act = Callable[[Cuff], Awaitable[None]]


def outcome(
    folder: Path,
    program: str,
    *arguments: str,
    start_us: int = 0,
    act: Act | None = None,
) -> tuple[list[str], Cuff]:
    """Run a program to its end in virtual time; what it printed, and the cuff."""

    async def main() -> Cuff:
        cuff = make(folder, program, *arguments, start_us=start_us)
        cuff.interpreter.start()
        if act:
            await act(cuff)
        await cuff.interpreter.died
        return cuff

    cuff = run(main(), math.inf)
    return cuff.interpreter.console(100).splitlines(), cuff


def test_board_as_the_firmware_sees_it(tmp_path: Path) -> None:
    async def press(cuff: Cuff) -> None:
        await asyncio.sleep(0.05)
        for level in (0, 1, 0, 1):  # pulled up: pressed twice
            cuff.board.pins.set(2, level)

    lines, cuff = outcome(tmp_path, "board.py", act=press)
    facts = dict(line.split(" ", 1) for line in lines)
    assert facts["id"] == "02d157a10000 cause 1"
    assert facts["scan"] == "[106]"
    assert facts["absent"] == "19"
    assert facts["adc"] == "1950000"
    assert facts["led"] == "1 1"
    assert facts["button"] == "1"
    assert facts["slept"] == "100 edges 2"
    assert facts["spun"] == "True"
    assert cuff.board.pins.outputs == {21: 1}
    assert cuff.interpreter.exit_code == 4


def test_handlers_run_when_the_edge_comes_one_after_the_other(tmp_path: Path) -> None:
    async def press(cuff: Cuff) -> None:
        await asyncio.sleep(0.05)
        for level in (0, 1, 0, 1):  # pulled up: pressed twice
            cuff.board.pins.set(2, level)

    lines, _ = outcome(tmp_path, "board.py", act=press)
    first, second = map(int, next(line for line in lines if line.startswith("edge"))[12:-1].split(", "))
    assert 45 <= first <= 50  # booting took a little of the 50 ms
    assert second == first + 3


def test_i2c_takes_its_time_on_the_cuffs_clock(tmp_path: Path) -> None:
    lines, _ = outcome(tmp_path, "board.py")
    burst_us = int(next(line for line in lines if line.startswith("burst_us")).split()[1])
    assert burst_us == pytest.approx((237 + 3) * 22.5, abs=20)


def test_ticks_wrap_at_30_bits_as_on_a_board(tmp_path: Path) -> None:
    lines, _ = outcome(tmp_path, "ticks.py", start_us=WRAP_US - 1_000_000)
    assert lines == [
        "wrapped True True",
        "passed 2000 2000",
        "sums 0 True",
        "signs 1 -1 -536870912",
        "seconds 2",
    ]


def test_minute_of_sampling_repeats_to_the_byte(tmp_path: Path) -> None:
    """60 s of cuff time, every FIFO word; also allocation-free: the program locks its heap."""
    runs = [outcome(tmp_path / name, "read_imu.py", "60") for name in ("first", "second")]
    assert runs[0][0] == runs[1][0]
    lines, cuff = runs[0]
    assert lines[0] == "id 108"
    assert "overrun 0" in lines[1]
    assert cuff.imu.taken == pytest.approx(60 / 0.0048, abs=15)
    assert runs[0][1].port.calls == runs[1][1].port.calls


@pytest.mark.parametrize("program", [("board.py",), ("ticks.py",), ("read_imu.py", "5")])
def test_saved_turns_change_nothing(
    program: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = outcome(tmp_path / "saved", *program, start_us=WRAP_US - 2_000_000)
    monkeypatch.setattr(Lockstep, "saves_turns", False)
    plain = outcome(tmp_path / "plain", *program, start_us=WRAP_US - 2_000_000)
    assert saved[0] == plain[0]
    # a last look at the clock goes untold
    assert 0 <= plain[1].port.calls - saved[1].port.calls <= 1


def test_virtual_minute_takes_seconds_at_most(tmp_path: Path) -> None:
    began = time.process_time()  # a busy machine makes it wait for the interpreter, not work more
    outcome(tmp_path, "read_imu.py", "60")
    assert time.process_time() - began < 3  # measured 0.4 s


def test_two_cuffs_in_lockstep_repeat_to_the_byte(tmp_path: Path) -> None:
    async def main(name: str) -> list[str]:
        cuffs = [make(tmp_path / f"{name}{k}", "read_imu.py", "5", index=k) for k in range(2)]
        for cuff in cuffs:
            cuff.interpreter.start()
        await asyncio.gather(*(cuff.interpreter.died for cuff in cuffs))
        return [cuff.interpreter.console() for cuff in cuffs]

    assert run(main("a"), math.inf) == run(main("b"), math.inf)


def test_scaled_time_gives_as_many_samples_as_virtual_time(tmp_path: Path) -> None:
    async def main() -> str:
        cuff = make(tmp_path, "read_imu.py", "4")
        cuff.interpreter.start()
        await cuff.interpreter.died
        return cuff.interpreter.console()

    lines, _ = outcome(tmp_path / "virtual", "read_imu.py", "4")
    in_virtual, in_scaled = (int(text.split("(")[1].split(",")[0]) for text in (lines[1], run(main(), 20.0)))
    assert in_scaled == pytest.approx(in_virtual, abs=2)  # the sample clock may start one slot apart


def test_crash_is_told_with_the_last_lines(tmp_path: Path) -> None:
    _, cuff = outcome(tmp_path, "end.py", "raise")
    error = cuff.interpreter.died.result()
    assert isinstance(error, VirtualError)
    assert "virtual cuff 0: it ended (exit code 1)" in str(error)
    assert "ValueError: a bug of the firmware" in str(error)


def test_hanging_firmware_is_told_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockstep, "SILENCE_S", 1)
    _, cuff = outcome(tmp_path, "end.py", "hang")
    assert "said nothing for 1 s" in str(cuff.interpreter.died.result())
    assert not cuff.interpreter.is_running


def restarted(folder: Path, how: str, after_s: float) -> tuple[str, float, int]:
    async def main() -> tuple[str, float, int]:
        cuff = make(folder, "end.py", how)
        cuff.interpreter.start()
        await asyncio.sleep(after_s)
        text, boots = cuff.interpreter.console(), cuff.interpreter.boots
        cuff.interpreter.stop()
        assert not cuff.interpreter.died.done()
        return text, cuff.port.clock.boot - START_S, boots

    return run(main(), math.inf)


def test_machine_reset_boots_again(tmp_path: Path) -> None:
    text, boot_s, boots = restarted(tmp_path, "reset", 1.0)
    assert text.splitlines() == ["boot cause 1", "boot cause 2"]
    assert boots == 2
    assert boot_s == pytest.approx(0.010, abs=0.001)


def test_starved_watchdog_boots_again(tmp_path: Path) -> None:
    text, boot_s, boots = restarted(tmp_path, "starve", 5.0)
    assert text.splitlines() == ["boot cause 1", "boot cause 3"]
    assert boots == 2
    assert boot_s == pytest.approx(0.010 + 0.400 + 0.500, abs=0.001)


def test_error_in_a_handler_is_printed_and_the_program_goes_on(tmp_path: Path) -> None:
    async def post(cuff: Cuff) -> None:
        await asyncio.sleep(0.03)
        cuff.port.post(0x20, b"abc")
        cuff.port.post(0x21, b"nobody listens")

    lines, cuff = outcome(tmp_path, "end.py", "handler", act=post)
    assert "event 3 b'abc'" in lines
    assert any("ZeroDivisionError" in line for line in lines)
    assert lines[-1] == "goes on"
    assert cuff.port.waiting == 0


def test_fault_of_the_rig_ends_the_cuff(tmp_path: Path) -> None:
    async def main() -> str:
        faults: list[object] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: faults.append(context["exception"]))
        cuff = make(tmp_path, "read_imu.py", "1")
        del cuff.board.i2c.chips  # what the rig serves with is broken
        cuff.interpreter.start()
        text = str(await cuff.interpreter.died)
        assert [type(fault) for fault in faults] == [AttributeError]
        return text

    assert "the rig failed to serve its call 0x09" in run(main(), math.inf)


def test_stopped_interpreter_leaves_no_process(tmp_path: Path) -> None:
    async def main() -> int:
        cuff = make(tmp_path, "end.py", "none")
        cuff.interpreter.start()
        (process,) = interpreter_module._alive
        cuff.interpreter.stop()
        cuff.interpreter.stop()
        return process.pid

    pid = run(main(), math.inf)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_interpreter_that_outlives_its_rig_ends_by_itself(tmp_path: Path) -> None:
    async def main() -> int:
        cuff = make(tmp_path, "end.py", "none")
        cuff.interpreter.start()
        (process,) = interpreter_module._alive
        assert cuff.interpreter._lockstep
        cuff.interpreter._lockstep.close()
        process.wait(5)
        cuff.interpreter.stop()
        return int(process.returncode)

    assert run(main(), math.inf) == 3


def test_missing_interpreter_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTAL_MICROPYTHON", "/nowhere/micropython")
    with pytest.raises(VirtualError, match="DISTAL_MICROPYTHON names /nowhere/micropython"):
        find_micropython()
    monkeypatch.delenv("DISTAL_MICROPYTHON")
    monkeypatch.setattr("importlib.machinery.PathFinder.find_spec", lambda name: None)
    with pytest.raises(VirtualError, match="pip install"):
        find_micropython()


def test_program_that_is_no_micropython_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTAL_MICROPYTHON", "false")

    async def main() -> None:
        with pytest.raises(VirtualError, match="does not run as MicroPython"):
            make(tmp_path, "end.py", "none").interpreter.start()

    run(main(), math.inf)
