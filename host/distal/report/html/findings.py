"""What a page says in words: headline, lead, what stood out, what to do next."""

from collections.abc import Sequence

from distal.model import SIDES, ExerciseSet, SessionReport
from distal.report.html.parts import notices
from distal.report.html.table import flag_words
from distal.report.html.voice import Voice, esc
from distal.report.look import SetLook
from distal.report.numbers import number
from distal.report.spread import Spread, Trend, spread

LEAST_FALL = 3.0  # degrees over a set; less is within what an angle is worth
LEAST_SLOWING = 0.1  # of the mean lift speed over a set
LESS_HOLD = 0.6  # of the first set's hold


def headline(look: SetLook, voice: Voice) -> str:
    """What was done, then the one thing to know."""
    done = voice.say(
        "set.head",
        exercise=voice.exercise(look.one.exercise),
        side=voice.say(f"side.{look.one.side}"),
        reps=voice.reps(len(look.reps)),
    )
    return f"{done} {_one_thing(look, voice)}"


def _one_thing(look: SetLook, voice: Voice) -> str:
    for flag in ("gap", "partial"):
        n = len(look.flagged(flag))
        if n:
            return voice.count(f"head.{flag}", n)
    changed = _changed(look, voice)
    if changed is None:
        return voice.say("head.few")
    key, values = changed
    return voice.say(f"head.{key}", **values)


def _changed(look: SetLook, voice: Voice) -> tuple[str, dict[str, object]] | None:
    """How the set went from first to last rep; None with too few reps."""
    heights, speeds = look.height_trend(), look.speed_trend()
    if heights is None or speeds is None:
        return None
    if heights.is_sure and abs(heights.change) >= LEAST_FALL:
        much = voice.with_unit("angle", number(abs(heights.change), 0))
        return ("fell" if heights.change < 0 else "rose"), {"much": much}
    share = _slowing(speeds)
    tired = look.one.fatigue is not None and look.one.fatigue.says == "signs"
    if tired and share <= -LEAST_SLOWING:
        return "slowed", {"much": f"{-100 * share:.0f} %"}
    return "steady", {}


def _slowing(speeds: Trend) -> float:
    """Change of speed over the set as a share of its mean."""
    return speeds.change / max(speeds.at((speeds.n - 1) / 2), 1e-9)


def lead(look: SetLook, voice: Voice) -> str:
    """At most three sentences."""
    out = [voice.say("lead.height", height=voice.full("angle", look.height_spread()))]
    if look.is_held:
        out.append(voice.say("lead.held", hold=voice.full("time", look.hold_spread())))
    else:
        out.append(voice.say("lead.not_held"))
    changed = _changed(look, voice)
    if changed == ("steady", {}) and not (look.flagged("gap") or look.flagged("partial")):
        return " ".join(out)  # the headline says so already
    out.append(voice.say("lead.few") if changed is None else voice.say(f"lead.{changed[0]}", **changed[1]))
    return " ".join(out)


def load_why(report: SessionReport, one: ExerciseSet, voice: Voice) -> str:
    """Why a set has no turning load."""
    sides = [side for side in SIDES if one.side in (side, "both")]
    if any(report.mass_kg.get(side) is None for side in sides):
        return voice.say("why.mass")
    for rep in one.reps:
        if rep.load.reason and voice.words.has(f"why.{rep.load.reason}"):
            return voice.say(f"why.{rep.load.reason}")
    return voice.say("why.height" if any(rep.load.about for rep in one.reps) else "why.joint")


Note = tuple[str, str, bool]


def stood_out(report: SessionReport, looks: Sequence[SetLook], look: SetLook, voice: Voice) -> list[Note]:
    """Flags in words, what differs from the first set of its kind, and the warnings."""
    found = _changed_notes(look, voice) + _flag_notes(look, voice) + beside_first(looks, look, voice)
    return close_list(report, found, voice)


def close_list(report: SessionReport, found: list[Note], voice: Voice) -> list[Note]:
    """The notes, the warnings after them; that nothing stood out is said too."""
    every = found + notices(report, voice)
    return every or [(voice.say("out.none"), esc(voice.say("out.none.say")), False)]


def _changed_notes(look: SetLook, voice: Voice) -> list[Note]:
    """A change over the set that is beyond doubt."""
    changed = _changed(look, voice)
    if changed is None or changed[0] == "steady":
        return []
    key, values = changed
    label = voice.say(f"head.{key}", **values).rstrip(".")
    return [(label, esc(voice.say("out.changed")), False)]


def _flag_notes(look: SetLook, voice: Voice) -> list[Note]:
    kinds = sorted({flag for rep in look.reps for flag in rep.flags})
    return [_flag_note(look, flag, voice) for flag in kinds]


def _flag_note(look: SetLook, flag: str, voice: Voice) -> Note:
    numbers = look.flagged(flag)
    label = voice.say("out.flag", which=_which(numbers, voice), what=flag_words(flag, voice))
    if flag == "partial" and len(numbers) < len(look.reps):
        small = spread([look.reps[k - 1].rom_deg for k in numbers], 1.0)
        others = [rep.rom_deg for k, rep in enumerate(look.reps, 1) if k not in numbers]
        usual = voice.full("angle", spread(others, 1.0))
        return label, esc(voice.say("out.flag.partial", range=voice.full("angle", small), usual=usual)), True
    key = f"out.flag.{flag}" if flag in ("gap", "clipped") else "out.flag.other"
    return label, esc(voice.say(key)), True


