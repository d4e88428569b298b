"""What happened, in words: for the page, for the log, and as a beat that wakes whoever waits for news."""

import asyncio
from collections import deque
from contextlib import suppress
from datetime import datetime
from typing import Any

from distal.daemon.logs import LEVELS
from distal.daemon.state import MOST_MESSAGES, Level, Message
from distal.report.words import words


class Journal:
    """The newest messages, and `wait` for the next change of anything; knows the language."""

    def __init__(self, log: Any, lang: str = "en") -> None:
        self.log, self.words = log, words(lang)
        self._messages: deque[Message] = deque(maxlen=MOST_MESSAGES)
        self._changed = asyncio.Event()

    @property
    def messages(self) -> tuple[Message, ...]:
        """Newest last."""
        return tuple(self._messages)

    def say(self, level: Level, key: str, **values: object) -> None:
        """Tell a sentence of the catalogue."""
        self.tell(level, self.words.say(key, **values), key)

    def tell(self, level: Level, text: str, event: str = "said") -> None:
        """Tell a sentence as it is."""
        text = text[:1].upper() + text[1:]
        when = datetime.now().astimezone().isoformat(timespec="seconds")
        self._messages.append(Message(when, level, text))
        getattr(self.log, LEVELS[level])(event, text=text)
        self.pulse()

    def pulse(self) -> None:
        """Something has changed."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def wait(self, timeout_s: float) -> None:
        """Until something changes, or so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
