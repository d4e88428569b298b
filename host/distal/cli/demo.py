"""`distal demo`: two virtual cuffs with the real firmware, recorded and reported as real ones would be."""

import asyncio
import secrets
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.cli.live_page import LivePage
from distal.cli.options import JSON_OPTION, read_facts, refuse_beside, with_facts
from distal.cli.output import Progress, print_json, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from distal.cli.motions import Moves
    from distal.model import Side
    from distal.review import Loaded

FILE = click.Path(path_type=Path)
TAIL_S = 0.5  # after the motion's end, so that its last sample is taken


@click.command(short_help="See it work: two virtual cuffs, no hardware.")
@click.option("--left", type=FILE, metavar="CSV", help="What the left leg does, instead of the script.")
@click.option("--right", type=FILE, metavar="CSV", help="What the right leg does.")
@click.option("--script", metavar="NAME", help="Another scripted session, as for distal simulate.")
@click.option(
    "--speed", type=click.FloatRange(0.1, 50), default=1.0, show_default=True, help="Times real time."
)
@click.option("--seconds", type=click.FloatRange(min=2), help="Stop earlier than the motion.")
@click.option("--out", type=FILE, metavar="FILE", help="Keep the recording here; else in a temporary folder.")
@click.option("--serve", is_flag=True, help="Keep the live page open until Ctrl-C, with the report.")
@click.option("--faults", is_flag=True, help="Tear a session instead: bad radio, out of reach, a reboot.")
@click.option("--seed", type=click.IntRange(0), metavar="N", help="With --faults: those of another story.")
@with_facts
@JSON_OPTION
def demo(left: Path | None, right: Path | None, out: Path | None, speed: float, **given: Any) -> int:
    """Record two virtual cuffs and print the report, truth beside result.

    Each cuff is the real firmware in a MicroPython on simulated registers;
    the computer reaches both over a simulated radio with the same code as
    real ones. Without CSV files they stand, walk and do knee extensions.
    A browser on this computer sees it live; the address is printed.

    --faults shows what has arrived of each cuff as a bar that tears and
    is filled again; at its end: samples taken, recorded, told lost.

    \b
    Examples:
      distal demo
      distal demo --serve
      distal demo --faults --speed 2
      distal demo --left L.csv --right R.csv --mass 2 --height 1.75 --speed 8
    """
    from distal.cli.motions import load_moves
    from distal.recording import check_free
    from distal.virtual import clockloop

    faults, seed = given.pop("faults"), given.pop("seed")
    if faults:
        from distal.cli.demo_faults import tear

        refuse_beside("--faults", "which tells its own story", {"faults", "seed", "speed", "as_json"})
        return tear(seed, speed, given["as_json"])
    if seed is not None:
        raise click.UsageError("--seed goes with --faults.")
    as_json, seconds, script, serve = (given.pop(key) for key in ("as_json", "seconds", "script", "serve"))
    progress = Progress(not as_json)
    facts = read_facts(given)
    moves = load_moves(left, right, script, facts)
    path = out or Path(tempfile.mkdtemp(prefix="distal-demo-")) / "demo.distal"
    check_free(path)
    page = LivePage(path, moves.facts, progress, serve)
    run = Demo(moves, path, seconds or moves.duration_s + TAIL_S, progress, page)
    clockloop.run(run.play(lambda taken: _show(path, taken, as_json)), speed)
    return 0


class Demo:
    """One recording of the virtual cuffs."""

    def __init__(
        self, moves: "Moves", path: Path, seconds: float, progress: Progress, page: LivePage
    ) -> None:
        self._moves, self._path, self._seconds = moves, path, seconds
        self._progress, self._page = progress, page

    async def play(self, show: "Callable[[dict[Side, int]], Loaded]") -> None:
        """Record with the live page open, then show the result."""
        async with self._page:
            taken = await self._record()
            self._progress.end()
            self._page.save()
            await self._page.stay(show(taken))

    async def _record(self) -> "dict[Side, int]":
        """Run to the end; returns how many samples each cuff's sensor took."""
        from distal.cli.record import stopping_on_interrupt
        from distal.link.ble import BleRadio
        from distal.session import Listener, Plan, Session
        from distal.virtual.rig import VirtualRig
        from distal_wire.proof import KEY_BYTES

        progress = self._progress
        progress.note(f"starting {len(self._moves.setups)} virtual cuffs with the real firmware ...")
        truth = {"truth": self._moves.truth} if self._moves.truth else {}
        plan = Plan(self._moves.facts, self._seconds, cuffs=len(self._moves.setups), about=truth)
        # provisioned as real cuffs are: each with a key, which the host proves
        setups = [replace(setup, key=secrets.token_bytes(KEY_BYTES)) for setup in self._moves.setups]
        async with VirtualRig(setups) as rig:
            radio = BleRadio(rig.backend, {cuff.cuff: cuff.setup.key for cuff in rig.cuffs}.get)
            session = Session(radio, self._path, plan, Listener(progress.live, self._page.note))
            self._page.watch(session)
            with stopping_on_interrupt(session):
                await _run_watched(session, rig)
            if self._moves.truth and session.pipeline.streams.length_s() < self._moves.duration_s - 1:
                progress.note("stopped before the motion's end; the truth below is that of the whole motion")
            return {cuff.setup.side: cuff.taken for cuff in rig.cuffs if cuff.setup.side}


async def _run_watched(session: Any, rig: Any) -> None:
    """The session, unless a cuff's program dies."""
    running, dying = asyncio.create_task(session.run()), asyncio.create_task(rig.died())
    try:
        await asyncio.wait((running, dying), return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            raise dying.result()
        running.result()
    finally:
        for task in (running, dying):
            task.cancel()
        await asyncio.gather(running, dying, return_exceptions=True)


def _show(path: Path, taken: "dict[Side, int]", as_json: bool) -> "Loaded":
    from distal.cli.analyze import load_report
    from distal.errors import VirtualError
    from distal.report import contract, text

    loaded = load_report(path, {})
    report, legs, meta = loaded
    truth = meta.get("truth")
    recorded = {side: legs[side].present if side in legs else 0 for side in taken}
    if as_json:
        samples = {side: {"taken": taken[side], "recorded": recorded[side]} for side in taken}
        print_json({**contract.to_dict(report), "truth": truth, "samples": samples, "recording": str(path)})
    else:
        show(f"{text.render(report, truth)}Next: distal report {path}\n")
    if taken != recorded:
        counts = ", ".join(f"{side} {taken[side]} taken, {recorded[side]} recorded" for side in taken)
        raise VirtualError(f"samples are missing: {counts}. The recording says where: distal info {path}")
    if not as_json:
        counts = ", ".join(f"{side} {count}" for side, count in taken.items())
        click.echo(f"Every sample arrived: taken between start and stop = in the recording ({counts}).")
    return loaded
