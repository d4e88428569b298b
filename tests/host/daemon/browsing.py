"""A real Chromium for the tests of the live page, and a server in a thread for it to look at."""

import asyncio
import os
import shutil
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

WAIT_MS = 5000
CHECKS = Path(__file__).with_name("page_checks.js").read_text(encoding="utf-8")
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """An installed Chromium; DISTAL_CHROMIUM names another. Skips, and says why, when there is none."""
    path = os.environ.get("DISTAL_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(
            "no Chromium here, so the page is not seen: install one or set DISTAL_CHROMIUM to its path"
        )
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield found
        found.close()


@contextmanager
def pages(browser: Browser, url: str) -> Iterator[Callable[..., Page]]:
    """Open pages of one server; at the end none may have logged an error or asked anybody else."""
    contexts, wrong = [], []

    def opened(width: int = 390, **more: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 844}, locale="en-GB", **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("console", lambda said: wrong.append(said.text) if _is_wrong(said) else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda one: wrong.append(one.url) if not one.url.startswith(url) else None)
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def _is_wrong(said: ConsoleMessage) -> bool:
    """A browser logs each refused request itself; that one is wanted."""
    return said.type in ("error", "warning") and "409 (Conflict)" not in said.text


def shows(page: Page, place: str, text: str, wait_ms: int = WAIT_MS) -> None:
    """Wait until an element says so."""
    said = "([place, text]) => document.querySelector(place)?.textContent.includes(text)"
    page.wait_for_function(said, arg=[place, text], timeout=wait_ms)


def check(page: Page, what: str) -> Any:
    """What is wrong with a page, see page_checks.js; an empty list is well."""
    return page.evaluate(f"({CHECKS}).{what}()")


class Aside:
    """A coroutine in a thread with its own loop: `main(self)` calls `ready(url)` and waits for `over`."""

    def __init__(self, main: Callable[["Aside"], Awaitable[None]], loop: asyncio.AbstractEventLoop) -> None:
        self.url, self.loop = "", loop
        self.over = asyncio.Event()
        self._main = main
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Aside":
        self._thread.start()
        assert self._is_ready.wait(60), "the server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(self._whole())

    async def _whole(self) -> None:
        await self._main(self)

    def ready(self, url: str) -> None:
        """The server is there."""
        self.url = url
        self._is_ready.set()

    def end(self) -> None:
        """Stop the server; pages are left alone."""
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self.over.set)
            self._thread.join(60)
