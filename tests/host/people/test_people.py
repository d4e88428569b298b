"""People, plans and limits: kept whole, deleted whole, refused in words."""

import sqlite3
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from distal.errors import PeopleError
from distal.model import ExerciseSet, Facts, Load, Pace, Rep, SessionReport
from distal.people.plan import item_of
from distal.people.profile import QUESTIONS
from distal.people.store import People
from distal.people.tables import metadata
from distal.people.watching import with_profile

ABOUT = {"recording": "/a.distal", "started": "2026-03-02T10:00:00+01:00", "seconds": 60.0, "analysis": 1}
ITEM = {"exercise": "clamshell", "side": "both", "sets": 2, "reps": 10}


def rep(start_s: float = 0.0, speed: float = 50.0, **changes: Any) -> Rep:
    load = Load(impulse_nms=4.0, peak_moment_nm=6.0, low=Load(impulse_nms=3.0), high=Load(impulse_nms=5.0))
    pace = Pace(speed, speed, 80.0, 80.0, None, None, None, None)
    whole = Rep(start_s, start_s + 1, start_s + 3, 1.0, 0.5, 1.5, 60.0, 0.0, -20.0, (), load, pace)
    return replace(whole, **changes)


def report_of(*reps: Rep, exercise: str = "clamshell") -> SessionReport:
    sets = (ExerciseSet(exercise, 0.9, "left", 0.0, 30.0, reps),) if reps else ()
    both: Any = {"left": 1.0, "right": 1.0}
    return SessionReport(both, None, {"left": (), "right": ()}, sets, {}, (), {"left": 1.0, "right": None})


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with People(tmp_path / "folder" / "people.sqlite") as people:
        yield people


def test_a_person_and_everything_of_theirs_goes_when_deleted(store: People, tmp_path: Path) -> None:
    ann, bob = store.add("Ann Zebra", height_m=1.7), store.add("Bob")
    for person in (ann, bob):
        store.answer(person, {"joint": True})
        store.limit(person, {"mass_kg": 2.0})
        store.agree(person, [item_of(ITEM)])
        store.keep(person, ABOUT, report_of(rep()))
    store.delete(ann)
    assert [one.name for one in store.people()] == ["Bob"]
    with store._begin() as db:
        for table in metadata.sorted_tables:
            assert db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 1, table.name
    assert b"Zebra" not in (tmp_path / "folder" / "people.sqlite").read_bytes()


def test_only_the_owner_may_read_the_file(store: People, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "folder" / "people.sqlite").stat().st_mode) == 0o600


def test_the_migrations_make_just_the_tables_of_the_program(store: People) -> None:
    with store._begin() as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []


def test_a_file_of_a_newer_program_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "people.sqlite"
    with People(path) as people, people._begin() as db:
        db.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(PeopleError, match="newer Distal"):
        People(path)


def test_what_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "people.sqlite"
    path.write_text("no database " * 100)
    with pytest.raises(PeopleError, match="cannot be used"):
        People(path)


def test_a_name_may_be_begun_and_must_be_known(store: People) -> None:
    store.add("Ann")
    store.add("Anna")
    assert store.person("Ann").name == "Ann"
    assert store.person("anna").name == "Anna"
    with pytest.raises(PeopleError, match="several"):
        store.person("an")
    with pytest.raises(PeopleError, match="nobody is called"):
        store.person("Zoe")
    with pytest.raises(PeopleError, match="already"):
        store.add("Ann")


@pytest.mark.parametrize("bad", [{"height_m": 17.0}, {"sex": "x"}, {"baseline": "elite"}, {"age": 3}])
def test_a_profile_that_cannot_be_is_refused(store: People, bad: dict[str, Any]) -> None:
    with pytest.raises(PeopleError):
        store.add("Ann", **bad)
    assert store.people() == []


def test_the_gate_opens_when_all_is_answered_and_what_is_yes_is_cleared(store: People) -> None:
    ann = store.add("Ann")
    assert store.gate(ann) is None
    assert not store.answer(ann, {"joint": True}).is_open
    all_no = dict.fromkeys(QUESTIONS, False)
    assert store.answer(ann, all_no).is_open
    assert not store.answer(ann, {**all_no, "surgery": True}).is_open
    assert store.answer(ann, {**all_no, "surgery": True}, "J. Roe").is_open
    with pytest.raises(PeopleError, match="no question"):
        store.answer(ann, {"mood": True})


