"""Looks for wanted cuffs that are not linked, and for the radio when it has gone."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Literal

from distal.daemon.roster import Roster
from distal.errors import CuffLocked, FalseCuff, LinkError, WrongKey
from distal.hold import Cuffs, Held
from distal.link.base import Found, Keys, Link, Radio
from distal.model import SIDES, Side

SCAN_S = 2.0  # a cuff advertises every 150 ms
PAUSE_S = 1.0
QUIET_S = 4.0  # between two scans while a session runs
SILENCE_S = 10.0  # a scan that takes so much longer than asked: the adapter does not answer
LEAVE_S = 600.0  # a cuff that is not ours is asked again after so long
RETRY_S = 5.0  # ... one that did not let itself be connected
STRANGE_S = 30.0
LONGEST_PAUSE_S = 30.0
CLOSE_S = 5.0

OpenRadio = Callable[[Keys], AbstractAsyncContextManager[Radio]]
What = Literal["found", "no_radio", "radio_back", "left_out", "key"]
Tell = Callable[[What, str], None]


class Seeker:
    """Run it beside everything else; `tell(what, text)` when something happens.

    trouble       why there is no radio, None while there is one
    is_recording  a session runs: cuffs keep their legs, scans leave the air to the packets
    """

    def __init__(self, cuffs: Cuffs, roster: Roster, open_radio: OpenRadio, tell: Tell) -> None:
        self.trouble: str | None = None
        self.is_recording = False
        self.heard: dict[str, Found] = {}  # cuff id -> as a scan last heard it
        self._cuffs = cuffs
        self._roster = roster
        self._open = open_radio
        self._tell = tell
        self._not_before: dict[str, float] = {}  # address -> loop time
        self._failures = 0
        self._sought: tuple[float, frozenset[str]] = (0.0, frozenset())  # since when, at which addresses

    async def run(self) -> None:
        """For ever: open the radio, look for cuffs, open it again when it fails."""
        while True:
            opened = self._open(self._roster.key_of)
            try:
                self._cuffs.radio = await opened.__aenter__()
                await self._look()
            except LinkError as error:
                self._fail(str(error))
            finally:
                self._cuffs.radio = None
                await _close(opened)
            await asyncio.sleep(self._pause_s())

    def _pause_s(self) -> float:
        return float(min(LONGEST_PAUSE_S, PAUSE_S * 2 ** max(self._failures - 1, 0)))

    async def _look(self) -> None:
        """Until the radio fails while no link stands. raises LinkError"""
        while True:
            if self._roster.count(self._linked()):
                await self._scan()
            if not self.is_recording:
                await self._let_strangers_go()
            await asyncio.sleep(QUIET_S if self.is_recording else self._pause_s())

    def _linked(self) -> set[str]:
        return {held.cuff for held in self._cuffs.held if held.is_linked}

    async def _scan(self) -> None:
        radio = self._cuffs.radio
        assert radio is not None
        try:
            async with self._cuffs.calling, asyncio.timeout(SCAN_S + SILENCE_S):
                heard = await self._listen(radio)
        except (LinkError, TimeoutError) as error:
            if not self._linked():
                raise LinkError(str(error) or "Bluetooth does not answer. Switch it off and on.") from error
            self._fail(str(error))
            return
        self._recover()
        for found in heard:
            await self._meet(found)

    async def _listen(self, radio: Radio) -> list[Found]:
        """Those to try. Cuffs of other people are left alone where ours are known by their addresses."""
        linked = self._linked()
        count, places = self._roster.count(linked), self._roster.addresses(linked)
        if places is None or self._is_strange(places):
            return await radio.scan(SCAN_S, count + len(self._not_before))
        own = places | {held.found.address for held in self._cuffs.held if not held.is_linked}
        return [one for one in await radio.scan(SCAN_S, count, own) if one.address in own]

    def _is_strange(self, places: frozenset[str]) -> bool:
        """A cuff that is not heard at its address for so long may have another one now."""
        now = asyncio.get_running_loop().time()
        if self._sought[1] != places:
            self._sought = (now, places)
        return now - self._sought[0] > STRANGE_S

    def _fail(self, why: str) -> None:
        self._failures += 1
        if self.trouble is None:
            self._tell("no_radio", why)
        self.trouble = why

    def _recover(self) -> None:
        if self.trouble is not None:
            self._tell("radio_back", "")
        self.trouble, self._failures = None, 0

    async def _meet(self, found: Found) -> None:
        """Link a cuff that was heard, if it is wanted."""
        for held in self._cuffs.held:
            if held.found.address == found.address:
                return self._hear(held, found)
        now = asyncio.get_running_loop().time()
        if len(self._linked()) == len(SIDES) or now < self._not_before.get(found.address, 0.0):
            return
        try:
            link = await self._cuffs.connect(found)
        except LinkError as error:
            self._put_off(found, error, now)
            return
        if not await self._take(found, link):
            self._not_before[found.address] = now + LEAVE_S
            await link.close()

    def _put_off(self, found: Found, error: LinkError, now: float) -> None:
        """A cuff of somebody else is left alone; one whose key is not as it was is somebody's task."""
        is_foreign = isinstance(error, CuffLocked | FalseCuff)
        if isinstance(error, WrongKey | FalseCuff):
            self._tell("key", str(error))
        self._not_before[found.address] = now + (LEAVE_S if is_foreign else RETRY_S)

    def _hear(self, held: Held, found: Found) -> None:
        """A lost cuff that has been quiet for long is called again."""
        held.found = found
        self.heard[held.cuff] = found
        held.heard.set()

    async def _take(self, found: Found, link: Link) -> bool:
        """Hold a new link if the cuff is one of ours and its leg is free."""
        cuff = link.info.cuff
        if not self._roster.is_paired(cuff):
            return False
        for held in self._cuffs.held:
            if held.cuff == cuff:  # at another address than before: it is called there from now on
                self._hear(held, found)
                await link.close()
                return True
        side = self._free_side(link)
        if side is None:
            self._tell("left_out", link.name)
            return False
        other = self._cuffs.on(side)
        if other and self.is_recording:
            return False  # the lost one may come back: two cuffs cannot be one leg
        if other:
            await self._cuffs.let_go(other)
        await self._hold(found, link, side)
        return True

    def _free_side(self, link: Link) -> Side | None:
        """The cuff's own leg if no other linked cuff is on it; any free one if nobody says which."""
        said = self._roster.side_of(link.info.cuff, link.info)
        taken = {held.side for held in self._cuffs.held if held.is_linked}
        free = [side for side in SIDES if side not in taken]
        return next((side for side in free if said in (None, side)), None)

    async def _hold(self, found: Found, link: Link, side: Side) -> None:
        held = self._cuffs.hold(found, link, side)
        self.heard[held.cuff] = found
        try:
            await self._cuffs.greet(held)
        except LinkError:
            await link.close()  # who holds it makes another
        else:
            self._roster.meet(held.cuff, found.address)
            self._tell("found", held.cuff)

    async def _let_strangers_go(self) -> None:
        """Cuffs that were forgotten since."""
        for held in list(self._cuffs.held):
            if not self._roster.is_paired(held.cuff):
                await self._cuffs.let_go(held)


async def _close(opened: AbstractAsyncContextManager[Radio]) -> None:
    """Let go of a radio; one that is gone does not answer to that either."""
    try:
        async with asyncio.timeout(CLOSE_S):
            await opened.__aexit__(None, None, None)
    except (TimeoutError, RuntimeError, OSError, LinkError):
        return
