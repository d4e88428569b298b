"""Options that several commands share: the facts, and how output is wanted."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from distal.exercises import EXERCISES

if TYPE_CHECKING:
    from distal.device.keys import CuffStore
    from distal.model import Facts

Command = TypeVar("Command", bound=Callable[..., Any])
_MASS = click.FloatRange(0, 30)
FACT_OPTIONS = (
    click.option(
        "--placement", type=click.Choice(["ankle", "shank", "foot"]), help="Where the cuffs sit (ankle)."
    ),
    click.option(
        "--exercise", type=click.Choice(EXERCISES), metavar="NAME", help="If known; else recognised."
    ),
    click.option("--mass", type=_MASS, metavar="KG", help="Worn mass of each leg, cuff included."),
    click.option("--mass-left", type=_MASS, metavar="KG", help="... of the left leg alone."),
    click.option("--mass-right", type=_MASS, metavar="KG", help="... of the right leg alone."),
    click.option("--body-mass", type=click.FloatRange(10, 400), metavar="KG", help="The person's mass."),
    click.option("--height", type=click.FloatRange(0.5, 2.6), metavar="M", help="The person's height."),
    click.option("--sex", type=click.Choice(["f", "m"]), help="For tables of body proportions."),
    click.option(
        "--cuff-height",
        type=click.FloatRange(-0.1, 0.5),
        metavar="M",
        help="Centre of the worn mass above the ankle joint (0.08).",
    ),
)
FACT_NAMES = (
    "placement",
    "exercise",
    "mass",
    "mass_left",
    "mass_right",
    "body_mass",
    "height",
    "sex",
    "cuff_height",
)
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, nothing else.")


def with_facts(command: Command) -> Command:
    """Add the options about the person and the wearing."""
    for option in reversed(FACT_OPTIONS):
        command = option(command)
    return command


def known_id(store: "CuffStore", wanted: str | None) -> str | None:
    """The id of the known cuff that goes by that name; as it is, if none does."""
    if wanted is None:
        return None
    found = store.find(wanted)
    if len(found) > 1:
        ids = ", ".join(known.cuff for known in found)
        raise click.UsageError(f"{wanted} is the name of several cuffs: {ids}. Give the id of one.")
    return found[0].cuff if found else wanted


def read_facts(given: dict[str, Any], base: "Facts | None" = None) -> "Facts":
    """Facts from options; what was not given stays as in `base`."""
    from distal.model import Facts

    given = {**dict.fromkeys(FACT_NAMES), **given}
    if given["mass"] is not None and None not in (given["mass_left"], given["mass_right"]):
        raise click.UsageError("--mass with both --mass-left and --mass-right: give one or the others.")
    values = {
        "placement": given["placement"],
        "exercise": given["exercise"],
        "mass_left_kg": given["mass_left"] if given["mass_left"] is not None else given["mass"],
        "mass_right_kg": given["mass_right"] if given["mass_right"] is not None else given["mass"],
        "body_mass_kg": given["body_mass"],
        "height_m": given["height"],
        "sex": given["sex"],
        "cuff_height_m": given["cuff_height"],
    }
    return replace(base or Facts(), **{key: value for key, value in values.items() if value is not None})
