"""`distal people load`: where the load of days went."""

from datetime import date, timedelta
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


def _plain(one: "Gathered | None") -> dict[str, Any] | None:
    from distal.report.contract_load import distribution_dict

    if one is None:
        return None
    counts = {"sessions": one.sessions, "sets": one.sets, "reps": one.reps}
    return {"name": one.name, "day": one.day.isoformat(), **counts, "load": distribution_dict(one.found)}
