"""The daemon's folder of recordings: names, reports beside them, and those that a kill left unfinished."""

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from distal.appending import close_unfinished
from distal.daemon.source import StoredSession
from distal.daemon.state import ReportState
from distal.errors import DaemonError, DistalError
from distal.model import SIDES, Side
from distal.recording import Recording
from distal.report import contract
from distal.report.html.page import session_html
from distal.report.html.parts import About
from distal.report.words import Words
from distal.review import Loaded, about_recording
from distal.shelf import KEPT

SUFFIX = ".distal"
NAME_FORM = "session-%Y%m%d-%H%M%S"
MOST_LISTED = 200


def make_folder(folder: Path, words: Words) -> None:
    """Make it, and see that it can be written to. raises DaemonError"""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DaemonError(words.say("daemon.folder", folder=folder, why=error.strerror or error)) from error


def new_path(folder: Path, when: datetime) -> Path:
    """A free name of that second."""
    stem = when.strftime(NAME_FORM)
    path, number = folder / f"{stem}{SUFFIX}", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}{SUFFIX}", number + 1
    return path


def sessions(folder: Path) -> list[StoredSession]:
    """The newest recordings of the folder, newest first."""
    found = [(_started(path), path) for path in folder.glob(f"*{SUFFIX}") if path.is_file()]
    return [_stored(path, when) for when, path in sorted(found, reverse=True)[:MOST_LISTED]]


def _started(path: Path) -> datetime:
    """As the name says it, so that a list opens no file; else when the file last changed."""
    try:
        return datetime.strptime(path.stem[:23], NAME_FORM).astimezone()
    except ValueError:
        return datetime.fromtimestamp(path.stat().st_mtime).astimezone()


def _stored(path: Path, when: datetime) -> StoredSession:
    page, data = path.with_suffix(".html"), path.with_suffix(".json")
    reports = [one if one.is_file() else None for one in (page, data)]
    return StoredSession(path.stem, path, when.isoformat(timespec="seconds"), *reports)


@lru_cache(maxsize=4 * MOST_LISTED)
def _alone(path: Path, _changed_ns: int) -> tuple[Side, ...]:
    try:
        with Recording(path) as recording:
            sides = recording.sides().values() if KEPT in recording.meta else ()
    except DistalError:
        return ()
    return tuple(side for side in SIDES if side in sides)


def reports(folder: Path) -> tuple[ReportState, ...]:
    """The newest reports of the folder, newest first; a recording is opened once, and when it has changed."""
    found = [one for one in sessions(folder) if one.html]
    return tuple(
        ReportState(one.name, one.when, _alone(one.recording, _changed_ns(one.recording))) for one in found
    )


def _changed_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def write_report(path: Path, loaded: Loaded, lang: str = "en") -> None:
    """Write NAME.html and NAME.json beside a recording. raises OSError when they cannot be written"""
    report, _, meta = loaded
    about = About(**about_recording(path, meta.get("started")))
    data = {**contract.to_dict(report), "recording": path.name}
    _write(path.with_suffix(".json"), json.dumps(data, allow_nan=False, ensure_ascii=False) + "\n")
    _write(path.with_suffix(".html"), session_html(report, about, lang=lang))


def _write(path: Path, text: str) -> None:
    """The file is whole at every moment."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".report-")
    with suppress(FileNotFoundError):
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(name, 0o644 & ~_umask())
            os.replace(name, path)
        finally:
            os.unlink(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def unfinished(folder: Path, tell: Callable[[str, str], None]) -> list[Path]:
    """Close what a killed daemon left; returns the recordings that still want a report.

    tell  called with (what, name): `closed`, or `damaged` with the reason
    """
    wanting = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            was_open = close_unfinished(path)
            if was_open:
                tell("daemon.closed", path.stem)
            if was_open or _wants_report(path):
                wanting.append(path)
        except DistalError as error:
            tell("daemon.damaged", str(error))
    return wanting


def _wants_report(path: Path) -> bool:
    """A session of the daemon that ended with its recording, not with its report."""
    if path.with_suffix(".json").exists():
        return False
    with Recording(path) as recording:
        return "daemon" in recording.meta


def about(by: str) -> Mapping[str, Any]:
    """What a recording keeps of how it was begun."""
    return {"daemon": {"started_by": by}}
