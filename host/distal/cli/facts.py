"""`distal facts`: what was said of a session, dated; and how to correct it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.cli.options import JSON_OPTION, read_facts, with_facts
from distal.cli.output import print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distal.calibration import Calibration
    from distal.dated import Amendment
    from distal.model import Side
    from distal.recording import Cuff, Recording

FILE = click.Path(path_type=Path)
FORGET = {
    "mass": ("mass_left_kg", "mass_right_kg"),
    "height": ("height_m",),
    "body-mass": ("body_mass_kg",),
    "sex": ("sex",),
    "exercise": ("exercise",),
    "level": ("level_nm",),
}


@click.command(short_help="Show or correct what was said of a session.")
@click.argument("recording", type=FILE)
@with_facts
@click.option("--forget", type=click.Choice(sorted(FORGET)), multiple=True, help="Not known after all.")
@click.option("--left", metavar="CUFF", help="The cuff of the left leg: its id or the end of it.")
@click.option("--right", metavar="CUFF", help="The cuff of the right leg.")
@click.option("--swap-sides", is_flag=True, help="Each cuff sat on the other leg; masses go with them.")
@click.option("--calibration", type=FILE, metavar="FILE", help="Use calibrations from a file.")
@click.option("--stored-calibration", is_flag=True, help="Use this computer's newest calibrations.")
@click.option("--no-calibration", is_flag=True, help="Use none.")
@click.option("--note", metavar="WHY", help="Why it is corrected; kept beside it.")
@JSON_OPTION
def facts(recording: Path, as_json: bool, **given: Any) -> None:
    """Show what was said of a session: masses, height, sides, calibrations.

    With options a corrected row is added, dated; the packets stay as they
    are, and every report is made from the newest row.

    \b
    Examples:
      distal facts monday.distal
      distal facts monday.distal --mass 1 --note "read the wrong label"
      distal facts monday.distal --mass-left 1.02 --mass-known weighed
      distal facts monday.distal --cuff-offset 0.01,0,0.02 --level 8
      distal facts monday.distal --swap-sides
    """
    from distal.recording import Recording, amend

    note = given.pop("note")
    is_correction = any(value not in (None, False, ()) for value in given.values())
    if note and not is_correction:
        raise click.UsageError("--note says why something is corrected. Give what is.")
    changed = None
    if is_correction:
        with Recording(recording) as now:
            amendment = _amendment(now, given, note)
            changed = _differs(now, amendment)
        if changed:
            amend(recording, amendment)
    with Recording(recording) as now:
        if as_json:
            print_json({"recording": str(recording), "corrected": changed, **_describe(now)})
            return
        if changed is not None:
            click.echo("Corrected; the packets are as they were.\n" if changed else "Nothing changed.\n")
        _print(now, recording)


def _amendment(recording: "Recording", given: dict[str, Any], note: str | None) -> "Amendment":
    from dataclasses import replace

    from distal.dated import Amendment, swap

    cuffs = recording.cuffs()
    base = recording.facts()
    if given["swap_sides"]:
        if given["left"] or given["right"]:
            raise click.UsageError("--swap-sides with --left or --right: give one of them.")
        base = swap(base)
    unknown: dict[str, Any] = {key: None for name in given["forget"] for key in FORGET[name]}
    base = replace(base, **unknown)
    return Amendment(
        read_facts(given, base), _sides(recording, cuffs, given), _calibrations(cuffs, given), note
    )


def _sides(recording: "Recording", cuffs: "Sequence[Cuff]", given: dict[str, Any]) -> "dict[str, Side]":
    """Corrected sides, those of before included."""
    from distal.model import OTHER

    history = recording.history()
    sides = dict(history[-1].sides) if history else {}
    if given["swap_sides"]:
        return {**sides, **{one.cuff: OTHER[one.side] for one in cuffs if one.side}}
    pairs: list[tuple[Side, str | None]] = [("left", given["left"]), ("right", given["right"])]
    named = {_find(cuffs, wanted): side for side, wanted in pairs if wanted}
    if given["left"] and given["right"] and len(named) < 2:
        raise click.UsageError("--left and --right name one cuff. Name two.")
    if len(named) == 1:
        (side,) = named.values()
        named |= {one.cuff: OTHER[side] for one in cuffs if one.cuff not in named}
    return {**sides, **named}


def _find(cuffs: "Sequence[Cuff]", wanted: str) -> str:
    found = [one.cuff for one in cuffs if one.cuff.endswith(wanted.lower()) or one.name == wanted]
    if len(found) != 1:
        names = ", ".join(one.cuff for one in cuffs) or "none"
        raise click.UsageError(f"no one cuff {wanted} in the recording (there are: {names}).")
    return found[0]


def _calibrations(cuffs: "Sequence[Cuff]", given: dict[str, Any]) -> "dict[str, Calibration | None]":
    """What the options say of each cuff."""
    if sum(bool(given[name]) for name in ("calibration", "stored_calibration", "no_calibration")) > 1:
        raise click.UsageError("--calibration, --stored-calibration, --no-calibration: give one of them.")
    if given["no_calibration"]:
        return {one.cuff: None for one in cuffs}
    if not (given["calibration"] or given["stored_calibration"]):
        return {}
    found = _fitting(cuffs, given["calibration"])
    if not found:
        names = ", ".join(one.cuff for one in cuffs) or "none"
        raise click.UsageError(
            f"no calibration there fits a cuff of it ({names}). Make one with: distal calibrate"
        )
    return found


def _fitting(cuffs: "Sequence[Cuff]", path: Path | None) -> "dict[str, Calibration | None]":
    from distal.calibration import choose
    from distal.device.calibrations import CalibrationStore, read_calibrations
    from distal.errors import LinkError
    from distal.link.base import read_info

    known = read_calibrations(path) if path else CalibrationStore().all()
    found: dict[str, Calibration | None] = {}
    for one in cuffs:
        try:
            info = read_info(one.info)
        except LinkError:
            continue
        chosen = choose(known, one.cuff, info.imu, (info.acc_range_g, info.gyr_range_dps))
        if chosen:
            found[one.cuff] = chosen
    return found


def _differs(recording: "Recording", amendment: "Amendment") -> bool:
    known = {one.cuff: one for one in recording.calibrations()}
    history = recording.history()
    sides = history[-1].sides if history else {}
    return (
        amendment.facts != recording.facts()
        or dict(amendment.sides) != dict(sides)
        or any(known.get(cuff) != one for cuff, one in amendment.calibrations.items())
    )


def _describe(recording: "Recording") -> dict[str, Any]:
    from dataclasses import asdict

    from distal.dated import changes

    history = recording.history()
    told = [
        {
            "noted": row.noted,
            "note": row.note,
            "changed": {key: {"before": a, "after": b} for key, (a, b) in changed.items()},
        }
        for row, changed in zip(history, changes(history), strict=True)
    ]
    return {
        "facts": asdict(recording.facts()),
        "sides": {one.cuff: one.side for one in recording.cuffs()},
        "calibrations": {one.cuff: one.to_dict() for one in recording.calibrations()},
        "history": told,
        "damage": list(recording.damage),
    }


def _print(recording: "Recording", path: Path) -> None:
    from distal.report.facts import history_lines, lines, summary

    for line in lines(recording.facts()):
        click.echo(line)
    calibrations = {one.cuff: one for one in recording.calibrations()}
    click.echo("\nCuffs")
    for one in recording.cuffs():
        found = calibrations.get(one.cuff)
        click.echo(f"  {one.side or '–':<6} {one.cuff}  {summary(found) if found else 'not calibrated'}")
    click.echo("\nHistory")
    for line in history_lines(recording.history()):
        click.echo(line)
    for text in recording.damage:
        click.echo(f"Note: {text}")
    click.echo(f"Next: distal report {path}")
