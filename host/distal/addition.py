"""What a cuff handed over, on its way into a recording: a new one, or one that has ended."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from distal.appending import Appender
from distal.clock import PERIOD_TICKS
from distal.clock.kept import Anchor, from_dict, to_dict
from distal.handover import Want
from distal.link.base import Kept
from distal.model import Facts, Received, with_mass
from distal.placing import BY_CUFF, BY_RECORDING, Place, by_cuff, by_recording
from distal.ranges import Range, joined
from distal.recording import Cuff, Recorder, Recording
from distal.shelf import FILLED, GONE, JOINED, KEPT, PLACED, SUFFIX
from distal_wire import batch

_95 = 1.96
NAME_FORM = "session-%Y%m%d-%H%M%S"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where packets of a new recording come from: the cuff, who wore it, what it said it keeps, and when.

    anchor  where the session lies in time; None: in an earlier boot, and nothing tells
    """

    cuff: Cuff
    facts: Facts
    kept: Kept
    when: datetime
    also: Mapping[str, Any] = field(default_factory=dict)  # what else the recording shall say
    anchor: Anchor | None = None

    def began(self, want: Want) -> datetime | None:
        """When the wanted samples began; None: nobody knows."""
        if self.anchor is None:
            return None
        into_s = (want.ranges[0][0] - want.session.first) / want.session.rate_hz
        return datetime.fromtimestamp(self.anchor.begin()[0] + into_s, self.when.tzinfo)

    def about(self, want: Want) -> dict[str, Any]:
        """What the recording says of its time."""
        began = self.began(want)
        booted = self.when - timedelta(seconds=self.kept.up_s)
        return {
            "cuff": self.cuff.cuff,
            "boot": want.session.boot,
            "alone": want.session.is_alone,
            "t_host": BY_CUFF,
            "error_s": _95 * self.anchor.begin()[1] if self.anchor else None,
            "before": None if began else booted.isoformat(timespec="seconds"),
        }

    def path(self, folder: Path, want: Want) -> Path:
        """A free name: of its begin, or of cuff and boot where the time is not known."""
        began, cuff, session = self.began(want), self.cuff, want.session
        stem = f"kept-{cuff.cuff[-4:]}-{session.boot:04x}-{want.ranges[0][0]}"
        if began:
            stem = began.strftime(NAME_FORM)
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
        self._marks: set[bytes] = set()

    def add(self, packets: Sequence[Received], marks: Sequence[Received], pace: float | None) -> None:
        """Write packets and marks; `pace`: true seconds a second of the cuff's clock, None: not known.

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
        writer = self._opened(int(decoded.header[0]["clock"]), pace)
        late = self._is_late
        if not late:
            rows += [(batch.read(one.data)["clock"], one) for one in self._unseen(marks)]
        writer.append_all([Received(self._cuff, self._place(at), one.data, late) for at, one in rows])

    def _unseen(self, marks: Sequence[Received]) -> list[Received]:
        """A mark at the end of one range is at the begin of the next."""
        new = {one.data: one for one in marks if one.data not in self._marks}
        self._marks |= set(new)
        return list(new.values())

    def close(self, gone: Sequence[Range], anchor: Anchor | None = None) -> None:
        """Note what the cuff said it has no more, and where it lies; let go of the file.

        anchor  as it is known now, of the session's first sample
        """
        if gone and not self._writer and self._is_there():
            self._opened(0, None)
        if self._writer:
            if gone:
                self._note_gone(self._writer, gone)
            if anchor:
                self._note_better(self._writer, anchor)
            self._writer.close()
            self._writer = None

    def _note_gone(self, writer: Recorder, gone: Sequence[Range]) -> None:
        known: dict[str, dict[str, list[list[int]]]] = self._noted(GONE, {})
        of_cuff = known.setdefault(self._cuff, {})
        before = [(low, high) for low, high in of_cuff.get(str(self._boot), [])]
        of_cuff[str(self._boot)] = [list(one) for one in joined([*before, *gone])]
        writer.note(GONE, known)

    def _note_better(self, writer: Recorder, anchor: Anchor) -> None:
        """A reading that is surer than the first one takes its place."""
        row = self._noted(PLACED, {}).get(self._cuff, {}).get(str(self._boot))
        if row and anchor.shifted(row["zero"]).begin()[1] < from_dict(row).begin()[1]:
            self._note_placed(writer, {**row, **to_dict(anchor.shifted(row["zero"]))})

    def _note_placed(self, writer: Recorder, row: Mapping[str, Any]) -> None:
        placed: dict[str, dict[str, Any]] = self._noted(PLACED, {})
        writer.note(PLACED, {**placed, self._cuff: {**placed.get(self._cuff, {}), str(self._boot): row}})

    def _opened(self, clock: int, pace: float | None) -> Recorder:
        if self._writer is None:
            self._writer, self._place = self._open(clock, pace)
            self.path = self._writer.path
        return self._writer

    @abstractmethod
    def _is_there(self) -> bool:
        """Whether the recording exists before anything is added."""

    @abstractmethod
    def _noted(self, key: str, default: Any) -> Any:
        """What the recording has noted under a key."""

    @abstractmethod
    def _open(self, clock: int, pace: float | None) -> tuple[Recorder, Place]:
        """A writer, and where the first packet (`clock`, ticks) and those after it go."""


class Fresh(Addition):
    """A new recording of a session without a host."""

    def __init__(self, folder: Path, origin: Origin, want: Want) -> None:
        super().__init__(origin.cuff.cuff, want.session.boot)
        self._folder, self._origin, self._want = folder, origin, want
        self._placed: dict[str, Any] = {}

    def _is_there(self) -> bool:
        return False

    def _noted(self, key: str, default: Any) -> Any:
        return self._placed if key == PLACED else default

    def _open(self, clock: int, pace: float | None) -> tuple[Recorder, Place]:
        origin, want = self._origin, self._want
        began = origin.began(want)
        about = {
            "started": began.isoformat(timespec="seconds") if began else None,
            KEPT: {**origin.about(want), "zero": clock, "slope": pace},
            **origin.also,
        }
        if origin.anchor:
            row = _row(origin.anchor.shifted(clock), want, 0.0)
            self._placed = about[PLACED] = {self._cuff: {str(self._boot): row}}
        writer = Recorder(origin.path(self._folder, want), origin.facts, about)
        writer.note_cuff(origin.cuff)
        return writer, by_cuff(clock, pace or 1.0)


class Appending(Addition):
    """Adds to a recording that has ended."""

    def __init__(self, path: Path, cuff: str, boot: int) -> None:
        super().__init__(cuff, boot)
        self._into = path
        self._appender: Appender | None = None

    def _is_there(self) -> bool:
        return True

    def _noted(self, key: str, default: Any) -> Any:
        return self._appender.noted(key, default) if self._appender else default

    def _open_file(self) -> Appender:
        self._appender = self._appender or Appender(self._into)
        return self._appender


class Joined(Appending):
    """A leg that the recording of the other one lacks, at the same time."""

    def __init__(self, path: Path, origin: Origin, want: Want) -> None:
        super().__init__(path, origin.cuff.cuff, want.session.boot)
        self._origin, self._want = origin, want

    def _open(self, clock: int, pace: float | None) -> tuple[Recorder, Place]:
        appender, origin, anchor = self._open_file(), self._origin, self._origin.anchor
        assert anchor  # else it could not be known to belong here
        placed: dict[str, dict[str, Any]] = appender.noted(PLACED, {})
        row = next(one for boots in placed.values() for one in boots.values())
        anchor = anchor.shifted(clock)
        at_s = anchor.begin()[0] - from_dict(row).begin()[0] + row["t_host"]
        appender.note_cuff(origin.cuff)
        self._note_facts(appender)
        self._note_placed(appender, _row(anchor, self._want, at_s))
        about = {**origin.about(self._want), "zero": clock, "slope": pace}
        appender.note(JOINED, [*appender.noted(JOINED, []), about])
        began = origin.began(self._want)
        started = appender.noted("started", None)
        if began and started and began < datetime.fromisoformat(started):
            appender.note("started", began.isoformat(timespec="seconds"))
        return appender, by_cuff(clock, pace or 1.0, at_s)

    def _note_facts(self, appender: Appender) -> None:
        """What this leg wore; all else stays as it was said."""
        with Recording(self._into) as recording:
            before = recording.facts()
        side, facts = self._origin.cuff.side, self._origin.facts
        grams = round(1000 * (facts.mass_kg(side) or 0)) if side else 0
        if side and grams and before.mass_kg(side) is None:
            appender.note_facts(with_mass(before, side, grams))


class Later(Appending):
    """More of what a recording has already."""

    def _open(self, clock: int, pace: float | None) -> tuple[Recorder, Place]:
        appender = self._open_file()
        row = appender.noted(PLACED, {}).get(self._cuff, {}).get(str(self._boot))
        if row:
            return appender, by_cuff(row["zero"], row["pace"], row["t_host"])
        kept: Mapping[str, Any] | None = appender.noted(KEPT, None)
        if kept:
            return appender, by_cuff(kept["zero"], kept["slope"] or 1.0)
        self._is_late = True
        return appender, by_recording(self._into, self._cuff, self._boot)

    def close(self, gone: Sequence[Range], anchor: Anchor | None = None) -> None:
        """As Addition's; what was added is noted with its time."""
        if self._appender and self._samples:
            when = datetime.now(UTC).isoformat(timespec="seconds")
            row = {"when": when, "cuff": self._cuff, "boot": self._boot, "samples": self._samples}
            how = BY_CUFF if self._appender.noted(KEPT, None) else BY_RECORDING
            rows = [*self._appender.noted(FILLED, []), {**row, "t_host": how}]
            self._appender.note(FILLED, rows)
        super().close(gone, anchor)


def _row(anchor: Anchor, want: Want, at_s: float) -> dict[str, Any]:
    """As shelf.PLACED has it."""
    return {**to_dict(anchor), "t_host": at_s, "rate_hz": want.session.rate_hz}
