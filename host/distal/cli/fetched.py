"""What `distal fetch` found and did: for people and for machines."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.cli.output import columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distal.bring import Brought, Survey
    from distal.link.base import KeptSession
    from distal.model import Side


# why a session stays a recording of one leg, as distal.joining says it; of `none` there is nothing to say
APART = {
    "time": "a recording of one leg: when it was is not known, its cuff has lost power since",
    "many": "a recording of one leg: more than one of the other leg was made then; --into FILE names it",
    "side": "a recording of one leg: nobody said which",
}


@dataclass
class Outcome:
    """What became of one cuff."""

    name: str
    cuff: str
    side: "Side | None"
    survey: "Survey"
    brought: "list[Brought]" = field(default_factory=list)
    released: int = 0

    def facts(self) -> dict[str, Any]:
        """For machines."""
        kept = self.survey.kept
        return {
            "cuff": self.cuff,
            "name": self.name,
            "side": self.side,
            "flash_bytes": kept.size,
            "held_samples": kept.held,
            "lost_samples": kept.lost,
            "alone": kept.alone,
            "sessions": [self._session(one) for one in kept.sessions],
            "fetched": [_brought(one) for one in self.brought],
            "released": self.released,
        }

    def _session(self, one: "KeptSession") -> dict[str, Any]:
        return {
            "boot": one.boot,
            "first": one.first,
            "end": one.end,
            "samples": one.count,
            "seconds": round(one.count / one.rate_hz, 1) if one.rate_hz else None,
            "age_s": one.age_s,
            "open": one.is_open,
            "alone": one.is_alone,
            "released": one.is_released,
            "wanted": sum(want.count for want in self.survey.wants if want.session == one),
            "recordings": [str(path) for path in self.here(one)],
        }

    def here(self, session: "KeptSession") -> list[Path]:
        """The recordings that have some of it."""
        from distal.ranges import within

        span = session.first, session.first + session.count
        return [part.path for part in self.survey.parts.get(session.boot, ()) if within(part.has, span)]


def _brought(one: "Brought") -> dict[str, Any]:
    return {
        "recording": str(one.path) if one.path else None,
        "new": one.want.part is None and one.want.joins is None,
        "joined": one.want.joins is not None,
        "apart": None if one.want.part or one.want.joins else one.want.home,
        "sync_p95_ms": agreement_ms(one.path) if one.path and one.want.joins else None,
        "boot": one.want.session.boot,
        "samples": one.samples,
        "missing": one.missing,
        "left": one.left,
    }


def touched(found: "Sequence[Outcome]") -> dict[Path, bool]:
    """Recordings that got samples -> whether the cuff recorded them without a host."""
    paths: dict[Path, bool] = {}
    for brought in (brought for one in found for brought in one.brought):
        if brought.path and brought.samples:
            part = brought.want.part
            paths[brought.path] = paths.get(brought.path, False) or part is None or part.is_fetched
    return paths


def agreement_ms(path: Path) -> float | None:
    """How well left and right agree in a recording, p95; None: it does not tell. raises RecordingError"""
    from distal.tap import load_sync

    receipt, _ = load_sync(path)
    return receipt.p95_ms if receipt else None


def _agreement(brought: "Brought") -> str:
    found_ms = agreement_ms(brought.path) if brought.path else None
    return "" if found_ms is None else f", left and right agree within {found_ms:.0f} ms (p95)"


def span(seconds: float) -> str:
    """Seconds in words: `1 h 5 min`, `12 min 30 s`, `8 s`."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def show_all(found: list[Outcome], only_list: bool) -> None:
    for one in found:
        _print_kept(one, only_list)
        if not only_list:
            _print_brought(one)
    if any(session.is_open for one in found for session in one.survey.kept.sessions):
        click.echo("A session goes on; distal fetch --stop ends it and fetches all of it.")
    if any(one.survey.wants for one in found) and only_list:
        click.echo("Next: distal fetch")
    for path in dict.fromkeys(brought.path for one in found for brought in one.brought if brought.path):
        click.echo(f"Next: distal report {path}")


def _print_kept(one: Outcome, only_list: bool) -> None:
    kept = one.survey.kept
    about = "has no memory for sessions" if not kept.size else f"keeps {len(kept.sessions)} sessions"
    about = about.replace("keeps 1 sessions", "keeps 1 session").replace("keeps 0", "keeps no")
    click.echo(f"{one.side or '-'}  {one.cuff}  {one.name} {about}")
    rows = [_row(one, session)[: 5 if only_list else 4] for session in kept.sessions]
    for line in columns(rows) if rows else []:
        click.echo(f"  {line}")


def _row(one: Outcome, session: "KeptSession") -> tuple[str, ...]:
    long = span(session.count / session.rate_hz) if session.rate_hz else "no sample"
    how = "without a host" if session.is_alone else "begun by a host"
    age = "time unknown" if session.age_s is None else f"{span(session.age_s)} ago"
    wanted = sum(want.count for want in one.survey.wants if want.session == session)
    here = ", ".join(path.name for path in one.here(session)) or "not here"
    state = f"{wanted} samples to fetch" if wanted else "nothing to fetch"
    return long, how, age + (", goes on" if session.is_open else ""), here, state


def _print_brought(one: Outcome) -> None:
    for brought in one.brought:
        name = brought.path or "(nothing came)"
        what = "completed" if brought.want.part else "new"
        if brought.want.joins:
            what = f"has both legs now{_agreement(brought)}"
        rest = f", {brought.missing} the cuff has no more" if brought.missing else ""
        rest += f", {brought.left} did not arrive: fetch again" if brought.left else ""
        click.echo(f"  {name}: {what}, {brought.samples} samples{rest}")
        if isinstance(brought.want.home, str) and brought.want.home in APART:
            click.echo(f"    {APART[brought.want.home]}")
    if not one.survey.wants:
        click.echo("  nothing to fetch: all of it is here, or another host began it (see --every)")


def show_history(person: str | None, entered: "Sequence[Path]") -> None:
    """Say what is in somebody's history now."""
    for path in entered:
        click.echo(f"{path.name} is in the history of {person}")
    if entered:
        click.echo(f"Next: distal people history {shlex.quote(person or '')}")
