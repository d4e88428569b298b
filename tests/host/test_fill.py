"""Holes fill themselves: asked for by index, once each, until the cuff says that it has no more."""

import asyncio
import math
from dataclasses import dataclass, field
from typing import Any

import pytest

from distal.errors import CommandRefused, LinkLost
from distal.fill import Filler, _without
from distal.link.base import Fetched
from distal.streams import Streams
from distal.virtual.clockloop import run


@dataclass
class FakeLink:
    """A cuff that keeps all packets but those it lost."""

    streams: Streams
    packets: list[Any]
    lost_from: int = 10**9
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[tuple[int, int]] = field(default_factory=list)
    error: Exception | None = None

    @property
    def info(self) -> Any:
        return type("Info", (), {"boot": 7})

    async def fetch(self, boot: int, first: int, count: int) -> Fetched:
        if self.error:
            raise self.error
        self.asked.append((first, count))
        sent = 0
        for number, packet in enumerate(self.packets):
            index = 18 * number
            if index < first + count and index + 18 > first and index < self.lost_from:
                self.streams.feed([packet])
                sent += 1
        return Fetched(boot, first, first + count, sent, 0)


def filler(fake_cuff: Any, **link: Any) -> tuple[Filler, Streams, FakeLink]:
    """Forty packets of which 10 to 19 and 30 did not come."""
    cuff, streams = fake_cuff(), Streams()
    packets = cuff.packets(40)
    streams.feed([cuff.info()])
    streams.feed([packet for number, packet in enumerate(packets) if not 10 <= number < 20 and number != 30])
    made = FakeLink(streams, packets, **link)
    held = type("Held", (), {"cuff": cuff.cuff, "link": made, "links": 1, "is_linked": True})()
    cuffs = type("Cuffs", (), {"held": [held], "hand_over": lambda self: None})()
    return Filler(cuffs, streams, lambda _text: None), streams, made


def coverage(streams: Streams) -> float | None:
    (leg,) = streams.legs().values()
    return leg.coverage


def test_every_hole_is_asked_for_once_and_coverage_climbs_to_one(fake_cuff: Any) -> None:
    async def main() -> None:
        fill, streams, link = filler(fake_cuff)
        assert coverage(streams) == pytest.approx(29 / 40, abs=0.11)  # four packets are still held back
        await fill.finish()
        assert link.asked == [(180, 180), (540, 18)]
        assert coverage(streams) == 1.0

    run(main(), speed=math.inf)


def test_what_the_cuff_never_had_is_asked_for_once_and_stays_lost(fake_cuff: Any) -> None:
    async def main() -> None:
        fill, streams, link = filler(fake_cuff, lost_from=270)
        await fill.finish()
        assert link.asked == [(180, 180), (540, 18)]
        (leg,) = streams.legs().values()
        assert leg.lost == 5 * 18 + 18
        await fill.finish()
        assert len(link.asked) == 2

    run(main(), speed=math.inf)


@pytest.mark.parametrize(
    "error",
    [LinkLost("gone"), CommandRefused("fetch refused: no. Update it.", 1, 0)],
    ids=["lost", "refused"],
)
def test_a_cuff_that_cannot_now_does_not_end_the_recording(fake_cuff: Any, error: Exception) -> None:
    async def main() -> None:
        fill, streams, link = filler(fake_cuff, error=error)
        task = asyncio.create_task(fill.run())
        await asyncio.sleep(5.0)
        assert not task.done()
        before = coverage(streams)
        link.error = None
        await asyncio.sleep(5.0)
        task.cancel()
        assert (coverage(streams) == 1.0) is isinstance(error, LinkLost)
        assert before is not None
        assert before < 1.0

    run(main(), speed=math.inf)


def test_a_repeat_of_what_came_changes_nothing(fake_cuff: Any) -> None:
    async def main() -> None:
        fill, streams, link = filler(fake_cuff)
        await fill.finish()
        before = streams.legs()
        await link.fetch(7, 0, 40 * 18)
        assert streams.legs() == before

    run(main(), speed=math.inf)


def test_ranges_without_others_are_what_is_left() -> None:
    assert list(_without([(0, 10), (20, 30)], [(5, 22), (29, 40)])) == [(0, 5), (22, 29)]
    assert list(_without([(0, 10)], [(2, 3), (5, 6)])) == [(0, 2), (3, 5), (6, 10)]
    assert list(_without([(0, 10)], [(0, 10)])) == []
