"""`distal explain`: each claim beside the physics and the evidence."""

from typing import Any

import click

from distal.cli.options import JSON_OPTION, read_facts, with_facts
from distal.cli.output import print_json


@click.command(short_help="Set a claim about ankle weights beside physics and evidence.")
@click.argument("topic", required=False)
@with_facts
@JSON_OPTION
def explain(topic: str | None, as_json: bool, **given: Any) -> None:
    """Set a claim about ankle weights beside physics and evidence.

    Without TOPIC it lists the topics. The physics is worked out for your mass
    and height when you give them (else 1 kg on each leg and 1.75 m).

    \b
    Examples:
      distal explain
      distal explain lever --mass 2 --height 1.68
    """
    from distal.explain.text import render, render_list
    from distal.explain.topics import find, load

    facts = read_facts(given)
    if topic is None:
        topics = load()
        if as_json:
            print_json({name: one.title for name, one in topics.items()})
        else:
            click.echo(render_list(list(topics.values())), nl=False)
        return
    found = find(topic)
    if as_json:
        print_json(found.to_dict(facts))
    else:
        click.echo(render(found, facts), nl=False)
