"""Walking: stride times over the session, left and right apart."""

from distal.model import SIDES, SessionReport, Side
from distal.report.html.dots import strides
from distal.report.html.parts import cell
from distal.report.html.voice import Voice, esc
from distal.report.numbers import number
from distal.report.spread import spread

LONGEST_S = 2.5  # a stride beyond it is a pause


def walk_cell(report: SessionReport, voice: Voice) -> str:
    """The cell about walking."""
    found = {side: _strides(report, side) for side in SIDES}
    means = {side: spread([length for _, length in found[side]], 0.005) for side in SIDES}
    a, b = (voice.full("time", means[side]) for side in SIDES)
    cadence = report.cadence_spm
    title = (
        voice.say("walk.title", cadence=number(cadence.value, 0)) if cadence else voice.say("walk.title.few")
    )
    label = voice.say("walk.alt", left=len(found["left"]), right=len(found["right"]), a=a, b=b)
    body = f'<p class="unit">{esc(voice.say("walk.axis"))}</p>'
    body += strides(found, voice, (360.0, 236.0), label)
    body += strides(found, voice, (744.0, 136.0), label) + strides(found, voice, (1136.0, 196.0), label)
    return cell(title, body, voice.say("walk.say"), voice.say("walk.term", a=a, b=b), "wide")


def _strides(report: SessionReport, side: Side) -> list[tuple[float, float]]:
    return [
        (step.ic_s, step.stride_s)
        for step in report.steps.get(side, ())
        if step.bout is not None and step.stride_s is not None and step.stride_s <= LONGEST_S
    ]


def walked_s(report: SessionReport) -> float:
    """Time in bouts, from first to last contact."""
    spans: dict[tuple[str, int], list[float]] = {}
    for side in SIDES:
        for step in report.steps.get(side, ()):
            if step.bout is not None:
                spans.setdefault((side, step.bout), []).append(step.ic_s)
    by_side = {side: sum(max(t) - min(t) for (s, _), t in spans.items() if s == side) for side in SIDES}
    return max(by_side.values())
