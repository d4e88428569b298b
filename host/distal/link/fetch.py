"""Asks a cuff for what it keeps: sessions, and samples by boot and index. Messages in protocol/README.md.

Everything that comes also goes to the link's inbox, so it is recorded before anything here looks at it.
"""

import asyncio
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from distal.errors import LinkError, LinkLost
from distal.link.base import Fetched, Kept, KeptSession, refusal
from distal.model import Received
from distal_wire import batch, codec, spec

NUDGE_S = 3.0  # without a word of it: the cuff is asked whether it is still at it
PATIENCE_S = 40.0  # without any answer; live packets that piled up go first, over a bad radio for long
MOST = 2**29 - 1  # samples of one fetch, a month: the cuff tells farther indices apart no more
_ALONE = {spec.ALONE_OFF: "off", spec.ALONE_BUTTON: "button", spec.ALONE_MOTION: "motion"}
_OPS = {
    spec.FETCH_RANGE: "fetch",
    spec.FETCH_SESSIONS: "list of sessions",
    spec.FETCH_RELEASE: "release",
    spec.FETCH_CANCEL: "cancel",
}


class Connection(Protocol):
    """What a link offers for it."""

    name: str
    lost: asyncio.Event

    def next_seq(self) -> int:
        """A number for the next question."""
        ...

    async def send(self, message: bytes) -> None:
        """Write on `control`. raises LinkLost"""
        ...


@dataclass(slots=True)
class _Asked:
    """The fetch that runs."""

    op: int
    seq: int
    what: tuple[int, int, int]  # boot, first, count
    done: "asyncio.Future[dict[str, Any]]"
    heard_s: float  # when the cuff last said something about it
    told: list[bytes]  # `store` and `kept` messages
    nudges: set[int] = field(default_factory=set)  # numbers of the questions that came after it


