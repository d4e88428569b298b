"""`distal demo --faults`: a session torn before your eyes, and how it heals."""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.cli.output import print_json

if TYPE_CHECKING:
    from distal.model import Received
    from distal.sim.plan import Fault, FaultPlan
    from distal.sim.run import Outcome

CELL_S = 0.5
LATE_S = 1.0  # a sample that came later than this was healed
DRAW_S = 0.25
PLAIN_EVERY_S = 5.0
IN_TIME, HEALED, PART, NOTHING = "█", "▓", "░", "·"
LEGEND = f"{IN_TIME} arrived  {HEALED} arrived later  {PART} in part  {NOTHING} missing"
RATE_HZ = 40000 / 192
# what is told of a fault; {s}: its seconds, {amount} and {share}: its amount
TOLD = {
    "loss": "{share} more of all packets are not heard, for {s} s",
    "range": "out of reach for {s} s",
    "drop": "its link ends at once, with all that was on its way",
    "reboot": "starts anew",
    "brown_out": "its power fails in a write to flash, and is back after {s} s",
    "stall": "does nothing for {s} s: the FIFO of its sensor overruns",
    "no_memory": "its radio has no buffer for {s} s",
    "kill": "this program is killed, and starts again after {s} s",
    "disk_full": "the disk is full; there is room again after {s} s",
    "warm": "gets warm: its clocks run {amount:+.0f} ppm faster after {s} s",
    "clock_step": "this computer's clock jumps by {amount:+.1f} s",
    "garble": "bits of {share} of all messages are wrong, for {s} s",
    "rival": "another computer tries to use it for {s} s",
}


def story() -> "FaultPlan":
    """A bad radio, a leg out of reach, a cuff that starts anew."""
    from distal.sim.plan import Fault, FaultPlan

    faults = (
        Fault(2.0, "loss", 0, 3.0, 0.6),
        Fault(7.0, "range", 0, 6.0),
        Fault(17.0, "reboot", 1),
    )
    return FaultPlan(1, seconds=27.0, faults=faults, loss=0.05)


def tear(seed: int | None, speed: float, as_json: bool) -> int:
    """Run the story, or the plan of a seed, and show it; the exit code."""
    from distal.sim.plan import draw
    from distal.sim.run import run

    plan = story() if seed is None else draw(seed)
    picture = Picture(plan, not as_json)
    with tempfile.TemporaryDirectory(prefix="distal-demo-") as folder:
        outcome = run(plan, Path(folder), speed, picture.follow)
    picture.end()
    return _receipt(outcome, picture, as_json)


