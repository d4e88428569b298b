"""A session's packets on disk: one SQLite file, written before anything interprets the bytes.

Write-ahead log: what was committed survives; while a session runs its newest second is in NAME.distal-wal.
"""

import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from distal import __version__, dated, notes
from distal.calibration import Calibration, from_dict
from distal.errors import DataError, RecordingError
from distal.model import Facts, Received, Side
from distal.order import in_index_order
from distal_wire import batch, spec

FORMAT = 1
APPLICATION_ID = 0x44535431  # "DST1": says to `file` and to us whose SQLite file this is
COMMIT_S = 0.5  # the session calls flush() twice a second, so nothing waits longer than 1 s

_SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE facts(id INTEGER PRIMARY KEY, noted TEXT NOT NULL, facts TEXT NOT NULL);
CREATE TABLE cuffs(cuff TEXT PRIMARY KEY, side TEXT, name TEXT NOT NULL, info BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE received(id INTEGER PRIMARY KEY, cuff TEXT NOT NULL, t_host REAL NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE packets(cuff TEXT NOT NULL, boot INTEGER NOT NULL, first INTEGER NOT NULL,
    count INTEGER NOT NULL, received_id INTEGER NOT NULL, UNIQUE(cuff, boot, first));
"""
# recordings made before there were calibrations have no such table
_CALIBRATIONS = """CREATE TABLE IF NOT EXISTS calibrations(
    id INTEGER PRIMARY KEY, noted TEXT NOT NULL, cuff TEXT NOT NULL, calibration TEXT NOT NULL)"""
# nor one of what was handed over after they had ended; their times are no arrivals
LATE = "CREATE TABLE IF NOT EXISTS late(received_id INTEGER PRIMARY KEY)"
_BUSY_S = 20.0  # a correction waits so long for a session that writes: it commits twice a second
# A repeat changes nothing, unless it holds more (a last packet cut short, sent again whole).
_FACTS_ROW = "INSERT INTO facts(noted, facts) VALUES(?, ?)"
_CALIBRATION_ROW = "INSERT INTO calibrations(noted, cuff, calibration) VALUES(?, ?, ?)"
_INDEX = """INSERT INTO packets VALUES(?, ?, ?, ?, ?) ON CONFLICT(cuff, boot, first)
    DO UPDATE SET count = excluded.count, received_id = excluded.received_id WHERE excluded.count > count"""


@dataclass(frozen=True, slots=True)
class Cuff:
    """A cuff of a recording; `info` is its info message as read, empty when it was not."""

    cuff: str
    side: Side | None
    name: str
    info: bytes = b""


def check_free(path: Path) -> None:
    """Raise RecordingError when a recording cannot be begun there: before anybody straps on a cuff."""
    if path.exists():
        raise RecordingError(f"{path} is already there. Give another name with --out, or remove it.")
    if not path.absolute().parent.is_dir():
        raise RecordingError(f"there is no folder {path.absolute().parent}. Make it, or choose another.")


class Recorder:
    """Writes a new recording. Use as a context manager; what was committed outlives a crash."""

    def __init__(self, path: Path, facts: Facts, about: Mapping[str, Any] | None = None) -> None:
        self.path = path
        self.count = 0
        self._count_safe = 0  # of them committed
        check_free(path)
        try:
            self._db = sqlite3.connect(path, isolation_level="DEFERRED", check_same_thread=False)
            self._create()
        except sqlite3.Error as error:
            raise RecordingError(f"cannot write {path}: {error}. Choose another folder.") from error
        started = datetime.now(UTC).astimezone().isoformat(timespec="milliseconds")
        self._set({"format": FORMAT, "distal": __version__, "wire": spec.VERSION, "started": started})
        self._set(dict(about or {}))
        self.note_facts(facts)

    def _create(self) -> None:
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")  # a commit reaches the disk, not only the system's memory
        self._db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        self._db.executescript(";".join((_SCHEMA, _CALIBRATIONS, LATE)))
        self._committed = time.monotonic()

    def _set(self, values: Mapping[str, Any]) -> None:
        rows = [(key, json.dumps(value)) for key, value in values.items()]
        self._run(lambda: self._db.executemany("INSERT OR REPLACE INTO meta VALUES(?, ?)", rows))
        self.commit()

    def note(self, key: str, value: Any) -> None:
        """Keep something about the session (anything JSON can hold), such as the truth of a virtual one."""
        self._set({key: value})

    def note_facts(self, facts: Facts) -> None:
        """Add facts, dated; the newest row counts, the packets stay as they are."""
        row = (_now(), dated.write(facts))
        self._run(lambda: self._db.execute(_FACTS_ROW, row))
        self.commit()

    def note_calibration(self, calibration: Calibration) -> None:
        """Add the calibration of a cuff of the session, dated; the newest row of a cuff counts."""
        row = (_now(), calibration.cuff, json.dumps(calibration.to_dict()))
        self._run(lambda: self._db.execute(_CALIBRATION_ROW, row))
        self.commit()

    def note_cuff(self, cuff: Cuff) -> None:
        """Add a cuff, or what is newly known of it."""
        row = (cuff.cuff, cuff.side, cuff.name, cuff.info)
        self._run(lambda: self._db.execute("INSERT OR REPLACE INTO cuffs VALUES(?, ?, ?, ?)", row))
        self.commit()

    def append(self, received: Received) -> None:
        """Keep one message as it came, then index it if it is a good sample packet."""
        self._run(lambda: self._append(received))
        self.count += 1
        self.flush()

    def _append(self, received: Received) -> None:
        row = (received.cuff, received.t_host, received.data)
        cursor = self._db.execute("INSERT INTO received(cuff, t_host, bytes) VALUES(?, ?, ?)", row)
        if received.is_late:
            self._db.execute("INSERT INTO late VALUES(?)", (cursor.lastrowid,))
        decoded = batch.decode([received.data])
        for header in decoded.header:
            key = (received.cuff, int(header["boot"]), int(header["index"]), int(header["count"]))
            self._db.execute(_INDEX, (*key, cursor.lastrowid))

    def append_all(self, messages: Sequence[Received]) -> None:
        """Keep many messages in one transaction. raises RecordingError: then none of them"""
        for message in messages:
            self._run(lambda one=message: self._append(one))
        self.count += len(messages)
        self.commit()

    def roll_back(self) -> None:
        """Forget what was appended since the last commit: after an error, some of it may be gone."""
        with suppress(sqlite3.Error):
            self._db.rollback()
        self.count = self._count_safe

    def flush(self) -> None:
        """Commit if the last commit is older than COMMIT_S."""
        if self._db.in_transaction and time.monotonic() - self._committed >= COMMIT_S:
            self.commit()

    def commit(self) -> None:
        """Make everything up to here survive."""
        self._run(self._db.commit)
        self._committed = time.monotonic()
        self._count_safe = self.count

    def _run(self, step: Any) -> None:
        try:
            step()
        except sqlite3.Error as error:
            text = f"cannot write {self.path}: {error}. What was written before stays; free some space."
            raise RecordingError(text) from error

    def close(self) -> None:
        """Commit and fold the log into the one file."""
        self.commit()
        with suppress(sqlite3.Error):  # a reader holds the log: it stays beside the file, readable
            self._db.execute("PRAGMA journal_mode=DELETE")
        self._db.close()

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def amend(path: Path, amendment: dated.Amendment) -> None:
    """Add dated rows to a recording, all or none, also while a session writes it; the packets stay.

    raises  RecordingError when it cannot be written
    """
    now, found = _now(), amendment.calibrations.items()
    with _amending(path) as db:
        db.execute(_CALIBRATIONS)
        db.execute(_FACTS_ROW, (now, dated.write(amendment.facts, amendment.sides, amendment.note)))
        rows = ((now, cuff, json.dumps(one.to_dict() if one else None)) for cuff, one in found)
        db.executemany(_CALIBRATION_ROW, rows)


def keep(path: Path, key: str, value: Any) -> None:
    """As Recorder.note, of a finished recording. raises RecordingError"""
    with _amending(path) as db:
        db.execute("INSERT OR REPLACE INTO meta VALUES(?, ?)", (key, json.dumps(value)))


@contextmanager
def _amending(path: Path) -> Iterator[sqlite3.Connection]:
    Recording(path).close()  # says what is wrong with the file better than a writer could
    url = f"{path.resolve().as_uri()}?mode=rw"
    try:
        db = sqlite3.connect(url, uri=True, timeout=_BUSY_S, isolation_level=None)
    except sqlite3.Error as error:
        raise _unwritable(path, error) from error
    try:
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")
        db.execute("PRAGMA busy_timeout=0")
        with suppress(sqlite3.Error):  # a session still writes it: the log beside the file stays its own
            db.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise _unwritable(path, error) from error
    finally:
        db.close()


def _unwritable(path: Path, error: Exception) -> RecordingError:
    return RecordingError(f"cannot correct {path}: {error}. It is as it was; check that you may write it.")


class Recording:
    """Reads a recording, also one whose writer was killed or is still writing. Never changes it.

    damage  what could not be read, in words; filled while reading
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage: list[str] = []
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "is not there"
            raise RecordingError(f"{path} {what}. Give the .distal file that `distal record` wrote.")
        self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect(self.path)
        except sqlite3.OperationalError:
            # a log beside the file in a folder we may not write to: SQLite needs its own copy
            return self._open_copy()
        except sqlite3.DatabaseError:
            return self._open_cut_short()

    def _open_cut_short(self) -> sqlite3.Connection:
        """SQLite reads a file that is shorter than it says only with this switch; nothing is written."""
        try:
            db = self._connect(self.path, "PRAGMA writable_schema=ON")
        except sqlite3.DatabaseError as error:
            raise self._unreadable(error) from error
        self.damage.append(f"{self.path.name}: the file is cut short; what is left was read")
        return db

    def _open_copy(self) -> sqlite3.Connection:
        self._copy = tempfile.TemporaryDirectory(prefix="distal-")
        try:
            for suffix in ("", "-wal"):
                source = self.path.with_name(self.path.name + suffix)
                if source.exists():
                    shutil.copyfile(source, Path(self._copy.name) / ("copy" + suffix))
            return self._connect(Path(self._copy.name) / "copy")
        except (sqlite3.Error, OSError) as error:
            self._copy.cleanup()
            raise self._unreadable(error) from error

    def _connect(self, path: Path, first: str = "PRAGMA query_only=ON") -> sqlite3.Connection:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            db.execute(first)
            (identity,) = db.execute("PRAGMA application_id").fetchone()
            if identity != APPLICATION_ID:
                raise RecordingError(f"{self.path} is no recording of Distal. Give a .distal file.")
            self._meta, damaged = notes.read(db.execute("SELECT key, value FROM meta"))
        except BaseException:
            db.close()
            raise
        for key in damaged:
            self._tell(f"its note {key!r} is damaged and left out")
        return db

    def _unreadable(self, error: Exception) -> RecordingError:
        return RecordingError(f"{self.path} cannot be read as a recording ({error}). Give a .distal file.")

    @property
    def meta(self) -> dict[str, Any]:
        """Format, versions, wall time of the start (`started`), and what was noted (`truth`, ...)."""
        return dict(self._meta)

    def facts(self) -> Facts:
        """The newest facts."""
        history = self.history()
        return history[-1].facts if history else Facts()

    def history(self) -> list[dated.Dated]:
        """All facts in the order in which they were noted."""
        out = []
        for number, noted, text in self._rows("SELECT id, noted, facts FROM facts ORDER BY id"):
            try:
                out.append(dated.read(noted, text))
            except (ValueError, TypeError, AttributeError):
                self._tell(f"row {number} of the facts is damaged; others count")
        return out

    def calibrations(self) -> list[Calibration]:
        """The newest calibration of each cuff; a cuff without one, or whose was taken back, has none."""
        if not self._has_table("calibrations"):
            return []
        found: dict[str, Calibration | None] = {}
        for cuff, text in self._rows("SELECT cuff, calibration FROM calibrations ORDER BY id"):
            try:
                values = json.loads(text)
                found[cuff] = None if values is None else from_dict({**values, "cuff": cuff})
            except (ValueError, TypeError, DataError):
                self._tell(f"a calibration of {cuff} is damaged and left out")
        return [one for one in found.values() if one]

    def cuffs(self) -> list[Cuff]:
        """The cuffs of the session; a corrected side stands in place of the recorded one."""
        history = self.history()
        corrected = history[-1].sides if history else {}
        rows = self._rows("SELECT cuff, side, name, info FROM cuffs ORDER BY cuff")
        return [Cuff(cuff, corrected.get(cuff, side), name, info) for cuff, side, name, info in rows]

    def sides(self) -> dict[str, Side]:
        """Cuff id -> the side it was worn on, for those where it is known."""
        return {cuff.cuff: cuff.side for cuff in self.cuffs() if cuff.side}

    def received(self) -> Iterator[Received]:
        """Every message in order of arrival; a row that damage has emptied is left out and told."""
        empty, late = 0, self._late()
        for number, cuff, t_host, data in self._received_rows():
            if isinstance(cuff, str) and isinstance(t_host, float) and isinstance(data, bytes):
                yield Received(cuff, t_host, data, number in late, number)
            else:
                empty += 1
        if empty:
            self.damage.append(f"{self.path.name}: {empty} messages are damaged")

    def _late(self) -> set[int]:
        """Rows that came after the recording had ended."""
        if not self._has_table("late"):
            return set()
        return {number for (number,) in self._rows("SELECT received_id FROM late")}

    def _has_table(self, name: str) -> bool:
        return bool(list(self._rows("SELECT 1 FROM sqlite_master WHERE name = ?", (name,))))

    def packets(self, cuff: str, boot: int) -> list[tuple[int, int]]:
        """(first index, count) of every packet of a boot."""
        query = "SELECT first, count FROM packets WHERE cuff = ? AND boot = ? ORDER BY first"
        return [(int(first), int(count)) for first, count in self._rows(query, (cuff, boot))]

    def in_index_order(self) -> list[Received]:
        """Every message, sample packets last, by cuff, boot and index: what a report is made of."""
        return in_index_order(list(self.received()))

    def _received_rows(self) -> Iterator[tuple[Any, ...]]:
        """Rows by id; where the file is damaged, those before the damage and those after it."""
        query = "SELECT id, cuff, t_host, bytes FROM received WHERE id > ? ORDER BY id"
        seen, known = 0, len(self.damage)
        for row in self._rows(query, (0,)):
            seen = row[0]
            yield row
        if len(self.damage) > known:
            backwards = list(self._rows(query + " DESC", (seen,)))
            del self.damage[known + 1 :]  # the same damage, met from the other end
            yield from reversed(backwards)

    def _rows(self, query: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._db.execute(query, values)
        except sqlite3.DatabaseError as error:
            self.damage.append(f"{self.path.name}: part of the file is damaged ({error})")

    def _tell(self, text: str) -> None:
        text = f"{self.path.name}: {text}"
        if text not in self.damage:
            self.damage.append(text)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
        if self._copy:
            self._copy.cleanup()

    def __enter__(self) -> "Recording":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
