"""Fetches what linked cuffs keep by itself: sessions without a host, and what older recordings lack.

It runs beside a session, too: the cuff sends what is kept behind its live packets (firmware `lane.py`).
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from distal.bring import Bring, Brought, Survey, Target
from distal.daemon import stored
from distal.daemon.parts import Parts, Waiting
from distal.daemon.view import low_disk
from distal.errors import CommandRefused, DistalError, LinkError
from distal.handover import Want
from distal.hold import Held
from distal.keeping import Wearer
from distal.model import Received
from distal.take import fill_mass

AFTER_S = 1.0  # a link settles; a session may begin with it
AGAIN_S = 600.0  # cuffs that stay linked are asked so often

Save = Callable[[Path, Wearer | None], Awaitable[None]]


class Fetcher:
    """A hold.Watcher: each new link wakes it.

    save    writes the report of a recording that has changed, and its wearer's history
    wearer  who wears the cuffs, None: not known
    """

    def __init__(self, parts: Parts, save: Save, wearer: Callable[[], Wearer | None]) -> None:
        self._parts = parts
        self._save, self._wearer = save, wearer
        self._due = asyncio.Event()
        self._unsaved: dict[Path, bool] = {}  # recording -> the cuff recorded it alone
        self._left: dict[str, list[int]] = {}  # cuff -> samples fetched, of so many

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
            tell = self._progress(held)
            async with Bring(self._parts.cuffs, held, self._target(held), tell, self._told) as bring:
                bring.patience_s = 0.0
                survey = await bring.survey()
                self._parts.kept[held.cuff] = _waiting(survey)
                await self._fetch_all(bring, held, survey)
                await bring.release(survey)
                self._parts.kept[held.cuff] = Waiting()
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

    async def _fetch_all(self, bring: Bring, held: Held, survey: Survey) -> None:
        wanted = [want for want in survey.wants if not self._is_busy(want)]
        self._left[held.cuff] = [0, sum(want.count for want in wanted)]
        for want in wanted:
            self._note(held, await bring.fetch(survey, want))
            self._left[held.cuff][0] += want.count

    def _target(self, held: Held) -> Target:
        config = self._parts.config
        wearer = self._wearer()
        facts = self._parts.roster.masses(config.wearer.facts())
        facts = fill_mass(wearer.facts(facts) if wearer else facts, held)
        about = {**stored.about("cuff"), **(wearer.about() if wearer else {})}
        return Target(config.recordings.folder, facts=facts, side=held.side, about=about)

    def _is_busy(self, want: Want) -> bool:
        """The recording that runs fills itself."""
        run = self._parts.run
        return bool(run and want.part and want.part.path == run.take.out)

    def _progress(self, held: Held) -> Callable[[Want, int, int], None]:
        def tell(_want: Want, done: int, _count: int) -> None:
            before, total = self._left[held.cuff]
            self._parts.fetching[held.cuff] = (before + done) / total
            self._parts.journal.pulse()

        return tell

    def _told(self, text: str) -> None:
        self._parts.journal.log.info("fetch.told", text=text)

    def _note(self, held: Held, brought: Brought) -> None:
        """Say it, count it, remember that its report is to be written."""
        parts, path = self._parts, brought.path
        if path is None or not brought.samples:
            return
        want = brought.want
        is_new = want.part is None or want.part.is_fetched
        parts.metrics.fetched.labels(held.side).inc(brought.samples)
        parts.metrics.imported.labels(held.side).inc(want.part is None)
        key = "daemon.joined" if want.joins else "daemon.fetched" if is_new else "daemon.filled"
        parts.journal.say("note", key, Side=_begin(parts, held), name=path.stem, n=brought.samples)
        if brought.missing:
            parts.journal.say("warning", "daemon.gone_for_ever", name=path.stem, n=brought.missing)
        self._unsaved[path] = is_new

    async def _save_all(self) -> None:
        """Reports, while no session runs: a session's live view goes first."""
        while self._unsaved and self._parts.run is None:
            path = next(iter(self._unsaved))
            is_alone, wearer = self._unsaved.pop(path), self._wearer()
            # a host's recording is in the history of who wore it then
            is_theirs = wearer is not None and (is_alone or wearer.has(path))
            await self._save(path, wearer if is_theirs else None)

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


def _waiting(survey: Survey) -> Waiting:
    seconds = sum(want.count / want.session.rate_hz for want in survey.wants if want.session.rate_hz)
    return Waiting(len({(want.session.boot, want.session.first) for want in survey.wants}), seconds)


def _begin(parts: Parts, held: Held) -> str:
    return parts.journal.words.say(f"side.{held.side.capitalize()}")
