"""`distal flash`: from a board on USB to a cuff."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.cli.options import JSON_OPTION
from distal.cli.output import print_json

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from distal.device.flash import Flashed, Job

BOARDS = ("xiao_esp32s3", "xiao_esp32c3", "xiao_esp32c6", "generic")
IMUS = ("LSM6DSO32", "LSM6DSO")
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="Make a board on USB into a cuff.")
@click.option("--side", type=click.Choice(["left", "right"]), help="The leg it is for. Needed.")
@click.option(
    "--mass", type=click.FloatRange(0, 30), metavar="KG", help="What is worn, cuff included. Needed."
)
@click.option("--image", type=FILE, metavar="FILE", help="MicroPython's .bin for the chip.")
@click.option("--fetch", is_flag=True, help="... or download the known one and check it.")
@click.option("--sha256", metavar="HEX", help="What --image must hash to.")
@click.option("--keep-files", is_flag=True, help="With an image: do not erase the board's files.")
@click.option("--port", metavar="NAME", help="Serial port, if it is not found or there are several.")
@click.option("--board", type=click.Choice(BOARDS), help="Its pins; else the chip decides.")
@click.option("--name", metavar="TEXT", help="How it calls itself on the air (Distal left).")
@click.option("--imu", type=click.Choice(IMUS), default=IMUS[0], show_default=True, help="The motion sensor.")
@click.option(
    "--rate", type=click.Choice(["104", "208", "416"]), default="208", show_default=True, help="Samples/s."
)
@click.option("--new-key", is_flag=True, help="Draw a new key even if the cuff has one here.")
@click.option("--ble", is_flag=True, help="Hear it over Bluetooth, too, before saying that it works.")
@click.option("--no-stub", is_flag=True, help="Slower writing, where esptool's own program fails.")
@click.option("--yes", is_flag=True, help="Do not ask before erasing.")
@click.option("--dry-run", is_flag=True, help="Print each step and touch nothing.")
@JSON_OPTION
def flash(**given: Any) -> None:
    """Make a board on USB into a cuff.

    It writes MicroPython (with --image or --fetch), installs the firmware,
    says which side and mass the cuff is, gives it a key, starts it and sees
    that it runs. Without an image, the MicroPython that is there stays.

    The key is also kept on this computer, in cuffs.json of your settings
    folder. Who has it may command the cuff. Flashing again keeps it.

    Needs: pip install 'distal[flash]'

    \b
    Examples:
      distal flash --side left --mass 1.5 --fetch
      distal flash --side right --mass 1.5 --image ESP32_GENERIC_S3.bin
      distal flash --side left --mass 2            (MicroPython stays)
    """
    from distal.device.keys import CuffStore

    job, store = _job(given), CuffStore()
    if given["dry_run"]:
        _print_plan(job, store.path, given["as_json"])
        return
    if not given["yes"]:
        _ask_consent(job)
    from distal.device import flash as device

    with _showing(not given["as_json"]) as watcher:
        flashed = device.flash(job, watcher, store)
    if given["as_json"]:
        print_json(_facts(flashed, store.path))
    else:
        _print_cuff(flashed, store.path)


def _job(given: dict[str, Any]) -> "Job":
    if given["side"] is None or given["mass"] is None:
        raise click.UsageError("a cuff must know its --side and the --mass that is worn.")
    if given["image"] and given["fetch"]:
        raise click.UsageError("--image with --fetch: give one of them.")
    from distal.device.flash import Job
    from distal.device.image import read_image
    from distal.device.provision import Provision

    wanted = Provision(
        given["board"] or "",
        given["side"],
        round(given["mass"] * 1000),
        given["name"],
        given["imu"],
        int(given["rate"]),
    )
    return Job(
        port=given["port"] or _choose_port(given["dry_run"]),
        provision=wanted,
        image=read_image(given["image"], given["sha256"]) if given["image"] else None,
        fetch=given["fetch"],
        keep_files=given["keep_files"],
        use_stub=not given["no_stub"],
        new_key=given["new_key"],
        ble=given["ble"],
    )


def _choose_port(is_dry: bool) -> str:
    """The board's port; several boards: ask, if somebody is there to answer."""
    from distal.device.boards import find_boards, only_board

    found = find_boards()
    if is_dry and len(found) != 1:
        return ""
    if len(found) < 2 or not _is_asked():
        return only_board(found).port
    for number, board in enumerate(found, 1):
        click.echo(f"{number}  {board.port}  {board.what}  {board.serial or ''}", err=True)
    chosen = click.prompt("Which board", type=click.IntRange(1, len(found)), err=True)
    return found[int(chosen) - 1].port


