"""The set report: fixed places, so that two prints can be laid side by side."""

from collections.abc import Sequence

from distal.model import SIDES, Fatigue, SessionReport, Side
from distal.report.html.asked import asked_cell
from distal.report.html.bars import Group, phase_bars
from distal.report.html.both import (
    FULL,
    NARROW,
    THIRD,
    WIDE,
    load_half,
    missing,
    no_load,
    phase_group,
    phase_key,
    reps_half,
)
from distal.report.html.dots import tiring
from distal.report.html.findings import advice, headline, lead, load_why, stood_out
from distal.report.html.form import form_cell
from distal.report.html.mirror import Half, Row, mirror
from distal.report.html.overlay import overlay
from distal.report.html.parts import (
    About,
    Key,
    cell,
    exercise_row,
    figure_of,
    flags,
    footer,
    header,
    keys,
    mass_text,
    steps_next,
    sure_list,
    sure_rows,
    worn,
)
from distal.report.html.rings import rings
from distal.report.html.table import rep_table
from distal.report.html.trace import trace
from distal.report.html.voice import Voice, esc
from distal.report.html.went import went_cell
from distal.report.look import (
    PHASES,
    SetLook,
    known,
    look_at,
    phase_load,
    thirds,
    worst_load,
)
from distal.report.numbers import number
from distal.report.spread import Trend, spread


def set_body(report: SessionReport, which: int, about: About, voice: Voice) -> str:
    """Everything inside the page's main part."""
    looks = look_at(report.sets)
    look = looks[which - 1]
    cells = [
        _rings(look, report, voice),
        _overlay(look, voice),
        _trace(look, voice),
        _phases(report, look, voice),
        _tiring(look, voice),
        _sides(report, looks, look, voice),
        form_cell(look, voice),
        asked_cell(report, look, voice),
        went_cell(look.one.distribution, f"d-{look.one.side}", voice),
        cell(voice.say("out.title"), flags(stood_out(report, looks, look, voice), voice)),
        cell(voice.say("next.title"), steps_next(advice(report, _alike(looks, look), voice))),
        cell(voice.say("sure.title"), sure_list(
            [*sure_rows(report, [look.one], voice), exercise_row(look.one, voice)])),
    ]  # fmt: skip
    top = header(_about(report, look, about, voice)) + f"<h1>{esc(headline(look, voice))}</h1>"
    top += f'<p class="lead">{esc(lead(look, voice))}</p>' + keys(_keys(report, look, voice))
    return top + f'<div class="cells">{"".join(cells)}</div>' + rep_table(look, voice) + footer(voice)


def _alike(looks: Sequence[SetLook], look: SetLook) -> list[SetLook]:
    """The sets of the same exercise, on whichever leg."""
    return [one for one in looks if one.one.exercise == look.one.exercise]


def _about(report: SessionReport, look: SetLook, about: About, voice: Voice) -> list[str]:
    length = voice.minutes(look.length_s())
    one = voice.say("page.about.set", number=look.number, of=len(report.sets), length=length)
    mass = worn(report, voice)
    return [about.title, one + (", " + voice.say("page.worn", mass=mass) if mass else ""),
            voice.say("page.recorded", when=about.recorded) if about.recorded else ""]  # fmt: skip


def _keys(report: SessionReport, look: SetLook, voice: Voice) -> list[Key]:
    flagged = len(look.flagged())
    below = voice.count("key.flagged", flagged) if flagged else voice.say("key.flagged.none")
    reps = Key(
        voice.say("key.reps", side=voice.say(f"side.{look.one.side}")), str(len(look.reps)), below=below
    )
    height = figure_of("angle", voice.say("key.height"), look.height_spread(), "", voice)
    if look.is_held:
        hold = figure_of("time", voice.say("key.hold"), look.hold_spread(), "", voice)
    else:
        lifts = spread([rep.concentric_s for rep in look.reps], 0.05)
        found = figure_of("time", voice.say("key.lift"), lifts, "", voice)
        hold = Key(found.name, found.value, found.unit, voice.say("key.not_held"))
    joint = voice.say(f"joint.{look.about}")
    why = load_why(report, look.one, voice)
    load = figure_of("moment", voice.say("key.load", joint=joint), worst_load(look.reps), why, voice)
    return [reps, height, hold, load]


def _rings(look: SetLook, report: SessionReport, voice: Voice) -> str:
    heights = look.heights()
    low, high = (voice.with_unit("angle", number(end, 0)) for end in (min(heights), max(heights)))
    if len(heights) == 1:
        title = voice.say("rings.title.one", value=low)
    elif max(heights) - min(heights) <= 8:
        title = voice.say("rings.title.even")
    else:
        title = voice.say("rings.title.spread", low=low, high=high)
    mass = report.mass_kg.get(look.one.side) if look.one.side != "both" else None
    shown = "" if mass is None else mass_text(mass, voice)
    say = voice.say("rings.say", joint=voice.say(f"joint.{look.about}"))
    return cell(title, rings(look, voice, shown), say, voice.say(f"rings.term.{look.zero}"), "half")


def _overlay(look: SetLook, voice: Voice) -> str:
    say = voice.say("overlay.say" if len(look.reps) > 1 else "overlay.say.one")
    body = overlay(look, voice, (NARROW, 200.0), "w360") + overlay(look, voice, (WIDE, 268.0), "w744")
    return cell(voice.say("overlay.title"), body, say, voice.say(f"overlay.term.{look.zero}"), "two half")


def _trace(look: SetLook, voice: Voice) -> str:
    body = phase_key(voice) + "".join(
        trace(look, voice, width, f"w{width}") for width in (NARROW, WIDE, FULL)
    )
    return cell(voice.say("trace.title"), body, kind="wide")