def test_a_plan_may_not_pass_the_limits(store: People) -> None:
    ann = store.add("Ann")
    store.limit(ann, {"mass_kg": 2.0, "forbidden": ["deadlift"]})
    store.limit(ann, {"rom_deg": 90.0})
    assert store.limits(ann).mass_kg == 2.0
    for bad in ({"mass_kg": 3.0}, {"exercise": "deadlift"}):
        with pytest.raises(PeopleError):
            store.agree(ann, [item_of({**ITEM, **bad})])
    store.agree(ann, [item_of({**ITEM, "mass_kg": 1.5})])
    assert store.plan(ann)[1] == [item_of({**ITEM, "mass_kg": 1.5})]  # type: ignore[index]


def test_a_session_kept_again_replaces_its_numbers_and_keeps_what_was_said(store: People) -> None:
    ann = store.add("Ann")
    first = store.keep(ann, ABOUT, report_of(rep(), rep(3)))
    store.say(first, 1, effort=6, pain=None)
    store.say(first, 1, effort=None, pain=0)
    store.keep(ann, ABOUT, report_of(rep(), rep(3), rep(6)))
    (session,) = store.sessions(ann)
    (one,) = session["sets"]
    assert (one["reps"], one["effort"], one["pain"]) == (3, 6, 0)
    assert (one["figures"]["impulse_nms"], one["figures"]["impulse_low_nms"]) == (12.0, 9.0)


def test_effort_and_pain_are_zero_to_ten_of_a_set_that_is_there(store: People) -> None:
    key = store.keep(store.add("Ann"), ABOUT, report_of(rep()))
    for number, effort in ((1, 11), (2, 5)):
        with pytest.raises(PeopleError):
            store.say(key, number, effort, None)


def test_a_load_that_is_partly_unknown_is_unknown_in_sum(store: People) -> None:
    store.keep(store.add("Ann"), ABOUT, report_of(rep(), rep(3, load=Load())))
    (session,) = store.sessions(store.person("Ann"))
    assert session["sets"][0]["figures"]["impulse_nms"] is None


def test_velocity_loss_is_from_the_fastest_rep_to_the_last_two(store: People) -> None:
    speeds = [48.0, 50.0, 49.0, 42.0, 38.0]
    store.keep(store.add("Ann"), ABOUT, report_of(*[rep(3.0 * i, v) for i, v in enumerate(speeds)]))
    (session,) = store.sessions(store.person("Ann"))
    assert session["sets"][0]["figures"]["velocity_loss_pct"] == pytest.approx(20.0)


def test_a_place_that_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "people.sqlite", tmp_path):
        with pytest.raises(PeopleError):
            People(path)


def test_a_file_that_is_in_use_when_somebody_goes_is_told_in_words(store: People, tmp_path: Path) -> None:
    ann = store.add("Ann")
    other = sqlite3.connect(tmp_path / "folder" / "people.sqlite")

    with store._engine.connect() as db:
        db.exec_driver_sql("PRAGMA busy_timeout=1")
    # as soon as the rows are gone somebody else writes: the file cannot be made anew
    begin = lambda *_: other.execute("BEGIN IMMEDIATE")  # noqa: E731
    sa.event.listen(store._engine, "checkin", begin, once=True)
    with pytest.raises(PeopleError, match="cannot be used"):
        store.delete(ann)
    other.close()


def test_the_limit_of_the_moment_is_the_level_whose_time_is_told(store: People) -> None:
    ann = store.add("Ann", height_m=1.7)
    bounds = store.limit(ann, {"moment_nm": 12.0})
    assert with_profile(Facts(), ann, bounds).level_nm == 12.0
    assert with_profile(Facts(level_nm=5.0), ann, bounds).level_nm == 5.0


def test_a_row_that_is_damaged_is_told_in_words(store: People) -> None:
    ann = store.add("Ann")
    store.answer(ann, {"joint": True})
    with store._begin() as db:
        db.execute(sa.text("UPDATE gate SET answers = '{broken'"))
    with pytest.raises(PeopleError, match="is damaged"):
        store.gate(ann)
