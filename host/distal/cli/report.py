"""`distal report`: the report of a recording."""

from pathlib import Path

import click

from distal.cli.analyze import FILE, show_report
from distal.cli.options import JSON_OPTION


@click.command(short_help="Print the report of a recording.")
@click.argument("recording", type=FILE, required=False)
@JSON_OPTION
def report(recording: Path | None, as_json: bool) -> None:
    """Print the report of a recording; of the newest one here without a name.

    To change masses or heights: distal analyze RECORDING --mass KG.

    \b
    Example:
      distal report monday.distal
    """
    show_report(recording or _newest(), as_json, {})


def _newest() -> Path:
    found = sorted(Path.cwd().glob("*.distal"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise click.UsageError("no recording in this folder. Name one.")
    return Path(found[-1].name)
