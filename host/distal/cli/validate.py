"""`distal validate`: measure every claim of accuracy, print the tables."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from distal.cli.options import JSON_OPTION
from distal.cli.output import print_json

if TYPE_CHECKING:
    from distal.validate.figures import Section
    from distal.validate.run import Plan


@click.command(short_help="Measure accuracy against recordings and virtual athletes.")
@click.argument("what", nargs=-1, metavar="[DATASET|virtual]...")
@click.option(
    "--data", type=click.Path(path_type=Path), metavar="FOLDER", help="Recordings (../shared/data)."
)
@click.option("--quick", is_flag=True, help="A small sample of the virtual athletes.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, help="Processes (2).")
@JSON_OPTION
def validate(what: tuple[str, ...], data: Path | None, quick: bool, workers: int, as_json: bool) -> None:
    """Measure accuracy against other people's recordings and against virtual athletes with exact truth.

    \b
    Examples:
      distal validate
      distal validate walk_uturn --json
      distal validate virtual --quick
    """
    from distal.validate.recordings import find_data
    from distal.validate.run import Plan, expand, needs_data
    from distal.validate.text import render

    names = expand(what)
    folder = find_data(data) if needs_data(names) else None
    found = [one.to_dict() for one in _measure(Plan(names, folder, quick, workers), not as_json)]
    if as_json:
        print_json({"sections": found})
    else:
        click.echo(render(found), nl=False)


def _measure(plan: "Plan", wanted: bool) -> "list[Section]":
    """With a bar on stderr, gone at the end."""
    from rich.console import Console
    from rich.progress import Progress

    from distal.validate.run import run

    with Progress(console=Console(stderr=True), transient=True, disable=not wanted) as bar:
        task = bar.add_task("validate", total=None)
        return run(plan, lambda done, total: bar.update(task, completed=done, total=total))
