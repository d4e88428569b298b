"""How the cuffs sat, and for how long the legs worked."""

from collections.abc import Sequence

from distal.model import SIDES, SessionReport, Side
from distal.report.html.parts import Sure, by_side, cell, sure_list
from distal.report.html.voice import Voice
from distal.report.html.walk import walked_s
from distal.report.look import SetLook
from distal.report.numbers import number

SLID_DEG = 10.0  # less is how a strap settles


def wear_cell(report: SessionReport, looks: Sequence[SetLook], voice: Voice) -> str:
    """The cell `wear and exposure`."""
    rows = [_leg(report, side, voice) for side in SIDES]
    work = sum(look.length_s() for look in looks)
    rows.append(Sure(voice.say("wear.work"), voice.minutes(work), voice.say("wear.work.why")))
    rows.append(Sure(voice.say("wear.walk"), voice.minutes(walked_s(report)), voice.say("wear.walk.why")))
    stood = sum(one.end_s - one.start_s for one in report.sway)
    if stood:
        rows.append(Sure(voice.say("wear.stand"), voice.minutes(stood), voice.say("wear.stand.why")))
    return cell(voice.say("wear.title"), sure_list([*rows, *_shocks(report, voice), *_cost(report, voice)]))


def _shocks(report: SessionReport, voice: Voice) -> list[Sure]:
    """What the steps sent through the shin: exposure, never bone load."""
    found = {side: one for side in SIDES if (one := report.impact.get(side)) is not None}
    if not found:
        return []
    shown = by_side({side: f"{number(one.median_g, 1)} g" for side, one in found.items()}, voice)
    return [Sure(voice.say("wear.shocks"), shown, voice.say("wear.shocks.why"))]


def _cost(report: SessionReport, voice: Voice) -> list[Sure]:
    """How much more walking costs with what was worn, from the literature."""
    if report.walking_cost_pct is None:
        return []
    low, high = (number(end, 0) for end in report.walking_cost_pct)
    shown = voice.say("wear.cost.range", low=low, high=high)
    return [Sure(voice.say("wear.cost"), shown, voice.say("wear.cost.why"))]


def _leg(report: SessionReport, side: Side, voice: Voice) -> Sure:
    name = voice.say("wear.leg", side=voice.say(f"side.{side}"))
    found = report.wear.get(side)
    if found is None or report.coverage.get(side) is None:
        return Sure(name, voice.say("wear.none"), "", True)
    words = []
    if found.upside_down:
        words.append(voice.say("wear.upside_down"))
    if found.loose:
        words.append(voice.say("wear.loose"))
    if found.slid_deg is not None and abs(found.slid_deg) >= SLID_DEG:
        words.append(voice.say("wear.slid", much=voice.with_unit("angle", number(abs(found.slid_deg), 0))))
    if words:
        return Sure(name, ", ".join(words), "")
    if found.upside_down is None and found.loose is None:
        return Sure(name, voice.say("unknown"), voice.say("wear.unknown"), True)
    return Sure(name, voice.say("wear.as_drawn"), "")
