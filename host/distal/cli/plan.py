"""`distal plan`: what was agreed, what was done of it, what to consider next."""

from datetime import date, timedelta
from typing import Any

import click

from distal.cli.options import JSON_OPTION
from distal.cli.output import print_json
from distal.cli.people import open_people
from distal.exercises import EXERCISES


@click.group(short_help="What was agreed, and how it goes.")
def plan() -> None:
    """What was agreed with a person, and how it goes.

    \b
    Example:
      distal plan add Ann seated_knee_extension --side both --sets 2 --reps 10
      distal plan show Ann
      distal plan week Ann
    """


@plan.command(short_help="Add a line to a person's plan.")
@click.argument("name")
@click.argument("exercise", type=click.Choice(EXERCISES), metavar="EXERCISE")
@click.option("--side", type=click.Choice(["left", "right", "both"]), default="both", show_default=True)
@click.option("--sets", type=int, default=2, show_default=True)
@click.option("--reps", type=int, default=10, show_default=True)
@click.option("--days", help="Such as mon,wed,fri; else every day.")
@click.option("--lift", "lift_s", type=float, metavar="S", help="Tempo.")
@click.option("--hold", "hold_s", type=float, metavar="S")
@click.option("--lower", "lower_s", type=float, metavar="S")
@click.option("--least-range", "least_rom_deg", type=float, metavar="DEG")
@click.option("--most-range", "most_rom_deg", type=float, metavar="DEG")
@click.option("--mass", "mass_kg", type=float, metavar="KG")
def add(name: str, days: str | None, **given: Any) -> None:
    """Add a line to a person's plan.

    \b
    Example:
      distal plan add Ann clamshell --sets 2 --reps 12 --mass 1 --days mon,wed,fri
    """
    from distal.people import advice, text
    from distal.people.plan import item_of

    item = item_of({**given, "days": tuple(days.split(",")) if days else ()})
    with open_people() as store:
        person = store.person(name)
        agreed = store.plan(person)
        items = [*(agreed[1] if agreed else []), item]
        store.agree(person, items)
    click.echo(text.render_plan(items), nl=False)
    click.echo(text.render_advice(advice.set_of_rules(item)), nl=False)


@plan.command(short_help="A session to consider, from rules with their grade.")
@click.argument("name")
@JSON_OPTION
def propose(name: str, as_json: bool) -> None:
    """Put a session together: isolation and slow lowering with the cuffs,
    mobility between, within the person's limits. Each part says what it rests
    on; no mass is proposed. Nothing is agreed by it.

    \b
    Example:
      distal plan propose Ann
    """
    from dataclasses import asdict

    from distal.people import text
    from distal.people.composer import UNSEEN, compose

    with open_people() as store:
        person = store.person(name)
        blocks = compose(store.limits(person), store.gate(person))
    if as_json:
        listed = None if blocks is None else [asdict(one) for one in blocks]
        print_json({"blocks": listed, "cannot_see": list(UNSEEN)})
    else:
        click.echo(text.render_session(blocks, person.name), nl=False)
        click.echo("Not a medical device. Stop if it hurts.")


@plan.command(short_help="Take a line out of a person's plan.")
@click.argument("name")
@click.argument("number", type=int)
def remove(name: str, number: int) -> None:
    """Take line NUMBER out of a person's plan.

    \b
    Example:
      distal plan remove Ann 2
    """
    from distal.errors import PeopleError
    from distal.people import text

    with open_people() as store:
        person = store.person(name)
        agreed = store.plan(person)
        items = list(agreed[1]) if agreed else []
        if not 1 <= number <= len(items):
            raise PeopleError(f"the plan has no line {number}. See: distal plan show {name}")
        del items[number - 1]
        store.agree(person, items)
    click.echo(text.render_plan(items), nl=False)


@plan.command(short_help="Show a person's plan.")
@click.argument("name")
@JSON_OPTION
def show(name: str, as_json: bool) -> None:
    """Show a person's plan.

    \b
    Example:
      distal plan show Ann
    """
    from distal.people import text
    from distal.people.plan import to_dict

    with open_people() as store:
        agreed = store.plan(store.person(name))
    items = agreed[1] if agreed else []
    if as_json:
        print_json({"since": agreed[0] if agreed else None, "items": [to_dict(item) for item in items]})
    else:
        click.echo(text.render_plan(items), nl=False)


@plan.command(short_help="Done of due in the last days, and what to consider.")
@click.argument("name")
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day; else today.")
@JSON_OPTION
def week(name: str, days: int, until: Any, as_json: bool) -> None:
    """Done of due in the last days, and what to consider next.

    \b
    Example:
      distal plan week Ann
    """
    from dataclasses import asdict

    from distal.keeping import review
    from distal.people import text

    last = until.date() if until else date.today()
    with open_people() as store:
        found = review(store, store.person(name), (last - timedelta(days - 1), last))
    if as_json:
        shares = [asdict(one) for one in found.shares]
        dose = [[day.isoformat(), value] for day, value in found.dose]
        print_json({"plan": shares, "dose_nms": dose, "advice": [asdict(one) for one in found.advice]})
        return
    click.echo(text.render_shares(found.shares) if found.shares else text.render_plan([]), nl=False)
    click.echo(text.render_dose(found.dose) + text.render_advice(found.advice), nl=False)
    click.echo("Not a medical device. Stop if it hurts.")
