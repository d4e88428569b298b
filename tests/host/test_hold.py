"""Ending tasks, in the moments in which a cancellation can get lost."""

import asyncio
import math
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from distal.errors import LinkError, LinkLost
from distal.hold import CANCEL_AGAIN_S, cancel
from distal.link.base import Found
from distal.link.ble import CuffLink
from distal.virtual import clockloop


def test_command_that_fails_as_its_asker_is_cancelled_does_not_swallow_that() -> None:
    async def go() -> bool:
        link, ends = CuffLink(Found("02", "Distal"), asyncio.Queue()), asyncio.Event()

        async def lose() -> None:
            await ends.wait()
            ends.clear()
            raise LinkLost("gone.")

        async def ask_for_ever() -> None:
            while True:
                with suppress(LinkError):
                    await link._in_turn(lose)

        asking = asyncio.create_task(ask_for_ever())
        await asyncio.sleep(0.1)
        ends.set()
        await asyncio.sleep(0)
        asking.cancel()
        done, _ = await asyncio.wait([asking], timeout=1.0)
        return bool(done)

    assert clockloop.run(go(), math.inf)


def test_task_that_forgot_its_cancellation_is_told_again() -> None:
    async def deaf_once() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    assert clockloop.run(_time_to_end(deaf_once()), math.inf) == CANCEL_AGAIN_S


def test_task_that_says_goodbye_is_not_interrupted() -> None:
    said = []

    async def polite() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(5.0)
            said.append("bye")

    assert clockloop.run(_time_to_end(polite()), math.inf) == 5.0
    assert said == ["bye"]


async def _time_to_end(what: Coroutine[Any, Any, None]) -> float:
    task = asyncio.create_task(what)
    await asyncio.sleep(0.0)
    begin = asyncio.get_running_loop().time()
    await cancel([task])
    assert task.cancelled()
    return asyncio.get_running_loop().time() - begin
