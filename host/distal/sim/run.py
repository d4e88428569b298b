"""One simulated session from its plan: real firmware, real session code, virtual time, invariants at the end.

outcome = run(draw(7), folder)
print(outcome.problems or "whole")
"""

import asyncio
import contextlib
import hashlib
import io
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from distal.model import SIDES, Side
from distal.recording import Recording
from distal.session import Plan
from distal.sim.acts import Acts
from distal.sim.allow import SCAN_S, Story
from distal.sim.host import SimHost
from distal.sim.judge import CuffAccount, Judge
from distal.sim.meet import meet
from distal.sim.plan import SIDES as SAID
from distal.sim.plan import Fault, FaultPlan
from distal.sim.truth import SensorLog, Swing, Taken
from distal.virtual import clockloop
from distal.virtual.rig import CuffSetup, ImuFaults, RadioFaults, VirtualRig
from distal_wire import spec
from distal_wire.proof import KEY_BYTES

HERE = Path(__file__).resolve().parent
SETTLE_S = 120.0  # virtual; a session that has not ended by then hangs
HEAP_SLACK = 2048  # bytes of a cuff's heap, from one half of a run to the other; a fetch takes so much
WRAP_IN_S = 9.0  # after a cuff's boot: a few seconds into the session


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left behind and what is wrong with it.

    problems    one line each; empty: every invariant held
    digest      of every byte received, with its arrival time: the same for the same plan and code
    """

    plan: FaultPlan
    problems: tuple[str, ...]
    cuffs: tuple[CuffAccount, ...]
    recordings: tuple[Path, ...]
    digest: str
    done: tuple[tuple[Fault, bool], ...]
    notes: tuple[str, ...]
    heap: tuple[tuple[int, ...], ...] = ()  # bytes that each cuff's firmware held, every 5 s


@dataclass
class Scene:
    """What is left when virtual time ends."""

    host: SimHost
    acts: Acts
    taken: list[Taken]
    ids: list[str]
    problems: list[str] = field(default_factory=list)
    heap: list[tuple[int, ...]] = field(default_factory=list)


def run(plan: FaultPlan, folder: Path, speed: float = math.inf, follow: Any = None) -> Outcome:
    """Simulate a plan; its recordings go to `folder`, which must exist. `follow(host, rig)` may look on."""
    told = io.StringIO()
    with contextlib.redirect_stderr(told) if follow is None else contextlib.nullcontext():
        scene = clockloop.run(_simulate(plan.checked(), folder, follow), speed)
    judge = Judge(plan, dict(zip(scene.ids, scene.taken, strict=True)), _story(scene))
    accounts = judge.judge(scene.host.recordings)
    problems = [*scene.problems, *judge.problems]
    return Outcome(
        plan,
        tuple(problems),
        tuple(accounts),
        tuple(scene.host.recordings),
        digest(scene.host.recordings),
        tuple(scene.acts.done),
        tuple(scene.host.notes),
        tuple(scene.heap),
    )


def _story(scene: Scene) -> Story:
    host, acts = scene.host, scene.acts
    return Story(
        acts.begin_s,
        host.end_s,
        acts.done,
        host.heard,
        _open_cuffs(host),
    )


def _open_cuffs(host: SimHost) -> frozenset[str]:
    """Ids of the cuffs that did not answer to the last stop: by the last recording that knows them."""
    sides: dict[str, Side] = {}
    for path in host.recordings:
        with Recording(path) as recording:
            sides.update(recording.sides())
    return frozenset(cuff for cuff, side in sides.items() if side in host.open)


def digest(recordings: Sequence[Path]) -> str:
    """SHA-256 over all that the recordings received, in order."""
    total = hashlib.sha256()
    for path in recordings:
        with Recording(path) as recording:
            for message in recording.received():
                total.update(f"{message.cuff} {message.t_host!r} ".encode() + message.data)
    return total.hexdigest()


def setups(plan: FaultPlan) -> list[CuffSetup]:
    """The cuffs of a plan, and the stranger last."""
    chance = random.Random(f"setups/{plan.seed}")
    found = [
        CuffSetup(
            Swing(phase=float(place)),
            side=said_side(plan, place),
            mass_g=1000,
            key=chance.randbytes(KEY_BYTES) if plan.keyed else None,
            imu=ImuFaults(
                seed=plan.seed + place,
                drift_ppm=plan.drift_ppm[place],
                timestamp_start=2**32 - int(WRAP_IN_S * spec.CLOCK_HZ) if plan.wraps else 0,
            ),
            ticks_us=2**30 - int(WRAP_IN_S * 1e6) if plan.wraps else 0,
            flash_bytes=plan.flash_bytes,
            script=HERE / "cuff_watched.py",
        )
        for place in range(plan.cuffs)
    ]
    if plan.stranger:
        name = (
            f"double {bytes((0x02, 0xD1, 0x57, 0xA1, 0, 0)).hex()}"
            if plan.stranger == "double"
            else plan.stranger
        )
        script = HERE / "cuff_impostor.py"
        found.append(CuffSetup(Swing(), name=name, script=script, distance_m=0.5))
    return found


def said_side(plan: FaultPlan, place: int) -> Side | None:
    """What a cuff says of its side."""
    assert plan.sides in SAID
    if plan.sides == "unsaid":
        return None
    return "left" if plan.sides == "both_left" else SIDES[place ^ (plan.sides == "swapped")]


async def _simulate(plan: FaultPlan, folder: Path, follow: Any) -> Scene:
    loop = asyncio.get_running_loop()
    problems: list[str] = []
    loop.set_exception_handler(lambda _loop, context: problems.append(f"escaped: {_words(context)}"))
    radio = RadioFaults(loss=plan.loss, interval_ms=plan.interval_ms, seed=plan.seed)
    async with VirtualRig(setups(plan), radio) as rig:
        cuffs = rig.cuffs[: plan.cuffs]
        for place, cuff in enumerate(cuffs):
            cuff.port.clock.set_drift(plan.crystal_ppm[place])
        logs = [SensorLog(cuff.imu) for cuff in cuffs]
        keys = {cuff.cuff: cuff.setup.key for cuff in cuffs if cuff.setup.key}
        # where they are heard is known since they were paired; but then no stranger would be met
        known = {cuff.cuff: None if plan.stranger else cuff.address for cuff in cuffs if cuff.setup.key}
        wanted = Plan(cuffs=plan.cuffs, scan_s=SCAN_S, paired=known)
        host = SimHost(rig, folder, wanted, keys)
        acts = Acts(rig, host, plan)
        watching = asyncio.create_task(follow(host, rig)) if follow else None
        try:
            await _play(plan, host, acts, problems)
        finally:
            if watching:
                watching.cancel()
        if plan.meets:
            host.recordings = await meet(rig, host.recordings, keys)
        _look_at_cuffs(rig, problems)
        taken = [log.taken() for log in logs]
        heap = [_heap(cuff.folder / "heap.txt") for cuff in cuffs]
        problems += _grown(heap)
        if acts.rivals_obeyed:
            problems.append("a host without the key was obeyed")
        return Scene(host, acts, taken, [cuff.cuff for cuff in cuffs], problems, heap)


async def _play(plan: FaultPlan, host: SimHost, acts: Acts, problems: list[str]) -> None:
    """The session, the faults in it, and its end."""
    running = asyncio.create_task(host.run())
    playing = asyncio.create_task(_act_it(plan, host, acts))
    try:
        await asyncio.wait((running, playing), return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            playing.result()
        host.stop()
        done, _ = await asyncio.wait((running,), timeout=SETTLE_S)
        if not done:
            problems.append(f"the session did not end within {SETTLE_S:.0f} s of its stop")
        else:
            running.result()
    except Exception as error:  # a fault of the product under test: it is what the run is to find
        problems.append(f"escaped: {type(error).__name__}: {error}")
    finally:
        for task in (running, playing):
            task.cancel()
        await asyncio.gather(running, playing, return_exceptions=True)


async def _act_it(plan: FaultPlan, host: SimHost, acts: Acts) -> None:
    await host.began.wait()
    begin = asyncio.get_running_loop().time()
    await acts.run(acts.rig.cuffs)
    await asyncio.sleep(max(begin + plan.seconds - asyncio.get_running_loop().time(), 0.0))


def _look_at_cuffs(rig: VirtualRig, problems: list[str]) -> None:
    for cuff in rig.cuffs:
        if cuff.interpreter.died.done():
            problems.append(f"a cuff died: {cuff.interpreter.died.result()}")
        console = cuff.interpreter.console()
        if "Traceback" in console:
            problems.append(f"cuff {cuff.port.index} printed: {console.splitlines()[-1]}")


def _heap(path: Path) -> tuple[int, ...]:
    return tuple(map(int, path.read_text().split())) if path.exists() else ()


def _grown(heap: Sequence[tuple[int, ...]]) -> list[str]:
    found = []
    for place, sizes in enumerate(heap):
        half = len(sizes) // 2
        if half and min(sizes[half:]) > max(sizes[:half]) + HEAP_SLACK:
            found.append(f"cuff {place}'s heap grew from {max(sizes[:half])} to {min(sizes[half:])} bytes")
    return found


def _words(context: dict[str, Any]) -> str:
    error = context.get("exception")
    return f"{context.get('message')} {error!r}" if error else str(context.get("message"))
