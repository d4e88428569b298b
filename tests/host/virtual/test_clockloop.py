"""The rig's clock: real, scaled and virtual."""

import asyncio
import math
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from distal.virtual.clockloop import MAX_LATE_S, NO_DELAY_S, START_S, ClockLoop, run


class StallingClock:
    """The real clock, and moments at which the computer is busy with something else."""

    def __init__(self) -> None:
        self.stalled = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.stalled


def run_on(loop: ClockLoop, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main())


def test_virtual_hour_passes_at_once() -> None:
    async def main() -> float:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    began = time.monotonic()
    assert run(main(), math.inf) == START_S + 3600
    assert time.monotonic() - began < 1.0


def test_virtual_timers_run_in_order_of_their_due_moments() -> None:
    seen: list[float] = []

    async def sleeper(delay: float) -> None:
        await asyncio.sleep(delay)
        seen.append(asyncio.get_running_loop().time() - START_S)

    async def main() -> None:
        await asyncio.gather(*(sleeper(delay) for delay in (3.0, 0.5, 2.0, 0.25)))

    run(main(), math.inf)
    assert seen == [0.25, 0.5, 2.0, 3.0]


def test_virtual_timeout_of_something_that_never_comes() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 30)
        return asyncio.get_running_loop().time()

    assert run(main(), math.inf) == START_S + 30


def test_virtual_time_waits_for_a_thread() -> None:
    go = threading.Event()

    async def main() -> float:
        loop = asyncio.get_running_loop()
        loop.call_soon(go.set)
        await asyncio.wait_for(asyncio.to_thread(go.wait), 5)
        return loop.time()

    assert run(main(), math.inf) == START_S


def test_virtual_time_does_not_outrun_a_socket_of_this_process() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(4))
        await writer.drain()
        writer.close()

    async def main() -> bytes:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"ping")
            answer = await asyncio.wait_for(reader.readexactly(4), 1)
            writer.close()
            return answer

    assert run(main(), math.inf) == b"ping"


def test_held_virtual_time_waits_for_the_outside() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, ClockLoop)
        done = asyncio.Event()
        with loop.hold():
            threading.Timer(0.01, loop.call_soon_threadsafe, [done.set]).start()
            await asyncio.wait_for(done.wait(), 1)
        return loop.time()

    assert run(main(), math.inf) == START_S


def test_scaled_time_runs_faster_than_the_real_clock() -> None:
    async def main() -> float:
        await asyncio.sleep(1.0)
        return asyncio.get_running_loop().time() - START_S

    began = time.monotonic()
    assert run(main(), 100) >= 1.0
    assert 0.005 < time.monotonic() - began < 0.5


def test_time_stands_still_within_a_turn() -> None:
    clock = StallingClock()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        before = loop.time()
        clock.stalled += 1.0
        assert loop.time() == before

    run_on(ClockLoop(1.0, clock), main)


def test_stalled_computer_lets_no_timer_see_a_late_time() -> None:
    """300 ms are lost while nine timers wait: each still sees the moment it asked for."""
    clock = StallingClock()
    seen: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        for k in range(1, 10):
            loop.call_at(start + k * 0.005, lambda: seen.append(loop.time() - start))
        clock.stalled += 0.3
        await asyncio.sleep(0.050)
        assert loop.time() - start < 0.050 + MAX_LATE_S + 0.1  # 0.1 s for a busy machine: not the 0.3 s

    run_on(ClockLoop(1.0, clock), main)
    assert seen == pytest.approx([k * 0.005 for k in range(1, 10)], abs=1e-9)


def test_stall_with_nothing_due_is_just_time_passed() -> None:
    clock = StallingClock()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        clock.stalled += 0.3
        await asyncio.sleep(0)
        assert loop.time() - start >= 0.3

    run_on(ClockLoop(1.0, clock), main)


def test_timers_without_delay_do_not_stop_the_clock() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + 3 * NO_DELAY_S

        def again() -> None:
            if loop.time() < end:
                loop.call_later(0, again)
            else:
                done.set()

        done = asyncio.Event()
        again()
        await done.wait()

    run(main(), 1.0)


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan])
def test_speed_must_be_above_zero(speed: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        ClockLoop(speed)
