"""What is asked of a cuff's flash, over a link that loses or spoils answers."""

import asyncio
import math
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from distal.errors import LinkLost
from distal.link.fetch import NUDGE_S, Fetches
from distal.model import Received
from distal.virtual.clockloop import run
from distal_wire import batch, codec, spec

Answer = Callable[[dict[str, Any]], bytes | None]


class FakeLink:
    """A cuff that answers each question as `answer` says, at once."""

    def __init__(self, answer: Answer) -> None:
        self.name = "Distal"
        self.lost = asyncio.Event()
        self.asked: list[dict[str, Any]] = []
        self.fetches = Fetches(self)
        self._answer, self._seq = answer, 0

    def next_seq(self) -> int:
        self._seq += 1
        return self._seq

    async def send(self, message: bytes) -> None:
        fields = batch.read(message)
        self.asked.append(fields)
        data = self._answer(fields)
        loop = asyncio.get_running_loop()
        if data:
            loop.call_later(0.05, lambda: self.fetches.hear(Received("a", loop.time(), data)))


def fetched(question: dict[str, Any], error: int = spec.OK) -> bytes:
    message = bytearray(codec.message_size(spec.KIND_FETCHED))
    op, seq, boot, first = (question[name] for name in ("op", "seq", "boot", "first"))
    end = codec.write_fields(
        message, spec.KIND_FETCHED, op, seq, error, boot, first, first + question["count"], 3, 5
    )
    message[end:] = zlib.crc32(message[:end]).to_bytes(4, "little")
    return bytes(message)


def test_an_answer_that_did_not_arrive_whole_is_asked_after_and_nothing_passes_for_gone() -> None:
    async def main() -> None:
        link = FakeLink(lambda question: fetched(question) if question["count"] == 1 else None)
        done = await link.fetches.range(7, 100, 50)
        assert (done.first, done.end, done.missing) == (100, 150, 0)
        assert [one["count"] for one in link.asked] == [50, 1]
        assert asyncio.get_running_loop().time() < 1000.0 + NUDGE_S + 0.1

    run(main(), speed=math.inf)


def test_a_cuff_that_is_still_at_it_is_waited_for() -> None:
    async def main() -> None:
        def busy(question: dict[str, Any]) -> bytes | None:
            return fetched(question, spec.ERROR_BUSY) if question["count"] == 1 else None

        link = FakeLink(busy)
        loop = asyncio.get_running_loop()
        loop.call_later(100.0, lambda: link.fetches.hear(Received("a", loop.time(), fetched(link.asked[0]))))
        done = await link.fetches.range(7, 100, 50)
        assert (done.end, done.sent, done.missing) == (150, 3, 5)
        assert 100.0 / (NUDGE_S + 0.1) - 2 < len(link.asked) < 100.0 / NUDGE_S + 2

    run(main(), speed=math.inf)


def test_a_cuff_that_says_nothing_is_given_up() -> None:
    async def main() -> None:
        link = FakeLink(lambda _question: None)
        with pytest.raises(LinkLost, match="does not answer"):
            await link.fetches.range(7, 100, 50)

    run(main(), speed=math.inf)
