"""Between sessions and the file of people: who wears the cuffs, what is kept, how some days went."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from distal.changes import changes
from distal.device.keys import config_folder
from distal.errors import DataError
from distal.lookback import Given, course_of
from distal.model import Facts, SessionReport
from distal.people import limits
from distal.people.advice import Advice, advise_recovery, advise_stride, advise_weight, dose_by_day
from distal.people.plan import Did, Share, adherence
from distal.people.profile import Person
from distal.people.store import People, day_of
from distal.people.watching import with_profile
from distal.report.contract import ANALYSIS_VERSION
from distal.report.course import Course
from distal.review import Loaded, load_report
from distal.weeks import Gathered, by_span, load_of, week_name


def open_people() -> People:
    """The file of people: DISTAL_PEOPLE, or beside the other settings. raises PeopleError"""
    named = os.environ.get("DISTAL_PEOPLE")
    return People(Path(named) if named else config_folder() / "people.sqlite")


@dataclass(frozen=True, slots=True)
class Wearer:
    """Who wears the cuffs of a session, and what that person must not pass."""

    person: Person
    bounds: limits.Limits
    worn_min: float  # today, before this session

    def facts(self, facts: Facts) -> Facts:
        """The facts of a session, filled in from the profile."""
        return with_profile(facts, self.person, self.bounds)

    def about(self) -> Mapping[str, Any]:
        """What a recording keeps, so that every report of it knows the limits. No name."""
        return {"limits": limits.to_dict(self.bounds)}

    def before(self, facts: Facts) -> list[limits.Breach]:
        """What is passed before anything moves."""
        return limits.before(self.bounds, facts, self.worn_min)

    def watch(self) -> limits.Watch:
        """For the live view."""
        return limits.Watch(self.bounds, self.worn_min)

    def has(self, path: Path) -> bool:
        """Whether a recording is in the person's history. raises PeopleError"""
        with open_people() as store:
            return any(row["recording"] == str(path.resolve()) for row in store.sessions(self.person))

    def keep(self, path: Path, loaded: Loaded | None = None) -> None:
        """Put a finished recording into the person's history. raises PeopleError, DataError

        loaded  what it says, when it was read already with this wearer's facts
        """
        with open_people() as store:
            keep_recording(store, self.person, path, loaded)


def find_wearer(name: str, today: date) -> Wearer:
    """Who that is. raises PeopleError"""
    with open_people() as store:
        person = store.person(name)
        worn_s = sum(row["seconds"] for row in store.sessions(person) if day_of(row["started"]) == today)
        return Wearer(person, store.limits(person), worn_s / 60.0)


def keep_recording(
    store: People, person: Person, path: Path, loaded: Loaded | None = None
) -> tuple[int, SessionReport]:
    """Analyse a recording with what the profile adds, and keep it; returns session id and report."""
    bounds = store.limits(person)
    read = loaded or load_report(path, lambda facts: with_profile(facts, person, bounds))
    report, legs, meta = read
    if meta.get("started") is None:
        raise DataError(f"nobody knows the day of {path.name}: it fits no history. See: distal report {path}")
    about = {
        "recording": str(path.resolve()),
        "started": meta["started"],
        "seconds": max((leg.seconds for leg in legs.values()), default=0.0),
        "analysis": ANALYSIS_VERSION,
    }
    return store.keep(person, about, report), report


# how a session is called when sets are put together
NAMES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "session": lambda row: f"{row['id']}  {row['started'][5:16].replace('T', ' ')}",
    "day": lambda row: f"{row['day']:%a} {row['day']:%d %b}",
    "week": lambda row: week_name(row["day"]),
}


def load_between(
    store: People, person: Person, span: tuple[date, date], by: str
) -> tuple[Gathered | None, list[Gathered]]:
    """Where the load of some days went: of all together, and by session, day or week. None: no session."""
    first, last = span
    rows = [{**row, "day": day_of(row["started"])} for row in store.sessions(person, first)]
    rows = [row for row in rows if row["day"] <= last]
    whole = load_of(f"{person.name}, {first:%d %b} to {last:%d %b %Y}", rows) if rows else None
    return whole, by_span(rows, NAMES[by])


def course_between(store: People, person: Person, span: tuple[date, date], by: str) -> Course:
    """The rows of a page about some days: by session, day or week."""
    rows = [{**row, "day": day_of(row["started"])} for row in store.sessions(person)]
    found = review(store, person, span)
    bounds = store.limits(person)
    return course_of(Given(person.name, rows, span, NAMES[by], found.shares, found.advice, bounds))


@dataclass(frozen=True, slots=True)
class Review:
    """Some days: the plan's lines, each day's moment over time, what to consider."""

    shares: Sequence[Share]
    dose: Sequence[tuple[date, float]]
    advice: Sequence[Advice]


def review(store: People, person: Person, span: tuple[date, date]) -> Review:
    """Look at the days from the first to the last of `span`."""
    rows = store.sessions(person)
    done: list[dict[str, Any]] = [
        {**one, "day": day_of(row["started"])} for row in rows for one in row["sets"]
    ]
    agreed = store.plan(person)
    items = agreed[1] if agreed else []
    did = [Did(one["day"], one["exercise"], one["side"], one["reps"]) for one in done]
    gate = store.gate(person)
    found = [
        advice
        for item in items
        for advice in advise_weight(item, [one for one in done if one["exercise"] == item.exercise], gate)
    ]
    shorter = any(one.kind == "walk_ratio_mm" and one.strict.says == "lower" for one in changes(rows))
    unique = list(dict.fromkeys([*found, *advise_recovery(done, span[1]), *advise_stride(shorter)]))
    return Review(adherence(items, did, *span), dose_by_day(done, *span), unique)
