"""`distal people load` and `distal people page`: how days and weeks went."""

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.cli.options import JSON_OPTION
from distal.cli.output import print_json

if TYPE_CHECKING:
    from distal.weeks import Gathered

SPANS = ("session", "day", "week")
MONTH = 28  # days


@click.command("load", short_help="Where the load went: by week, day or session.")
@click.argument("name")
@click.option("--days", type=click.IntRange(1, 3660), help="How far back; else 7, by week 28.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day; else today.")
@click.option("--by", type=click.Choice(SPANS), default="day", show_default=True)
@JSON_OPTION
def load(name: str, days: int | None, until: Any, by: str, as_json: bool) -> None:
    """Where the load of the worn weight went in the last days: left and right,
    lift, hold and lower, knee and hip, early and late, each with its interval.

    \b
    Examples:
      distal people load Ann
      distal people load Ann --by week
      distal people load Ann --days 1 --by session
    """
    from distal import keeping
    from distal.report.text_weeks import render_load

    last = until.date() if until else date.today()
    first = last - timedelta((days or (MONTH if by == "week" else 7)) - 1)
    with keeping.open_people() as store:
        person = store.person(name)
        whole, parts = keeping.load_between(store, person, (first, last), by)
    if as_json:
        shown = {"first": first.isoformat(), "last": last.isoformat()}
        print_json({**shown, "whole": _plain(whole), "parts": [_plain(one) for one in parts]})
    else:
        click.echo(render_load(whole, parts, person.name), nl=False)


@click.command("page", short_help="Some weeks on one page, to print or send.")
@click.argument("name")
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT.html")
@click.option("--days", type=click.IntRange(1, 3660), default=MONTH, show_default=True, help="How far back.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day; else today.")
@click.option("--by", type=click.Choice(SPANS), help="Rows of the load; else weeks, days below 15 days.")
@click.option("--units", type=click.Choice(["metric", "imperial"]), default="metric", show_default=True)
def page(name: str, out: Path, days: int, until: Any, **given: Any) -> None:
    """Some weeks on one page for the person, and for who trains or advises them:
    load of each leg and where it went, what changed, courses with their
    trends, shocks, the plan, what to consider.

    \b
    Example:
      distal people page Ann ann.html --days 28
    """
    from distal import keeping
    from distal.report.html.page import course_html

    last = until.date() if until else date.today()
    by = given["by"] or ("day" if days < 2 * 7 + 1 else "week")
    with keeping.open_people() as store:
        person = store.person(name)
        course = keeping.course_between(store, person, (last - timedelta(days - 1), last), by)
    if not out.parent.is_dir():
        raise click.UsageError(f"there is no folder {out.parent}. Make it, or choose another.")
    out.write_text(course_html(course, given["units"] == "imperial"), encoding="utf-8")
    click.echo(f"wrote {out}", err=True)


def _plain(one: "Gathered | None") -> dict[str, Any] | None:
    from distal.report.contract_load import distribution_dict

    if one is None:
        return None
    counts = {"sessions": one.sessions, "sets": one.sets, "reps": one.reps}
    return {"name": one.name, "day": one.day.isoformat(), **counts, "load": distribution_dict(one.found)}
