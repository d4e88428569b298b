"""`distal scan`: which cuffs are in reach."""

import asyncio
from typing import TYPE_CHECKING

import click

from distal.cli.options import JSON_OPTION
from distal.cli.output import print_json

if TYPE_CHECKING:
    from distal.link.base import Found


@click.command(short_help="List the cuffs in reach.")
@click.option(
    "--seconds", type=click.FloatRange(0.5, 120), default=5.0, show_default=True, help="How long to listen."
)
@JSON_OPTION
def scan(seconds: float, as_json: bool) -> None:
    """List the cuffs in reach, the nearest first.

    DISTAL_HCI chooses another Bluetooth controller than the computer's own,
    for example usb:0 or tcp-client:127.0.0.1:6500.

    \b
    Example:
      distal scan --seconds 10
    """
    found = asyncio.run(_scan(seconds))
    if as_json:
        rows = [{"name": one.name, "address": one.address, "rssi_dbm": one.rssi} for one in found]
        print_json({"cuffs": rows})
        return
    if not found:
        click.echo("No cuff was heard. Wake the cuffs (move them), bring them closer, try again.")
        return
    width = max(len(one.name) for one in found)
    for one in found:
        click.echo(f"{one.name:<{width}}  {one.address}  {one.rssi if one.rssi is not None else '-':>4} dBm")
    from distal.device.keys import CuffStore

    click.echo("Next: distal record" if CuffStore().all() else "Next: distal pair")


async def _scan(seconds: float) -> "list[Found]":
    from distal.link.ble import open_radio

    async with open_radio() as radio:
        return await radio.scan(seconds)
