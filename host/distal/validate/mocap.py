"""Feet on a 2 x 20 m walk with optical motion capture (feet_events)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from distal.model import SIDES, Facts
from distal.validate.contacts import Contacts, Tally
from distal.validate.figures import Figure, Section, Target
from distal.validate.match import spread
from distal.validate.recordings import names, report_on, tracks, truth

GROUP = "feet_events"
FACTS = Facts(placement="foot")
MS = 1e3


@dataclass(slots=True)
class Foot:
    """Scores of one foot."""

    name: str
    tally: Tally = field(default_factory=Tally)
    strides: int = 0
    right: int = 0  # strides with exactly one contact in them


def jobs(folder: Path) -> list[str]:
    """One walk each."""
    return names(folder, GROUP)


def work(folder: Path, name: str) -> list[Foot]:
    """Score both feet of one walk."""
    report, exact = report_on(tracks(folder, GROUP, name, "foot"), FACTS), truth(folder, GROUP, name)
    feet = []
    for side in SIDES:
        foot, steps = Foot(f"{name} {side}"), report["steps"][side]
        events = sorted(exact["events_mocap_s"][side], key=lambda event: event["ic"])
        foot.tally.add(steps, Contacts([e["ic"] for e in events], [e["tc"] for e in events]))
        found = np.array([step["ic_s"] for step in steps])
        for start, end in exact["stride_borders_s"][side]:
            foot.strides += 1
            foot.right += int(((found >= start) & (found < end)).sum() == 1)
        feet.append(foot)
    return feet


def section(walks: Sequence[list[Foot]]) -> Section:
    """SD of each foot about its own mean: the mean is a matter of definition, the scatter is ours."""
    feet = [foot for walk in walks for foot in walk]
    ic, tc = ([spread([MS * x for x in getattr(foot.tally, key)]) for foot in feet] for key in ("ic", "tc"))
    strides, right = sum(f.strides for f in feet), sum(f.right for f in feet)
    figures = [
        Figure(
            "ic_bias_ms", "initial contact, bias", _mean([s.bias for s in ic]), "ms", sum(s.n for s in ic)
        ),
        Figure(
            "ic_sd_ms",
            "initial contact, SD, worse foot",
            _worst([s.sd for s in ic]),
            "ms",
            sum(s.n for s in ic),
            Target(at_most=6),
        ),
        Figure(
            "tc_bias_ms", "terminal contact, bias", _mean([s.bias for s in tc]), "ms", sum(s.n for s in tc)
        ),
        Figure(
            "tc_sd_ms",
            "terminal contact, SD, worse foot",
            _worst([s.sd for s in tc]),
            "ms",
            sum(s.n for s in tc),
            Target(at_most=5),
        ),
        Figure(
            "strides_right",
            "strides with exactly one contact",
            right / strides if strides else None,
            "",
            strides,
        ),
    ]
    rows: dict[str, Any] = {
        foot.name: {"ic_sd_ms": _kept(a.sd), "tc_sd_ms": _kept(b.sd), "ic_bias_ms": _kept(a.bias)}
        for foot, a, b in zip(feet, ic, tc, strict=True)
    }
    note = "one person, both feet, 204.8 Hz; contacts from optical motion capture"
    return Section(GROUP, "Contacts against motion capture", note, figures, {"feet": rows})


def _kept(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _worst(values: Sequence[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
