"""Where the load went, and the shocks of the steps, as short tables for a terminal."""

from collections.abc import Sequence

from distal.model import SIDES, Distribution, Estimate, ExerciseSet, Load, SessionReport, Split
from distal.report.html.voice import Voice
from distal.report.load_parts import members, swing_loads
from distal.report.look import SetLook
from distal.report.numbers import NONE, interval, number
from distal.report.spread import Spread

WIDTH = 80
ROW = "{:<18} {:>20}  {:>18}"
SHOCKS = "{:<24} {:>8} {:>13}  {:>22}"
# what stands in the table: how it is divided -> parts
SHOWN = (
    ("phase", ("lift", "hold", "lower")),
    ("side", ("left", "right")),
    ("joint", ("knee", "hip")),
    ("third", ("early", "late")),
)


def wrap(text: str, width: int = WIDTH) -> list[str]:
    """Lines of at most so many columns, the later ones set in."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = "  " + word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def went(report: SessionReport, voice: Voice) -> list[str]:
    """The table; nothing without any load."""
    return went_of(report.distribution, voice)


def went_of(found: Distribution | None, voice: Voice) -> list[str]:
    """Of a session, or of many."""
    if found is None or not any(found.splits["phase"]["impulse_nms"].amount.values()):
        return []
    covered = round(found.splits["phase"]["impulse_nms"].coverage * found.reps)
    values = {"unit": voice.unit("impulse"), "known": covered, "reps": found.reps}
    lines = [*wrap(voice.say("went.text", **values)), ""]
    lines.append(ROW.format("", voice.say("went.text.load"), voice.say("went.text.share")))
    for by, parts in SHOWN:
        lines += _rows(found, by, parts, voice)
    return lines


def asked(look: SetLook, voice: Voice) -> list[str]:
    """The highest of a rep on average: turning load, pull, power. The page has more."""
    found = members(look.reps)
    said = [
        voice.say(f"asked.text.{key}", value=voice.full(found[key].kind, found[key].found))
        for key in ("peak", "force", "sideways", "power_up")
        if key in found
    ]
    return wrap(voice.say("asked.text", parts=", ".join(said))) if said else []


def swings(report: SessionReport, voice: Voice) -> list[str]:
    """What the weight asks in a swing of each leg."""
    out = []
    for side, found in swing_loads(report).items():
        said = {key: _swing(found[key], "moment" if key == "moment" else "force", voice) for key in found}
        if found["force"] is not None:
            out += wrap(voice.say("swing.text", side=voice.say(f"side.{side}"), **said))
    return out


def _swing(one: Estimate | None, kind: str, voice: Voice) -> str:
    return NONE if one is None else voice.full(kind, Spread(one.value, one.low, one.high, one.n))


def across(report: SessionReport, voice: Voice) -> list[str]:
    """Whether the legs tired from the first set to the last of the same exercise and side."""
    out = []
    for one in report.across_sets:
        found, to = one.change_pct, voice.say("text.to")
        shown = interval(found.value, found.low, found.high, 0, to) + " %" if found else NONE
        of = f"{voice.exercise(one.exercise)}, {voice.say(f'side.{one.side}')}"
        text = voice.say(f"across.{one.says}", of=of, a=one.sets[0], b=one.sets[-1], change=shown)
        out += wrap(text)
    return out


def above(one: ExerciseSet, voice: Voice) -> list[str]:
    """How long the load stood above its level, over the set; nothing when it is not known."""
    loads = [rep.load for rep in one.reps if rep.load.above_level_s is not None]
    level = loads[0].level_nm if loads else None
    if level is None:
        return []
    low, high = (
        sum(_above(end) for end in ends) for ends in ([x.low for x in loads], [x.high for x in loads])
    )
    seconds = sum(x.above_level_s or 0.0 for x in loads)
    shown = interval(seconds, low, high, 1, voice.say("text.to")) if high > low else number(seconds, 1)
    values = {"level": number(voice.scaled("moment", level), 1), "unit": voice.unit("moment"), "time": shown}
    key = "above.text" if len(loads) == len(one.reps) else "above.text.part"
    return wrap(voice.say(key, known=len(loads), reps=len(one.reps), **values))


def _above(end: Load | None) -> float:
    return (end.above_level_s or 0.0) if end else 0.0


def _rows(found: Distribution, by: str, parts: Sequence[str], voice: Voice) -> list[str]:
    """Parts of one kind; sides only where both legs did something, joints only where both are known."""
    split = found.splits[by]["impulse_nms"]
    if by in ("side", "joint") and not all(one and one.value for one in split.amount.values()):
        return []
    return [_row(split, by, part, voice) for part in parts if split.amount.get(part)]


def _row(split: Split, by: str, part: str, voice: Voice) -> str:
    amount, share = split.amount[part], split.percent.get(part)
    shown = _shown(amount, voice.scaled("impulse", 1.0), voice)
    return ROW.format(
        voice.say(f"went.text.{part}"), shown, _shown(share, 1.0, voice) if by != "joint" else ""
    ).rstrip()


def _shown(one: Estimate | None, scale: float, voice: Voice) -> str:
    if one is None:
        return NONE
    if one.high <= one.low:
        return number(one.value * scale, 0)
    return interval(one.value * scale, one.low * scale, one.high * scale, 1, voice.say("text.to"))


def impact(report: SessionReport, voice: Voice) -> list[str]:
    """Shocks at the shank: a stimulus, with its bands; those past the sensor are told."""
    found = {side: one for side in SIDES if (one := report.impact.get(side)) is not None}
    if not found:
        return []
    keys = ("impact", "impact.median", "impact.high", "impact.bands")
    lines = [SHOCKS.format(*(voice.say(f"text.{key}") for key in keys))]
    for side, one in found.items():
        bands = ", ".join(str(one.bands[key]) for key in ("low", "medium", "high"))
        name = "  " + voice.say(f"side.{side}")
        lines.append(SHOCKS.format(name, number(one.median_g, 1), number(one.p95_g, 1), bands))
    under = max(one.under_read_pct for one in found.values())
    clipped = sum(one.clipped for one in found.values())
    lines += wrap(voice.say("text.impact.clipped", n=clipped)) if clipped else []
    return lines + wrap(voice.say("text.impact.term", under=number(under, 0)))
