"""Holes fill themselves: asked for by index, once each, until the cuff says that it has no more."""

import asyncio
import math
from dataclasses import dataclass, field
from typing import Any

import pytest

from distal.errors import CommandRefused, LinkLost
from distal.fill import Filler
from distal.link.base import Fetched
from distal.model import Received
from distal.streams import Streams
from distal.virtual.clockloop import run
from distal_wire import spec


@dataclass
class FakeLink:
    """A cuff that keeps all packets but those it lost."""

    streams: Streams
    packets: list[Any]
    lost_from: int = 10**9
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[tuple[int, int]] = field(default_factory=list)
    error: Exception | None = None
    damaged: int = 0  # so many sendings do not arrive whole
    kept_end: int = 0  # of the boot before this one, as the flash has it

    @property
    def info(self) -> Any:
        return type("Info", (), {"boot": 8 if self.kept_end else 7})

    async def fetch(self, boot: int, first: int, count: int) -> Fetched:
        if self.error:
            raise self.error
        self.asked.append((first, count))
        missing = max(0, min(first + count, 40 * 18) - max(first, self.lost_from))
        if self.damaged:
            self.damaged -= 1
            return Fetched(boot, first, first + count, 1, 0)
        sent = 0
        for number, packet in enumerate(self.packets):
            index = 18 * number
            if index < first + count and index + 18 > first and index < self.lost_from:
                self.streams.feed([packet])
                sent += 1
        return Fetched(boot, first, first + count, sent, missing)

    async def kept(self) -> Any:
        old = type("Session", (), {"boot": 7, "end": self.kept_end})
        return type("Kept", (), {"sessions": (old,)})


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


def test_what_was_damaged_on_the_way_is_asked_for_again_and_not_for_ever(fake_cuff: Any) -> None:
    async def main() -> None:
        fill, streams, link = filler(fake_cuff, damaged=2)
        await fill.finish()
        assert link.asked == [(180, 180)] * 3 + [(540, 18)]
        assert coverage(streams) == 1.0
        fill, streams, link = filler(fake_cuff, damaged=99)
        await fill.finish()
        assert link.asked == [(180, 180)] * 3 + [(540, 18)] * 3
        (leg,) = streams.legs().values()
        assert leg.lost == 11 * 18

    run(main(), speed=math.inf)


def test_the_end_of_an_older_boot_is_asked_for_and_given_up_when_it_is_gone(fake_cuff: Any) -> None:
    async def main() -> None:
        fill, _, link = filler(fake_cuff, kept_end=40 * 18 + 36)
        await asyncio.wait_for(fill.finish(), 30.0)
        assert link.asked == [(180, 180), (540, 18), *[(720, 36)] * 3]

    run(main(), speed=math.inf)


def test_a_stop_right_after_a_reboot_still_asks_for_the_end_of_the_boot_before(fake_cuff: Any) -> None:
    async def main() -> None:
        fill, streams, link = filler(fake_cuff, kept_end=40 * 18 + 36)
        streams.feed(link.packets)  # no hole is left to be seen
        await fill.finish()
        assert link.asked == [(720, 36)] * 3

    run(main(), speed=math.inf)


def test_a_link_that_fails_at_once_is_not_asked_without_a_pause(fake_cuff: Any) -> None:
    async def main() -> None:
        fill, _, link = filler(fake_cuff, error=LinkLost("gone"))
        before = asyncio.get_running_loop().time()
        await fill.finish()
        assert asyncio.get_running_loop().time() - before >= 600.0
        assert link.asked == []

    run(main(), speed=math.inf)


@pytest.mark.parametrize(
    "error",
    [
        LinkLost("gone"),
        CommandRefused("fetch refused: no. Update it.", spec.ERROR_UNKNOWN_COMMAND, 0),
        CommandRefused("fetch refused: it streams.", spec.ERROR_BUSY, 0),
    ],
    ids=["lost", "refused", "busy"],
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
        is_final = isinstance(error, CommandRefused) and error.error != spec.ERROR_BUSY
        assert (coverage(streams) == 1.0) is not is_final
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


def test_what_was_given_up_over_a_bad_radio_is_asked_for_again_at_the_end(fake_cuff: Any) -> None:
    async def main() -> None:
        fill, streams, link = filler(fake_cuff, damaged=99)
        task = asyncio.create_task(fill.run())
        await asyncio.sleep(20.0)
        task.cancel()
        assert link.asked == [(180, 180)] * 3 + [(540, 18)] * 3
        link.damaged = 0
        await fill.finish()
        assert coverage(streams) == 1.0

    run(main(), speed=math.inf)


def test_a_cuff_that_does_not_answer_holds_up_no_other(fake_cuff: Any) -> None:
    async def main() -> None:
        fill, streams, _ = filler(fake_cuff)
        dumb = fake_cuff(cuff="0f0f0f0f0f0f", side=2)
        packets = dumb.packets(40)
        streams.feed([dumb.info(), *packets[:10], *packets[20:]])
        link = FakeLink(streams, packets)
        link.fetch = lambda *_: asyncio.Event().wait()  # type: ignore[assignment,return-value]
        held = type("Held", (), {"cuff": dumb.cuff, "link": link, "links": 1, "is_linked": True})()
        fill._cuffs.held.insert(0, held)
        task = asyncio.create_task(fill.run())
        await asyncio.sleep(5.0)
        assert {side: leg.lost for side, leg in streams.legs().items()} == {"left": 0, "right": 180}
        task.cancel()

    run(main(), speed=math.inf)


@pytest.mark.parametrize("first_index", [0, 2**32 - 200])
def test_the_end_that_did_not_come_is_asked_for(fake_cuff: Any, first_index: int) -> None:
    """Also when the index has wrapped since the start."""
    cuff, streams = fake_cuff(first_index=first_index), Streams()
    packets = cuff.packets(40)
    end = (first_index + 720) % 2**32
    streams.feed([cuff.info(), cuff.answer(1, first_index), *packets[:37], packets[38], cuff.answer(2, end)])
    assert streams.holes(cuff.cuff, 7) == []  # a packet may still overtake another
    streams.flush()
    begin = first_index
    assert streams.holes(cuff.cuff, 7) == [(begin + 666, begin + 684), (begin + 702, begin + 720)]
    streams.feed(packets)
    assert coverage(streams) == 1.0


def test_the_begin_of_a_later_boot_that_did_not_come_is_asked_for(fake_cuff: Any) -> None:
    cuff, streams = fake_cuff(), Streams()
    streams.feed([cuff.info(), cuff.answer(1, 0), *cuff.packets(20)])
    after = fake_cuff(boot=8, first_clock=0)
    late = [Received(one.cuff, one.t_host + 9.0, one.data) for one in after.packets(10)]
    streams.feed([after.info(), after.answer(1, 0), *late[2:]])
    assert streams.holes(cuff.cuff, 8) == [(0, 36)]
    lost = streams.legs()["left"].lost
    streams.feed(late[:2])
    assert streams.holes(cuff.cuff, 8) == []
    assert streams.legs()["left"].lost == lost - 36
