"""The live page of a session that a command runs: open while it runs, or until Ctrl-C."""

import asyncio
import contextlib
import signal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from distal.cli.output import Progress

if TYPE_CHECKING:
    from distal.daemon.show import Show
    from distal.model import Facts
    from distal.review import Loaded
    from distal.session import Session

USUAL_PORT = 8377  # the daemon's; another one when that is taken


class LivePage:
    """Use as an async context manager around the session. Without the daemon's parts it does nothing."""

    def __init__(self, path: Path, facts: "Facts", progress: Progress, stays: bool) -> None:
        """stays: whether `stay` waits for Ctrl-C. raises UsageError if it cannot"""
        self._path, self._facts, self._progress, self._stays = path, facts, progress, stays
        self._show: Show | None = None
        self._open = contextlib.AsyncExitStack()
        self._url = ""
        if stays and not _is_there():
            raise click.UsageError("the live page needs more parts. Type: pip install 'distal[daemon]'")

    async def __aenter__(self) -> "LivePage":
        if _is_there():
            from distal.daemon.show import Show

            self._show = Show(self._path, self._facts)
            self._url = await self._serve(self._show)
            self._progress.note(f"live page: {self._url}")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()
        if self._show and not self._stays:
            self._progress.note(f"The live page was at {self._url}; to keep it open: distal demo --serve")

    async def _serve(self, show: "Show") -> str:
        from distal.daemon.serve import serving
        from distal.daemon.web import make_app
        from distal.errors import DaemonError

        app = make_app(show)
        try:
            return await self._open.enter_async_context(serving(app, port=USUAL_PORT))
        except DaemonError:
            return await self._open.enter_async_context(serving(app))

    def watch(self, session: "Session") -> None:
        """Show this session."""
        if self._show:
            self._show.watch(session)

    def note(self, text: str) -> None:
        """What the session says: on the terminal and on the page."""
        self._progress.note(text)
        if self._show:
            self._show.note(text)

    def save(self) -> None:
        """The session has ended."""
        if self._show:
            self._show.save()

    async def stay(self, loaded: "Loaded") -> None:
        """Link the report and wait for Ctrl-C, if asked to stay."""
        if not self._stays or self._show is None:
            return
        from distal.daemon.stored import write_report

        write_report(self._path, loaded)
        self._show.finish()
        self._progress.note(f"The page stays open until Ctrl-C: {self._url}")
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends the loop itself
                loop.add_signal_handler(number, ended.set)
        await ended.wait()


def _is_there() -> bool:
    """Whether what serves a page is installed."""
    try:
        import_module("distal.daemon.web")
    except ImportError:
        return False
    return True
