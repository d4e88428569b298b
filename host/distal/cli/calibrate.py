"""`distal calibrate`: what a cuff's motion sensor is worth, from rests on six sides or a slow tumble."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.cli.options import JSON_OPTION
from distal.cli.output import print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distal.analysis.calibrate import Samples
    from distal.calibration import Calibration
    from distal.model import Side

FILE = click.Path(path_type=Path)


@click.command(short_help="Calibrate a cuff's motion sensor.")
@click.argument("source", metavar="[RECORDING|CSV]", type=FILE, required=False)
@click.option("--cuff", metavar="ID", help="Which cuff: its id or the end of it; of a CSV its whole id.")
@click.option(
    "--method", type=click.Choice(["rests", "tumble"]), help="Which part of it to use (the better one)."
)
@click.option("--mounting", is_flag=True, help="Find how the board sits in the cuff, worn; see above.")
@click.option(
    "--side", type=click.Choice(["left", "right"]), help="The leg, for --mounting (the cuff's own)."
)
@click.option("--temperature", type=click.FloatRange(-40, 85), metavar="C", help="Noted with it, if known.")
@click.option("--out", type=FILE, metavar="FILE", help="Keep the recording of a guided calibration here.")
@click.option("--dry-run", is_flag=True, help="Show it, store nothing.")
@click.option("--show", is_flag=True, help="Show what is stored, change nothing.")
@JSON_OPTION
def calibrate(source: Path | None, as_json: bool, **given: Any) -> None:
    """Measure bias and scale of a cuff's accelerometer, and its gyro's bias.

    Without a file a cuff is called and guides you: lay it still on each of
    six sides, in any order, 2 s each. A recording or a CSV made that way,
    or while it was slowly turned to all sides for a minute, will do too.
    It is stored for this cuff and used by every recording from then on; an
    older recording takes it with: distal facts RECORDING --stored-calibration

    --mounting: calibrated before, wear the cuff as drawn, stand still for
    2 s, then swing that leg straight ahead and back, ahead first.

    \b
    Examples:
      distal calibrate
      distal calibrate tumble.distal --temperature 24
      distal calibrate sides.csv --cuff a1b2c3d4e5f6
      distal calibrate --show
    """
    from distal.device.calibrations import CalibrationStore

    store = CalibrationStore()
    if given["show"]:
        _show(store.all(), as_json, given["cuff"])
        return
    found = _measure(source, store.all(), given, as_json)
    stored = [one for one in found if one.cuff and not given["dry_run"]]
    for one in stored:
        store.put(one)
    if as_json:
        path = str(store.path) if stored else None
        print_json({"calibrations": [one.to_dict() for one in found], "stored": path})
        return
    _print(found)
    click.echo(f"Stored in {store.path}" if stored else "Not stored" + _why_not(given))


def _why_not(given: dict[str, Any]) -> str:
    return "." if given["dry_run"] else ": a CSV does not say whose it is. Name the cuff with --cuff ID."


def _show(known: "Sequence[Calibration]", as_json: bool, cuff: str | None) -> None:
    newest = {(one.cuff, one.imu, one.acc_range_g, one.gyr_range_dps): one for one in known}
    shown = [one for one in newest.values() if cuff is None or (one.cuff or "").endswith(cuff.lower())]
    if as_json:
        print_json({"calibrations": [one.to_dict() for one in shown], "stored": None})
    elif shown:
        _print(shown)
    else:
        click.echo("No cuff is calibrated on this computer. Make one with: distal calibrate")


def _print(found: "Sequence[Calibration]") -> None:
    from distal.report.facts import table

    click.echo("\n\n".join("\n".join(table(one)) for one in found))


def _measure(
    source: Path | None, known: "Sequence[Calibration]", given: dict[str, Any], as_json: bool
) -> "list[Calibration]":
    """Every calibration that the source gives."""
    from distal.cli.calibrate_live import record_guided
    from distal.cli.calibrate_read import read_sources

    path = source or record_guided(given, not as_json)
    found = []
    for one in read_sources(path, given["cuff"]):
        # a guided session calls a cuff that is named `left`, whatever it says itself
        side = (one.side or one.said) if source else one.said
        found.append(_one(one.samples, one.whose, known, {**given, "own_side": side}))
    return found


def _one(
    samples: "Samples", whose: dict[str, Any], known: "Sequence[Calibration]", given: dict[str, Any]
) -> "Calibration":
    from dataclasses import replace
    from datetime import UTC, datetime

    from distal.analysis.calibrate import calibrate as measure
    from distal.calibration import newest

    mine = [one for one in known if one.cuff and one.cuff == whose["cuff"]]
    whose = {**whose, "made": datetime.now(UTC).isoformat(timespec="milliseconds")}
    if given["mounting"]:
        return _mounted(samples, mine, whose, given)
    before = newest(mine)
    mounting = before.mounting if before else None
    return replace(
        measure(samples, given["method"]), **whose, mounting=mounting, temperature_c=given["temperature"]
    )


def _mounted(
    samples: "Samples", mine: "Sequence[Calibration]", whose: dict[str, Any], given: dict[str, Any]
) -> "Calibration":
    """The cuff's newest calibration with the mounting added."""
    from dataclasses import replace

    from distal.analysis.mounting import find_mounting
    from distal.calibration import Correction, newest

    before = newest(mine)
    if before is None:
        raise click.UsageError(f"cuff {whose['cuff']} is not calibrated yet. First: distal calibrate")
    side: Side | None = given["side"] or given["own_side"]
    if side is None:
        raise click.UsageError("which leg it is on is not known. Say it with --side.")
    bare = replace(before, mounting=None)
    gyr, acc = Correction(bare).apply(samples.gyr, samples.acc)
    return replace(bare, made=whose["made"], mounting=find_mounting(gyr, acc, samples.rate_hz, side))
