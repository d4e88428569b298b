"""Fetches what linked cuffs keep by itself: sessions without a host, and what older recordings lack.

It runs beside a session, too: the cuff sends what is kept behind its live packets (firmware `lane.py`).
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from distal.bring import Bring, Brought, Survey, Target
from distal.daemon import stored
from distal.daemon.parts import Parts
from distal.daemon.view import low_disk
from distal.errors import CommandRefused, DistalError, LinkError
from distal.handover import Want
from distal.hold import Held
from distal.model import Received
from distal.take import fill_mass

AFTER_S = 1.0  # a link settles; a session may begin with it
AGAIN_S = 600.0  # cuffs that stay linked are asked so often

Save = Callable[[Path], Awaitable[None]]


class Fetcher:
    """A hold.Watcher: each new link wakes it. `save` writes the report of a recording that has changed."""

    def __init__(self, parts: Parts, save: Save) -> None:
        self._parts = parts
        self._save = save
        self._due = asyncio.Event()
        self._unsaved: list[Path] = []

    def wake(self) -> None:
        """There may be something to fetch, or to save."""
        self._due.set()

    async def run(self) -> None:
        """For ever: fetch from one cuff after another."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_S):
                    await self._due.wait()
            self._due.clear()
            await asyncio.sleep(AFTER_S)
            for held in self._parts.linked():
                await self._serve(held)
            await self._save_all()

    async def _serve(self, held: Held) -> None:
        """Everything that one cuff keeps for us. A link that is lost wakes us again when it is back."""
        if low_disk(self._parts) or self._parts.cuffs is None:
            return
        try:
            async with Bring(
                self._parts.cuffs, held, self._target(held), self._tell(held), self._damaged
            ) as bring:
                bring.patience_s = 0.0
                survey = await bring.survey()
                self._parts.kept[held.cuff] = _waiting_s(survey)
                for want in survey.wants:
                    if not self._is_busy(want):
                        self._note(held, await bring.fetch(survey, want))
                await bring.release(survey)
                self._parts.kept[held.cuff] = 0.0
        except CommandRefused:
            return  # it knows nothing of this: its firmware is older
        except LinkError:
            self._parts.journal.log.info("fetch.interrupted", cuff=held.cuff)
        except DistalError as error:
            self._parts.journal.say(
                "warning", "daemon.not_fetched", Side=_begin(self._parts, held), why=error
            )
        finally:
            self._parts.fetching.pop(held.cuff, None)
            self._parts.journal.pulse()

    def _target(self, held: Held) -> Target:
        config = self._parts.config
        facts = fill_mass(self._parts.roster.masses(config.wearer.facts()), held)
        return Target(config.recordings.folder, facts=facts, side=held.side, about=stored.about("cuff"))

    def _is_busy(self, want: Want) -> bool:
        """The recording that runs fills itself."""
        run = self._parts.run
        return bool(run and want.part and want.part.path == run.take.out)

    def _tell(self, held: Held) -> Callable[[Want, int, int], None]:
        def tell(_want: Want, done: int, count: int) -> None:
            self._parts.fetching[held.cuff] = done / count
            self._parts.journal.pulse()

        return tell

    def _damaged(self, text: str) -> None:
        self._parts.journal.log.warning("fetch.left_out", text=text)

    def _note(self, held: Held, brought: Brought) -> None:
        """Say it, count it, remember that its report is to be written."""
        parts, path = self._parts, brought.path
        if path is None or not brought.samples:
            return
        is_new = brought.want.part is None or brought.want.part.is_fetched
        parts.metrics.fetched.labels(held.side).inc(brought.samples)
        parts.metrics.imported.labels(held.side).inc(brought.want.part is None)
        key = "daemon.fetched" if is_new else "daemon.filled"
        parts.journal.say("note", key, Side=_begin(parts, held), name=path.stem, n=brought.samples)
        if brought.missing:
            parts.journal.say("warning", "daemon.gone_for_ever", name=path.stem, n=brought.missing)
        if path not in self._unsaved:
            self._unsaved.append(path)

    async def _save_all(self) -> None:
        """Reports, while no session runs: a session's live view goes first."""
        while self._unsaved and self._parts.run is None:
            await self._save(self._unsaved.pop(0))

    # ---- hold.Watcher

    def received(self, message: Received) -> None:
        """Nothing to do: Bring listens while it fetches."""

    async def linked(self, held: Held) -> None:
        """Look what it keeps."""
        self.wake()

    def lost(self, held: Held) -> None:
        """Nothing to do."""

    def back(self, held: Held) -> None:
        """Nothing to do."""


def _waiting_s(survey: Survey) -> float:
    return sum(want.count / want.session.rate_hz for want in survey.wants if want.session.rate_hz)


def _begin(parts: Parts, held: Held) -> str:
    return parts.journal.words.say(f"side.{held.side.capitalize()}")
