"""`distal record`: a session from real cuffs to a file."""

import asyncio
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.cli.options import JSON_OPTION, read_facts, with_facts
from distal.cli.output import Progress, print_json

if TYPE_CHECKING:
    from distal.device.keys import CuffStore
    from distal.session import Session


@click.command(short_help="Record a session of one or two cuffs.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="File to write (session-DATE-TIME.distal)."
)
@click.option("--seconds", type=click.FloatRange(min=1), help="Stop after so long; else with Ctrl-C.")
@click.option("--left", metavar="ID", help="Cuff of the left leg: id or its end, address, or name.")
@click.option("--right", metavar="ID", help="Cuff of the right leg.")
@click.option("--person", metavar="NAME", help="Whose limits hold and whose history it goes into.")
@click.option(
    "--cuffs", type=click.IntRange(1, 2), default=2, show_default=True, help="How many to look for."
)
@with_facts
@JSON_OPTION
def record(
    out: Path | None,
    seconds: float | None,
    left: str | None,
    right: str | None,
    cuffs: int,
    as_json: bool,
    **facts: Any,
) -> None:
    """Record a session; Ctrl-C ends it. The file is whole at any moment.

    Cuffs say themselves which leg they sit on; --left and --right overrule
    them. A cuff out of reach keeps its samples and is connected again.

    Once cuffs are paired with this computer (distal pair) only those are
    used; another one must be named.

    \b
    Examples:
      distal record --mass 1 --height 1.75 --out monday.distal
      distal record --left a1b2 --right "Anna right"
    """
    from distal.cli.options import known_id
    from distal.cli.wearing import Wearing
    from distal.device.calibrations import known_calibrations
    from distal.device.keys import CuffStore
    from distal.session import Listener, Plan

    path = out or Path(time.strftime("session-%Y%m%d-%H%M%S.distal"))
    store = CuffStore()
    left, right = known_id(store, left), known_id(store, right)
    progress = Progress(not as_json)
    known = known_calibrations(progress.note)
    wearing = Wearing(facts.pop("person"), progress)
    plan = Plan(
        wearing.facts(read_facts(facts)),
        *(seconds, left, right, cuffs),
        about=wearing.about(),
        paired=store.addresses(),
        calibrations=known,
    )
    asyncio.run(record_session(path, plan, Listener(wearing.live, progress.note), store))
    progress.end()
    wearing.keep(path)
    if as_json:
        print_json({"recording": str(path)})
    else:
        click.echo(f"Recorded {path}\nNext: distal report {path}")


async def record_session(path: Path, plan: Any, listener: Any, store: "CuffStore") -> None:
    """Record a session of the plan; the cuffs met are noted in the store."""
    from distal.link.ble import open_radio
    from distal.session import Session

    listener.note("looking for cuffs ...")
    async with open_radio(store.key_of) as radio:
        session = Session(radio, path, plan, listener)
        try:
            with stopping_on_interrupt(session):
                await session.run()
        finally:
            store.meet(session.met)


class stopping_on_interrupt:  # noqa: N801  reads as a with-statement
    """While inside, Ctrl-C and SIGTERM end the session cleanly; a second Ctrl-C ends the program."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._loop = asyncio.get_running_loop()

    def _stop(self) -> None:
        self._session.stop()
        self._remove()

    def _remove(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError, ValueError):
                self._loop.remove_signal_handler(number)

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                self._loop.add_signal_handler(number, self._stop)
            except NotImplementedError:  # Windows: no handlers in its loop
                signal.signal(number, lambda *_: self._loop.call_soon_threadsafe(self._session.stop))

    def __exit__(self, *_: object) -> None:
        self._remove()
