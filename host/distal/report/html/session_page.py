"""The session report: what was done, set by set; left and right; load; tiring; walking; wear; how sure."""

from collections.abc import Sequence

from distal.model import SIDES, SessionReport, Side
from distal.report.html.asked import swing_cell
from distal.report.html.bars import phase_bars
from distal.report.html.both import NARROW, THIRD, load_half, no_load, phase_group, phase_key, reps_half
from distal.report.html.dots import sets_speed
from distal.report.html.findings import (
    Note,
    advice,
    beside_first,
    close_list,
    session_headline,
)
from distal.report.html.mirror import Half, Row, mirror
from distal.report.html.parts import (
    About,
    Key,
    Sure,
    cell,
    flags,
    footer,
    header,
    keys,
    steps_next,
    sure_list,
    sure_rows,
    worn,
)
from distal.report.html.set_rows import set_rows
from distal.report.html.shocks import shocks_cell
from distal.report.html.voice import Voice, esc
from distal.report.html.walk import walk_cell
from distal.report.html.wear import wear_cell
from distal.report.html.went import share_row, went_cell
from distal.report.look import SetLook, known, look_at
from distal.report.numbers import interval, number
from distal.report.spread import Spread, spread

PAPER_ROWS, PAPER_WITH_WALK = 8, 4  # one sheet of paper holds no more beside the rest
MOST_BARS = 6  # sets that fit side by side


def session_body(report: SessionReport, about: About, voice: Voice) -> str:
    """Everything inside the page's main part."""
    looks = look_at(report.sets)
    steps = sum(len(report.steps.get(side, ())) for side in SIDES)
    cells = _cells(report, looks, voice)
    when = voice.say("page.recorded", when=about.recorded) if about.recorded else ""
    top = header([voice.say("page.session"), about.title, when])
    top += f"<h1>{esc(session_headline(report, looks, voice))}</h1>"
    top += f'<p class="lead">{esc(_lead(report, looks, steps, voice))}</p>' + keys(
        _keys(report, looks, steps, voice)
    )
    return top + f'<div class="cells">{"".join(cells)}</div>' + footer(voice)


def _cells(report: SessionReport, looks: Sequence[SetLook], voice: Voice) -> list[str]:
    """Fixed order; a session without sets begins with its walking."""
    sides, wear = _sides(report, looks, voice), wear_cell(report, looks, voice)
    out = cell(
        voice.say("out.title"),
        flags(_stood_out(report, looks, voice), voice),
        kind="" if looks else "two most",
    )
    after = cell(voice.say("next.title"), steps_next(advice(report, looks, voice)))
    sure = cell(voice.say("sure.title"), sure_list(_sure(report, voice)))
    walk = [walk_cell(report, voice)] if any(report.steps.get(side) for side in SIDES) else []
    if looks:
        first = [
            set_rows(looks, voice, PAPER_WITH_WALK if walk else PAPER_ROWS),
            sides,
            _phases(report, looks, voice),
            _speeds(looks, voice),
            wear,
            went_cell(report.distribution, "d-both", voice),
        ]
        return [*first, *walk, shocks_cell(report, voice), swing_cell(report, voice), out, after, sure]
    return [
        *(walk or [set_rows(looks, voice, PAPER_WITH_WALK if walk else PAPER_ROWS)]),
        shocks_cell(report, voice),
        swing_cell(report, voice),
        sides,
        wear,
        sure,
        out,
        after,
    ]


def _sure(report: SessionReport, voice: Voice) -> list[Sure]:
    effort = Sure(voice.say("sure.effort"), voice.say("unknown"), voice.say("sure.effort.none"), True)
    return [*sure_rows(report, report.sets, voice), effort]


