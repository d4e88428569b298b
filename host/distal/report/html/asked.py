"""Cells about what the worn weight asked: of a set member by member, of a swing left beside right."""

from distal.model import SIDES, Estimate, SessionReport, Side
from distal.report.html.findings import load_why
from distal.report.html.mirror import Half, Row, mirror
from distal.report.html.parts import Sure, cell, sure_list
from distal.report.html.voice import Voice
from distal.report.load_parts import SWING, Member, members, swing_loads
from distal.report.look import SetLook
from distal.report.spread import Spread

# rows of the cell: the first of a row is its number, the others stand below it
ROWS = (
    ("peak", ("gravity", "inertia")),
    ("own", ()),
    ("waist", ("waist_force",)),
    ("force", ("sideways",)),
    ("power_up", ("power_down",)),
    ("work_up", ("work_down",)),
    ("above", ()),
    ("landing", ()),
)
WIDTHS = (360.0, 240.0)


def asked_cell(report: SessionReport, look: SetLook, voice: Voice) -> str:
    """Of a set, a rep on average, on the screen only; empty where nothing was worn."""
    found = members(look.reps)
    if not found:
        return ""
    level = next((rep.load.level_nm for rep in look.reps if rep.load.level_nm), None)
    rows = [_row((name, below), found, level, voice) for name, below in ROWS if name in found]
    joint = voice.say(f"joint.{look.about}")
    if "peak" in found:
        title = voice.say("asked.title", joint=joint)
        say = voice.say("asked.say")
    else:
        title, say = (
            voice.say("asked.title.none"),
            voice.say("asked.why", why=load_why(report, look.one, voice)),
        )
    return cell(title, sure_list(rows), say, voice.say("asked.term"), "screen")


def _row(
    row: tuple[str, tuple[str, ...]], found: dict[str, Member], level_nm: float | None, voice: Voice
) -> Sure:
    name, below = row
    one = found[name]
    more = [voice.say(f"asked.{key}", value=_full(found[key], voice)) for key in below if key in found]
    ends = voice.ends(one.kind, one.found)
    why = "; ".join([*([ends] if ends else []), *more])
    return Sure(_name(name, level_nm, voice), voice.with_unit(one.kind, voice.mean(one.kind, one.found)), why)


def _name(name: str, level_nm: float | None, voice: Voice) -> str:
    if name != "above" or level_nm is None:
        return voice.say(f"asked.{name}")
    level = voice.with_unit("moment", voice.value("moment", level_nm, 1))
    return voice.say("asked.above", level=level)


def _full(one: Member, voice: Voice) -> str:
    return voice.full(one.kind, one.found)


def swing_cell(report: SessionReport, voice: Voice) -> str:
    """What the weight asks in a swing, left beside right; empty without a walk or a mass."""
    found = swing_loads(report)
    if not found:
        return ""
    kinds = {"force": "force", "moment": "moment", "sideways": "force"}
    rows = [
        Row(
            voice.say(f"swing.{key}", unit=voice.unit(kinds[key])),
            *(_half(found[side][key], report, (side, kinds[key]), voice) for side in SIDES),
        )
        for key in SWING
    ]
    body = "".join(mirror(rows, voice, width) for width in WIDTHS)
    return cell(voice.say("swing.title"), body, voice.say("swing.say"), voice.say("swing.term"), "screen")


def _half(one: Estimate | None, report: SessionReport, of: tuple[Side, str], voice: Voice) -> Half:
    side, kind = of
    if one is None:
        known = report.mass_kg.get(side) is not None
        why = "why.cuff" if report.coverage.get(side) is None else "why.height" if known else "why.mass"
        return Half(None, why=voice.say(why))
    sign = -1.0 if one.value < 0 else 1.0  # a bar has a length; its number keeps the sign
    ends = sorted(sign * end for end in (one.low, one.high))
    mean, low, high = (voice.scaled(kind, x) for x in (sign * one.value, *ends))
    shown = Spread(one.value, one.low, one.high, one.n)
    return Half(Spread(mean, low, high, one.n), voice.mean(kind, shown), voice.ends(kind, shown))
