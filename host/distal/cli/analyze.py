"""`distal analyze`: samples in, report out; the contract is docs of its own (report/contract.py)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.cli.options import JSON_OPTION, read_facts, with_facts
from distal.cli.output import print_json, show
from distal.cli.page import take_page, with_page, write_page

if TYPE_CHECKING:
    from distal.model import SessionReport, Side
    from distal.review import Loaded

FILE = click.Path(path_type=Path)


@click.command(short_help="Analyse a recording, or CSV files of one or two legs.")
@click.argument("recording", type=FILE, required=False)
@click.option("--left", type=FILE, metavar="CSV", help="Left leg, plain or gzipped.")
@click.option("--right", type=FILE, metavar="CSV", help="Right leg.")
@with_facts
@with_page
@JSON_OPTION
def analyze(
    recording: Path | None, left: Path | None, right: Path | None, as_json: bool, **given: Any
) -> None:
    """Analyse a recording, or CSV files of one or two legs.

    A CSV has the columns time_s (s), ax, ay, az (m/s2), gx, gy, gz (rad/s).
    Missing rows are gaps; time_s stays true.

    Options overrule what a recording says of the person and the masses.

    \b
    Examples:
      distal analyze session.distal --mass 2
      distal analyze --left L.csv --right R.csv --mass 2 --height 1.75 --json
      distal analyze session.distal --html report.html
    """
    if recording and (left or right):
        raise click.UsageError("a recording or CSV files, not both.")
    page = take_page(given)
    if recording:
        show_report(recording, as_json, given, page)
    elif left or right:
        _show_files((left, right), as_json, given, page)
    else:
        raise click.UsageError("nothing to analyse. Give a recording, or --left and --right.")


def show_report(path: Path, as_json: bool, given: dict[str, Any], page: dict[str, Any]) -> None:
    """Print the report of a recording, and write its page; `given` facts overrule its own."""
    from distal.review import about_recording

    report, _, meta = load_report(path, given)
    if page["html"]:
        write_page(report, page, about_recording(path, meta.get("started")))
    _show(report, meta.get("truth"), as_json, page)


def load_report(path: Path, given: dict[str, Any]) -> "Loaded":
    """The report of a recording, how its streams stand, and its meta (a virtual one's holds its `truth`)."""
    from distal import review

    return review.load_report(path, lambda facts: read_facts(given, facts))


def _show_files(
    files: tuple[Path | None, Path | None], as_json: bool, given: dict[str, Any], page: dict[str, Any]
) -> None:
    from distal.analysis.session import analyze as analyze_tracks
    from distal.csvfile import load_csv
    from distal.model import Notice
    from distal.review import with_notices

    facts = read_facts(given)
    pairs: list[tuple[Side, Path | None]] = [("left", files[0]), ("right", files[1])]
    loaded = [load_csv(path, side, facts.placement) for side, path in pairs if path]
    notices = [Notice("file", text) for one in loaded for text in one.warnings]
    report = with_notices(analyze_tracks([one.track for one in loaded], facts), notices)
    if page["html"]:
        names = ", ".join(path.name for path in files if path)
        write_page(report, page, {"title": names})
    _show(report, None, as_json, page)


def _show(
    report: "SessionReport", truth: "dict[str, Any] | None", as_json: bool, page: dict[str, Any]
) -> None:
    from distal.report import contract, text

    if as_json:
        print_json(contract.to_dict(report))
    else:
        show(text.render(report, truth, page["units"] == "imperial", page["lang"]))
