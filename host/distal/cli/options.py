"""Options that several commands share: the facts, and how output is wanted."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from distal.exercises import EXERCISES

if TYPE_CHECKING:
    from distal.device.keys import CuffStore
    from distal.model import Facts

Command = TypeVar("Command", bound=Callable[..., Any])
_MASS = click.FloatRange(0, 30)
MOST_OFFSET_M = 0.2


class Offset(click.ParamType[tuple[float, float, float]]):
    """`X,Y,Z` in m."""

    name = "offset"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, float, float]:
        """Three numbers of at most MOST_OFFSET_M."""
        try:
            x, y, z = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value} is not three numbers such as 0,0,0.02", param, ctx)
        if not all(abs(one) <= MOST_OFFSET_M for one in (x, y, z)):  # also what is no number
            self.fail(
                f"{value}: the weight lies within {MOST_OFFSET_M:g} m of its sensor. Give m.", param, ctx
            )
        return x, y, z


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
    click.option(
        "--mass-known",
        type=click.Choice(["label", "weighed"]),
        help="Where the mass is from: its label (± 5 %) or a scale (± 1 %).",
    ),
    click.option(
        "--mass-error",
        type=click.FloatRange(0, 50),
        metavar="PCT",
        help="Or say yourself how sure: ± PCT in 95 of 100 cases.",
    ),
    click.option(
        "--cuff-height-error",
        type=click.FloatRange(0, 0.2),
        metavar="M",
        help="How sure the cuff height is (0.02).",
    ),
    click.option(
        "--cuff-offset",
        type=Offset(),
        metavar="X,Y,Z",
        help="Sensor to the weight's centre, m: x to the foot, z outward, y ahead on the right leg, back on"
        " the left (0,0,0).",
    ),
    click.option(
        "--cuff-offset-error",
        type=click.FloatRange(0, MOST_OFFSET_M),
        metavar="M",
        help="How sure that is (0.02).",
    ),
    click.option(
        "--level",
        type=click.FloatRange(0, 1000, min_open=True),
        metavar="NM",
        help="Turning load whose time above it is told (half of that of the level limb).",
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
    "mass_known",
    "mass_error",
    "cuff_height_error",
    "cuff_offset",
    "cuff_offset_error",
    "level",
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
    """Facts from options; what was not given stays as in `base`. A new mass is a label's unless said."""
    from distal.model import Facts

    given = {**dict.fromkeys(FACT_NAMES), **given}
    _check_finite(given)
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
        "cuff_height_error_m": given["cuff_height_error"],
        "cuff_offset_m": given["cuff_offset"],
        "cuff_offset_error_m": given["cuff_offset_error"],
        "level_nm": given["level"],
    }
    facts = replace(base or Facts(), **{key: value for key, value in values.items() if value is not None})
    return replace(facts, **_how_known(given, values))


def _check_finite(given: dict[str, Any]) -> None:
    for name, value in given.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise click.UsageError(f"--{name.replace('_', '-')}: {value} is no number. Give one.")


def _how_known(given: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """How the masses are known: of the legs whose mass is given, or of both when none is."""
    known, percent = given["mass_known"], given["mass_error"]
    new = [side for side in ("left", "right") if values[f"mass_{side}_kg"] is not None]
    out: dict[str, Any] = {}
    for side in new or (("left", "right") if known or percent is not None else ()):
        if known or side in new:
            out[f"mass_{side}_known"] = known or "label"
        out[f"mass_{side}_error"] = None if percent is None else percent / 100
    return out


def refuse_beside(what: str, why: str, allowed: set[str]) -> None:
    """Nothing that was typed is passed over in silence. raises UsageError for an option not `allowed`"""
    context = click.get_current_context()
    for param in context.command.params:
        source = context.get_parameter_source(param.name or "")
        if param.name not in allowed and source is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{param.opts[0]} with {what}, {why}: give one of them.")
