"""`distal report`: the report of a recording."""

from pathlib import Path
from typing import Any

import click

from distal.cli.analyze import FILE, show_report
from distal.cli.options import JSON_OPTION
from distal.cli.page import take_page, with_page


@click.command(short_help="Print the report of a recording.")
@click.argument("recording", type=FILE, required=False)
@with_page
@JSON_OPTION
def report(recording: Path | None, as_json: bool, **given: Any) -> None:
    """Print the report of a recording; of the newest one here without a name.

    To correct masses or heights: distal facts RECORDING --mass KG.

    \b
    Examples:
      distal report monday.distal
      distal report monday.distal --html monday.html
      distal report monday.distal --html set2.html --set 2
    """
    show_report(recording or _newest(), as_json, {}, take_page(given))


def _newest() -> Path:
    found = sorted(Path.cwd().glob("*.distal"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise click.UsageError("no recording in this folder. Name one.")
    return Path(found[-1].name)
