"""Pieces that both reports share: cells, key figures, lists, how sure we are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from distal.model import SIDES, ExerciseSet, Notice, SessionReport, Side
from distal.report.html.voice import Voice, esc
from distal.report.numbers import given as as_given
from distal.report.numbers import number
from distal.report.numbers import percent as percent_of
from distal.report.spread import Spread
from distal.units import G


@dataclass(frozen=True, slots=True)
class About:
    """What a page says of the recording itself; None is not known."""

    title: str
    recorded: str | None = None  # local date and time, written out


@dataclass(frozen=True, slots=True)
class Key:
    """A key figure: its name, the number, its unit, the line below."""

    name: str
    value: str
    unit: str = ""
    below: str = ""
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Sure:
    """A row of `how sure are we`."""

    name: str
    value: str
    why: str
    is_unknown: bool = False


PAPER_NOTES = 2
LOGO = (
    '<svg viewBox="0 0 22 22" aria-hidden="true"><g fill="none" stroke="currentColor" stroke-width="1.8" '
    'stroke-linecap="round"><path d="M4 9.5A5.5 5.5 0 0 0 9.5 4"/><path d="M4 14A10 10 0 0 0 14 4"/>'
    '<path d="M4 18.5A14.5 14.5 0 0 0 18.5 4"/></g><circle cx="4" cy="4" r="2.2" fill="currentColor"/></svg>'
)


def cell(title: str, body: str, say: str = "", term: str = "", kind: str = "") -> str:
    """A part of a page: rule, finding as title, sentence, picture, term. Texts plain, body as HTML."""
    lead = f'<p class="say">{esc(say)}</p>' if say else ""
    last = f'<p class="term">{esc(term)}</p>' if term else ""
    return f'<section class="cell {kind}"><h2>{esc(title)}</h2>{lead}{body}{last}</section>'


def header(lines: Sequence[str]) -> str:
    """Mark, name, and what the page is about."""
    about = ",<br> ".join(esc(line) for line in lines if line)
    return f'<header class="top"><span class="logo">{LOGO}Distal</span><p>{about}</p></header>'


def keys(rows: Sequence[Key]) -> str:
    """The key figures."""
    return f'<dl class="keys">{"".join(map(_key, rows))}</dl>'


def _key(one: Key) -> str:
    value = f'<span class="null">{esc(one.value)}</span>' if one.is_unknown else esc(one.value)
    unit = f" <small>{esc(one.unit)}</small>" if one.unit and not one.unit.startswith("°") else esc(one.unit)
    below = f'<dd class="i">{esc(one.below)}</dd>' if one.below else ""
    return f'<div><dt>{esc(one.name)}</dt><dd class="n">{value}{unit}</dd>{below}</div>'


def figure_of(kind: str, name: str, found: Spread | None, why: str, voice: Voice) -> Key:
    """A key figure from a mean; not known says why."""
    if found is None:
        return Key(name, voice.say("unknown"), below=why, is_unknown=True)
    below = voice.ends(kind, found) or voice.say("why.interval")
    return Key(name, voice.mean(kind, found), voice.unit(kind), below)


def flags(rows: Sequence[tuple[str, str, bool]], voice: Voice) -> str:
    """What stood out: (label, sentence, whether the label is marked). Sentences are HTML.

    Paper has room for PAPER_NOTES of them and says how many more there are.
    """
    out = ""
    for k, (label, words, is_marked) in enumerate(rows):
        name = f"<mark>{esc(label)}</mark>" if is_marked else f"<strong>{esc(label)}</strong>"
        kind = ' class="screen"' if k >= PAPER_NOTES else ""
        out += f"<li{kind}>{name}<p>{words}</p></li>"
    more = len(rows) - PAPER_NOTES
    if more > 0:
        out += f'<li class="paper">{esc(voice.say("out.more", n=more))}</li>'
    return f'<ul class="list">{out}</ul>'


def steps_next(rows: Sequence[tuple[str, str]]) -> str:
    """What to do next, with where each piece of advice comes from."""
    items = "".join(
        f'<li><b>{k}</b><div><p>{esc(words)}</p><p class="why">{esc(why)}</p></div></li>'
        for k, (words, why) in enumerate(rows, 1)
    )
    return f'<ol class="list next">{items}</ol>'


def sure_list(rows: Sequence[Sure]) -> str:
    """The rows of `how sure`."""
    out = ""
    for one in rows:
        value = f'<span class="null">{esc(one.value)}</span>' if one.is_unknown else esc(one.value)
        why = f'<span class="why">{esc(one.why)}</span>' if one.why else ""
        out += f'<li><b>{esc(one.name)}</b><span class="r">{value}</span>{why}</li>'
    return f'<ul class="sure">{out}</ul>'


def percent(share: float | None, voice: Voice) -> str:
    """Rounded down: 100 % means that nothing is missing."""
    if share is None:
        return number(None)
    return "100 %" if share >= 1 else f"{int(1000 * share) / 10:.1f} %"


def by_side(values: Mapping[Side, str], voice: Voice) -> str:
    """`L 100 %, R 99.1 %`."""
    letters = {"left": voice.say("side.L"), "right": voice.say("side.R")}
    return ", ".join(f"{letters[side]} {values[side]}" for side in SIDES if side in values)


def sure_rows(report: SessionReport, sets: Sequence[ExerciseSet], voice: Voice) -> list[Sure]:
    """What each number rests on."""
    rows = [_samples(report, voice), _sync(report, voice), _mass(report, voice)]
    return [*rows, *_sensor(report, voice), *_arm(report, sets, voice)]


def _samples(report: SessionReport, voice: Voice) -> Sure:
    shares = {side: share for side in SIDES if (share := report.coverage.get(side)) is not None}
    shown = by_side({side: percent(share, voice) for side, share in shares.items()}, voice)
    whole = all(share >= 1 for share in shares.values())
    why = voice.say("sure.samples.full" if whole else "sure.samples.part")
    return Sure(voice.say("sure.samples"), shown or voice.say("unknown"), why, not shares)


def _sync(report: SessionReport, voice: Voice) -> Sure:
    name = voice.say("sure.sync")
    if sum(report.coverage.get(side) is not None for side in SIDES) < 2:
        return Sure(name, voice.say("unknown"), voice.say("sure.sync.one"), True)
    if report.sync is None:
        return Sure(name, voice.say("unknown"), voice.say("sure.sync.none"), True)
    shown = voice.say("sure.sync.ms", ms=number(report.sync.p95_ms, 1))
    return Sure(name, shown, voice.say("sure.sync.why" if report.sync.heard else "sure.sync.kept"))


def worn(report: SessionReport, voice: Voice) -> str:
    """`2.0 kg`, or both legs' masses; empty when not given."""
    given = {side: mass for side in SIDES if (mass := report.mass_kg.get(side)) is not None}
    shown = {side: mass_text(mass, voice) for side, mass in given.items()}
    if len(shown) == 2 and len(set(shown.values())) == 1:
        return shown["left"]
    return by_side(shown, voice)


