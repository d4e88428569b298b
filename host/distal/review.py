"""The report of a recording, made again from its packets: what commands and the daemon share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from distal.errors import PeopleError
from distal.model import Facts, Notice, SessionReport, Side
from distal.people.limits import after, limits_of
from distal.pipeline import Pipeline
from distal.recording import Recording
from distal.shelf import PLACED, TAP
from distal.streams import LegState


class Loaded(NamedTuple):
    """The report of a recording, how its streams stand, and its meta (a virtual one's holds its `truth`)."""

    report: SessionReport
    legs: Mapping[Side, LegState]
    meta: dict[str, Any]


def load_report(path: Path, change: Callable[[Facts], Facts] = lambda facts: facts) -> Loaded:
    """Analyse a recording.

    change  what overrules the recording's own facts
    raises  RecordingError, DataError
    """
    with Recording(path) as recording:
        pipeline = Pipeline(change(recording.facts()), recording.sides(), recording.calibrations())
        pipeline.streams.name_placed(recording.meta.get(PLACED, {}), recording.meta.get(TAP))
        pipeline.feed_all(recording.in_index_order())
        damage = [Notice("damaged_file", text) for text in recording.damage]
        meta = recording.meta
    pipeline.streams.name_round_trips(meta.get("round_trips") or [])
    report = pipeline.finish()
    notices = [*damage, *_limit_notices(meta.get("limits"), report)]
    return Loaded(with_notices(report, notices), pipeline.streams.legs(), meta)


def _limit_notices(stored: Any, report: SessionReport) -> list[Notice]:
    """Limits that held when it was recorded, and were passed; those that cannot be read are told."""
    if stored is None:
        return []
    try:
        bounds = limits_of(stored)
    except (PeopleError, AttributeError) as error:
        why = str(error) if isinstance(error, PeopleError) else "they are no table."
        text = f"The limits kept in the recording cannot be read and were not checked: {why}"
        return [Notice("limits_unread", text)]
    return [one.notice() for one in after(bounds, report)]


def with_notices(report: SessionReport, notices: Sequence[Notice]) -> SessionReport:
    """The report with more warnings."""
    return replace(report, notices=(*report.notices, *notices))


def about_recording(path: Path, started: str | None) -> dict[str, Any]:
    """What a page says of a recording."""
    return {"title": path.name, "recorded": _written_out(started)}


def _written_out(started: str | None) -> str | None:
    """ISO time -> `22 November 2026, 05:06`."""
    if started is None:
        return None
    when = datetime.fromisoformat(started)
    return f"{when.day} {when:%B %Y, %H:%M}"
