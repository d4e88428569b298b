"""`distal cuffs`: what this computer knows of its cuffs."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from distal.cli.options import JSON_OPTION
from distal.cli.output import columns, print_json

if TYPE_CHECKING:
    from distal.device.keys import CuffStore, KnownCuff


@click.group(short_help="The cuffs of this computer: list, rename, set, forget.", invoke_without_command=True)
@JSON_OPTION
@click.pass_context
def cuffs(ctx: click.Context, as_json: bool) -> None:
    """List the cuffs that are paired with this computer, or change one.

    CUFF is an id, the end of one, or a name from the list.

    \b
    Examples:
      distal cuffs
      distal cuffs rename a1b2 "Anna left"
      distal cuffs set "Anna left" --side left --mass 1.5
      distal cuffs forget a1b2
    """
    if ctx.invoked_subcommand is None:
        _list(as_json)
    elif as_json:
        raise click.UsageError("--json goes behind the word it is for: distal cuffs list --json.")


@cuffs.command("list")
@JSON_OPTION
def list_cuffs(as_json: bool) -> None:
    """List them.

    \b
    Example:
      distal cuffs list --json
    """
    _list(as_json)


@cuffs.command()
@click.argument("cuff")
@click.argument("name")
@JSON_OPTION
def rename(cuff: str, name: str, as_json: bool) -> None:
    """Call CUFF something else, on this computer.

    What it calls itself on the air is written by distal flash --name.

    \b
    Example:
      distal cuffs rename a1b2 "Anna left"
    """
    store = _store()
    known = _one(store, cuff)
    if not name.strip():
        raise click.UsageError("a name has at least one letter.")
    taken = [other.cuff for other in store.find(name) if other.cuff != known.cuff]
    if taken:
        raise click.UsageError(f"{name} means {taken[0]} already: choose another name.")
    _tell(store, replace(known, name=name.strip()), as_json)


@cuffs.command("set")
@click.argument("cuff")
@click.option("--side", type=click.Choice(["left", "right"]), help="The leg it is worn on.")
@click.option("--mass", type=click.FloatRange(0, 30), metavar="KG", help="What is worn, cuff included.")
@JSON_OPTION
def set_cuff(cuff: str, side: str | None, mass: float | None, as_json: bool) -> None:
    """Tell CUFF its leg or its mass. It must be in reach: it keeps them.

    \b
    Example:
      distal cuffs set a1b2 --side left --mass 2
    """
    from distal.device.pair import change
    from distal.link.ble import open_radio

    if side is None and mass is None:
        raise click.UsageError("nothing to set: give --side, --mass or both.")
    store = _store()
    known = _one(store, cuff)

    async def tell() -> "KnownCuff":
        async with open_radio() as radio:
            return await change(radio, store, known, side, None if mass is None else round(mass * 1000))

    _print(asyncio.run(tell()), as_json)


@cuffs.command()
@click.argument("cuff")
@click.option("--yes", is_flag=True, help="Do not ask, even if its key is lost with it.")
@JSON_OPTION
def forget(cuff: str, yes: bool, as_json: bool) -> None:
    """Remove CUFF and its key from this computer.

    The cuff keeps its key. To command it again you need that key, or the
    cuff's button.

    \b
    Example:
      distal cuffs forget a1b2
    """
    store = _store()
    known = _one(store, cuff)
    if known.key and not yes:
        click.confirm(f"Forget {_title(known)} and its key?", abort=True, err=True)
    store.forget(known.cuff)
    if as_json:
        print_json({"forgotten": known.cuff})
    else:
        click.echo(f"Forgot {_title(known)}. To use it again: distal pair {known.cuff} --button")


def _store() -> "CuffStore":
    from distal.device.keys import CuffStore

    return CuffStore()


def _one(store: "CuffStore", wanted: str) -> "KnownCuff":
    found = store.find(wanted)
    if len(found) == 1:
        return found[0]
    listed = ", ".join(_title(known) for known in found or store.all())
    if found:
        raise click.UsageError(f"{wanted} means several cuffs: {listed}. Give the whole id.")
    raise click.UsageError(f"no cuff {wanted} is known here ({listed or 'none is'}).")


def _tell(store: "CuffStore", known: "KnownCuff", as_json: bool) -> None:
    store.put(known)
    _print(known, as_json)


def _print(known: "KnownCuff", as_json: bool) -> None:
    if as_json:
        print_json(_facts(known))
    else:
        click.echo("  ".join(_row(known)))


def _list(as_json: bool) -> None:
    store = _store()
    known = store.all()
    if as_json:
        print_json({"cuffs": [_facts(one) for one in known], "kept_in": str(store.path)})
        return
    if not known:
        click.echo("No cuff is paired with this computer. Next: distal pair")
        return
    for line in columns([("cuff", "name", "leg", "mass", "board", "key"), *map(_row, known)]):
        click.echo(line)


def _row(known: "KnownCuff") -> tuple[str, ...]:
    mass = f"{known.mass_g / 1000:g} kg" if known.mass_g else "-"
    key = "kept here" if known.key else "none"
    return known.cuff, known.name or "-", known.side or "-", mass, known.board or "-", key


def _title(known: "KnownCuff") -> str:
    return f"{known.name} ({known.cuff})" if known.name else known.cuff


def _facts(known: "KnownCuff") -> dict[str, Any]:
    """What the JSON says. The key stays in the store."""
    return {
        "cuff": known.cuff,
        "name": known.name,
        "side": known.side,
        "mass_kg": known.mass_g / 1000 if known.mass_g else None,
        "board": known.board,
        "address": known.address,
        "has_key": known.key is not None,
    }
