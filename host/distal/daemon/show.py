"""One session shown to a browser while it runs: what `distal demo` serves. It ends with its report."""

import asyncio
from datetime import datetime
from pathlib import Path

from distal.daemon.live import live_state
from distal.daemon.source import Health, Refused, StoredSession
from distal.daemon.state import MOST_MESSAGES, CuffState, Message, Phase, ReportState, SessionState, State
from distal.model import Facts, Side
from distal.pipeline import Live
from distal.report.words import words
from distal.session import Session
from distal.streams import LegState

LIVE_S = 0.08  # one look serves every reader of that time


class Show:
    """A source.Source of one session that somebody else runs."""

    def __init__(self, path: Path, facts: Facts) -> None:
        self._path, self._facts = path, facts
        self._session: Session | None = None
        self._phase: Phase = "waiting"
        self._started: datetime | None = None
        self._begun_s = 0.0
        self._messages: list[Message] = []
        self._seen: tuple[float, Live | None] = (0.0, None)
        self._changed = asyncio.Event()

    def watch(self, session: Session) -> None:
        """Show this session from now on."""
        self._session = session

    def note(self, text: str) -> None:
        """What the session says in words."""
        self._messages.append(Message(_now(), "note", text))
        del self._messages[:-MOST_MESSAGES]
        if text == "recording":
            self._phase, self._started = "recording", datetime.now().astimezone()
            self._begun_s = asyncio.get_running_loop().time()
        self._changed.set()

    def save(self) -> None:
        """The session has ended, its report is being made."""
        self._phase = "saving"
        self._changed.set()

    def finish(self) -> None:
        """The report is written beside the recording, if there is one."""
        self._phase = "ready"
        self._changed.set()

    def state(self) -> State:
        """The state of this moment."""
        live = self._live()
        return State(
            phase=self._phase,
            session=self._session_state(),
            live=live_state(live) if live else None,
            cuffs=tuple(self._cuff(side, leg) for side, leg in live.legs.items()) if live else (),
            messages=tuple(self._messages),
            reports=(ReportState(self._path.stem, _iso(self._started)),) if self.sessions() else (),
        )

    async def wait_change(self, timeout_s: float) -> None:
        """Until something has changed, or so long."""
        self._changed.clear()
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return

    def start(self, by: str, exercise: str | None = None) -> None:
        """A demo begins with its command. raises Refused"""
        raise Refused(words().say("demo.once"))

    def stop(self, by: str) -> None:
        """End the session before its time. raises Refused"""
        if self._phase != "recording" or self._session is None:
            raise Refused(words().say("daemon.runs_not"))
        self._session.stop()

    def sessions(self) -> list[StoredSession]:
        """The one session, once it is over and has a report."""
        page, data = self._path.with_suffix(".html"), self._path.with_suffix(".json")
        if self._phase != "ready" or not page.is_file():
            return []
        return [StoredSession(self._path.stem, self._path, _iso(self._started), page, data)]

    def health(self) -> Health:
        """Nothing is wrong."""
        return Health()

    def metrics(self) -> bytes:
        """A demo counts nothing."""
        return b""

    def _session_state(self) -> SessionState | None:
        if self._phase not in ("recording", "saving") or self._started is None:
            return None
        seconds = asyncio.get_running_loop().time() - self._begun_s
        return SessionState(
            self._path.stem, self._started.isoformat(timespec="milliseconds"), round(seconds, 1)
        )

    def _live(self) -> Live | None:
        if self._session is None or self._started is None:
            return None
        now = asyncio.get_running_loop().time()
        if self._phase == "recording" and now - self._seen[0] >= LIVE_S:
            self._seen = (now, self._session.live())
        return self._seen[1]

    def _cuff(self, side: Side, leg: LegState) -> CuffState:
        is_linked = self._session is not None and self._session.linked.get(leg.cuff, False)
        mass = self._facts.mass_kg(side)
        return CuffState(
            cuff=leg.cuff,
            name=f"Distal {side}",
            side=side,
            link="linked" if is_linked or self._phase != "recording" else "lost",
            battery_pct=leg.battery_pct,
            coverage=leg.coverage,
            mass_g=None if mass is None else round(1000 * mass),
        )


def _now() -> str:
    return _iso(datetime.now().astimezone())


def _iso(when: datetime | None) -> str:
    return when.isoformat(timespec="seconds") if when else ""