class Picture:
    """One bar a cuff: what of each half second has arrived."""

    def __init__(self, plan: "FaultPlan", wanted: bool) -> None:
        self._plan, self._wanted = plan, wanted
        self._terminal = sys.stderr.isatty()
        self._drawn = 0
        self._begin_s: float | None = None
        self._shown_s = 0.0
        self._now_s = 0.0
        self._boots: dict[tuple[str, int], float] = {}  # cuff, boot -> session time of its index 0
        self._seen: set[tuple[str, int, int]] = set()
        self._cells: dict[str, dict[int, list[int]]] = {}  # cuff -> cell -> samples in time, and healed

    async def follow(self, host: Any, rig: Any) -> None:
        """Look on from the first message to the last."""
        host.follow = self._take
        if self._wanted:
            click.echo(f"{len(rig.cuffs)} virtual cuffs with the real firmware ...", err=True)
        await host.began.wait()
        loop = asyncio.get_running_loop()
        self._begin_s = loop.time()
        coming = sorted(self._plan.faults, key=lambda fault: fault.at_s)
        while True:
            self._now_s = loop.time() - self._begin_s
            while coming and coming[0].at_s <= self._now_s:
                self._tell(coming.pop(0), rig.cuffs)
            self._show()
            await asyncio.sleep(DRAW_S)

    def _take(self, message: "Received") -> None:
        from distal_wire import batch

        decoded = batch.decode([message.data])
        for header in decoded.header:
            key = message.cuff, int(header["boot"]), int(header["index"])
            if key not in self._seen:
                self._seen.add(key)
                self._count(message, key, int(header["count"]))

    def _count(self, message: "Received", key: tuple[str, int, int], count: int) -> None:
        """A packet of a boot says when that boot began; the first of them arrive when they are taken."""
        cuff, boot, index = key
        now = message.t_host - (self._begin_s or message.t_host)
        zero = self._boots.setdefault((cuff, boot), now - (index + count) / RATE_HZ)
        cells = self._cells.setdefault(cuff, {})
        for at in range(index, index + count):
            t = zero + at / RATE_HZ
            cells.setdefault(max(int(t / CELL_S), 0), [0, 0])[now - t > LATE_S] += 1

    def _tell(self, fault: Any, cuffs: Any) -> None:
        from distal.sim.plan import OF_ALL

        where = "" if fault.kind in OF_ALL else f"{cuffs[fault.cuff].cuff[-4:]}: "
        self._note(f"{fault.at_s:5.1f} s  {where}{told(fault)}")

    def _note(self, text: str) -> None:
        if self._wanted:
            self._wipe()
            click.echo(text, err=True)

    def bars(self) -> list[str]:
        """A line a cuff, from the session's start to now."""
        cells = max(int(self._now_s / CELL_S), 1)
        return [f"{cuff[-4:]} {self._bar(found, cells)}" for cuff, found in sorted(self._cells.items())]

    def _bar(self, found: dict[int, list[int]], cells: int) -> str:
        room = max(shutil.get_terminal_size().columns - 8, 20)
        return "".join(_sign(*found.get(cell, (0, 0))) for cell in range(max(cells - room, 0), cells))

    def _show(self) -> None:
        if not self._wanted:
            return
        if self._terminal:
            self._wipe()
            for line in self.bars():
                click.echo(line, err=True)
            self._drawn = len(self._cells)
        elif self._now_s - self._shown_s >= PLAIN_EVERY_S:
            self._shown_s = self._now_s
            click.echo(f"{self._now_s:5.1f} s", err=True)
            for line in self.bars():
                click.echo(line, err=True)

    def _wipe(self) -> None:
        """Back over the bars that stand there."""
        if self._drawn:
            click.echo(f"\x1b[{self._drawn}A\x1b[J", err=True, nl=False)
            self._drawn = 0

    def end(self) -> None:
        """The last picture stays."""
        if self._wanted:
            self._wipe()


def told(fault: "Fault") -> str:
    """What goes wrong, in words."""
    text = TOLD.get(fault.kind, fault.kind.replace("_", " "))
    return text.format(s=f"{fault.seconds:.1f}", amount=fault.amount, share=f"{fault.amount:.0%}")


def _sign(in_time: int, healed: int) -> str:
    full = CELL_S * RATE_HZ - 1.5  # a sample on the edge counts in one cell or the other
    if in_time + healed < full:
        return PART if in_time + healed else NOTHING
    return HEALED if healed > 1.5 else IN_TIME


def _receipt(outcome: "Outcome", picture: Picture, as_json: bool) -> int:
    from dataclasses import asdict

    if as_json:
        cuffs = [asdict(cuff) for cuff in outcome.cuffs]
        print_json({"plan": asdict(outcome.plan), "cuffs": cuffs, "problems": list(outcome.problems)})
        return int(bool(outcome.problems))
    for line in picture.bars():
        click.echo(line)
    click.echo(LEGEND)
    for cuff in outcome.cuffs:
        lost = f"{cuff.stated} lost, each told by its index" if cuff.stated else "none lost"
        boots = f", {cuff.boots} boots" if cuff.boots > 1 else ""
        click.echo(f"{cuff.cuff[-4:]}: {cuff.taken} samples taken, {cuff.recorded} recorded, {lost}{boots}")
    synced = next((cuff for cuff in outcome.cuffs if cuff.promised_ms is not None), None)
    if synced:
        apart = f"{synced.sync_ms:.1f} ms apart in 95 of 100 cases, {synced.promised_ms:.1f} ms promised"
        click.echo(f"left against right: {apart}")
    for problem in outcome.problems:
        click.echo(f"broken: {problem}")
    return int(bool(outcome.problems))
