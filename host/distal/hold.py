"""Cuffs that are held: one link each, made again whenever it ends, and one inbox for all that they say."""

import asyncio
import math
from collections.abc import Callable, Coroutine, Sequence
from typing import Protocol

from distal.errors import BluetoothOff, LinkError
from distal.link.base import INBOX_SIZE, Found, Inbox, Link, Radio
from distal.model import Received, Side

RETRY_S = 1.0
CANCEL_AGAIN_S = 6.0  # longer than a task takes to say goodbye to its cuff: a command has 5 s
FIRST_TRY_S = 0.1  # the cuff's memory fills: most links are lost for a moment only


class Watcher(Protocol):
    """Who listens to the held cuffs; all calls come in the order in which things happened."""

    def received(self, message: Received) -> None:
        """A message of any cuff."""
        ...

    async def linked(self, held: "Held") -> None:
        """A cuff has a new link. raises LinkError: it is of no use, make another"""
        ...

    def lost(self, held: "Held") -> None:
        """A link has ended."""
        ...

    def back(self, held: "Held") -> None:
        """The link stands again, and every watcher was content with it."""
        ...


class Held:
    """One cuff and its present link."""

    def __init__(self, found: Found, link: Link, side: Side) -> None:
        self.found = found
        self.link = link
        self.side = side
        self.links = 1  # how many it has had
        self.heard = asyncio.Event()  # a scan has heard it; see Cuffs.patience_s
        self.keeping: asyncio.Task[None] | None = None

    @property
    def cuff(self) -> str:
        """The cuff's id."""
        return self.link.info.cuff

    @property
    def is_linked(self) -> bool:
        """Whether the link stands, as far as anyone knows."""
        return not self.link.lost.is_set()


class Cuffs:
    """The held cuffs of one radio. Use as a context manager: it reads the inbox and keeps the links.

    radio       may change, None while there is none
    patience_s  so long a lost cuff is called directly; after that a scan must hear it first (Held.heard)
    """

    def __init__(self, radio: Radio | None, patience_s: float = math.inf) -> None:
        self.radio = radio
        self.inbox: Inbox = asyncio.Queue(INBOX_SIZE)
        self.held: list[Held] = []
        self.calling = asyncio.Lock()  # a radio sets up one connection at a time
        self._patience_s = patience_s
        self._watchers: list[Watcher] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> "Cuffs":
        self._begin(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        await cancel(list(self._tasks))
        await asyncio.gather(*(held.link.close() for held in self.held))
        self._broken.cancel()

    async def broken(self) -> None:
        """Wait until a part in here has failed; raises what it failed with."""
        await asyncio.shield(self._broken)

    def _begin(self, part: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(part)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() and not self._broken.done():
            self._broken.set_exception(task.exception() or RuntimeError())
            self._broken.exception()  # told to who waits; nobody has to

    def watch(self, watcher: Watcher) -> None:
        """Tell `watcher` what happens from now on; what waits in the inbox is still the others'."""
        self.hand_over()
        self._watchers.append(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """Tell it no more, after what waits in the inbox."""
        self.hand_over()
        self._watchers.remove(watcher)

    def hand_over(self) -> None:
        """Give the watchers what waits in the inbox."""
        while not self.inbox.empty():
            self._give(self.inbox.get_nowait())

    async def _read(self) -> None:
        while True:
            self._give(await self.inbox.get())

    def _give(self, message: Received) -> None:
        for watcher in self._watchers:
            watcher.received(message)

    async def connect(self, found: Found) -> Link:
        """A link to a cuff that was heard. raises CuffNotFound, LinkLost"""
        async with self.calling:
            if self.radio is None:
                raise BluetoothOff("there is no Bluetooth now. It is looked for.")
            return await self.radio.connect(found, self.inbox)

    def hold(self, found: Found, link: Link, side: Side) -> Held:
        """Keep a link from now on."""
        held = Held(found, link, side)
        self.held.append(held)
        held.keeping = self._begin(self._keep(held))
        return held

    async def let_go(self, held: Held) -> None:
        """Hold a cuff no more."""
        self.held.remove(held)
        await cancel([held.keeping] if held.keeping else [])
        await held.link.close()

    def on(self, side: Side) -> Held | None:
        """The cuff of a leg."""
        return next((held for held in self.held if held.side == side), None)

    async def greet(self, held: Held) -> None:
        """Let every watcher do what it does with a new link. raises LinkError"""
        for watcher in list(self._watchers):
            await watcher.linked(held)

    async def _keep(self, held: Held) -> None:
        while True:
            await held.link.lost.wait()
            self._tell(lambda watcher: watcher.lost(held))
            await self._link_again(held)
            self._tell(lambda watcher: watcher.back(held))

    def _tell(self, what: Callable[[Watcher], None]) -> None:
        for watcher in list(self._watchers):
            what(watcher)

    async def _link_again(self, held: Held) -> None:
        loop = asyncio.get_running_loop()
        lost_at = loop.time()
        held.heard.clear()
        pause_s = FIRST_TRY_S
        while not held.is_linked:
            await asyncio.sleep(pause_s)
            pause_s = RETRY_S
            if loop.time() - lost_at > self._patience_s:
                await held.heard.wait()
                held.heard.clear()
            await self._try_link(held)

    async def _try_link(self, held: Held) -> None:
        try:
            link = await self.connect(held.found)
        except LinkError:
            return  # still out of reach: that was said once
        held.link = link
        held.links += 1
        try:
            await self.greet(held)
        except LinkError:
            await link.close()


async def cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    """End tasks and wait until they have ended.

    One whose cancellation was lost is told again: before Python 3.12 asyncio.wait_for, which the Bluetooth
    stacks are built on, forgets one that comes in the moment when its answer does.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_S)
    await asyncio.gather(*tasks, return_exceptions=True)