def _lead(report: SessionReport, looks: Sequence[SetLook], steps: int, voice: Voice) -> str:
    out = []
    reps = {side: sum(len(look.reps) for look in looks if look.one.side in (side, "both")) for side in SIDES}
    if reps["left"] and reps["left"] == reps["right"]:
        out.append(voice.say("session.lead.each", reps=voice.reps(reps["left"])))
    else:
        out += [
            voice.say("session.lead.side", side=voice.say(f"side.{side}"), reps=voice.reps(n))
            for side, n in reps.items() if n
        ]  # fmt: skip
    if steps and report.cadence_spm:
        found = report.cadence_spm
        shown = voice.full("count", Spread(found.value, found.low, found.high, found.n))
        out.append(voice.say("session.lead.walk", steps=voice.count("steps", steps), cadence=shown))
    elif steps:
        out.append(voice.say("session.lead.steps", steps=voice.count("steps", steps)))
    if not out:
        return voice.say("session.lead.empty")
    mass = worn(report, voice)
    return " ".join(out + ([voice.say("session.lead.worn", mass=mass)] if mass and len(out) < 3 else []))


def _keys(report: SessionReport, looks: Sequence[SetLook], steps: int, voice: Voice) -> list[Key]:
    reps = {side: sum(len(look.reps) for look in looks if look.one.side in (side, "both")) for side in SIDES}
    total = sum(len(look.reps) for look in looks)
    beside = voice.say("session.key.sides", left=reps["left"], right=reps["right"])
    walked = {side: len(report.steps.get(side, ())) for side in SIDES}
    counts = voice.say("session.key.sides", left=walked["left"], right=walked["right"])
    sets = voice.count("sets", len(looks))
    return [
        Key(voice.say("session.key.reps"), str(total), below=f"{sets}; {beside}" if total else sets),
        _load_key(report, looks, voice),
        Key(voice.say("session.key.steps"), str(steps), below=counts if steps else ""),
        _cadence(report, voice),
    ]


def _cadence(report: SessionReport, voice: Voice) -> Key:
    found, name = report.cadence_spm, voice.say("session.key.cadence")
    if found is None:
        return Key(name, voice.say("unknown"), below=voice.say("walk.none"), is_unknown=True)
    spread_of = Spread(found.value, found.low, found.high, found.n)
    below = f"{voice.ends('count', spread_of)}; {voice.say('session.key.strides', n=found.n)}"
    return Key(name, voice.mean("count", spread_of), "/min", below)


def _load_key(report: SessionReport, looks: Sequence[SetLook], voice: Voice) -> Key:
    name = voice.say("session.key.load")
    reps = [rep for look in looks for reps in look.one.legs.values() or [look.reps] for rep in reps]
    values = known([rep.load.impulse_nms for rep in reps])
    if not reps:
        return Key(name, "0", voice.unit("impulse"), voice.say("why.reps"))
    if len(values) < len(reps):
        why = "why.mass" if not worn(report, voice) else "why.height"
        return Key(name, voice.say("unknown"), below=voice.say(why), is_unknown=True)
    ends = [known([getattr(rep.load, end).impulse_nms if getattr(rep.load, end) else None for rep in reps])
            for end in ("low", "high")]  # fmt: skip
    sure = all(len(end) == len(reps) for end in ends)
    found = Spread(
        sum(values), sum(ends[0]) if sure else sum(values), sum(ends[1]) if sure else sum(values), 1
    )
    return Key(name, voice.mean("impulse", found), voice.unit("impulse"),
               voice.ends("impulse", found) or voice.say("why.interval"))  # fmt: skip