def _is_asked() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def _ask_consent(job: "Job") -> None:
    """Nothing is erased, fetched or replaced that was not asked for."""
    if not _is_asked():
        raise click.UsageError("nobody is there to ask: say --yes to go on without, or --dry-run to look.")
    click.echo("\n".join(_plan(job, None)), err=True)
    click.confirm("Go on?", abort=True, err=True)


def _plan(job: "Job", store: Path | None) -> list[str]:
    """Each step in words."""
    wanted, steps = job.provision, []
    if job.image:
        steps.append(f"check that the board has an {job.image.chip.name}")
        steps.append(f"write {job.image.path} (SHA-256 {job.image.sha256[:12]}...) and verify it")
    elif job.fetch:
        steps.append("identify the chip, fetch its MicroPython from micropython.org, check the SHA-256")
        steps.append("write it and verify it")
    else:
        steps.append("keep the MicroPython that is on the board")
    if (job.image or job.fetch) and not job.keep_files and job.use_stub:
        steps[-1] += "; EVERYTHING on the board is erased first, samples that it kept, too"
        steps.append("leave 512 kB for files and the rest of the flash for samples (partition `distal`)")
    steps.append("remove distal_wire, distal_cuff, boards and main.py; install the compiled firmware")
    steps.append(
        f"write cuff.json: {wanted.board or 'board by the chip'}, {wanted.side}, {wanted.mass_g / 1000:g} kg,"
        f" {wanted.imu} at {wanted.rate_hz} Hz, " + ("a new key" if job.new_key else "a key")
    )
    steps.append(f"keep the key in {store}" if store else "keep the key on this computer")
    steps.append("import everything on the board, start it, see that its loop runs")
    steps += ["hear it over Bluetooth"] if job.ble else []
    return [
        f"board: {job.port or 'none found, or several'}",
        *(f"{n}. {step}" for n, step in enumerate(steps, 1)),
    ]


def _print_plan(job: "Job", store: Path, as_json: bool) -> None:
    from distal.device.install import firmware_files, main_file

    files = [(file.remote, file.local.stat().st_size) for file in [*firmware_files(), main_file()]]
    plan = _plan(job, store)
    if as_json:
        print_json({"port": job.port or None, "steps": plan[1:], "files": dict(files), "done": False})
        return
    click.echo("\n".join(plan))
    click.echo(f"{len(files)} files, {sum(size for _, size in files) >> 10} kB as source:")
    for name, size in files:
        click.echo(f"  {size:>6}  {name}")
    click.echo("Nothing was done.")


class _Lines:
    """A line for each step on stderr; on a terminal with a bar."""

    def __init__(self, bars: "Progress | None", wanted: bool) -> None:
        self._bars, self._wanted = bars, wanted
        self._bar: TaskID | None = None

    def step(self, text: str) -> None:
        """Another step begins; the one before it is done."""
        self.end()
        if self._bars:
            self._bar = self._bars.add_task(text, total=None)
        elif self._wanted:
            click.echo(text, err=True)

    def progress(self, share: float, what: str) -> None:
        """Move the bar."""
        if self._bars and self._bar is not None:
            self._bars.update(self._bar, total=1.0, completed=share)

    def end(self) -> None:
        """Leave the step's line as done."""
        if self._bars and self._bar is not None:
            self._bars.update(self._bar, total=1.0, completed=1.0)


@contextmanager
def _showing(wanted: bool) -> "Iterator[_Lines]":
    if not (wanted and sys.stderr.isatty()):
        yield _Lines(None, wanted)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(20), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        lines = _Lines(bars, wanted)
        yield lines
        lines.end()


def _facts(flashed: "Flashed", store: Path) -> dict[str, Any]:
    """What the JSON says. The key stays in the store."""
    known = flashed.known
    return {
        "cuff": known.cuff,
        "name": known.name,
        "side": known.side,
        "mass_kg": (known.mass_g or 0) / 1000,
        "board": known.board,
        "port": flashed.port,
        "micropython": flashed.micropython,
        "firmware": flashed.checked.firmware,
        "free_heap": flashed.checked.free_heap,
        "heard_as": flashed.heard_as,
        "key_kept_in": str(store),
    }


def _print_cuff(flashed: "Flashed", store: Path) -> None:
    known = flashed.known
    click.echo(f"Cuff {known.cuff}: {known.side} leg, {(known.mass_g or 0) / 1000:g} kg, {known.board}.")
    click.echo(
        f"Firmware {flashed.checked.firmware} on MicroPython {flashed.micropython},"
        f" {flashed.checked.free_heap >> 10} kB of memory free; it runs."
    )
    click.echo(f"Its key is in {store}. Next: distal scan")
