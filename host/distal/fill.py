"""Holes of a running recording fill themselves: asked for by index until the cuff has no more.

A repeat changes nothing, because the index says where a sample belongs.
"""

import asyncio
from collections import Counter
from collections.abc import Callable

from distal.errors import CommandRefused, LinkError
from distal.hold import Cuffs, Held, cancel
from distal.ranges import WRAP, Range, total, within, without
from distal.streams import Streams
from distal_wire import spec

LOOK_S = 1.0
LAST_S = 600.0  # at the end of a recording; a link that is lost ends it sooner
TRIES = 3  # for samples that a cuff says it sent and that did not arrive whole

Hole = tuple[int, int, int]  # boot, first, end


class Filler:
    """Asks the held cuffs for what is missing; the samples come to the recording as all others do."""

    def __init__(self, cuffs: Cuffs, streams: Streams, note: Callable[[str], None]) -> None:
        self._cuffs = cuffs
        self._streams = streams
        self._note = note
        self._gone: dict[tuple[str, int], list[Range]] = {}  # what the cuff said it will never have
        self._given_up: dict[tuple[str, int], list[Range]] = {}  # what did not arrive whole; see finish()
        self._tries: Counter[tuple[str, Hole]] = Counter()
        self._asked_kept: set[tuple[str, int]] = set()  # cuff, number of its link
        self._ends: dict[tuple[str, int], int] = {}  # cuff, older boot -> its end in the flash
        self._deaf: set[tuple[str, int]] = set()  # links whose cuff fetches nothing

    async def run(self) -> None:
        """Fill for ever; cancel it. Each cuff by itself: one that does not answer holds up no other."""
        running: dict[str, asyncio.Task[None]] = {}
        try:
            while True:
                await asyncio.sleep(LOOK_S)
                for held in self._linked():
                    before = running.get(held.cuff)
                    if before is None or before.done():
                        running[held.cuff] = asyncio.create_task(self._fill_cuff(held))
                for task in running.values():
                    if task.done():
                        task.result()
        finally:
            await cancel(list(running.values()))

    async def _fill_cuff(self, held: Held) -> None:
        """Ask a cuff for one hole after the other, as long as it answers."""
        while await self._fill(held) and self._hole(held) and held in self._linked():
            pass

    async def finish(self) -> None:
        """Fill what is left, as long as links stand and something comes."""
        end = asyncio.get_running_loop().time() + LAST_S
        self._tries.clear()  # a bad radio may have become a good one
        self._given_up.clear()
        await self._fill_all()  # only this asks a cuff that is just back how far its older boots went
        told = False
        while any(self._hole(held) for held in self._linked()):
            if not told:
                self._note("fetching what is missing ...")
                told = True
            if asyncio.get_running_loop().time() > end:
                return
            if not await self._fill_all():
                await asyncio.sleep(LOOK_S)  # a link that fails at once must not be asked without a pause

    def _linked(self) -> list[Held]:
        return [held for held in self._cuffs.held if held.is_linked and _key(held) not in self._deaf]

    async def _fill_all(self) -> bool:
        """Ask every cuff for one hole; whether all could be asked."""
        return all(await asyncio.gather(*(self._fill(held) for held in self._linked())))

    async def _fill(self, held: Held) -> bool:
        """Ask for one hole of a cuff; False when the link failed."""
        try:
            await self._look_at_older(held)
            hole = self._hole(held)
            if hole:
                await self._ask(held, hole)
        except CommandRefused as error:
            if error.error == spec.ERROR_BUSY:
                return False  # the end of an earlier fetch did not reach the cuff yet
            self._deaf.add(_key(held))
        except LinkError:
            return False  # the link is made again, then it is asked again
        return True

    async def _ask(self, held: Held, hole: Hole) -> None:
        boot, first, end = hole
        answer = await held.link.fetch(boot, first % WRAP, end - first)
        self._cuffs.hand_over()
        self._tries[held.cuff, hole] += 1
        looked = first + min((answer.end - first) % WRAP, end - first)
        if self._tries[held.cuff, hole] < TRIES:
            left = within(self._open(held.cuff, boot), (first, looked))
            if total(left) > answer.missing:
                return  # the cuff sent more than arrived whole: it is asked again
            self._gone.setdefault((held.cuff, boot), []).extend(left)
        else:
            left = within(self._open(held.cuff, boot), (first, end))
            self._given_up.setdefault((held.cuff, boot), []).extend(left)

    async def _look_at_older(self, held: Held) -> None:
        """Once a link, when there was an older boot: how far its samples went that we never saw."""
        older = [boot for boot in self._streams.boots(held.cuff) if boot != held.link.info.boot]
        if not older or _key(held) in self._asked_kept:
            return
        kept = await held.link.kept()
        self._asked_kept.add(_key(held))
        for one in kept.sessions:
            if one.boot in older:
                end = self._streams.boots(held.cuff)[one.boot]
                ahead = (one.end - end) % WRAP
                if 0 < ahead < WRAP // 2:
                    self._ends[held.cuff, one.boot] = end + ahead

    def _hole(self, held: Held) -> Hole | None:
        """The oldest hole that may still be filled."""
        for boot in self._streams.boots(held.cuff):
            for low, high in self._open(held.cuff, boot):
                return boot, low, high
        return None

    def _open(self, cuff: str, boot: int) -> list[Range]:
        """Holes of a boot, and what an older one has beyond what came, less what is gone."""
        end = self._streams.boots(cuff).get(boot, 0)
        tail = [(end, self._ends.get((cuff, boot), 0))]
        gone = [*self._gone.get((cuff, boot), []), *self._given_up.get((cuff, boot), [])]
        return list(without([*self._streams.holes(cuff, boot), *tail], gone))


def _key(held: Held) -> tuple[str, int]:
    return held.cuff, held.links
