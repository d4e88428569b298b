"""What both reports draw: load by phase, one leg's half of a row, the widths of charts."""

from collections.abc import Sequence

from distal.model import ExerciseSet, Rep, SessionReport, Side
from distal.report.html.bars import SIGNS, Group, no_bars
from distal.report.html.findings import load_why
from distal.report.html.mirror import Half
from distal.report.html.parts import cell
from distal.report.html.svg import el
from distal.report.html.voice import Voice, esc
from distal.report.look import PHASES, SetLook, known, phase_load, phase_of, with_sensor
from distal.report.spread import Spread, spread

NARROW, WIDE, FULL, THIRD = 360, 744, 1136, 240


def phase_key(voice: Voice, is_bar: bool = False) -> str:
    """Which line, or which bar, is which phase."""
    items = ""
    for phase in PHASES:
        width = 12 if is_bar else 32
        shape = el("rect", width=12, height=10, class_=f"f-{phase}")
        mark = shape if is_bar else el("path", d="M0 5h32", class_=f"ph {phase}", fill="none")
        box = f'<svg viewBox="0 0 {width} 10" style="width:{width}px" aria-hidden="true">{mark}</svg>'
        items += f"<li>{box}{SIGNS[phase]} {esc(voice.say(f'phase.{phase}'))}</li>"
    return f'<ul class="key">{items}</ul>'


def phase_group(name: str, reps: Sequence[Rep], voice: Voice) -> Group:
    """Load of some reps by phase, in the page's unit."""
    between, sensor = [], []
    for phase in PHASES:
        values = known([phase_load(rep, phase) for rep in reps])
        found = spread(values) if len(values) == len(reps) else None
        wide = with_sensor(reps, lambda load, p=phase: phase_of(load, p), found) if found else None  # type: ignore[misc]
        between.append(_scaled(found, voice))
        sensor.append(_scaled(wide, voice))
    return Group(name, between, sensor)


def _scaled(found: Spread | None, voice: Voice) -> Spread | None:
    if found is None:
        return None
    mean, low, high = (voice.scaled("impulse", value) for value in (found.mean, found.low, found.high))
    return Spread(mean, low, high, found.n)


def no_load(report: SessionReport, one: ExerciseSet, voice: Voice) -> str:
    """The cell `load by phase` of a load that is not known, with its reason."""
    title, why = voice.say("load.title.none"), load_why(report, one, voice)
    bars = "".join(no_bars(why, width, title) for width in (NARROW, THIRD))
    return cell(title, bars, "", voice.say("load.term.none"))


def missing(report: SessionReport, side: Side, voice: Voice) -> str:
    """Why a leg has no value."""
    return voice.say("why.cuff" if report.coverage.get(side) is None else "why.rested")


def reps_half(looks: Sequence[SetLook], report: SessionReport, side: Side, voice: Voice) -> Half:
    """How many reps a leg did."""
    n = sum(len(look.reps) for look in looks)
    if n == 0:
        return Half(None, why=missing(report, side, voice))
    return Half(Spread(n, n, n, n), str(n))


def load_half(looks: Sequence[SetLook], report: SessionReport, side: Side, voice: Voice) -> Half:
    """Load over time of all these reps on one leg."""
    reps = [rep for look in looks for rep in look.one.legs.get(side, look.reps)]
    if not reps:
        return Half(None, why=missing(report, side, voice))
    values = known([rep.load.impulse_nms for rep in reps])
    if len(values) < len(reps):
        return Half(None, why=load_why(report, looks[0].one, voice))
    total = sum(values)
    lows = known([rep.load.low.impulse_nms if rep.load.low else None for rep in reps])
    highs = known([rep.load.high.impulse_nms if rep.load.high else None for rep in reps])
    sure = len(lows) == len(highs) == len(reps)
    found = Spread(total, sum(lows) if sure else total, sum(highs) if sure else total, len(reps))
    return Half(found, voice.mean("impulse", found), voice.ends("impulse", found))
