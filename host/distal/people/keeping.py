"""A recording into a person's history, and the review of some days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from distal.model import SessionReport
from distal.people.advice import Advice, advise_recovery, advise_weight, dose_by_day
from distal.people.plan import Did, Share, adherence
from distal.people.profile import Person
from distal.people.store import People, day_of
from distal.people.watching import with_profile
from distal.report.contract import ANALYSIS_VERSION
from distal.review import load_report


def keep_recording(store: People, person: Person, path: Path) -> tuple[int, SessionReport]:
    """Analyse a recording with what the profile adds, and keep it; returns session id and report."""
    report, legs, meta = load_report(path, lambda facts: with_profile(facts, person))
    about = {
        "recording": str(path.resolve()),
        "started": meta["started"],
        "seconds": max((leg.seconds for leg in legs.values()), default=0.0),
        "analysis": ANALYSIS_VERSION,
    }
    return store.keep(person, about, report), report


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
    unique = list(dict.fromkeys([*found, *advise_recovery(done, span[1])]))
    return Review(adherence(items, did, *span), dose_by_day(done, *span), unique)
