"""Which sections there are, and how their work is spread over processes."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from distal.errors import DataError
from distal.validate.figures import Section

# name -> module with jobs(x), work(x, job), section(results); x is the data folder, or `quick` if virtual
RECORDED = {
    "walk_uturn": "walks",
    "feet_events": "mocap",
    "treadmill": "treadmill",
    "stroke": "stroke",
    "leg_raises": "raises",
    "damage": "damage",
    "mounting": "mounting",
}
VIRTUAL = {
    "virtual_reps": "vreps",
    "virtual_others": "vothers",
    "load": "vload",
    "virtual_form": "vform",
    "virtual_gait": "vgait",
    "virtual_intervals": "vintervals",
    "virtual_jumps": "vjumps",
    "virtual_sway": "vsway",
    "virtual_wear": "vwear",
    "virtual_false": "vfalse",
    "virtual_trial": "vtrial",
}
EXTRA = {"speed": "speed", "peer": "peer"}  # asked for by name: they depend on the machine and want it alone
GROUPS = {"recorded": tuple(RECORDED), "virtual": tuple(VIRTUAL)}
MODULES = {**RECORDED, **VIRTUAL, **EXTRA}
Tick = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: sections by name, where the recordings are, small or whole, how many processes."""

    names: Sequence[str]
    folder: Path | None = None
    quick: bool = False
    workers: int = 2


def expand(names: Sequence[str]) -> list[str]:
    """Names of sections from names of sections and groups; none is everything. raises DataError"""
    out: list[str] = []
    for name in names or GROUPS:
        if name not in GROUPS and name not in MODULES:
            raise DataError(f"unknown {name!r}. Known: {', '.join([*GROUPS, *MODULES])}.")
        out += [one for one in GROUPS.get(name, (name,)) if one not in out]
    return out


def run(plan: Plan, tick: Tick = lambda _done, _all: None) -> list[Section]:
    """Do all the work and fold it into sections; `tick` hears of every job that is done."""
    wanted = [(name, _module(name), _given(plan, name)) for name in plan.names]
    jobs = [(name, given, job) for name, module, given in wanted for job in module.jobs(given)]
    results = _spread(jobs, plan.workers, tick)
    return [
        module.section([result for (at, _, _), result in zip(jobs, results, strict=True) if at == name])
        for name, module, _ in wanted
    ]


def _module(name: str) -> Any:
    return import_module(f"distal.validate.{MODULES[name]}")


def _given(plan: Plan, name: str) -> Any:
    if name in VIRTUAL or name == "speed":
        return plan.quick
    if plan.folder is None:
        raise DataError(f"{name} needs the folder of the recordings. Name it with --data.")
    return plan.folder


def _spread(jobs: Sequence[tuple[str, Any, Any]], workers: int, tick: Tick) -> list[Any]:
    """In processes, results in the order of the jobs. One worker: here, so that a debugger sees it."""
    if workers < 2:
        results = []
        for k, job in enumerate(jobs):
            results.append(_work(job))
            tick(k + 1, len(jobs))
        return results
    os.environ.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # two processes with two threads each fight for two cores
    context = multiprocessing.get_context("spawn")
    done = 0

    def count(total: int, _future: "Future[Any]") -> None:
        nonlocal done
        done += 1
        tick(done, total)

    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        futures = [pool.submit(_work, job) for job in jobs]
        for future in futures:
            future.add_done_callback(partial(count, len(jobs)))
        return [future.result() for future in futures]


def _work(job: tuple[str, Any, Any]) -> Any:
    name, given, one = job
    return _module(name).work(given, one)


def needs_data(names: Sequence[str]) -> bool:
    """Is any section about recordings?"""
    return any(name in RECORDED or name == "peer" for name in names)
