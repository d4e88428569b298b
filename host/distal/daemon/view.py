"""The daemon seen from outside: its state, its health, its counters."""

import asyncio

from distal.daemon.live import live_state
from distal.daemon.metrics import LegCount
from distal.daemon.parts import Parts, Run
from distal.daemon.room import free_mb
from distal.daemon.source import Health
from distal.daemon.state import CuffState, LinkState, Phase, SessionState, State
from distal.hold import Held
from distal.people.limits import Breach
from distal.people.watching import legs_now
from distal.pipeline import Live

LIVE_S = 0.08  # one look at the analysis serves every reader of that time
FAULT_S = 60.0  # so long a fault is told to who asks for our health


class View:
    """Reads the parts; changes nothing."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._seen: tuple[float, Live | None] = (0.0, None)

    def state(self) -> State:
        """The state of this moment."""
        parts, live = self._parts, self._live()
        return State(
            phase=self._phase(),
            session=_session(parts.run) if parts.run else None,
            live=live_state(live) if live else None,
            cuffs=self._cuffs(live),
            messages=parts.journal.messages,
            reports=parts.reports,
        )

    def passed(self) -> list[Breach]:
        """Limits of the wearer that are passed at this moment and were not told yet."""
        run, live = self._parts.run, self._live()
        if not run or not run.watch or not live:
            return []
        return run.watch.look(legs_now(live.limbs, live.exercise), live.t)

    def health(self) -> Health:
        """No radio, no room, a full disk, a fault of the last minute."""
        parts, say, reasons = self._parts, self._parts.journal.words.say, []
        if parts.seeker and parts.seeker.trouble:
            reasons.append(say("daemon.no_radio", why=parts.seeker.trouble))
        low = low_disk(parts)
        if low:
            reasons.append(low)
        if parts.run and parts.run.recorder and parts.run.recorder.is_full:
            reasons.append(say("daemon.full_now", folder=parts.config.recordings.folder))
        if parts.fault and asyncio.get_running_loop().time() - parts.fault[0] < FAULT_S:
            reasons.append(say("daemon.fault", why=parts.fault[1]))
        return Health(tuple(reasons))

    def metrics(self) -> bytes:
        """Counters as Prometheus reads them."""
        live, parts = self._live(), self._parts
        legs = {side: LegCount(leg.coverage, leg.lost) for side, leg in live.legs.items()} if live else {}
        return parts.metrics.render(self._cuffs(live), legs, free_mb(parts.config.recordings.folder))

    def _phase(self) -> Phase:
        run = self._parts.run
        if run:
            return "saving" if run.is_saving else "recording"
        return "ready" if self._parts.linked() else "waiting"

    def _live(self) -> Live | None:
        run = self._parts.run
        if not run or run.is_saving or not self._parts.ears.is_recording:
            return None
        now = asyncio.get_running_loop().time()
        if now - self._seen[0] >= LIVE_S:
            self._seen = (now, run.take.live())
        return self._seen[1]

    def _cuffs(self, live: Live | None) -> tuple[CuffState, ...]:
        """The paired cuffs, and those that are held without it."""
        cuffs = {one.cuff for one in self._parts.roster.known()}
        cuffs |= {one.cuff for one in self._parts.cuffs.held} if self._parts.cuffs else set()
        return tuple(self._cuff(cuff, live) for cuff in sorted(cuffs))

    def _cuff(self, cuff: str, live: Live | None) -> CuffState:
        parts, held = self._parts, self._parts.held(cuff)
        known = next((one for one in parts.roster.known() if one.cuff == cuff), None)
        heard = parts.seeker.heard.get(cuff) if parts.seeker else None
        kept = parts.kept.get(cuff)
        coverage = [leg.coverage for leg in live.legs.values() if leg.cuff == cuff] if live else []
        return CuffState(
            cuff=cuff,
            name=(known.name if known else None) or (held.link.name if held else cuff),
            side=held.side if held else parts.roster.side_of(cuff),
            link=self._link(cuff, held),
            battery_pct=parts.ears.battery_pct.get(cuff),
            coverage=coverage[0] if coverage else None,
            rssi=heard.rssi if heard else None,
            mass_g=(known.mass_g if known else None) or (held.link.info.mass_g if held else None),
            kept_s=kept.seconds if kept else None,
            fetching=parts.fetching.get(cuff),
            kept_sessions=kept.sessions if kept else None,
        )

    def _link(self, cuff: str, held: Held | None) -> LinkState:
        if held and held.is_linked:
            return "linked"
        return "lost" if cuff in self._parts.ears.seen else "searching"


def _session(run: Run) -> SessionState:
    seconds = asyncio.get_running_loop().time() - run.begun_s
    return SessionState(run.name, run.started.isoformat(timespec="milliseconds"), round(seconds, 1))


def low_disk(parts: Parts) -> str | None:
    """Why no session may begin for want of room, None if there is enough."""
    folder, least = parts.config.recordings.folder, parts.config.limits.min_free_mb
    free = free_mb(folder)
    if free >= least:
        return None
    return parts.journal.words.say("daemon.disk_low", free=int(free), folder=folder, least=least)
