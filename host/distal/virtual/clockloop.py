"""An asyncio event loop whose clock belongs to the rig: real, scaled or virtual time.

One rule for every speed: time goes *through* each timer's due moment, never past it. A timer sees
exactly the time it asked for, so the order of events does not depend on how busy the computer is.

- `speed` finite: loop seconds follow the real clock times `speed`. A computer that cannot keep up makes
  loop time late, never skips it (elastic). More than MAX_LATE_S of lateness is forgotten, so that
  a stall is a pause and not a burst.
- `speed = math.inf`: nobody waits. When nothing is ready, time is the next timer's due moment.

`time()` stands still within one turn of the loop: everything that happens in a turn happens at once.
"""

import asyncio
import math
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Result = TypeVar("Result")
Ready = list[tuple[selectors.SelectorKey, int]]

# Not 0: a stamp must not be taken for "never" by code that tests its truth.
START_S = 1000.0

# Real seconds that the loop may run behind the real clock and still catch up. Two connection intervals
# of a fast link: hides the selector's 1 ms steps and garbage collection, and not more.
MAX_LATE_S = 0.020

# Turns in virtual time from one look at the loop's own pipe to the next: a signal may have come.
LOOKS_EVERY = 64

# Loop seconds that may pass in a turn whose timers were all asked for with no delay.
NO_DELAY_S = 1e-3


class ClockLoop(asyncio.SelectorEventLoop):
    """Event loop with its own clock. `speed` > 0, or `math.inf` for virtual time."""

    def __init__(self, speed: float = 1.0, real: Callable[[], float] = time.monotonic) -> None:
        """`real` is the clock to follow, in seconds."""
        self.speed = speed
        self.held = 0
        self._now = START_S
        self._clock = real
        self._real = real()  # the real moment that belongs to `_now` plus what is late
        self.late = 0.0  # loop seconds by which the real clock is ahead
        super().__init__(_ClockSelector(self))
        if not speed > 0:
            self.close()
            raise ValueError(f"speed must be above 0, not {speed}")

    def time(self) -> float:
        """Seconds of the loop's clock; constant within one turn of the loop."""
        return self._now

    @property
    def is_virtual(self) -> bool:
        """Time jumps from timer to timer."""
        return self.speed == math.inf

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Virtual time stands still inside: something outside the loop is at work (a process, a thread)."""
        self.held += 1
        try:
            yield
        finally:
            self.held -= 1

    def run_in_executor(  # type: ignore[override]  # the tuple generics of typeshed say nothing here
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """As asyncio's; virtual time stands still until the thread is done."""
        future = super().run_in_executor(executor, func, *args)
        self.held += 1
        future.add_done_callback(self._release)
        return future

    async def shutdown_default_executor(self, *args: Any, **options: Any) -> None:
        """As asyncio's; its timeout must not be jumped over."""
        with self.hold():
            await super().shutdown_default_executor(*args, **options)

    def _release(self, _future: object) -> None:
        self.held -= 1

    def next_due(self) -> float:
        """Loop time of the next timer, inf when there is none."""
        scheduled = self._scheduled  # type: ignore[attr-defined]  # same name in CPython 3.11 to 3.14
        return float(scheduled[0].when()) if scheduled else math.inf

    def advance(self) -> None:
        """Follow the real clock, but not past the next timer."""
        real, due = self._clock(), self.next_due()
        target = self._now + self.late + (real - self._real) * self.speed
        # a timer that is due already was asked for with no delay: it must not stop the clock
        end = due if due > self._now else self._now + NO_DELAY_S
        self._real = real
        self._now = min(target, end)
        self.late = min(target - self._now, MAX_LATE_S * self.speed)

    def jump(self) -> None:
        """Virtual time: go to the next timer."""
        self._now = max(self._now, self.next_due())


class _ClockSelector(selectors.DefaultSelector):
    """Waits for sockets as long as the loop's clock says."""

    def __init__(self, loop: ClockLoop) -> None:
        super().__init__()
        self._loop = loop
        self._turn = 0

    def select(self, timeout: float | None = None) -> Ready:
        if self._loop.is_virtual:
            return self._select_virtual(timeout)
        if timeout is None or timeout <= 0:
            ready = super().select(timeout)
            self._loop.advance()
            return ready
        return self._select_timed()

    def _select_timed(self) -> Ready:
        loop = self._loop
        loop.advance()
        if loop.next_due() > loop.time():
            ready = super().select(max(0.0, loop.next_due() - loop.time() - loop.late) / loop.speed)
            loop.advance()
            return ready
        return super().select(0)

    def _select_virtual(self, timeout: float | None) -> Ready:
        if timeout is None or (timeout > 0 and self._loop.held):
            return super().select(None)
        self._turn += 1
        # only the loop's own pipe is watched, which wakes nobody who does not wait: emptied now and then
        is_alone = not self._loop.held and len(self.get_map()) == 1
        ready = [] if is_alone and self._turn % LOOKS_EVERY else super().select(0)
        if not ready and timeout > 0:
            self._loop.jump()
        return ready


def run(coro: Coroutine[Any, Any, Result], speed: float = 1.0) -> Result:
    """Run `coro` to its end on a ClockLoop, as `asyncio.run` does on an ordinary loop."""
    with asyncio.Runner(loop_factory=lambda: ClockLoop(speed)) as runner:
        return runner.run(coro)
