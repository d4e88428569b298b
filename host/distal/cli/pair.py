"""`distal pair`: make cuffs this computer's."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from distal.cli.options import JSON_OPTION
from distal.cli.output import Progress, columns, print_json

if TYPE_CHECKING:
    from distal.device.keys import CuffStore
    from distal.device.pair import Heard, Paired, Terms

KEY_DIGITS = 64


@click.command(short_help="Make cuffs this computer's.")
@click.argument("cuff", required=False)
@click.option("--left", metavar="ID", help="Pair this one and put it on the left leg.")
@click.option("--right", metavar="ID", help="Pair this one and put it on the right leg.")
@click.option("--side", type=click.Choice(["left", "right"]), help="The leg of CUFF; else as it says.")
@click.option("--mass", type=click.FloatRange(0, 30), metavar="KG", help="What is worn, cuff included.")
@click.option("--name", metavar="TEXT", help="What this computer calls CUFF.")
@click.option("--key", metavar="HEX", help="Its key, 64 digits; - reads it from standard input.")
@click.option("--button", is_flag=True, help="Agree on a new key: hold the cuff's button for 3 s.")
@click.option(
    "--wait",
    type=click.FloatRange(0, 55),
    default=45.0,
    show_default=True,
    metavar="S",
    help="How long to wait for the button.",
)
@click.option(
    "--seconds", type=click.FloatRange(0.5, 120), default=5.0, show_default=True, help="How long to listen."
)
@JSON_OPTION
def pair(**given: Any) -> None:
    """Make cuffs this computer's: it remembers them, they obey it.

    Without CUFF (id or its end, address, name), the cuffs in reach are
    listed and you choose. That a cuff is yours is proven by its key, which
    distal flash has left on this computer, or by its button: hold it for
    3 s, until its light is on half of the time. That gives the cuff a new
    key; other computers that had one must pair again.

    The cuff then blinks. Side and mass are written into it.

    \b
    Examples:
      distal pair
      distal pair --left a1b2 --right c3d4 --mass 1.5
      distal pair a1b2 --button --side left --name "Anna left"
    """
    from distal.device.keys import CuffStore

    as_json = given.pop("as_json")
    progress = Progress(not as_json)
    asked, terms = _wanted(given), _terms(given)
    paired = asyncio.run(_Pairing(CuffStore(), terms, progress).run(asked, given["seconds"]))
    if as_json:
        print_json({"paired": [_facts(one) for one in paired]})
        return
    for one in paired:
        _print_cuff(one)
    click.echo("Next: distal record")


def _wanted(given: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    """(cuff, side) of each one to pair; (None, side): let the user choose."""
    sided: list[tuple[str | None, str | None]] = [
        (given[side], side) for side in ("left", "right") if given[side]
    ]
    if not sided:
        return [(given["cuff"], given["side"])]
    if given["cuff"] or given["side"]:
        raise click.UsageError("--left and --right name cuffs and legs: no CUFF, no --side with them.")
    if len(sided) > 1 and (given["name"] or given["key"]):
        raise click.UsageError("--name and --key are those of one cuff: pair the two one after the other.")
    if len({name for name, _ in sided}) < len(sided):
        raise click.UsageError("--left and --right name the same cuff.")
    return sided


def _terms(given: dict[str, Any]) -> "Terms":
    from distal.device.pair import Terms

    if given["key"] and given["button"]:
        raise click.UsageError("--key with --button: give one of them.")
    return Terms(
        key=_read_key(given["key"]),
        by_button=given["button"],
        wait_s=given["wait"],
        mass_g=None if given["mass"] is None else round(given["mass"] * 1000),
        name=given["name"],
    )


def _read_key(text: str | None) -> bytes | None:
    """Its bytes; `-` keeps it out of the list of processes and of the shell's history."""
    if text is None:
        return None
    digits = (sys.stdin.readline() if text == "-" else text).strip()
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        key = b""
    if len(digits) != KEY_DIGITS or not key:
        raise click.UsageError(f"a key has {KEY_DIGITS} digits 0-9 a-f; this is none.")
    return key


