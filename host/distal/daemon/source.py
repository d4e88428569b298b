"""What the web page needs of whoever records: the daemon, or a demo that shows one session."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from distal.daemon.state import State


class Refused(Exception):
    """A command that cannot be followed now; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A recording in the daemon's folder; a path is None until the file is there."""

    name: str
    recording: Path
    when: str  # ISO time of the start
    html: Path | None
    json: Path | None


@dataclass(frozen=True, slots=True)
class Health:
    """Empty reasons: all is well."""

    reasons: tuple[str, ...] = field(default=())


class Source(Protocol):
    """Everything that the page shows and the two things that it asks for."""

    def state(self) -> State:
        """The state of this moment."""
        ...

    async def wait_change(self, timeout_s: float) -> None:
        """Until something has changed, or so long."""
        ...

    def start(self, by: str, exercise: str | None = None) -> None:
        """Begin a session. raises Refused"""
        ...

    def stop(self, by: str) -> None:
        """End the session. raises Refused"""
        ...

    def sessions(self) -> list[StoredSession]:
        """What is recorded, newest first."""
        ...

    def health(self) -> Health:
        """What is wrong, if anything."""
        ...

    def metrics(self) -> bytes:
        """Counters as Prometheus reads them."""
        ...