def _which(numbers: Sequence[int], voice: Voice) -> str:
    if len(numbers) == 1:
        return voice.say("rep.Name", n=numbers[0])
    if len(numbers) <= 4:
        return voice.say("rep.Name", n=", ".join(map(str, numbers)))
    return voice.reps(len(numbers))


def beside_first(looks: Sequence[SetLook], look: SetLook, voice: Voice) -> list[Note]:
    """What differs from the first set of the same exercise and leg, beyond both intervals."""
    first = first_like(looks, look)
    if first is None:
        return []
    name = voice.say("set.Name", n=look.number)
    values = {"first": voice.say("session.set", n=first.number)}
    out = []
    now, then = look.height_spread(), first.height_spread()
    if lower(now, then):
        usual = voice.full("angle", then)
        say = voice.say("out.lower.say", height=voice.full("angle", now), usual=usual, **values)
        out.append((voice.say("out.lower", set=name), esc(say), True))
    now, then = look.hold_spread(), first.hold_spread()
    if shorter(now, then):
        usual = voice.full("time", then)
        say = voice.say("out.short.say", hold=voice.full("time", now), usual=usual, **values)
        out.append((voice.say("out.short", set=name), esc(say), True))
    return out


def first_like(looks: Sequence[SetLook], look: SetLook) -> SetLook | None:
    """The first set of the same exercise and leg, when it is not this one."""
    same = [one for one in looks if (one.one.exercise, one.one.side) == (look.one.exercise, look.one.side)]
    return same[0] if same and same[0].number != look.number else None


def lower(now: Spread | None, then: Spread | None) -> bool:
    """Whether heights differ downwards by more than both intervals and what an angle is worth."""
    return now is not None and then is not None and now.high < then.low and then.mean - now.mean >= LEAST_FALL


def shorter(now: Spread | None, then: Spread | None) -> bool:
    """Whether holds are clearly shorter."""
    if now is None or then is None or then.mean < 0.5:
        return False
    return now.high < then.low and now.mean < LESS_HOLD * then.mean


def session_headline(report: SessionReport, looks: Sequence[SetLook], voice: Voice) -> str:
    """What the session was, then the one thing to know."""
    steps = sum(len(report.steps.get(side, ())) for side in SIDES)
    if not looks and not steps:
        return voice.say("session.head.empty")
    counts = {
        "sets": voice.count("sets", len(looks)),
        "reps": voice.reps(sum(len(look.reps) for look in looks)),
        "steps": voice.count("steps", steps),
    }
    kind = "both" if looks and steps else "sets" if looks else "steps"
    return f"{voice.say(f'session.head.{kind}', **counts)} {_session_thing(report, looks, voice)}"


def _session_thing(report: SessionReport, looks: Sequence[SetLook], voice: Voice) -> str:
    """The most useful of: data missing, a set lower or held shorter, flags, tiring, cadence."""
    if any(share is not None and share < 0.95 for share in report.coverage.values()):
        return voice.say("session.thing.coverage")
    for look in looks:
        thing = _differs(looks, look, voice)
        if thing:
            return thing
    flagged = sum(len(look.flagged()) for look in looks)
    if flagged:
        return voice.say("session.thing.flags", n=voice.reps(flagged))
    for look in looks:
        slowed = _changed(look, voice)
        if slowed is not None and slowed[0] == "slowed":
            return voice.say("session.thing.slowed", n=look.number, **slowed[1])
    if not looks and report.cadence_spm:
        return voice.say("session.thing.cadence", cadence=number(report.cadence_spm.value, 0))
    return voice.say("session.thing.none")


def _differs(looks: Sequence[SetLook], look: SetLook, voice: Voice) -> str | None:
    first = first_like(looks, look)
    if first is None:
        return None
    now, then = look.height_spread(), first.height_spread()
    if now and then and lower(now, then):
        much = voice.with_unit("angle", number(then.mean - now.mean, 0))
        return voice.say("session.thing.lower", n=look.number, much=much)
    now, then = look.hold_spread(), first.hold_spread()
    if now and then and shorter(now, then):
        much = voice.with_unit("time", number(then.mean - now.mean, 1))
        return voice.say("session.thing.short", n=look.number, much=much)
    return None


def advice(report: SessionReport, looks: Sequence[SetLook], voice: Voice) -> list[tuple[str, str]]:
    """At most three steps, each with where it comes from."""
    rows: list[tuple[str, str]] = []
    sides = {look.one.side for look in looks}
    absent = [side for side in SIDES if report.coverage.get(side) is None]
    if absent:
        rows.append((voice.say("next.put_on"), voice.say("next.put_on.why")))
    elif len(sides) == 1 and "both" not in sides:
        other = "left" if "right" in sides else "right"
        rows.append((voice.say("next.other", side=voice.say(f"side.{other}")), voice.say("next.other.why")))
    if all(mass is None for mass in report.mass_kg.values()):
        rows.append((voice.say("next.mass"), voice.say("next.mass.why")))
    elif looks and not any(rep.load.peak_moment_nm is not None for look in looks for rep in look.reps):
        rows.append((voice.say("next.height"), voice.say("next.height.why")))
    if len(rows) < 2:
        rows.append((voice.say("next.again"), voice.say("next.again.why")))
    return [*rows[:2], (voice.say("next.weight"), voice.say("next.weight.why"))]
