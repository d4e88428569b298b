"""A recording that has ended: closing what a kill left open, adding what the cuff handed over later."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from distal.errors import RecordingError
from distal.recording import LATE, Recorder, Recording

_WAL_MARK = b"\x02\x02"  # SQLite file format 1.3: read and write version 2 is a write-ahead log


def close_unfinished(path: Path) -> bool:
    """Fold the log of a recording whose writer was killed into its file.

    False: it was ended cleanly, or somebody still has it open. raises RecordingError if it is damaged
    """
    try:
        if not is_open(path):
            return False
        db = sqlite3.connect(path, timeout=0)
        try:
            (mode,) = db.execute("PRAGMA journal_mode=DELETE").fetchone()
        finally:
            db.close()
    except sqlite3.OperationalError:
        return False
    except (OSError, sqlite3.Error) as error:
        raise RecordingError(f"{path} cannot be closed ({error}). It is kept as it is.") from error
    return bool(mode == "delete")


def is_open(path: Path) -> bool:
    """Whether a writer has not ended it. raises OSError"""
    with path.open("rb") as file:
        return file.read(20)[18:20] == _WAL_MARK


class Appender(Recorder):
    """As Recorder, on a file that is there. One whose writer was killed is closed first.

    raises  RecordingError when it cannot be written, or somebody still writes it
    """

    def __init__(self, path: Path) -> None:
        # nothing is made anew: Recorder's own beginning is not wanted
        self.path = path
        self.count = self._count_safe = 0
        close_unfinished(path)
        if is_open(path):
            raise RecordingError(f"{path} is still being recorded. Fetch again when that has ended.")
        with Recording(path) as recording:
            self._meta = recording.meta
        try:
            self._db = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=rw",
                uri=True,
                isolation_level="DEFERRED",
                check_same_thread=False,
            )
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute(LATE)
        except sqlite3.Error as error:
            raise RecordingError(
                f"cannot write {path}: {error}. Check that you may write it; close what reads it."
            ) from error
        self._committed = time.monotonic()

    def noted(self, key: str, default: Any) -> Any:
        """What was noted under that key, here or before."""
        return self._meta.get(key, default)

    def note(self, key: str, value: Any) -> None:
        """As Recorder's."""
        super().note(key, value)
        self._meta[key] = value