def mass_text(mass_kg: float, voice: Voice) -> str:
    """A mass as it was said: `1.02 kg`; in pounds, that were kilograms, one decimal."""
    return voice.with_unit("mass", voice.value("mass", mass_kg, 1) if voice.imperial else as_given(mass_kg))


def _mass(report: SessionReport, voice: Voice) -> Sure:
    shown = worn(report, voice)
    if not shown:
        return Sure(voice.say("sure.mass"), voice.say("unknown"), voice.say("sure.mass.none"), True)
    return Sure(voice.say("sure.mass"), shown, _mass_why(report, voice))


def _mass_why(report: SessionReport, voice: Voice) -> str:
    """How the masses are known, each leg by itself where they differ."""
    facts = report.rests_on.facts
    whys = {
        side: voice.say(f"sure.mass.{facts.mass_known(side)}", percent=percent_of(facts.mass_error(side)))
        for side in SIDES
        if report.mass_kg.get(side) is not None
    }
    return next(iter(whys.values())) if len(set(whys.values())) == 1 else by_side(whys, voice)


def _sensor(report: SessionReport, voice: Voice) -> list[Sure]:
    """What the worst of the motion sensors is worth."""
    found = report.rests_on.sensors.values()
    if not found:
        return []
    worst = max(found, key=lambda one: one.bias_mps2)
    when = voice.say("sure.sensor.when", when=worst.made[:10]) if worst.made else ""
    mg = number(1e3 * worst.bias_mps2 / G, 0)
    why = voice.say("sure.sensor.why", when=when, percent=percent_of(worst.scale), mg=mg)
    return [Sure(voice.say("sure.sensor"), voice.say(f"sure.sensor.{'made' if worst.made else 'none'}"), why)]


def _arm(report: SessionReport, sets: Sequence[ExerciseSet], voice: Voice) -> list[Sure]:
    if not sets:
        return []
    known = any(rep.load.peak_moment_nm is not None for one in sets for rep in one.reps)
    if known:
        cm = number(100 * report.rests_on.facts.cuff_height_error_m, 0)
        return [Sure(voice.say("sure.arm"), voice.say("sure.arm.known"), voice.say("sure.arm.why", cm=cm))]
    return [Sure(voice.say("sure.arm"), voice.say("unknown"), voice.say("sure.arm.none"), True)]


def exercise_row(one: ExerciseSet, voice: Voice) -> Sure:
    """How the exercise got its name."""
    name, code = voice.say("sure.exercise"), one.exercise
    if code == "unknown":
        return Sure(name, voice.say("unknown"), voice.say("sure.exercise.none"), True)
    told = one.confidence >= 1
    why = voice.say("sure.exercise.told" if told else "sure.exercise.why", name=voice.exercise(code))
    sure = voice.say("sure.exercise.percent", percent=f"{100 * one.confidence:.0f} %")
    return Sure(name, voice.say("sure.exercise.by_you") if told else sure, why)


def notices(report: SessionReport, voice: Voice) -> list[tuple[str, str, bool]]:
    """Warnings, each with its name."""
    return [(_notice_name(one.code, voice), _foreign(one, voice), False) for one in report.notices]


def _foreign(one: Notice, voice: Voice) -> str:
    """The sentence of a warning; a file's own words stay as they are, and say so."""
    text = esc(voice.words.notice(one))
    return f'<span lang="en">{text}</span>' if one.text else text


def _notice_name(code: str, voice: Voice) -> str:
    return voice.say(f"notice.{code}" if voice.words.has(f"notice.{code}") else "notice.other")


def footer(voice: Voice) -> str:
    """Small print."""
    lines = [voice.say("small.intervals"), f"{voice.say('small.stop')} {voice.say('small.not_medical')}"]
    return f"<footer>{''.join(f'<p>{esc(line)}</p>' for line in lines)}</footer>"
