"""What the cuffs say whether or not a session runs: charge, button, movement, links that come and go."""

import asyncio
from collections.abc import Callable

from distal.daemon.journal import Journal
from distal.daemon.metrics import Metrics
from distal.daemon.rules import Rules, Wish
from distal.errors import CommandRefused, LinkError
from distal.hold import Held
from distal.model import Received, Side
from distal_wire import batch, spec

SETTLE_S = 600.0  # a cuff that rests is asked for its charge so often


class Ears:
    """A hold.Watcher for as long as the daemon runs; `on_wish` hears what button and movement ask for."""

    def __init__(
        self, journal: Journal, metrics: Metrics, rules: Rules, on_wish: Callable[[Wish], None]
    ) -> None:
        self.is_recording = False
        self.battery_pct: dict[str, int] = {}  # cuff -> charge
        self.seen: set[str] = set()  # cuffs that were linked at some time
        self._journal, self._metrics, self._rules = journal, metrics, rules
        self._on_wish = on_wish
        self._sides: dict[str, Side] = {}
        self._settled: dict[str, float] = {}

    def received(self, message: Received) -> None:
        """Count it; look into it if it is about the cuff and not about samples."""
        if message.cuff in self._sides:
            self._metrics.packets.labels(self._sides[message.cuff]).inc()
        kind = message.data[:1]
        if kind not in (bytes([spec.KIND_STATUS]), bytes([spec.KIND_MOMENT])) or batch.check(message.data):
            return
        values = batch.read(message.data)
        if kind[0] == spec.KIND_STATUS:
            self._take_status(message.cuff, values["battery_pct"])
            return
        wish = self._rules.take(message.cuff, values, message.t_host)
        if wish:
            self._on_wish(wish)

    def _take_status(self, cuff: str, battery_pct: int) -> None:
        if battery_pct != spec.UNKNOWN_PCT and self.battery_pct.get(cuff) != battery_pct:
            self.battery_pct[cuff] = battery_pct
            self._journal.pulse()

    async def linked(self, held: Held) -> None:
        """A link begins: its counters are new, and a cuff that samples for nobody is told to rest."""
        self._sides[held.cuff] = held.side
        self.seen.add(held.cuff)
        self._rules.link_changed(held.cuff)
        if held.links > 1:
            self._metrics.reconnects.labels(held.side).inc()
        if not self.is_recording:
            await self.settle(held)

    async def settle(self, held: Held) -> None:
        """Let the cuff rest; with its answer it tells its charge. raises LinkError, but not a refusal"""
        self._settled[held.cuff] = asyncio.get_running_loop().time()
        try:
            await held.link.command(spec.COMMAND_STOP)
        except CommandRefused as error:
            self._journal.say("warning", "daemon.locked", Side=self._side(held), why=error)

    async def settle_old(self, held: list[Held]) -> None:
        """Ask those that were not asked for long."""
        now = asyncio.get_running_loop().time()
        for one in held:
            if one.is_linked and now - self._settled.get(one.cuff, now) >= SETTLE_S:
                try:
                    await self.settle(one)
                except LinkError:
                    continue  # who holds it makes another link

    def lost(self, held: Held) -> None:
        """While a session runs the recording says it, since samples are at stake."""
        self._rules.link_changed(held.cuff)
        if not self.is_recording:
            self._journal.say("note", "daemon.gone", Side=self._side(held))
        self._journal.pulse()

    def back(self, held: Held) -> None:
        """Say it."""
        self._journal.say("note", "daemon.back", Side=self._side(held))

    def _side(self, held: Held) -> str:
        return self._journal.words.say(f"side.{held.side.capitalize()}")