def _sides(report: SessionReport, looks: Sequence[SetLook], voice: Voice) -> str:
    of = {side: [look for look in looks if look.one.side in (side, "both")] for side in SIDES}
    working = [side for side in SIDES if of[side]]
    steps = [_steps(report, side, voice) for side in SIDES]
    rows = []
    if looks:
        reps = [reps_half(of[side], report, side, voice) for side in SIDES]
        load = [load_half(of[side], report, side, voice) for side in SIDES]
        rows = [Row(voice.say("sides.reps"), *reps)]
        rows.append(Row(voice.say("sides.load", unit=voice.unit("impulse")), *load))
    rows.append(Row(voice.say("sides.steps"), *steps))
    if len(working) == 1:
        title = voice.say("sides.title.only", side=voice.say(f"side.{working[0]}"))
    else:
        title = voice.say("sides.title.both" if working else "sides.title.steps")
    # paper has no room for the share
    share = share_row(report, voice) if len(working) > 1 else None
    body = mirror([*rows, share] if share else rows, voice, NARROW) + mirror(rows, voice, THIRD)
    say, term = ("session", voice.say("sides.term")) if looks else ("steps", "")
    return cell(title, body, voice.say(f"sides.say.{say}"), term)


def _steps(report: SessionReport, side: Side, voice: Voice) -> Half:
    if report.coverage.get(side) is None:
        return Half(None, why=voice.say("why.cuff"))
    n = len(report.steps.get(side, ()))
    return Half(Spread(n, n, n, n), str(n))


def _phases(report: SessionReport, looks: Sequence[SetLook], voice: Voice) -> str:
    shown = [look for look in looks if known([rep.load.impulse_nms for rep in look.reps])][:MOST_BARS]
    unit, title = voice.unit("impulse"), voice.say("session.phases")
    if not shown:
        return no_load(report, looks[0].one, voice)
    groups = [phase_group(voice.say("session.set", n=look.number), look.reps, voice) for look in shown]
    spoken = "; ".join(
        voice.say("load.alt.group", reps=group.name, **dict(zip(("lift", "hold", "lower"), (
            number(one.mean if one else None, 1) for one in group.between), strict=True)))
        for group in groups
    )  # fmt: skip
    label = voice.say("session.phases.alt", unit=unit, values=spoken)
    bars = "".join(phase_bars(groups, width, label) for width in (NARROW, THIRD))
    top = phase_key(voice, is_bar=True) + f'<p class="unit">{esc(voice.say("load.axis", unit=unit))}</p>'
    return cell(title, top + bars, "", voice.say("load.term.none"))


def _speeds(looks: Sequence[SetLook], voice: Voice) -> str:
    found = [(look.number, look.one.side, one) for look in looks if (one := spread(look.speeds(), 1.0))]
    unit = voice.unit("speed")
    values = ", ".join(
        voice.say("session.tire.set", n=n, value=voice.full("speed", one)) for n, _, one in found
    )
    label = voice.say("session.tire.alt", unit=unit, values=values)
    body = f'<p class="unit">{esc(voice.say("tire.axis", unit=unit))}</p>'
    body += "".join(sets_speed(found, voice, (width, label)) for width in (NARROW, THIRD))
    return cell(
        voice.say("session.tire"), body, voice.say("session.tire.say"), voice.say("session.tire.term")
    )


def _stood_out(report: SessionReport, looks: Sequence[SetLook], voice: Voice) -> list[Note]:
    found = [note for look in looks for note in beside_first(looks, look, voice)]
    for look in looks:
        n = len(look.flagged())
        if n:
            name = voice.say("set.Name", n=look.number)
            found.append((f"{name}: {voice.say('session.thing.flags', n=voice.reps(n)).rstrip('.')}",
                          esc(voice.say("out.flag.other")), True))  # fmt: skip
    return close_list(report, found + _across(report, voice), voice)


def _across(report: SessionReport, voice: Voice) -> list[Note]:
    """Exercises whose last set was slower than the first."""
    out = []
    for one in report.across_sets:
        if one.says == "signs" and one.change_pct is not None:
            found = one.change_pct
            shown = interval(found.value, found.low, found.high, 0, voice.say("text.to"))
            label = voice.say("across.label", a=one.sets[0], b=one.sets[-1])
            out.append((label, esc(voice.say("across.note", change=shown)), True))
    return out