def _phases(report: SessionReport, look: SetLook, voice: Voice) -> str:
    spans = thirds(len(look.reps))
    groups = [phase_group(_span_name(a, b, voice), look.reps[a:b], voice) for a, b in spans]
    unit, joint = voice.unit("impulse"), voice.say(f"joint.{look.about}")
    if any(one is None for group in groups for one in group.between):
        return no_load(report, look.one, voice)
    values = "; ".join(_spoken(group, voice) for group in groups)
    label = voice.say("load.alt", unit=unit, values=values)
    bars = "".join(phase_bars(groups, width, label) for width in (NARROW, THIRD))
    title, say = _most(look, voice)
    term = voice.say("load.term", joint=joint)
    if any(one for group in groups for one in group.sensor):
        term += " " + voice.say("load.term.thin")
    body = f'<p class="unit">{esc(voice.say("load.axis", unit=unit))}</p>{bars}'
    return cell(title, body, say, term)


def _span_name(a: int, b: int, voice: Voice) -> str:
    return voice.say("rep.names", a=a + 1, b=b) if b > a + 1 else voice.say("rep.name", n=b)


def _spoken(group: Group, voice: Voice) -> str:
    lift, hold, lower = (number(one.mean if one else None, 1) for one in group.between)
    return voice.say("load.alt.group", reps=group.name, lift=lift, hold=hold, lower=lower)


def _most(look: SetLook, voice: Voice) -> tuple[str, str]:
    """Which phase is most of the load, or the largest part of it, and its share."""
    sums = {phase: sum(known([phase_load(rep, phase) for rep in look.reps])) for phase in PHASES}
    whole = sum(sums.values()) or 1.0
    most = max(sums, key=lambda phase: sums[phase])
    each = spread(known([rep.load.impulse_nms for rep in look.reps]))
    joint = voice.say(f"joint.{look.about}")
    share = sums[most] / whole
    title = voice.say(f"load.{'title' if share > 0.5 else 'largest'}.{most}")
    each_words = voice.full("impulse", each)
    return title, voice.say("load.say", share=f"{100 * share:.0f} %", each=each_words, joint=joint)


def _tiring(look: SetLook, voice: Voice) -> str:
    speeds, found = look.speeds(), look.speed_trend()
    if found is None:
        title, slope = voice.say("tire.title.few"), voice.say("unknown")
        say = voice.say("tire.say.few")
    else:
        title = voice.say(f"tire.title.{_way(look.one.fatigue, found)}")
        mean = sum(speeds) / len(speeds)
        slope = slope_text(found.slope / mean, found.half / mean, voice)
        say = voice.say("tire.say", slope=slope)
    unit = f'<p class="unit">{esc(voice.say("tire.axis", unit=voice.unit("speed")))}</p>'
    values = ", ".join(number(value, 0) for value in speeds)
    label = voice.say("tire.alt", values=values, slope=slope)
    charts = "".join(tiring(speeds, found, look.one.side, voice, (width, label)) for width in (NARROW, THIRD))
    return cell(title, unit + charts, say, voice.say("tire.term"))


def _way(fatigue: Fatigue | None, found: Trend) -> str:
    """Which finding the title tells."""
    says = fatigue.says if fatigue else "no_sign"
    if says in ("too_few", "task_changed"):
        return {"too_few": "few", "task_changed": "task"}[says]
    if says == "signs":
        return "slowed"
    return "faster" if found.is_sure and found.slope > 0 else "none"


def slope_text(slope: float, half: float, voice: Voice) -> str:
    """`−1.2 % (−3.0 to +0.6)`."""
    value, low, high = (_signed(100 * part) for part in (slope, slope - half, slope + half))
    return voice.say("of95", value=f"{value} %", low=low, high=high)


def _signed(value: float) -> str:
    text = number(value, 1)
    return f"+{text}" if value > 0 and float(f"{value:.1f}") else text


def _sides(report: SessionReport, looks: Sequence[SetLook], look: SetLook, voice: Voice) -> str:
    beside = {side: _of_side(looks, look, side) for side in SIDES}
    rows = [
        Row(voice.say("sides.reps"), *(reps_half(beside[side], report, side, voice) for side in SIDES)),
        Row(voice.say("sides.load", unit=voice.unit("impulse")),
            *(load_half(beside[side], report, side, voice) for side in SIDES)),
        Row(voice.say("sides.range"), *(_range(beside[side], report, side, voice) for side in SIDES)),
    ]  # fmt: skip
    both = all(beside[side] for side in SIDES)
    side = voice.say(f"side.{look.one.side}")
    title = voice.say("sides.title.both") if both else voice.say("sides.title.only", side=side)
    say = voice.say("sides.say.both" if both else "sides.say.only")
    body = "".join(mirror(rows, voice, width) for width in (NARROW, THIRD))
    return cell(title, body, say, voice.say("sides.term"))


def _of_side(looks: Sequence[SetLook], look: SetLook, side: Side) -> list[SetLook]:
    """This set, and the nearest set of the same exercise on the other leg."""
    if look.one.side in (side, "both"):
        return [look]
    same = [one for one in looks if one.one.side == side and one.one.exercise == look.one.exercise]
    return sorted(same, key=lambda one: abs(one.number - look.number))[:1]


def _range(looks: Sequence[SetLook], report: SessionReport, side: Side, voice: Voice) -> Half:
    found = spread([rep.rom_deg for look in looks for rep in look.reps], 1.0)
    if found is None:
        return Half(None, why=missing(report, side, voice))
    return Half(found, voice.with_unit("angle", voice.mean("angle", found)), voice.ends("angle", found))
