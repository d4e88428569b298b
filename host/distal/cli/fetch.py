"""`distal fetch`: what cuffs keep, into recordings."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.cli.options import JSON_OPTION, known_id
from distal.cli.output import PLAIN_EVERY_S, Line, columns, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distal.bring import Bring, Brought, Survey, Target
    from distal.device.keys import CuffStore
    from distal.handover import Want
    from distal.hold import Cuffs, Held
    from distal.link.base import KeptSession, Link
    from distal.model import Side

SHOWN_EVERY_S = 0.25


@click.command(short_help="Fetch what the cuffs keep: sessions without a host, and holes.")
@click.argument("cuff", nargs=-1)
@click.option(
    "--all", "needs_all", is_flag=True, help="Every paired cuff; one that is not heard is an error."
)
@click.option("--list", "only_list", is_flag=True, help="Say what they keep and what is here, fetch nothing.")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=Path("."),
    metavar="PATH",
    help="Folder of recordings (here), or one recording to complete.",
)
@click.option("--keep", is_flag=True, help="Do not tell the cuffs which sessions are on disk.")
@click.option("--stop", is_flag=True, help="End a session that goes on, so that all of it is fetched.")
@click.option("--every", is_flag=True, help="Also sessions begun by a host whose recording is not here.")
@click.option(
    "--seconds", type=click.FloatRange(1, 120), default=10.0, show_default=True, help="How long to look."
)
@JSON_OPTION
def fetch(
    cuff: tuple[str, ...],
    needs_all: bool,
    only_list: bool,
    into: Path,
    keep: bool,
    stop: bool,
    every: bool,
    seconds: float,
    as_json: bool,
) -> None:
    """Fetch what CUFF keeps; without a name, what the paired cuffs in reach keep.

    A session that a cuff recorded without a host, begun by its button or by
    movement, becomes a recording of its own. A recording in the folder that
    ended with holes, because its host or the link went away, is completed.

    Nothing is fetched twice: run it again after it was interrupted, or later.
    What is on disk the cuff is told, so that it counts it as no loss
    when newer samples need the room. Nothing is erased before that.

    \b
    Examples:
      distal fetch
      distal fetch "Anna left" --into ~/Distal
      distal fetch --into monday.distal
      distal fetch --list --json
    """
    from distal.device.keys import CuffStore

    store = CuffStore()
    order = Order(
        [known_id(store, one) or one for one in cuff], needs_all, only_list, keep, stop, every, seconds, into
    )
    order.check()
    bar = Bar(not as_json)
    found = asyncio.run(_fetch(order, store, bar))
    if as_json:
        print_json({"into": str(into), "cuffs": [one.facts() for one in found]})
    else:
        _print(found, only_list)


@dataclass(frozen=True)
class Order:
    """What was asked for."""

    names: "Sequence[str]"
    needs_all: bool
    only_list: bool
    keep: bool
    stop: bool
    every: bool
    seconds: float
    into: Path

    def check(self) -> None:
        """Before anybody looks for a cuff. raises UsageError, RecordingError"""
        from distal.recording import Recording

        if self.stop and self.only_list:
            raise click.UsageError("--stop with --list, which changes nothing: give one of them.")
        if self.names and self.needs_all:
            raise click.UsageError("--all with the name of a cuff: give one or the other.")
        if self.into.is_file():
            Recording(self.into).close()
        elif not self.into.is_dir():
            raise click.UsageError(f"there is no {self.into}. Make the folder, or name another.")

    def target(self, side: "Side | None", link: "Link") -> "Target":
        """Where what a cuff keeps goes."""
        from distal.bring import Target
        from distal.model import Facts
        from distal.take import with_mass

        is_file = self.into.is_file()
        grams = link.info.mass_g
        facts = with_mass(Facts(), side, grams) if side and grams else Facts()
        folder = self.into.parent if is_file else self.into
        return Target(folder, self.into if is_file else None, self.every, facts, side)


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
        "new": one.want.part is None,
        "boot": one.want.session.boot,
        "samples": one.samples,
        "missing": one.missing,
        "left": one.left,
    }


# ---- the work


async def _fetch(order: Order, store: "CuffStore", bar: "Bar") -> list[Outcome]:
    from distal.hold import Cuffs
    from distal.link.ble import open_radio
    from distal.link.search import Search, Wanted

    known = store.addresses()
    wanted = Wanted(order.names, known, max(len(known), 2), order.seconds)
    bar.note("looking for cuffs ...")
    async with open_radio(store.key_of) as radio, Cuffs(radio) as cuffs:
        links = await Search(radio, wanted, bar.note).run(cuffs.connect)
        said = {known.cuff: known.side for known in store.all()}
        held = []
        for found, link in links:
            side = link.info.side or next((one for one in _sides() if one == said.get(link.info.cuff)), None)
            held.append((cuffs.hold(found, link, side or "left"), side))
        store.meet({one.cuff: one.found.address for one, _ in held})
        _check_all(order, known, {one.cuff for one, _ in held})
        return [await _serve(order, cuffs, one, side, bar) for one, side in held]


def _sides() -> "tuple[Side, Side]":
    from distal.model import SIDES

    return SIDES


def _check_all(order: Order, known: Any, met: set[str]) -> None:
    from distal.errors import CuffNotFound

    absent = sorted(set(known) - met) if order.needs_all else []
    if absent:
        raise CuffNotFound(f"{', '.join(absent)} was not heard. Wake it (move it), or leave out --all.")


async def _serve(order: Order, cuffs: "Cuffs", held: "Held", side: "Side | None", bar: "Bar") -> Outcome:
    from distal.bring import Bring
    from distal_wire import spec

    target = order.target(side, held.link)
    bar.title = side or held.cuff[-4:]
    if order.stop:
        await held.link.command(spec.COMMAND_STOP)
    async with Bring(cuffs, held, target, bar.tell, bar.note) as bring:
        survey = await bring.survey()
        outcome = Outcome(held.link.name, held.cuff, side, survey)
        if not order.only_list:
            await _bring_all(bring, order, outcome)
    bar.end()
    return outcome


async def _bring_all(bring: "Bring", order: Order, outcome: Outcome) -> None:
    for want in outcome.survey.wants:
        outcome.brought.append(await bring.fetch(outcome.survey, want))
    if not order.keep:
        outcome.released = await bring.release(outcome.survey)


# ---- what one sees


class Bar(Line):
    """Progress of a fetch on stderr: one line in place on a terminal, one every 5 s elsewhere."""

    def __init__(self, wanted: bool) -> None:
        super().__init__(wanted)
        self.title = ""
        self._want: Want | None = None
        self._begun_s = self._shown_s = 0.0

    def tell(self, want: "Want", done: int, count: int) -> None:
        """So many samples of a want are here."""
        now = asyncio.get_running_loop().time()
        if want is not self._want:
            self._want, self._begun_s, self._shown_s = want, now, now if not self._terminal else 0.0
            return
        if not self._wanted or now - self._shown_s < (SHOWN_EVERY_S if self._terminal else PLAIN_EVERY_S):
            return
        self._shown_s = now
        self.show(f"{self.title}  {progress_line(done, count, now - self._begun_s)}")


def progress_line(done: int, count: int, seconds: float) -> str:
    """Share, samples, samples a second, time left."""
    rate = done / seconds if seconds > 0 else 0.0
    left = f"{span((count - done) / rate)} left" if rate > 0 else "-"
    return f"{int(100 * done / count):3d} %  {done} of {count} samples  {rate:.0f}/s  {left}"


def span(seconds: float) -> str:
    """Seconds in words: `1 h 5 min`, `12 min 30 s`, `8 s`."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _print(found: list[Outcome], only_list: bool) -> None:
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
        what = "new" if brought.want.part is None else "completed"
        rest = f", {brought.missing} the cuff has no more" if brought.missing else ""
        rest += f", {brought.left} did not arrive: fetch again" if brought.left else ""
        click.echo(f"  {name}: {what}, {brought.samples} samples{rest}")
    if not one.survey.wants:
        click.echo("  nothing to fetch: all of it is here, or another host began it (see --every)")
