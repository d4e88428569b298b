"""A recording as a radio: the same messages with the same spacing in time, for demos, tests and bug hunts."""

import asyncio
from collections.abc import Collection
from pathlib import Path

from distal.errors import CommandRefused, CuffNotFound
from distal.link.base import Fetched, Found, Inbox, Kept, Response, read_info, refusal
from distal.model import Received
from distal.recording import Cuff, Recording
from distal_wire import batch, spec


class ReplayRadio:
    """Finds the cuffs of a recording; they stream once each has been started."""

    def __init__(self, path: Path) -> None:
        with Recording(path) as recording:
            self._cuffs = {cuff.cuff: cuff for cuff in recording.cuffs()}
            self._messages = list(recording.received())
        times = [message.t_host for message in self._messages]
        self._begin_s = min(times, default=0.0)

    async def scan(
        self, timeout_s: float, enough: int | None = None, meant: Collection[str] = ()
    ) -> list[Found]:
        """The cuffs of the recording, at once; see base.Radio."""
        return [Found(cuff.cuff, cuff.name) for cuff in self._cuffs.values()][:enough]

    async def connect(self, found: Found, inbox: Inbox) -> "ReplayLink":
        """See base.Radio. raises CuffNotFound"""
        if found.address not in self._cuffs:
            raise CuffNotFound(f"no cuff {found.address} in this recording.")
        cuff = self._cuffs[found.address]
        messages = [message for message in self._messages if message.cuff == found.address]
        if messages and messages[0].data == cuff.info:
            del messages[0]  # told now, as every link does
        await inbox.put(Received(cuff.cuff, asyncio.get_running_loop().time(), cuff.info))
        return ReplayLink(cuff, messages, self._begin_s, inbox)

    async def close(self) -> None:
        """Nothing to let go of."""


class ReplayLink:
    """One cuff of a recording; see base.Link. Plays from `start`, `stop` hands over what is left."""

    def __init__(self, cuff: Cuff, messages: list[Received], begin_s: float, inbox: Inbox) -> None:
        self.name = cuff.name
        self.mtu = spec.MIN_MTU
        self.info_bytes = cuff.info
        self.info = read_info(cuff.info)
        self.lost = asyncio.Event()
        self.dropped = 0
        self._messages = messages
        self._begin_s = begin_s
        self._inbox = inbox
        self._at = 0
        self._player: asyncio.Task[None] | None = None
        self._shift_s = 0.0

    async def command(self, op: int, key: int = 0, value: int = 0) -> Response:
        """Answer as the cuff did; start and stop only. raises CommandRefused"""
        t_sent = asyncio.get_running_loop().time()
        if op == spec.COMMAND_START and self._player is None:
            self._shift_s = t_sent - self._begin_s
            self._player = asyncio.create_task(self._play())
        elif op == spec.COMMAND_STOP:
            await self._stop()
        elif op != spec.COMMAND_START:
            text = "a replayed cuff only starts and stops."
            raise CommandRefused(text, spec.ERROR_UNKNOWN_COMMAND, 0)
        answer = self._recorded_answer(op)
        return Response(op, answer.get("index", 0), answer.get("clock", 0), 0, t_sent, t_sent)

    def _recorded_answer(self, op: int) -> dict[str, int]:
        for message in self._messages:
            if message.data[:1] == bytes([spec.KIND_RESPONSE]) and batch.check(message.data) is None:
                answer = batch.read(message.data)
                if answer["op"] == op:
                    return answer
        return {}

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        while self._at < len(self._messages):
            due = self._messages[self._at].t_host + self._shift_s
            await asyncio.sleep(max(due - loop.time(), 0.0))
            await self._hand_over()

    async def _hand_over(self) -> None:
        message = self._messages[self._at]
        await self._inbox.put(Received(message.cuff, message.t_host + self._shift_s, message.data))
        self._at += 1

    async def _stop(self) -> None:
        if self._player:
            self._player.cancel()
            await asyncio.gather(self._player, return_exceptions=True)
        while self._at < len(self._messages):
            await self._hand_over()

    async def fetch(self, boot: int, first: int, count: int) -> Fetched:
        """What was not recorded is nowhere. raises CommandRefused"""
        raise refusal("fetch", spec.ERROR_UNKNOWN_COMMAND, 0)

    async def kept(self) -> Kept:
        """See `fetch`."""
        raise refusal("list of sessions", spec.ERROR_UNKNOWN_COMMAND, 0)

    async def release(self, boot: int, end: int) -> None:
        """See `fetch`."""
        raise refusal("release", spec.ERROR_UNKNOWN_COMMAND, 0)

    async def close(self) -> None:
        """See base.Link."""
        if self._player:
            self._player.cancel()
        self.lost.set()
