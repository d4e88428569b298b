"""`distal validate`: measure every claim of accuracy, print the tables."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

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
@click.option("--peer", is_flag=True, help="Also beside gaitmap, in an environment of its own (made once).")
@click.option("--readme", is_flag=True, help="Keep the results; write the README tables and metric pages.")
@JSON_OPTION
def validate(what: tuple[str, ...], data: Path | None, as_json: bool, **options: Any) -> None:
    """Measure accuracy against other people's recordings and against virtual athletes with exact truth.

    \b
    Examples:
      distal validate
      distal validate walk_uturn --json
      distal validate virtual --quick
      distal validate --readme
    """
    from distal.validate.recordings import find_data
    from distal.validate.run import Plan, expand, needs_data
    from distal.validate.text import render

    names = expand(what) if what or not options["peer"] else []
    names += ["peer"] if options["peer"] and "peer" not in names else []
    folder = find_data(data) if needs_data(names) else None
    plan = Plan(names, folder, options["quick"], options["workers"])
    sections = _measure(plan, not as_json)
    if options["readme"]:
        _write(sections)
    found = [one.to_dict() for one in sections]
    if as_json:
        print_json({"sections": found})
    else:
        click.echo(render(found), nl=False)


def _write(sections: "list[Section]") -> None:
    from distal.validate.draw import write_figures
    from distal.validate.readme import METRICS, keep, write_texts

    write_texts(keep(sections))
    write_figures(METRICS)


def _measure(plan: "Plan", wanted: bool) -> "list[Section]":
    """With a bar on stderr, gone at the end."""
    from rich.console import Console
    from rich.progress import Progress

    from distal.validate.run import run

    with Progress(console=Console(stderr=True), transient=True, disable=not wanted) as bar:
        task = bar.add_task("validate", total=None)
        return run(plan, lambda done, total: bar.update(task, completed=done, total=total))
