"""`distal replay`: a bug again, from its file or its seed."""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distal.cli.options import JSON_OPTION
from distal.cli.output import print_json

if TYPE_CHECKING:
    from distal.model import Event
    from distal.sim.bug import Replayed
    from distal.sim.run import Outcome

FILE = click.Path(path_type=Path)


@click.command(short_help="Play a bug again: a recording's bytes, or a simulated session's seed.")
@click.argument("bug", type=FILE, required=False)
@click.option(
    "--pack", type=FILE, nargs=2, metavar="REC OUT", help="Make a bug file OUT.zip of a recording REC."
)
@click.option("--with-facts", is_flag=True, help="With --pack: keep names, body facts and times of day.")
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Simulate the session of this seed.")
@click.option("--again", is_flag=True, help="Simulate the session of a bug file, and compare its bytes.")
@click.option("--keep", type=FILE, metavar="ZIP", help="With --seed: keep the run as a bug file.")
@JSON_OPTION
def replay(bug: Path | None, as_json: bool, **given: Any) -> int:
    """Feed what a recording received to the analysis, in order of arrival.

    That is what the live view did, message by message: it prints the same
    events, what was odd, and the error if there is one. BUG is a bug file
    or a recording.

    --pack leaves out what a recording says of the person: names of cuffs,
    height, masses, remarks, the time of day. The movement itself stays in
    it, and the ids of the cuffs: give it only to people who may see them.

    --seed simulates a whole session with the real firmware and what goes
    wrong in it, all drawn from one number. The same seed and commit give
    the same bytes. Exit code 1: it broke a promise, and says which.

    \b
    Examples:
      distal replay --pack monday.distal bug.zip
      distal replay bug.zip
      distal replay --seed 7
    """
    chosen = [bug is not None, bool(given["pack"]), given["seed"] is not None]
    if sum(chosen) != 1:
        raise click.UsageError("give one of: a bug file, --pack, --seed.")
    if given["pack"]:
        recording, out = given["pack"]
        return _pack(recording, out, given["with_facts"], as_json)
    if bug is not None and given["again"]:
        return _again(bug, as_json)
    if bug is not None:
        return _play(bug, as_json)
    return _simulate(given["seed"], given["keep"], as_json)


def _pack(recording: Path, out: Path, keep_facts: bool, as_json: bool) -> int:
    from distal.sim.bug import pack

    about = pack(recording, out, keep_facts)
    if as_json:
        print_json({"bug": str(out), **about})
        return 0
    for fault in about["faults"]:
        click.echo(f"seen: {fault}")
    kept = "with all facts" if keep_facts else "without names, body facts and times of day"
    click.echo(f"Packed {out}, {kept}; the movement is in it.\nNext: distal replay {out}")
    return 0


def _play(path: Path, as_json: bool) -> int:
    from zipfile import is_zipfile

    from distal.errors import DataError
    from distal.sim.bug import Bug, replay

    if path.is_file() and path.suffix == ".zip" and not is_zipfile(path):
        raise DataError(f"{path} is no whole zip file. Send or copy it again.")
    if path.exists() and not is_zipfile(path):
        return _show_replayed([(path.name, replay(path))], {}, as_json)
    with Bug(path) as bug:
        found = [(one.name, replay(one)) for one in bug.recordings]
        return _show_replayed(found, bug.about, as_json)


def _show_replayed(found: "list[tuple[str, Replayed]]", about: dict[str, Any], as_json: bool) -> int:
    failed = any(one.error or one.report_error for _, one in found)
    if as_json:
        print_json({"about": about, "recordings": [_as_dict(name, one) for name, one in found]})
        return int(failed)
    if about:
        click.echo(f"made by distal {about.get('distal')} at commit {about.get('commit') or 'unknown'}")
    for text in [*about.get("problems", ()), *about.get("faults", ())]:
        click.echo(f"told: {text}")
    for name, one in found:
        click.echo(f"{name}: {one.messages} messages, {len(one.events)} events")
        for event in one.events:
            click.echo(f"  {_event(event)}")
        for text in one.notices:
            click.echo(f"  notice: {text}")
        for what, text in (("live view", one.error), ("report", one.report_error)):
            if text:
                click.echo(f"  {what} failed: {text}")
    if "plan" in about:
        click.echo(f"Next: distal replay --seed {about.get('seed')} simulates it anew")
    return int(failed)


def _event(event: "Event") -> str:
    """As `ic left, sample 412.3`; a rep or a set with its end."""
    end = "" if event.end == event.index else f" to {event.end:.1f}"
    return f"{event.kind} {event.side}, sample {event.index:.1f}{end}"


def _as_dict(name: str, one: "Replayed") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "name": name,
        "messages": one.messages,
        "events": [asdict(event) for event in one.events],
        "notices": list(one.notices),
        "error": one.error,
        "report_error": one.report_error,
    }


def _again(path: Path, as_json: bool) -> int:
    from distal.errors import DataError
    from distal.sim.bug import Bug

    with Bug(path) as bug:
        plan, told = bug.plan, bug.about.get("digest")
    if plan is None:
        raise DataError(f"{path} is of a real session: only its bytes can be played. Leave out --again.")
    with tempfile.TemporaryDirectory() as folder:
        from distal.sim.run import run

        outcome = run(plan, Path(folder))
        same = outcome.digest == told
        click.echo(f"the same bytes as in {path}" if same else f"other bytes than in {path}", err=True)
        return _show_outcome(outcome, as_json)


def _simulate(seed: int, keep: Path | None, as_json: bool) -> int:
    from distal.recording import check_free
    from distal.sim.bug import pack_run
    from distal.sim.plan import draw
    from distal.sim.run import run

    if keep:
        check_free(keep)
    plan = draw(seed)
    if not as_json:
        click.echo(f"simulating {plan.seconds:.0f} s of {plan.cuffs} cuffs ...", err=True)
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(plan, Path(folder))
        if keep:
            pack_run(outcome, keep)
        return _show_outcome(outcome, as_json)


def _show_outcome(outcome: "Outcome", as_json: bool) -> int:
    from dataclasses import asdict

    from distal.sim.bug import commit

    if as_json:
        cuffs = [asdict(cuff) for cuff in outcome.cuffs]
        print_json({"plan": asdict(outcome.plan), "problems": list(outcome.problems), "cuffs": cuffs})
        return int(bool(outcome.problems))
    for fault, hit in outcome.done:
        what = "" if hit else " (met nothing to break)"
        click.echo(f"{fault.at_s:5.1f} s  {fault.kind}, cuff {fault.cuff}, {fault.seconds:g} s{what}")
    for cuff in outcome.cuffs:
        click.echo(
            f"{cuff.cuff}: {cuff.taken} samples taken, {cuff.recorded} recorded, {cuff.stated} told lost"
        )
    for problem in outcome.problems:
        click.echo(f"broken: {problem}")
    if outcome.problems:
        seed = outcome.plan.seed
        click.echo(f"seed {seed} at commit {commit() or '?'}: replay with: distal replay --seed {seed}")
    else:
        click.echo("whole: every sample once, in order, or its loss stated")
    sys.stdout.flush()
    return int(bool(outcome.problems))
