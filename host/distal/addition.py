"""What a cuff handed over, on its way into a recording: a new one, or one that has ended."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from distal.appending import Appender
from distal.clock import PERIOD_TICKS
from distal.handover import Want
from distal.link.base import Kept
from distal.model import Facts, Received
from distal.placing import BY_CUFF, BY_RECORDING, Place, by_cuff, by_recording
from distal.ranges import Range, joined
from distal.recording import Cuff, Recorder
from distal.shelf import FILLED, GONE, KEPT, SUFFIX
from distal_wire import batch

AGE_ERROR_S = 1.0  # a cuff tells the age of a session in whole seconds, counted by its crystal
CRYSTAL = 40e-6
NAME_FORM = "session-%Y%m%d-%H%M%S"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where packets of a new recording come from: the cuff, who wore it, what it said it keeps, and when."""

    cuff: Cuff
    facts: Facts
    kept: Kept
    when: datetime
    also: Mapping[str, Any] = field(default_factory=dict)  # what else the recording shall say

    def began(self, want: Want) -> datetime | None:
        """When the wanted samples began; None: in an earlier boot, whose time nobody knows."""
        session = want.session
        if session.age_s is None:
            return None
        into_s = (want.ranges[0][0] - session.first) / session.rate_hz
        return self.when - timedelta(seconds=session.age_s - into_s)

    def about(self, want: Want) -> dict[str, Any]:
        """What the recording says of its time."""
        began, age_s = self.began(want), want.session.age_s
        booted = self.when - timedelta(seconds=self.kept.up_s)
        return {
            "cuff": self.cuff.cuff,
            "boot": want.session.boot,
            "alone": want.session.is_alone,
            "t_host": BY_CUFF,
            "error_s": None if age_s is None else AGE_ERROR_S + CRYSTAL * age_s,
            "before": None if began else booted.isoformat(timespec="seconds"),
        }

    def path(self, folder: Path, want: Want) -> Path:
        """A free name: of its begin and leg, or of the boot where the time is not known."""
        began, cuff, session = self.began(want), self.cuff, want.session
        stem = f"kept-{cuff.cuff[-4:]}-{session.boot:04x}-{want.ranges[0][0]}"
        if began:
            stem = f"{began.strftime(NAME_FORM)}-{cuff.side or cuff.cuff[-4:]}"
        path, number = folder / f"{stem}{SUFFIX}", 2
        while path.exists():
            path, number = folder / f"{stem}-{number}{SUFFIX}", number + 1
        return path


class Addition(ABC):
    """Writes packets of one boot where the clock puts them. Nothing is opened before there is something."""

    def __init__(self, cuff: str, boot: int) -> None:
        self.path: Path | None = None  # None: nothing was written
        self._cuff, self._boot = cuff, boot
        self._writer: Recorder | None = None
        self._place: Place = by_cuff(0, 1.0)
        self._samples = 0
        self._is_late = False  # what is added says nothing of the clocks

    def add(self, packets: Sequence[Received], slope: float | None) -> None:
        """Write packets; `slope`: true seconds a second of the cuff's clock, None: not known.

        raises  RecordingError: none of them was written
        """
        decoded = batch.decode([packet.data for packet in packets])
        rows = []
        for place, row in zip(decoded.positions.tolist(), decoded.header, strict=True):
            last = int(row["clock"]) + (int(row["count"]) - 1) * PERIOD_TICKS[int(row["rate_hz"])]
            rows.append((last, packets[place]))
            self._samples += int(row["count"])
        if not rows:
            return
        writer = self._opened(int(decoded.header[0]["clock"]), slope)
        late = self._is_late
        writer.append_all([Received(self._cuff, self._place(last), one.data, late) for last, one in rows])

    def close(self, gone: Sequence[Range]) -> None:
        """Note what the cuff said it has no more, and let go of the file."""
        if gone and not self._writer and self._is_there():
            self._opened(0, None)
        if self._writer:
            if gone:
                self._note_gone(self._writer, gone)
            self._writer.close()
            self._writer = None

    def _note_gone(self, writer: Recorder, gone: Sequence[Range]) -> None:
        known: dict[str, dict[str, list[list[int]]]] = self._noted(GONE, {})
        of_cuff = known.setdefault(self._cuff, {})
        before = [(low, high) for low, high in of_cuff.get(str(self._boot), [])]
        of_cuff[str(self._boot)] = [list(one) for one in joined([*before, *gone])]
        writer.note(GONE, known)

    def _opened(self, clock: int, slope: float | None) -> Recorder:
        if self._writer is None:
            self._writer, self._place = self._open(clock, slope)
            self.path = self._writer.path
        return self._writer

    @abstractmethod
    def _is_there(self) -> bool:
        """Whether the recording exists before anything is added."""

    @abstractmethod
    def _noted(self, key: str, default: Any) -> Any:
        """What the recording has noted under a key."""

    @abstractmethod
    def _open(self, clock: int, slope: float | None) -> tuple[Recorder, Place]:
        """A writer, and where the first packet (`clock`, ticks) and those after it go."""


class Fresh(Addition):
    """A new recording of a session without a host."""

    def __init__(self, folder: Path, origin: Origin, want: Want) -> None:
        super().__init__(origin.cuff.cuff, want.session.boot)
        self._folder, self._origin, self._want = folder, origin, want

    def _is_there(self) -> bool:
        return False

    def _noted(self, key: str, default: Any) -> Any:
        return default

    def _open(self, clock: int, slope: float | None) -> tuple[Recorder, Place]:
        origin, want = self._origin, self._want
        began = origin.began(want)
        clocks = {"zero": clock, "slope": slope}
        about = {
            "started": began.isoformat(timespec="seconds") if began else None,
            KEPT: {**origin.about(want), **clocks},
            **origin.also,
        }
        writer = Recorder(origin.path(self._folder, want), origin.facts, about)
        writer.note_cuff(origin.cuff)
        return writer, by_cuff(clock, slope or 1.0)


class Later(Addition):
    """More of a recording that has ended."""

    def __init__(self, path: Path, cuff: str, boot: int) -> None:
        super().__init__(cuff, boot)
        self._into = path
        self._appender: Appender | None = None

    def _is_there(self) -> bool:
        return True

    def _noted(self, key: str, default: Any) -> Any:
        return self._appender.noted(key, default) if self._appender else default

    def _open(self, clock: int, slope: float | None) -> tuple[Recorder, Place]:
        self._appender = Appender(self._into)
        kept: Mapping[str, Any] | None = self._appender.noted(KEPT, None)
        if kept:
            return self._appender, by_cuff(kept["zero"], kept["slope"] or 1.0)
        self._is_late = True
        return self._appender, by_recording(self._into, self._cuff, self._boot)

    def close(self, gone: Sequence[Range]) -> None:
        """As Addition's; what was added is noted with its time."""
        if self._appender and self._samples:
            when = datetime.now(UTC).isoformat(timespec="seconds")
            row = {"when": when, "cuff": self._cuff, "boot": self._boot, "samples": self._samples}
            how = BY_CUFF if self._appender.noted(KEPT, None) else BY_RECORDING
            rows = [*self._appender.noted(FILLED, []), {**row, "t_host": how}]
            self._appender.note(FILLED, rows)
        super().close(gone)
