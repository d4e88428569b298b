"""`distal people`: who wears the cuffs, what was asked, what was allowed, what was done."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.cli.options import JSON_OPTION
from distal.cli.output import print_json
from distal.cli.people_load import load, page
from distal.exercises import EXERCISES

if TYPE_CHECKING:
    from distal.people.store import People

FILE = click.Path(path_type=Path)
SCALE = click.IntRange(0, 10)


def open_people() -> "People":
    """The file of people, imported when it is wanted."""
    from distal import keeping

    return keeping.open_people()


@click.group(short_help="Who wears the cuffs: profile, limits, history.")
def people() -> None:
    """Keep profiles, limits and histories, on this computer only.

    \b
    Example:
      distal people add Ann --height 1.68 --baseline active
      distal people gate Ann --no-to-all
      distal people limits Ann --mass 2 --forbid deadlift
      distal people keep Ann session.distal
      distal people say Ann 1 --effort 6 --pain 0
    """


def with_profile_options(command: Any) -> Any:
    """Options for what a profile holds."""
    for option in (
        click.option("--birth-year", type=int),
        click.option("--sex", type=click.Choice(["f", "m"])),
        click.option("--height", "height_m", type=float, metavar="M"),
        click.option("--body-mass", "body_mass_kg", type=float, metavar="KG"),
        click.option("--baseline", type=click.Choice(["inactive", "active", "trained"])),
        click.option("--note", type=str),
    ):
        command = option(command)
    return command


@people.command(short_help="Add a person.")
@click.argument("name")
@with_profile_options
def add(name: str, **given: Any) -> None:
    """Add a person.

    \b
    Example:
      distal people add Ann --height 1.68 --baseline active
    """
    with open_people() as store:
        person = store.add(name, **_said(given))
    click.echo(f"{person.name} is kept on this computer. Next: distal people gate {person.name}")


@people.command("set", short_help="Change a profile.")
@click.argument("name")
@with_profile_options
def change(name: str, **given: Any) -> None:
    """Change a profile.

    \b
    Example:
      distal people set Ann --body-mass 61
    """
    with open_people() as store:
        person = store.person(name)
        store.change(person, **_said(given))
    show_person(name)


@people.command("list", short_help="List everybody.")
@JSON_OPTION
def list_people(as_json: bool) -> None:
    """List everybody.

    \b
    Example:
      distal people list
    """
    from distal.people.profile import to_dict

    with open_people() as store:
        found = store.people()
    if as_json:
        print_json({"people": [to_dict(one) for one in found]})
        return
    names = [one.name for one in found]
    click.echo("\n".join(names) if names else "Nobody yet. Next: distal people add NAME")


@people.command(short_help="Show a person's profile, limits and plan.")
@click.argument("name")
@JSON_OPTION
def show(name: str, as_json: bool) -> None:
    """Show a person's profile, limits and plan.

    \b
    Example:
      distal people show Ann
    """
    show_person(name, as_json)


def show_person(name: str, as_json: bool = False) -> None:
    """Print one person."""
    from dataclasses import asdict

    from distal.people import limits, plan, text
    from distal.people.profile import to_dict

    with open_people() as store:
        person = store.person(name)
        gate, bound, agreed = store.gate(person), store.limits(person), store.plan(person)
    items = agreed[1] if agreed else []
    if as_json:
        asked = None if gate is None else {**asdict(gate), "is_open": gate.is_open}
        lines = [plan.to_dict(item) for item in items]
        print_json({**to_dict(person), "gate": asked, "limits": limits.to_dict(bound), "plan": lines})
    else:
        click.echo(text.render_person(person, gate, bound, items), nl=False)


@people.command(short_help="Delete a person and all that is kept of them.")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(name: str, yes: bool) -> None:
    """Delete a person and all that is kept of them. Recordings are files and stay.

    \b
    Example:
      distal people delete Ann
    """
    with open_people() as store:
        person = store.person(name)
        if not yes:
            click.confirm(f"Delete {person.name}, with plan, limits and history?", abort=True)
        store.delete(person)
    click.echo(f"{person.name} is gone from this computer's history. Recordings are files and stay.")


@people.command(short_help="Answer the questions before a first session.")
@click.argument("name")
@click.option("--yes-to", multiple=True, metavar="QUESTION", help="Repeat for several.")
@click.option("--no-to", multiple=True, metavar="QUESTION", help="Repeat for several.")
@click.option("--no-to-all", is_flag=True, help="No to every question not named.")
@click.option("--cleared-by", metavar="WHO", help="The professional who was asked.")
def gate(name: str, **given: Any) -> None:
    """Answer the questions before a first session; without options, show them.

    \b
    Example:
      distal people gate Ann --yes-to joint --no-to-all --cleared-by "J. Roe, physio"
    """
    from distal.people import text
    from distal.people.profile import QUESTIONS

    with open_people() as store:
        person = store.person(name)
        before = store.gate(person)
        answers = dict(before.answers) if before else {}
        answers |= dict.fromkeys(QUESTIONS, False) if given["no_to_all"] else {}
        answers |= dict.fromkeys(given["no_to"], False) | dict.fromkeys(given["yes_to"], True)
        cleared = given["cleared_by"] or (before.cleared_by if before else None)
        if any(given.values()):
            before = store.answer(person, answers, cleared)
    click.echo(text.render_questions(before), nl=False)
    if before and before.yes and not before.cleared_by:
        click.echo("Ask a physiotherapist or a doctor first; then note who with --cleared-by.")


@people.command(short_help="Set what must not be passed.")
@click.argument("name")
@click.option("--mass", "mass_kg", type=float, metavar="KG", help="Worn on one leg.")
@click.option("--range", "rom_deg", type=float, metavar="DEG", help="How far the limb turns in a rep.")
@click.option("--moment", "moment_nm", type=float, metavar="NM", help="Of the worn mass about a joint.")
@click.option("--minutes", "minutes_day", type=float, metavar="MIN", help="Worn in a day.")
@click.option("--forbid", multiple=True, type=click.Choice(EXERCISES), metavar="EXERCISE")
@click.option("--allow", multiple=True, type=click.Choice(EXERCISES), metavar="EXERCISE")
def limits(name: str, forbid: tuple[str, ...], allow: tuple[str, ...], **given: Any) -> None:
    """Set what must not be passed; live sessions warn within a second.

    \b
    Example:
      distal people limits Ann --mass 2 --range 90 --forbid deadlift
    """
    with open_people() as store:
        person = store.person(name)
        ruled_out = (set(store.limits(person).forbidden) | set(forbid)) - set(allow)
        values = {**_said(given), "forbidden": sorted(ruled_out)}
        if _said(given) or forbid or allow:
            store.limit(person, values)
    show_person(name)


@people.command(short_help="Keep a recording in a person's history.")
@click.argument("name")
@click.argument("recording", type=FILE)
@JSON_OPTION
def keep(name: str, recording: Path, as_json: bool) -> None:
    """Keep a recording in a person's history; again after a correction.

    \b
    Example:
      distal people keep Ann session.distal
    """
    from dataclasses import asdict

    from distal.cli.wearing import limit_text
    from distal.keeping import keep_recording
    from distal.people.limits import after
    from distal.report.words import words

    with open_people() as store:
        person = store.person(name)
        key, report = keep_recording(store, person, recording)
        breaches = after(store.limits(person), report)
    if as_json:
        found = [{**asdict(one), "text": words().notice(one.notice())} for one in breaches]
        print_json({"session": key, "sets": len(report.sets), "breaches": found})
        return
    click.echo(f"Session {key} of {person.name}: {len(report.sets)} sets.")
    for one in breaches:
        click.echo(limit_text(one))
    click.echo(f"Next: distal people say {person.name} 1 --effort 0..10 --pain 0..10")


@people.command(short_help="Say how hard a set was, and whether it hurt.")
@click.argument("name")
@click.argument("number", type=int)
@click.option("--effort", type=SCALE, help="0 nothing, 10 the utmost.")
@click.option("--pain", type=SCALE, help="0 none, 10 the worst.")
@click.option("--session", type=int, help="Else the last one.")
def say(name: str, number: int, effort: int | None, pain: int | None, session: int | None) -> None:
    """Say how hard set NUMBER was, and whether it hurt.

    \b
    Example:
      distal people say Ann 1 --effort 6 --pain 0
    """
    from distal.errors import PeopleError

    with open_people() as store:
        known = [row["id"] for row in store.sessions(store.person(name))]
        chosen = session if session is not None else (known[-1] if known else None)
        if chosen not in known:
            raise PeopleError("there is no such session of this person. See: distal people history")
        assert chosen is not None
        store.say(chosen, number, effort, pain)
    click.echo(f"Noted for set {number} of session {chosen}.")


@people.command(short_help="What was done, set by set.")
@click.argument("name")
@JSON_OPTION
def history(name: str, as_json: bool) -> None:
    """What was done, set by set.

    \b
    Example:
      distal people history Ann
    """
    from distal.people.text import render_history

    with open_people() as store:
        rows = store.sessions(store.person(name))
    if as_json:
        print_json({"sessions": rows})
    else:
        click.echo(render_history(rows), nl=False)


@people.command(short_help="What changed, against the person's own repeats.")
@click.argument("name")
@JSON_OPTION
def changes(name: str, as_json: bool) -> None:
    """What changed, against the person's own earlier sessions of the same task.

    "Changed" is said only beyond what the own repeats scatter by; too few
    repeats give "not known". What was done with the mass, walking too, stands
    beside the same without it. A verdict on a task is wrong in at most 5 of
    100 unchanged people; a single line, too.

    \b
    Example:
      distal people changes Ann
    """
    from dataclasses import asdict

    from distal.changes import changes as find_changes
    from distal.changes import loaded, render, verdicts

    with open_people() as store:
        rows = store.sessions(store.person(name))
    found, beside = find_changes(rows), loaded(rows)
    judged = verdicts(found)
    if as_json:
        lists: dict[str, list[Any]] = {"tasks": found, "verdicts": judged, "loaded": beside}
        print_json({key: [asdict(one) for one in some] for key, some in lists.items()})
    else:
        click.echo(render(found, judged, beside), nl=False)


people.add_command(load)
people.add_command(page)


def _said(given: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value is not None}
