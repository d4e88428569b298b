"""`distal sync`: how well left and right agree in time, by the packets and by knocks."""

import asyncio
import time
from pathlib import Path
from typing import Any

import click

from distal.cli.options import JSON_OPTION, refuse_beside
from distal.cli.output import Progress, print_json

BLOCKS = " ▁▂▃▄▅▆▇█"
DISAGREE = 1  # exit code


@click.command(short_help="How well left and right agree in time.")
@click.argument("recording", type=click.Path(path_type=Path), required=False)
@click.option("--tap", is_flag=True, help="Measure it by knocks of the cuffs against each other.")
@click.option(
    "--seconds", type=click.FloatRange(min=5), default=20.0, show_default=True, help="Without a recording."
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Where to keep a live session.")
@JSON_OPTION
def sync(recording: Path | None, tap: bool, seconds: float, out: Path | None, as_json: bool) -> None:
    """Show how well the two legs' times agree, as the packets tell it.

    --tap measures it: hold both cuffs, knock them against each other 5 to
    10 times, a second apart. The result is kept in the recording. Exit
    code 1: the knocks do not agree with the packets.

    Without a recording a session is recorded first. A longer session is
    more exact: minutes, not seconds.

    \b
    Examples:
      distal sync session.distal
      distal sync --tap
      distal sync session.distal --tap --json
    """
    from distal.report.plain import plain

    if recording:
        refuse_beside("a recording", "which is there already", {"recording", "tap", "as_json"})
    path = recording or _record(out, seconds, as_json)
    from distal.tap import evidence, load_knocks, load_sync

    if tap:
        receipt, reading = load_knocks(path)
        found: dict[str, Any] | None = plain(evidence(receipt, reading))
        _keep(path, found)
    else:
        receipt, found = load_sync(path)[0], None
    if as_json:
        print_json({"recording": str(path), "sync": plain(receipt) if receipt else None, "tap": found})
    else:
        _show(receipt, found)
    if found and found["agree"] is False:
        raise SystemExit(DISAGREE)


def _record(out: Path | None, seconds: float, quiet: bool) -> Path:
    from distal.cli.record import record_session
    from distal.device.keys import CuffStore
    from distal.session import Listener, Plan

    store = CuffStore()
    path = out or Path(time.strftime("sync-%Y%m%d-%H%M%S.distal"))
    progress = Progress(not quiet)
    plan = Plan(duration_s=seconds, paired=store.addresses())
    asyncio.run(record_session(path, plan, Listener(progress.live, progress.note), store))
    progress.end()
    return path


def _keep(path: Path, found: Any) -> None:
    from distal.recording import keep

    keep(path, "tap", found)


def _show(receipt: Any, found: dict[str, Any] | None) -> None:
    if receipt is None:
        click.echo("Packets: one leg only, nothing to compare.")
    else:
        heard = " + ".join(f"{side[0].upper()} {n}" for side, n in receipt.packets.items())
        p50, p95 = receipt.p50_ms, receipt.p95_ms
        click.echo(f"Packets: left and right agree within {p95:.2f} ms (p95), {p50:.2f} ms (p50)")
        click.echo(f"  from {heard} messages in {receipt.span_s:.0f} s, {receipt.method}")
        click.echo(f"  the right clock runs {receipt.drift_ppm:+.1f} ppm against the left")
        if receipt.late_ms is not None:
            click.echo(f"  {_beside_host(receipt.late_ms)} (round trips)")
    if found:
        click.echo(_tapped(found))


def _beside_host(late_ms: float) -> str:
    """Where session time stands against the host's clock."""
    if late_ms < 0:
        return f"packets came unevenly: both run at least {-late_ms:.0f} ms ahead of this computer's clock"
    return f"both may lag this computer's clock by up to {late_ms:.0f} ms"


def _tapped(found: dict[str, Any]) -> str:
    value, n = found["right_later_ms"], len(found["knocks"])
    words = {True: "this agrees with the packets", False: "this does NOT agree with the packets", None: ""}
    sign = "later" if value["value"] >= 0 else "earlier"
    lines = [
        f"Knocks: the right leg is {abs(value['value']):.2f} ms {sign} by {n} knocks",
        f"  95 % interval {value['low']:+.2f} to {value['high']:+.2f} ms; {words[found['agree']]}".rstrip(
            "; "
        ),
        *_picture(found["courses_g"]),
    ]
    return "\n".join(lines)


def _picture(courses: dict[str, list[float]]) -> list[str]:
    """The mean knock of each leg, a block each ms."""
    top = max((value for values in courses.values() for value in values), default=0.0) or 1.0
    lines = []
    for side, values in courses.items():
        heights = [round(max(value, 0.0) / top * (len(BLOCKS) - 1)) for value in values]
        lines.append(f"  {side:5} |{''.join(BLOCKS[height] for height in heights)}| {max(values):.1f} g")
    return [*lines, f"         one block is 1 ms, {len(values)} ms in all"]