class Fetches:
    """The fetches of one link, one after another."""

    def __init__(self, link: Connection) -> None:
        self.is_possible = True  # the cuff's firmware knows of it
        self._link = link
        self._one_at_a_time = asyncio.Lock()
        self._asked: _Asked | None = None

    def hear(self, received: Received) -> None:
        """Look at a message that may belong to the fetch that runs."""
        asked, data = self._asked, received.data
        if asked is None or asked.done.done():
            return
        asked.heard_s = received.t_host
        if data[:1] == bytes([spec.KIND_SAMPLES]) or batch.check(data):
            return
        if data[0] in (spec.KIND_STORE, spec.KIND_KEPT):
            asked.told.append(data)
        elif data[0] == spec.KIND_FETCHED:
            fields = batch.read(data)
            if (fields["op"], fields["seq"]) == (asked.op, asked.seq):
                asked.done.set_result(fields)
            elif fields["seq"] in asked.nudges and fields["error"] != spec.ERROR_BUSY:
                asked.done.set_result(_of_lost_answer(asked, fields))

    def refuse(self, received: Received) -> None:
        """Look at a response that may refuse the fetch that runs: where `fetched` does not fit the MTU."""
        asked, data = self._asked, received.data
        if asked is None or asked.done.done() or batch.check(data) or data[0] != spec.KIND_RESPONSE:
            return
        fields = batch.read(data)
        if fields["op"] == 0 and fields["seq"] in {asked.seq, *asked.nudges} and fields["error"]:
            asked.done.set_result(fields)

    async def range(self, boot: int, first: int, count: int) -> Fetched:
        """See base.Link.fetch."""
        if not 0 < count <= MOST:
            raise ValueError(f"count must be 1 to {MOST}")
        fields, _ = await self._ask(spec.FETCH_RANGE, boot, first, count)
        names = ("boot", "first", "end", "sent", "missing")
        return Fetched(**{name: fields[name] for name in names})

    async def kept(self) -> Kept:
        """See base.Link.kept."""
        _, told = await self._ask(spec.FETCH_SESSIONS, 0, 0, 0)
        # a list that was asked for again comes twice
        kept = {data[:8]: data for data in told if data[0] == spec.KIND_KEPT}
        sessions = tuple(_session(batch.read(data)) for data in kept.values())
        about = next((batch.read(data) for data in told if data[0] == spec.KIND_STORE), None)
        if about is None:
            raise LinkLost(f"{self._link.name} did not say what it keeps. Try again.")
        names = ("boot", "up_s", "size", "held", "lost", "missed", "errors", "torn", "still_min")
        alone = _ALONE.get(about["alone"], "off")
        return Kept(sessions=sessions, alone=alone, **{name: about[name] for name in names})

    async def release(self, boot: int, end: int) -> None:
        """See base.Link.release."""
        await self._ask(spec.FETCH_RELEASE, boot, end, 0)

    async def _ask(self, op: int, boot: int, first: int, count: int) -> tuple[dict[str, Any], list[bytes]]:
        if not self.is_possible:
            raise refusal(_OPS[op], spec.ERROR_UNKNOWN_COMMAND, 0)
        async with self._one_at_a_time:
            loop = asyncio.get_running_loop()
            what = boot, first, count
            asked = _Asked(op, self._link.next_seq(), what, loop.create_future(), loop.time(), [])
            self._asked = asked
            try:
                await self._link.send(build_fetch(op, asked.seq, what))
                await self._wait(asked)
            finally:
                self._asked = None
                if not asked.done.done():
                    await self._cancel()
        fields = asked.done.result()
        if fields["error"]:
            raise refusal(_OPS[op], fields["error"], fields.get("detail", 0))
        return fields, asked.told

    async def _wait(self, asked: _Asked) -> None:
        """Until the answer, as long as the cuff gets on with it. raises LinkLost"""
        loop = asyncio.get_running_loop()
        lost = asyncio.ensure_future(self._link.lost.wait())
        nudged_s = loop.time()
        try:
            while not asked.done.done():
                if loop.time() >= asked.heard_s + PATIENCE_S:
                    raise LinkLost(
                        f"{self._link.name} is connected but does not answer. Switch it off and on."
                    )
                if loop.time() >= max(asked.heard_s, nudged_s) + NUDGE_S:
                    await self._nudge(asked)
                    nudged_s = loop.time()
                left_s = min(max(asked.heard_s, nudged_s) + NUDGE_S, asked.heard_s + PATIENCE_S) - loop.time()
                both = (asked.done, lost)
                await asyncio.wait(both, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
                if lost.done() and not asked.done.done():
                    raise LinkLost(f"the link to {self._link.name} was lost. Bring it closer.")
        finally:
            lost.cancel()

    async def _nudge(self, asked: _Asked) -> None:
        """Ask again, of a range only its begin: a cuff that is still at it says that it is busy."""
        seq = self._link.next_seq()
        asked.nudges.add(seq)
        boot, first, count = asked.what
        what = boot, first, min(count, 1) if asked.op == spec.FETCH_RANGE else count
        await self._link.send(build_fetch(asked.op, seq, what))

    async def _cancel(self) -> None:
        """Whoever asked has given up: the cuff need not go on."""
        if not self._link.lost.is_set():
            with suppress(LinkError):
                await self._link.send(build_fetch(spec.FETCH_CANCEL, self._link.next_seq(), (0, 0, 0)))


def build_fetch(op: int, seq: int, what: tuple[int, int, int]) -> bytes:
    """Write a fetch message; what = (boot, first, count)."""
    message = bytearray(codec.message_size(spec.KIND_FETCH))
    end = codec.write_fields(message, spec.KIND_FETCH, op, seq, *what)
    message[end:] = zlib.crc32(message[:end]).to_bytes(codec.CRC_SIZE, "little")
    return bytes(message)


def _of_lost_answer(asked: _Asked, nudge: dict[str, Any]) -> dict[str, Any]:
    """The cuff was done before it was asked again. What it sent of a range is not known: nothing is gone."""
    _, first, count = asked.what
    if asked.op != spec.FETCH_RANGE or nudge["error"]:
        return nudge
    return {**nudge, "end": (first + count) % 2**32, "sent": 0, "missing": 0}


def _session(fields: dict[str, Any]) -> KeptSession:
    age_s, flags = fields["age_s"], fields["flags"]
    return KeptSession(
        fields["boot"],
        fields["first"],
        fields["end"],
        fields["clock"],
        fields["rate_hz"],
        None if age_s == spec.UNKNOWN_S else age_s,
        is_open=bool(flags & spec.KEPT_OPEN),
        is_alone=bool(flags & spec.KEPT_ALONE),
        is_released=bool(flags & spec.KEPT_RELEASED),
    )