class _Pairing:
    """Looks around once, then pairs one cuff after the other."""

    def __init__(self, store: "CuffStore", terms: "Terms", progress: Progress) -> None:
        self._store, self._terms, self._progress = store, terms, progress

    async def run(self, asked: Sequence[tuple[str | None, str | None]], seconds: float) -> "list[Paired]":
        """raises CuffNotFound, CuffLocked, LinkError"""
        from distal.device.pair import look_around, pair
        from distal.link.ble import open_radio

        async with open_radio() as radio:
            self._progress.note("listening for cuffs ...")
            heard = await look_around(radio, self._store, seconds, self._progress.note)
            chosen = [(self._choose(heard, name), side) for name, side in asked]
            return [
                await pair(
                    radio, self._store, one.found, replace(self._terms, side=side), self._progress.note
                )
                for one, side in chosen
            ]

    def _choose(self, heard: "list[Heard]", name: str | None) -> "Heard":
        """The cuff of that name, the only one, or the one that the user says."""
        from distal.errors import CuffNotFound
        from distal.link.search import NOTHING_HEARD

        answering = [one for one in heard if one.info]
        if not answering:
            raise CuffNotFound(NOTHING_HEARD)
        meant = [one for one in answering if name is None or _is_called(one, name)]
        if not meant:
            ids = ", ".join(one.info.cuff for one in answering if one.info)
            text = f"no cuff {name} was heard (heard: {ids}). Wake it (move it), bring it closer, try again."
            raise CuffNotFound(text)
        if len(meant) == 1:
            return meant[0]
        return self._ask(meant)

    def _ask(self, heard: "list[Heard]") -> "Heard":
        if not _is_asked():
            ids = ", ".join(one.info.cuff for one in heard if one.info)
            raise click.UsageError(f"several cuffs were heard ({ids}), nobody is there to choose: name one.")
        for line in table(heard):
            click.echo(line, err=True)
        number = click.prompt("Which cuff", type=click.IntRange(1, len(heard)), default=1, err=True)
        return heard[int(number) - 1]


def _is_asked() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def _is_called(one: "Heard", name: str) -> bool:
    from distal.link.base import is_called

    own = one.known.name if one.known and one.known.name else ""
    return bool(one.info and is_called(name, one.info.cuff, one.found)) or own.lower() == name.lower()


def table(heard: "list[Heard]") -> list[str]:
    """A numbered row for each cuff that answered, the strongest first."""
    rows = [("", "cuff", "name", "leg", "signal", "")]
    for number, one in enumerate(heard, 1):
        assert one.info
        name = (one.known.name if one.known else None) or one.found.name
        signal = "-" if one.found.rssi is None else f"{one.found.rssi} dBm"
        rows.append((str(number), one.info.cuff, name, one.info.side or "-", signal, _state(one)))
    return columns(rows)


def _state(one: "Heard") -> str:
    if one.known and (one.known.key or not one.is_locked):
        return "paired"
    return "locked: needs its key or its button" if one.is_locked else "new, without a key"


def _facts(one: "Paired") -> dict[str, Any]:
    """What the JSON says. The key stays in the store."""
    known = one.known
    return {
        "cuff": known.cuff,
        "name": known.name,
        "side": known.side,
        "mass_kg": known.mass_g / 1000 if known.mass_g else None,
        "address": known.address,
        "proof": one.proof,
    }


_PROOFS = {"key": "by its key", "button": "by its button; it has a new key", "none": "without a key"}


def _print_cuff(one: "Paired") -> None:
    known = one.known
    leg = f"{known.side} leg" if known.side else "no leg yet (distal cuffs set)"
    mass = f"{known.mass_g / 1000:g} kg" if known.mass_g else "mass unknown"
    click.echo(f"Paired {known.name} ({known.cuff}) {_PROOFS[one.proof]}: {leg}, {mass}. It blinks now.")
    if one.proof == "none":
        click.echo(
            f"It has no key: anybody near may command it. To give it one: distal pair {known.cuff} --button"
        )
