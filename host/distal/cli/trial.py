"""`distal trial`: what the weight does to one person, by blocks in drawn order."""

import json
import secrets
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.cli.options import JSON_OPTION
from distal.cli.output import print_json

if TYPE_CHECKING:
    from distal.trial.design import Trial

FILE = click.Path(path_type=Path)
OUTCOME_NAMES = (
    *("cadence", "stride_time", "stride_variability", "stride_length", "speed", "coordination"),
    *("contact", "sway", "rep_range", "rep_time", "rep_speed"),
)


@click.group(short_help="Find out what the weight does to one person.")
def trial() -> None:
    """Compare loaded and unloaded blocks of one person, in drawn order.

    One outcome is fixed before the first block. A permutation test answers;
    "no answer yet" is an answer.

    \b
    Example:
      distal trial new me.trial --outcome cadence --pairs 12 --least-effect 2
      distal trial next me.trial
      distal record --out block-1.distal --mass 1
      distal trial add me.trial block-1.distal
      distal trial result me.trial
    """


@trial.command(short_help="Fix the question and draw the order.")
@click.argument("file", type=FILE)
@click.option("--outcome", type=click.Choice(OUTCOME_NAMES), required=True, help="What is compared.")
@click.option("--pairs", type=int, default=12, show_default=True, help="Blocks of each kind, at most.")
@click.option(
    "--least-effect", type=float, required=True, metavar="X", help="The smallest change that matters to you."
)
@click.option("--washout", type=click.FloatRange(0, 1e5), default=180, show_default=True, metavar="S")
@click.option("--block", type=click.FloatRange(10, 1e5), default=300, show_default=True, metavar="S")
@click.option("--seed", type=int, help="Of the drawn order; else drawn too.")
def new(file: Path, outcome: str, pairs: int, least_effect: float, **given: Any) -> None:
    """Fix the question and draw the order of blocks.

    \b
    Example:
      distal trial new me.trial --outcome cadence --pairs 12 --least-effect 2
    """
    from distal.errors import DataError
    from distal.trial.design import Trial, design
    from distal.trial.text import render_next

    if file.exists():
        raise DataError(f"{file} is already there. Its question is fixed; give another name.")
    seed = secrets.randbits(32) if given["seed"] is None else given["seed"]
    values = {"outcome": outcome, "pairs": pairs, "least_effect": least_effect, "seed": seed}
    times = {"washout_s": given["washout"], "block_s": given["block"]}
    created = datetime.now().astimezone().isoformat(timespec="seconds")
    begun = Trial(design({**values, **times, "created": created}))
    _save(file, begun)
    click.echo(render_next(begun), nl=False)


@trial.command("next", short_help="Say what the next block is.")
@click.argument("file", type=FILE)
@JSON_OPTION
def next_block(file: Path, as_json: bool) -> None:
    """Say what the next block is.

    \b
    Example:
      distal trial next me.trial
    """
    from distal.trial.text import render_next

    found = _load(file)
    if as_json:
        blocks = {"done": len(found.blocks), "all": 2 * found.design.pairs}
        print_json({"arm": found.next_arm, **blocks, "washout_s": found.design.washout_s})
    else:
        click.echo(render_next(found), nl=False)


@trial.command(short_help="Add the recording of the next block.")
@click.argument("file", type=FILE)
@click.argument("recording", type=FILE)
@JSON_OPTION
def add(file: Path, recording: Path, as_json: bool) -> None:
    """Add the recording of the next block.

    \b
    Example:
      distal trial add me.trial block-1.distal
    """
    from distal.review import load_report
    from distal.trial.blocks import block_of
    from distal.trial.text import render_next

    found = _load(file)
    report, legs, meta = load_report(recording)
    if meta.get("started") is None:
        raise click.UsageError(f"nobody knows when {recording.name} was recorded: a block needs its time.")
    seconds = max((leg.seconds for leg in legs.values()), default=0.0)
    found = found.with_block(
        block_of(
            found, report, (recording.name, datetime.fromisoformat(meta["started"]).timestamp(), seconds)
        )
    )
    _save(file, found)
    block = found.blocks[-1]
    if as_json:
        print_json(asdict(block))
        return
    click.echo(f"{block.arm}: {block.value:.4g}" + "".join(f"; {flag}" for flag in block.flags))
    click.echo(render_next(found), nl=False)


@trial.command(short_help="Say what the blocks so far show.")
@click.argument("file", type=FILE)
@JSON_OPTION
def result(file: Path, as_json: bool) -> None:
    """Say what the blocks so far show.

    \b
    Example:
      distal trial result me.trial
    """
    from distal.trial.text import render_result
    from distal.trial.verdict import judge

    found = _load(file)
    verdict = judge(found)
    if as_json:
        print_json(
            {**asdict(verdict), "differences": list(found.differences), "outcome": found.design.outcome}
        )
    else:
        click.echo(render_result(found, verdict), nl=False)


def _load(file: Path) -> "Trial":
    from distal.errors import DataError
    from distal.trial.design import from_dict

    try:
        return from_dict(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise DataError(f"{file} is not there. Begin a trial with: distal trial new") from error
    except (OSError, ValueError) as error:
        raise DataError(f"{file} cannot be read as a trial ({error}). Give another file.") from error


def _save(file: Path, changed: "Trial") -> None:
    """Whole at every moment: a trial is weeks of somebody's work."""
    from distal.errors import DataError
    from distal.trial.design import to_dict

    beside = file.with_name(file.name + ".new")
    try:
        beside.write_text(json.dumps(to_dict(changed), indent=1) + "\n", encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        raise DataError(f"{file} cannot be written ({error}). Choose another folder.") from error
