"""Beside gaitmap, in the same run: the same feet, the same scoring, the same processor.

gaitmap lives in an environment of its own, made on first use. Its stride segmentation is AGPL: it is asked,
never imported.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import sosfiltfilt

from distal.analysis.even import EvenRate
from distal.analysis.filters import butterworth
from distal.analysis.gait import StepFinder, Swing
from distal.analysis.leg import AT_ONCE
from distal.errors import DistalError
from distal.model import SIDES, FloatArray, Placement, Track
from distal.validate import mocap, walks
from distal.validate.contacts import MS, match_in
from distal.validate.figures import Figure, Section, Target
from distal.validate.match import Counts, count_in, spread
from distal.validate.recordings import report_on, tracks, truth

PACKAGES = ("gaitmap==2.6.0", "gaitmap_mad==2.6.0")
SCRIPT = Path(__file__).with_name("peer_gaitmap.py")
HOUR_S, TIMES = 3600.0, 5
FASTER = 350.0  # the project's contract


@dataclass(slots=True)
class Side:
    """One of the two competitors."""

    walk: Counts = field(default_factory=Counts)
    all: Counts = field(default_factory=Counts)
    ic: list[float] = field(default_factory=list)  # errors within the walk, s
    optical: dict[str, list[float]] = field(default_factory=dict)  # errors by foot, s
    hour_s: float = 0.0
    align_s: float = 0.0  # gaitmap's, of the same hour; ours finds the axes while it looks
    measured_s: float = (
        0.0  # ours with length, turn and force of every swing, for which gaitmap has other parts
    )
    pass_s: float = 0.0  # one low-pass of one of the six channels: no detector can be quicker


def jobs(_folder: Path) -> list[str]:
    """One job: both are timed while nothing else runs."""
    return ["gaitmap"]


def work(folder: Path, _job: str) -> tuple[Side, Side]:
    """Score and time both. raises DistalError when gaitmap cannot be had"""
    python = environment()
    walked = {f"{name}_{leg.side}": leg for name in walks.jobs(folder) for leg in _feet(folder, walks, name)}
    optical = {f"{name}_{leg.side}": leg for name in mocap.jobs(folder) for leg in _feet(folder, mocap, name)}
    hour = _hour(next(iter(optical.values())))
    theirs = _ask(python, {**walked, **optical, "hour": hour})
    ours, peer = Side(), Side()
    for name in walks.jobs(folder):
        report = report_on(tracks(folder, walks.GROUP, name, "foot"), walks.FACTS)
        exact = truth(folder, walks.GROUP, name)
        _walk(ours, exact, {side: [s["ic_s"] for s in report["steps"][side]] for side in SIDES})
        _walk(
            peer,
            exact,
            {leg.side: _times(theirs, f"{name}_{leg.side}", leg) for leg in _feet(folder, walks, name)},
        )
    for name in mocap.jobs(folder):
        report = report_on(tracks(folder, mocap.GROUP, name, "foot"), mocap.FACTS)
        for leg in _feet(folder, mocap, name):
            events = truth(folder, mocap.GROUP, name)["events_mocap_s"][leg.side]
            wanted = sorted(event["ic"] for event in events)
            for one, found in (
                (ours, [s["ic_s"] for s in report["steps"][leg.side]]),
                (peer, _times(theirs, f"{name}_{leg.side}", leg)),
            ):
                one.optical[leg.side] = [found[i] - wanted[j] for i, j in match_in(found, wanted, None)]
    peer.hour_s, peer.align_s = (float(theirs["hour"][key]) for key in ("seconds", "align_s"))
    ours.hour_s, _ = time_strides(hour, _ContactFinder)
    ours.measured_s, _ = time_strides(hour, StepFinder)
    ours.pass_s = _best(lambda: sosfiltfilt(butterworth(2, 20.0, hour.time.rate_hz), hour.gyr[:, 1]))
    return ours, peer


def environment() -> Path:
    """Its interpreter; made and filled once. raises DistalError with what to do"""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "distal" / "gaitmap-2.6.0"
    python = cache / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = cache / "ready"
    if not ready.is_file():
        _call([sys.executable, "-m", "venv", "--clear", str(cache)])
        _call([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES])
        ready.touch()
    return python


def _call(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise _missing(str(error)) from None
    if done.returncode:
        raise _missing((done.stderr.strip().splitlines() or ["no reason given"])[-1])
    return done.stdout


def _missing(reason: str) -> DistalError:
    text = f"gaitmap cannot be run here, so nothing is compared: {reason}."
    return DistalError(f"{text} It needs pip with a package index, and Python 3.9 to 3.12.")


def _feet(folder: Path, part: Any, name: str) -> tuple[Track, ...]:
    return tracks(folder, part.GROUP, name, "foot")


def _hour(foot: Track) -> Track:
    """A foot's walk over and over, an hour of it."""
    n = int(HOUR_S * foot.time.rate_hz)
    gyr, acc = (np.resize(x, (n, 3)) for x in (foot.gyr, foot.acc))
    return replace(foot, gyr=gyr, acc=acc, clipped=np.zeros(n, np.bool_))


