"""The one file of people, and all that is asked of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from json import JSONDecodeError
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from distal.errors import PeopleError
from distal.model import SessionReport
from distal.people import history, limits, plan, tables
from distal.people.profile import Gate, Person, check_answers, check_profile

MIGRATIONS = Path(__file__).parent / "migrations"


class People:
    """People, gates, plans, limits, sessions. Use as a context manager.

    where  a file, or an SQLAlchemy URL of another database
    raises PeopleError from every call when the file cannot be used
    """

    def __init__(self, where: Path | str) -> None:
        url = where if isinstance(where, str) else f"sqlite:///{where}"
        self._where = where
        self._engine = sa.create_engine(url)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _set_up_sqlite)
        if isinstance(where, Path):
            _make_file(where)
        with self._begin() as db:
            migrate(db)

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        with self._in_words(), self._engine.begin() as db:
            yield db

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise PeopleError(f"{self._where} cannot be used ({error.orig}). Check the file.") from error
        except JSONDecodeError as error:
            raise PeopleError(f"{self._where} is damaged ({error}). Take it from a backup.") from error

    # -- people

    def add(self, name: str, **values: Any) -> Person:
        """A new person."""
        row = {**check_profile({"name": name, **values}), "created": now()}
        with self._begin() as db:
            if db.execute(sa.select(tables.person.c.id).where(tables.person.c.name == name)).first():
                raise PeopleError(f"{name} is there already. Change it with: distal people set")
            db.execute(tables.person.insert().values(**row))
        return self.person(name)

    def people(self) -> list[Person]:
        """Everybody, by name."""
        with self._begin() as db:
            rows = db.execute(sa.select(tables.person).order_by(tables.person.c.name))
            return [Person(**row) for row in rows.mappings()]

    def person(self, name: str) -> Person:
        """The person of that name; the beginning is enough when only one begins so."""
        found = self.people()
        exact = [one for one in found if one.name == name]
        matches = exact or [one for one in found if one.name.lower().startswith(name.lower())]
        if len(matches) == 1:
            return matches[0]
        known = ", ".join(one.name for one in found) or "nobody yet"
        many = "several are called" if matches else "nobody is called"
        raise PeopleError(f"{many} {name} ({known}). Add a person with: distal people add")

    def change(self, person: Person, **values: Any) -> None:
        """Change the profile."""
        with self._begin() as db:
            chosen = tables.person.c.id == person.id
            db.execute(tables.person.update().where(chosen).values(**check_profile(values)))

    def delete(self, person: Person) -> None:
        """Remove a person with everything of theirs; recordings are files and stay."""
        with self._begin() as db:
            db.execute(tables.person.delete().where(tables.person.c.id == person.id))
        if self._engine.dialect.name != "sqlite":
            return
        with self._in_words(), self._engine.connect() as db:
            db = db.execution_options(isolation_level="AUTOCOMMIT")
            db.execute(sa.text("VACUUM"))  # deleted means gone from the file, too

    # -- gate, limits, plan: dated rows, the newest counts

    def answer(self, person: Person, answers: Mapping[str, bool], cleared_by: str | None = None) -> Gate:
        """Keep the answers to the questions before a first session."""
        made = Gate(now(), check_answers(answers), cleared_by)
        self._insert(tables.gate, {"person": person.id, **asdict(made)})
        return made

    def gate(self, person: Person) -> Gate | None:
        """The newest answers."""
        row = self._newest(tables.gate, person)
        return Gate(row["answered"], row["answers"], row["cleared_by"]) if row else None

    def limit(self, person: Person, values: Mapping[str, Any]) -> limits.Limits:
        """Set limits: those named change, the others stay."""
        before = limits.to_dict(self.limits(person))
        made = limits.limits_of({**before, **values})
        row = {"since": now(), "values": limits.to_dict(made)}
        self._insert(tables.limits, {"person": person.id, **row})
        return made

    def limits(self, person: Person) -> limits.Limits:
        """The limits now; none were set: none bind."""
        row = self._newest(tables.limits, person)
        return limits.limits_of(row["values"]) if row else limits.Limits()

    def agree(self, person: Person, items: Sequence[plan.Item]) -> None:
        """A new plan; the old one stays in the history."""
        bound = self.limits(person)
        for item in items:
            if item.exercise in bound.forbidden:
                raise PeopleError(f"{item.exercise} is forbidden by {person.name}'s limits. Leave it out.")
            if bound.mass_kg is not None and item.mass_kg is not None and item.mass_kg > bound.mass_kg:
                raise PeopleError(
                    f"{item.mass_kg:g} kg is above the limit of {bound.mass_kg:g} kg. Lower it."
                )
        row = {"since": now(), "items": [plan.to_dict(item) for item in items]}
        self._insert(tables.plan, {"person": person.id, **row})

    def plan(self, person: Person) -> tuple[str, list[plan.Item]] | None:
        """Since when, and its items."""
        row = self._newest(tables.plan, person)
        return (row["since"], [plan.item_of(item) for item in row["items"]]) if row else None

    # -- sessions

    def keep(self, person: Person, recording: Mapping[str, Any], report: SessionReport) -> int:
        """Keep a session, or keep it again after a correction; effort and pain stay. Returns its id.

        recording  {"recording": path, "started": ISO, "seconds": s, "analysis": version}
        """
        with self._begin() as db:
            same = sa.and_(
                tables.session.c.person == person.id, tables.session.c.recording == recording["recording"]
            )
            said = _said(db, same)
            db.execute(tables.session.delete().where(same))
            row = {"person": person.id, **recording, "summary": history.summary_of(report)}
            made = db.execute(tables.session.insert().values(**row))
            (key,) = made.inserted_primary_key or (0,)
            for number, one in enumerate(report.sets, 1):
                words = said.get((number, one.exercise, one.side), {})
                values = {"exercise": one.exercise, "side": one.side, "reps": len(one.reps)}
                figures = {"session": key, "number": number, "figures": history.figures_of(one)}
                db.execute(tables.done.insert().values(**values, **figures, **words))
        return int(key)

    def sessions(self, person: Person, since: date | None = None) -> list[dict[str, Any]]:
        """Sessions in order of time, each with its sets under `sets`; at_s: began, seconds since 1970."""
        with self._begin() as db:
            query = sa.select(tables.session).where(tables.session.c.person == person.id)
            rows = [dict(row) for row in db.execute(query.order_by(tables.session.c.started)).mappings()]
            for row in rows:
                row["at_s"] = datetime.fromisoformat(row["started"]).timestamp()
                sets = sa.select(tables.done).where(tables.done.c.session == row["id"])
                row["sets"] = [
                    dict(one) for one in db.execute(sets.order_by(tables.done.c.number)).mappings()
                ]
        return [row for row in rows if since is None or day_of(row["started"]) >= since]

    def say(self, session: int, number: int, effort: int | None, pain: int | None) -> None:
        """Effort and pain of a set, 0 to 10; None leaves what was said."""
        values = {key: value for key, value in (("effort", effort), ("pain", pain)) if value is not None}
        for key, value in values.items():
            if not 0 <= value <= 10:
                raise PeopleError(f"{key} is 0 to 10. Correct it.")
        with self._begin() as db:
            where = sa.and_(tables.done.c.session == session, tables.done.c.number == number)
            if values and not db.execute(tables.done.update().where(where).values(**values)).rowcount:
                raise PeopleError(f"that session has no set {number}. See: distal people history")

    def _insert(self, table: sa.Table, row: Mapping[str, Any]) -> None:
        with self._begin() as db:
            db.execute(table.insert().values(**row))

    def _newest(self, table: sa.Table, person: Person) -> dict[str, Any] | None:
        with self._begin() as db:
            query = sa.select(table).where(table.c.person == person.id).order_by(table.c.id.desc()).limit(1)
            row = db.execute(query).mappings().first()
        return dict(row) if row else None

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def __enter__(self) -> "People":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _make_file(path: Path) -> None:
    """Empty, for its owner's eyes only. raises PeopleError"""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise PeopleError(f"{path} cannot be written ({why}). Name another with DISTAL_PEOPLE.") from error


def _said(db: sa.Connection, same: sa.ColumnElement[bool]) -> dict[tuple[int, str, str], dict[str, Any]]:
    """Effort and pain of the sets of a session that is about to be kept again."""
    done = tables.done
    query = sa.select(done).join(tables.session, tables.session.c.id == done.c.session).where(same)
    return {
        (row["number"], row["exercise"], row["side"]): {"effort": row["effort"], "pain": row["pain"]}
        for row in db.execute(query).mappings()
    }


def migrate(db: sa.Connection) -> None:
    """Bring the file to the newest tables. raises PeopleError when it is newer than this program"""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = db
    try:
        command.upgrade(config, "head")
    except Exception as error:
        if type(error).__module__.startswith("alembic"):
            raise PeopleError(f"the file of people is from a newer Distal ({error}). Update it.") from error
        raise


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA busy_timeout=5000")


def now() -> str:
    """This moment, ISO with its zone."""
    return datetime.now(UTC).astimezone().isoformat(timespec="milliseconds")


def day_of(moment: str) -> date:
    """The local day that an ISO time names."""
    return datetime.fromisoformat(moment).date()
