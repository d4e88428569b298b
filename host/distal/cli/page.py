"""`--html`: write the page of a report; its facts come from the recording, never from the clock."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from distal.report.words import LANGUAGES

if TYPE_CHECKING:
    from distal.model import SessionReport

Command = TypeVar("Command", bound=Callable[..., Any])
PAGE_NAMES = ("html", "set_number", "units", "lang")
PAGE_OPTIONS = (
    click.option(
        "--html", type=click.Path(path_type=Path), metavar="OUT", help="Write a page to print or send."
    ),
    click.option(
        "--set", "set_number", type=click.IntRange(min=1), metavar="N", help="The page of set N alone."
    ),
    click.option(
        "--units",
        type=click.Choice(["metric", "imperial"]),
        default="metric",
        help="Of page and text (metric).",
    ),
    click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        default="en",
        envvar="DISTAL_LANG",
        help="Language of page and text (en, or as DISTAL_LANG says).",
    ),
)


def with_page(command: Command) -> Command:
    """Add the options of a page."""
    for option in reversed(PAGE_OPTIONS):
        command = option(command)
    return command


def take_page(given: dict[str, Any]) -> dict[str, Any]:
    """Part the page's options from the facts. raises UsageError for a set without a page"""
    wanted = {name: given.pop(name) for name in PAGE_NAMES}
    if wanted["set_number"] and not wanted["html"]:
        raise click.UsageError("--set chooses the page of one set. Give --html OUT.html too.")
    return wanted


def write_page(report: "SessionReport", wanted: Mapping[str, Any], about: "Mapping[str, Any]") -> None:
    """Write the page and say where it is, on stderr."""
    from distal.report.html.page import session_html, set_html
    from distal.report.html.parts import About

    imperial, lang = wanted["units"] == "imperial", wanted["lang"]
    facts = About(**about)
    if wanted["set_number"]:
        page = set_html(report, wanted["set_number"], facts, imperial, lang)
    else:
        page = session_html(report, facts, imperial, lang)
    path: Path = wanted["html"]
    if not path.parent.is_dir():
        raise click.UsageError(f"there is no folder {path.parent}. Make it, or choose another.")
    path.write_text(page, encoding="utf-8")
    click.echo(f"wrote {path}", err=True)
