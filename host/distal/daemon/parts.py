"""What the daemon is made of, in one record: its tasks change it, its view reads it."""

from dataclasses import dataclass, field
from datetime import datetime

from distal.daemon.config import Config
from distal.daemon.ears import Ears
from distal.daemon.journal import Journal
from distal.daemon.metrics import Metrics
from distal.daemon.room import PatientRecorder
from distal.daemon.roster import Roster
from distal.daemon.seek import Seeker
from distal.daemon.state import ReportState
from distal.hold import Cuffs, Held
from distal.keeping import Wearer
from distal.people.limits import Watch
from distal.take import Take


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a cuff keeps that is not here."""

    sessions: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Run:
    """The session that runs or is being saved."""

    name: str
    take: Take
    started: datetime
    begun_s: float  # loop time
    is_saving: bool = False
    is_ending: bool = False
    recorder: PatientRecorder | None = None
    wearer: Wearer | None = None
    watch: Watch | None = None


@dataclass(slots=True)
class Parts:
    """The parts that last, and those of this moment; None while there is none."""

    config: Config
    journal: Journal
    metrics: Metrics
    ears: Ears
    roster: Roster
    cuffs: Cuffs | None = None
    seeker: Seeker | None = None
    run: Run | None = None
    reports: tuple[ReportState, ...] = ()
    kept: dict[str, Waiting] = field(default_factory=dict)  # by cuff, once it was asked
    fetching: dict[str, float] = field(default_factory=dict)  # cuff -> share fetched, while it is
    fault: tuple[float, str] | None = None  # loop time and what it was

    def linked(self) -> list[Held]:
        """The cuffs whose link stands."""
        return [held for held in self.cuffs.held if held.is_linked] if self.cuffs else []

    def held(self, cuff: str) -> Held | None:
        """The cuff with that id, if it is held."""
        return next((held for held in self.cuffs.held if held.cuff == cuff), None) if self.cuffs else None
