"""`distal fetch`: what cuffs keep, into recordings."""

import asyncio
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.cli.fetched import Outcome, show_all, show_history, span, touched
from distal.cli.options import JSON_OPTION, known_id
from distal.cli.output import PLAIN_EVERY_S, Line, print_json
from distal.errors import DistalError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distal.bring import Bring, Target
    from distal.device.keys import CuffStore
    from distal.handover import Want
    from distal.keeping import Wearer
    from distal.link.base import Link
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
@click.option("--person", metavar="NAME", help="Whose history the sessions without a host go into.")
@click.option(
    "--seconds", type=click.FloatRange(1, 120), default=10.0, show_default=True, help="How long to look."
)
@click.option("--apart", is_flag=True, help="Each leg a recording of its own.")
@JSON_OPTION
def fetch(
    cuff: tuple[str, ...],
    needs_all: bool,
    only_list: bool,
    into: Path,
    keep: bool,
    stop: bool,
    every: bool,
    person: str | None,
    seconds: float,
    apart: bool,
    as_json: bool,
) -> None:
    """Fetch what CUFF keeps; without a name, what the paired cuffs in reach keep.

    A session that a cuff recorded without a host, begun by its button or by
    movement, becomes a recording. If the other leg's cuff surely recorded at
    the same time, it becomes a part of that recording, whichever is fetched
    first; the recording says how well left and right agree in time. Knock
    the cuffs against each other some times at the begin and the end of a
    session, and distal sync FILE --tap makes that exact. A recording in the
    folder that ended with holes, because its host or the link went away, is
    completed.

    Nothing is fetched twice: run it again after it was interrupted, or later.
    What is on disk the cuff is told, so that it counts it as no loss
    when newer samples need the room. Nothing is erased before that.

    With --person NAME sessions without a host enter that person's history;
    what the profile knows (height, limits) is kept with them.

    \b
    Examples:
      distal fetch
      distal fetch --person Anna
      distal fetch "Anna left" --into ~/Distal
      distal fetch --into monday.distal
      distal fetch --list --json
    """
    from distal.device.keys import CuffStore

    store = CuffStore()
    names = [known_id(store, one) or one for one in cuff]
    order = Order(names, needs_all, only_list, keep, stop, every, seconds, into, person, apart)
    order.check()
    bar = Bar(not as_json)
    history = History(order.wearer(), bar.note)
    found = asyncio.run(_fetch(order, store, bar, history))
    if as_json:
        told = {"into": str(into), "cuffs": [one.facts() for one in found]}
        print_json({**told, "person": person, "history": [str(path) for path in history.entered]})
    else:
        show_all(found, only_list)
        show_history(person, history.entered)


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
    person: str | None = None
    apart: bool = False

    def check(self) -> None:
        """Before anybody looks for a cuff. raises UsageError, RecordingError"""
        from distal.recording import Recording

        if self.stop and self.only_list:
            raise click.UsageError("--stop with --list, which changes nothing: give one of them.")
        if self.person and self.only_list:
            raise click.UsageError("--person with --list, which fetches nothing: give one of them.")
        if self.names and self.needs_all:
            raise click.UsageError("--all with the name of a cuff: give one or the other.")
        if self.into.is_file():
            Recording(self.into).close()
        elif not self.into.is_dir():
            raise click.UsageError(f"there is no {self.into}. Make the folder, or name another.")

    def wearer(self) -> "Wearer | None":
        """Who wore the cuffs, if that was said. raises PeopleError"""
        from distal.keeping import find_wearer

        return find_wearer(self.person, date.today()) if self.person else None

    def target(self, side: "Side | None", link: "Link", wearer: "Wearer | None") -> "Target":
        """Where what a cuff keeps goes."""
        from distal.bring import Target
        from distal.model import Facts, with_mass

        is_file = self.into.is_file()
        grams = link.info.mass_g
        facts = with_mass(Facts(), side, grams) if side and grams else Facts()
        folder = self.into.parent if is_file else self.into
        only = self.into if is_file else None
        about = wearer.about() if wearer else {}
        facts = wearer.facts(facts) if wearer else facts
        return Target(folder, only, self.every, facts, side, about, self.apart)


class History:
    """The history of a named person, or nobody's: then nothing enters it."""

    def __init__(self, wearer: "Wearer | None", note: "Callable[[str], None]") -> None:
        self.wearer = wearer
        self.entered: list[Path] = []
        self._note = note

    def enter(self, outcomes: "Sequence[Outcome]") -> None:
        """Put what was fetched into it; one that cannot enter is told and stays on disk."""
        if self.wearer is None:
            return
        for path, is_alone in touched(outcomes).items():
            try:
                # a host's recording is in the history of who wore it then
                if is_alone or self.wearer.has(path):
                    self.wearer.keep(path)
                    self.entered.append(path)
            except DistalError as error:
                self._note(
                    f"{path.name} is here, but not in the history of {self.wearer.person.name}: {error}"
                )


# ---- the work


async def _fetch(order: Order, store: "CuffStore", bar: "Bar", history: History) -> list[Outcome]:
    from distal.bring import Bring
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
        outcomes: list[Outcome] = []
        try:
            for one, side in held:
                bar.title = side or one.cuff[-4:]
                target = order.target(side, one.link, history.wearer)
                await _serve(order, Bring(cuffs, one, target, bar.tell, bar.note), outcomes)
                bar.end()
        finally:  # what came before a link was lost is a session, too
            await asyncio.to_thread(history.enter, outcomes)
        return outcomes


def _sides() -> "tuple[Side, Side]":
    from distal.model import SIDES

    return SIDES


def _check_all(order: Order, known: Any, met: set[str]) -> None:
    from distal.errors import CuffNotFound

    absent = sorted(set(known) - met) if order.needs_all else []
    if absent:
        raise CuffNotFound(f"{', '.join(absent)} was not heard. Wake it (move it), or leave out --all.")


async def _serve(order: Order, bring: "Bring", outcomes: list[Outcome]) -> None:
    from distal_wire import spec

    if order.stop:
        await bring.held.link.command(spec.COMMAND_STOP)
    async with bring:
        survey = await bring.survey(order.only_list)
        outcomes.append(Outcome(bring.held.link.name, bring.held.cuff, bring.target.side, survey))
        if not order.only_list:
            await _bring_all(bring, order, outcomes[-1])


async def _bring_all(bring: "Bring", order: Order, outcome: Outcome) -> None:
    for want in outcome.survey.wants:
        outcome.brought.append(await bring.fetch(outcome.survey, want))
    if not order.keep:
        outcome.released = await bring.release(outcome.survey)


# ---- while it runs


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
