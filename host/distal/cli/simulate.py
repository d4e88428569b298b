"""`distal simulate`: virtual cuffs for another program: over a lent radio, or registers alone."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from distal.cli.motions import Moves

FILE = click.Path(path_type=Path)


@click.command(short_help="Offer virtual cuffs to another program.")
@click.argument("script", required=False)
@click.option("--left", type=FILE, metavar="CSV", help="What the left leg does, instead of a script.")
@click.option("--right", type=FILE, metavar="CSV", help="What the right leg does.")
@click.option(
    "--hci-port",
    type=click.IntRange(0, 65535),
    default=6500,
    show_default=True,
    help="TCP port of the radio.",
)
@click.option("--bus-only", is_flag=True, help="Only registers, for a MicroPython that you start.")
@click.option(
    "--bus-port",
    type=click.IntRange(0, 65535),
    default=6600,
    show_default=True,
    help="TCP port of the registers.",
)
def simulate(
    script: str | None, left: Path | None, right: Path | None, hci_port: int, bus_only: bool, bus_port: int
) -> None:
    """Run virtual cuffs until Ctrl-C, for another process to find.

    They do what SCRIPT says, or what the CSV files hold. The motion begins
    when a cuff is started, and again each time it is started anew.

    SCRIPT is demo, walk, slow_walk, stand, leg_day, or an exercise such as
    seated_knee_extension.

    With --bus-only there is no radio and no firmware: a MicroPython of your
    own, with its own Bluetooth, runs the firmware on our registers.

    \b
    Examples:
      distal simulate
      DISTAL_HCI=tcp-client:127.0.0.1:6500 distal record
      distal simulate --left L.csv --right R.csv --bus-only
    """
    from distal.cli.motions import load_moves
    from distal.model import Facts
    from distal.virtual import clockloop

    if script and script.isdigit():
        raise click.UsageError(f"a seed is simulated by: distal replay --seed {script}")
    moves = load_moves(left, right, script, Facts())
    clockloop.run(_serve_bus(moves, bus_port) if bus_only else _serve_radio(moves, hci_port))


async def _serve_radio(moves: "Moves", hci_port: int) -> None:
    from distal.virtual.rig import VirtualRig

    async with VirtualRig(moves.setups) as rig:
        port = await rig.serve_hci(hci_port)
        click.echo(
            f"{len(rig.cuffs)} virtual cuffs run the real firmware; their radio is on TCP port {port}."
        )
        click.echo(f"The motion lasts {moves.duration_s:.0f} s and begins when a cuff is started.")
        click.echo("In another terminal:")
        click.echo(
            f"  DISTAL_HCI=tcp-client:127.0.0.1:{port} distal record --seconds {moves.duration_s + 1:.0f}"
        )
        click.echo("Ctrl-C ends it.")
        dying = asyncio.create_task(rig.died())
        await _wait_interrupt(dying)
        if dying.done() and not dying.cancelled():
            raise dying.result()
        dying.cancel()


async def _serve_bus(moves: "Moves", bus_port: int) -> None:
    from distal.shipped import firmware_folder
    from distal.virtual.bus_only import serve_bus
    from distal.virtual.interpreter import micropython_path

    async with serve_bus([setup.motion for setup in moves.setups], bus_port) as served:
        firmware = firmware_folder()
        path = micropython_path(firmware, radio=False)
        click.echo(f"Registers of {len(moves.setups)} cuffs are on TCP port {served.tcp_port}.")
        for index, setup in enumerate(moves.setups):
            click.echo(f"Cuff {index}, {setup.side} leg, for a MicroPython with its own Bluetooth:")
            click.echo(f"  export DISTAL_BUS=127.0.0.1:{served.tcp_port} CUFF_INDEX={index}")
            click.echo(f"  export MICROPYPATH={path}")
            click.echo(f"  micropython -X heapsize=100K {firmware / 'main.py'}")
        click.echo("Run each in a folder of its own: the firmware keeps its cuff.json there, for example")
        click.echo('  echo \'{"board": "xiao_esp32s3", "side": "left", "mass_g": 1000}\' > cuff.json')
        click.echo("100K is for a 32-bit MicroPython; one of 64 bits needs 100wK.")
        click.echo("Ctrl-C ends it.")
        await _wait_interrupt()


async def _wait_interrupt(*other: "asyncio.Task[Any]") -> None:
    """Until Ctrl-C or SIGTERM, or until one of the others is done."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: KeyboardInterrupt ends the loop there
            loop.add_signal_handler(number, stopped.set)
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait((waiting, *other), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