def _ask(python: Path, feet: dict[str, Track]) -> dict[str, Any]:
    """gaitmap's contacts and times by foot. Holes are bridged by lines: it takes none."""
    arrays: dict[str, Any] = {}
    for name, leg in feet.items():
        arrays[name] = np.hstack([_bridge(leg.acc), _bridge(leg.gyr)])
        arrays[f"{name}.hz"], arrays[f"{name}.side"] = leg.time.rate_hz, leg.side
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "feet.npz"
        np.savez(path, **arrays)
        out: dict[str, Any] = json.loads(_call([str(python), str(SCRIPT), str(path)]))
    return out


def _bridge(rows: FloatArray) -> FloatArray:
    known, at = np.isfinite(rows).all(axis=1), np.arange(len(rows))
    return np.stack([np.interp(at, at[known], column[known]) for column in rows.T], axis=1)


def _times(theirs: dict[str, Any], name: str, leg: Track) -> list[float]:
    return [leg.time.start_s + t for t in theirs[name]["ic_s"]]


def _walk(one: Side, exact: Any, found: dict[Any, list[float]]) -> None:
    spans = walks.regions(exact)
    for side, times in found.items():
        wanted = walks.contacts(exact, side).ic
        one.walk += count_in(times, wanted, spans["walk"])
        one.all += count_in(times, wanted, spans["all"])
        one.ic += [times[i] - wanted[j] for i, j in match_in(times, wanted, spans["walk"][0])]


class _ContactFinder(StepFinder):
    """Ends where BarthDtw + Rampp end: each stride and its contacts are known, nothing of it is measured."""

    def __init__(self, placement: Placement) -> None:
        super().__init__(placement)
        self.found = 0

    def _measure(self, found: Sequence[object], *_: object) -> list[Swing]:
        self.found += len(found)
        return []


def time_strides(leg: Track, finder: type[StepFinder] = StepFinder, times: int = TIMES) -> tuple[float, int]:
    """A stride detector of ours alone: best of some runs in s, and how many strides it found.

    Even rate, axis, sign, swings, contacts and what tells them from other movement, in parts as a leg is;
    with StepFinder length, turn and force of every swing, too.
    """
    found = 0

    def run() -> None:
        nonlocal found
        even, steps = EvenRate(leg.time.rate_hz), finder("foot")
        swings: list[Swing] = []
        for low in range(0, len(leg.gyr), AT_ONCE):
            part = slice(low, low + AT_ONCE)
            swings += steps.update(even.update(leg.gyr[part], leg.acc[part], leg.clipped[part]))
        swings += steps.update(even.finish()) + steps.finish()
        found = steps.found if isinstance(steps, _ContactFinder) else len(swings)

    return _best(run, times), found


def _best(call: Callable[[], object], times: int = TIMES) -> float:
    """Processor time, s."""
    best = float("inf")
    for _ in range(times):
        begin = time.process_time()
        call()
        best = min(best, time.process_time() - begin)
    return best


def section(results: Sequence[tuple[Side, Side]]) -> Section:
    """Side by side."""
    figures: list[Figure] = []
    for ours, peer in results:
        for name, one in (("Distal", ours), ("gaitmap", peer)):
            figures += _figures(name, one)
        whole, measured = (peer.hour_s + peer.align_s) / ours.hour_s, peer.hour_s / ours.measured_s
        ratio, limit = peer.hour_s / ours.hour_s, peer.hour_s / ours.pass_s
        figures += [
            Figure("faster", "gaitmap's time over ours", ratio, "×", None, Target(at_least=FASTER)),
            Figure("faster_aligned", "… with its alignment, which ours has in it", whole, "×"),
            Figure("faster_measured", "… over ours with length, turn and force of each swing", measured, "×"),
            Figure("faster_limit", "… over one low-pass of one channel of six, the limit", limit, "×"),
        ]
    note = (
        "BarthDtw + Rampp, default parameters, in its own environment, same feet, same run, processor time. "
        "Ours: even rate, axes, strides, contacts, and whether it is a leg that walks"
    )
    return Section("peer", "Beside gaitmap 2.6.0", note, figures)


def _figures(name: str, one: Side) -> list[Figure]:
    key, optical = name.lower(), [spread([MS * x for x in foot]).sd for foot in one.optical.values()]
    worst = max((sd for sd in optical if sd is not None), default=None)
    ic = spread([MS * x for x in one.ic])
    n = sum(len(foot) for foot in one.optical.values())
    return [
        Figure(f"{key}_walk_f1", f"{name}: step F1 within the walk", one.walk.f1, "", one.walk.wanted),
        Figure(f"{key}_all_f1", f"{name}: step F1 over everything", one.all.f1, "", one.all.wanted),
        Figure(f"{key}_ic_mad_ms", f"{name}: initial contact, MAD", ic.mad, "ms", ic.n),
        Figure(f"{key}_ic_sd_ms", f"{name}: … against motion capture, SD, worse foot", worst, "ms", n),
        Figure(f"{key}_hour_s", f"{name}: an hour of one foot at 204.8 Hz", one.hour_s, "s"),
    ]
