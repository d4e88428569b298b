"""`distal recover`: the packets in a dump of a cuff's flash."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.cli.options import JSON_OPTION
from distal.cli.output import print_json

if TYPE_CHECKING:
    from distal.model import Side
    from distal.recover import Recovered

DUMP = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(short_help="Get recordings out of a dump of a cuff's flash.")
@click.argument("dump", type=DUMP)
@click.option("--out", type=click.Path(path_type=Path), help="The recording to write (DUMP.distal).")
@click.option("--session", type=click.IntRange(1), metavar="N", help="One session only, by its number.")
@click.option("--side", type=click.Choice(["left", "right"]), help="Where it was worn, if not known here.")
@click.option("--list", "only_list", is_flag=True, help="Say what is in it, write nothing.")
@JSON_OPTION
def recover(
    dump: Path, out: Path | None, session: int | None, side: "Side | None", only_list: bool, as_json: bool
) -> None:
    """Write a recording of every packet in a dump of a cuff's flash, once each.

    For a cuff that does not start or connect any more. Read its flash over USB
    (hold BOOT, press RESET, release BOOT), all of it or the partition alone:

    \b
      esptool --port /dev/ttyACM0 read-flash 0 ALL dump.bin

    What is damaged or missing is told to the sample. The dump stays as it is.

    \b
    Examples:
      distal recover dump.bin
      distal recover dump.bin --session 2 --out monday.distal --side left
    """
    from distal.recover import chosen, read_dump

    found = read_dump(dump.read_bytes())
    packets = chosen(found, session)
    path = None
    if not only_list:
        path = out or dump.with_suffix(".distal")
        side = side or _known_side(found.cuff)
        _write(path, found, packets, side)
    if as_json:
        print_json(_facts(found, packets, path))
        return
    _print(found)
    if path:
        samples = sum(packet.count for packet in packets)
        click.echo(f"Wrote {len(packets)} packets, {samples} samples to {path}.")
        known = f"Next: distal report {path}"
        unknown = f"Its side is not known. Next: distal facts {path} --left {found.cuff} (or --right)"
        click.echo(known if side else unknown)


def _known_side(cuff: str) -> "Side | None":
    """From the cuffs that this computer provisioned."""
    from distal.device.keys import CuffStore

    known = CuffStore().get(cuff)
    return "left" if known and known.side == "left" else "right" if known and known.side == "right" else None


def _write(path: Path, found: "Recovered", packets: list[Any], side: "Side | None") -> None:
    from distal.model import Facts
    from distal.recording import Recorder
    from distal.recover import write_recording

    with Recorder(path, Facts()) as recorder:
        write_recording(found, packets, recorder, side)


def _print(found: "Recovered") -> None:
    click.echo(f"Cuff {found.cuff}: {len(found.blocks)} blocks, {found.samples} samples.")
    for one in found.sessions:
        seconds = (one.end - one.first) % (1 << 32) / one.rate_hz
        how = "" if one.is_stopped else ", no stop: the power went, or it still ran"
        begin = f"begun by {one.reason}" if one.is_whole else "its begin gave way to newer samples"
        click.echo(
            f"  session {one.number}: boot {one.boot}, samples {one.first} to {one.end},"
            f" {seconds:.1f} s, {begin}{how}"
        )
    for stream in found.streams:
        for first, end in stream.missing:
            click.echo(
                f"  boot {stream.boot}: samples {first} to {end} are missing ({(end - first) % (1 << 32)})"
            )
    for text in found.damage:
        click.echo(f"  {text}")
    if found.gave_way:
        click.echo(
            f"  {found.gave_way} older samples gave way to newer ones,"
            f" {found.lost} of them before a host had them"
        )


def _facts(found: "Recovered", packets: list[Any], path: Path | None) -> dict[str, Any]:
    return {
        "cuff": found.cuff,
        "out": str(path) if path else None,
        "written": {"packets": len(packets), "samples": sum(packet.count for packet in packets)},
        "samples": found.samples,
        "sessions": [
            {
                "number": one.number,
                "boot": one.boot,
                "first": one.first,
                "end": one.end,
                "samples": one.samples,
                "rate_hz": one.rate_hz,
                "reason": one.reason,
                "whole": one.is_whole,
                "stopped": one.is_stopped,
            }
            for one in found.sessions
        ],
        "missing": [
            {"boot": stream.boot, "first": first, "end": end}
            for stream in found.streams
            for first, end in stream.missing
        ],
        "blocks": {
            state: sum(block.state == state for block in found.blocks)
            for state in ("whole", "open", "damaged")
        }
        | {"unreadable": found.torn, "erased": found.erased},
        "gave_way": {"samples": found.gave_way, "lost": found.lost},
        "damage": list(found.damage),
    }
