"""SessionReport -> text for a terminal: finding first, table second, how sure last."""

from collections.abc import Mapping, Sequence
from typing import Any

from distal.model import (
    SIDES,
    Facts,
    Fatigue,
    Rep,
    SensorError,
    SessionReport,
    Side,
    Stance,
)
from distal.report.html.findings import headline, load_why, session_headline
from distal.report.html.parts import mass_text
from distal.report.html.table import flag_words
from distal.report.html.voice import Voice
from distal.report.look import SetLook, look_at
from distal.report.numbers import NONE, bars, interval, mean_interval, number, percent
from distal.report.spread import LEAST_TREND
from distal.report.text_load import above, across, asked, impact, swings, went, wrap
from distal.report.words import words
from distal.units import G

WIDTH = 80
ROW = "{:>6}  {:<14} {:>6} {:>6} {:>9}  {:<18} {}"
GROUP = 10  # reps in a row of a table


def render(
    report: SessionReport, truth: Mapping[str, Any] | None = None, imperial: bool = False, lang: str = "en"
) -> str:
    """The report in at most 80 columns; `truth` in the keys of the JSON contract is shown beside it."""
    voice = Voice(words(lang), imperial)
    looks = look_at(report.sets)
    parts = [wrap(session_headline(report, looks, voice), WIDTH), _walking(report, voice)]
    parts += [_set(look, report, voice) for look in looks]
    if not looks:
        parts.append([voice.say("text.no_reps")])
    parts += [
        swings(report, voice),
        across(report, voice),
        went(report, voice),
        impact(report, voice),
        *(_stance(one, voice) for one in report.sway),
    ]
    if truth is not None:
        parts.append(_compare(report, truth, voice))
    parts.append(_sureness(report, voice))
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _walking(report: SessionReport, voice: Voice) -> list[str]:
    counts = {side: len(report.steps.get(side, ())) for side in SIDES}
    total = sum(counts.values())
    if total == 0:
        return [voice.say("text.no_steps")]
    worn = {side: n for side, n in counts.items() if report.coverage.get(side) is not None}
    sides = ", ".join(f"{_letter(side, voice)} {n}" for side, n in worn.items())
    values: dict[str, object] = {"steps": voice.count("steps", total), "sides": sides}
    cadence = report.cadence_spm
    if cadence is None:
        lines = wrap(voice.say("text.walked.few", **values))
    else:
        shown = interval(cadence.value, cadence.low, cadence.high, to=voice.say("text.to"))
        lines = wrap(voice.say("text.walked.paced", cadence=shown, n=cadence.n, **values))
    if report.walking_cost_pct:
        low, high = report.walking_cost_pct
        lines += wrap(voice.say("text.energy", low=number(low, 0), high=number(high, 0)))
    return lines


def _letter(side: Side, voice: Voice) -> str:
    return voice.say(f"side.{side[0].upper()}")


def _stance(one: Stance, voice: Voice) -> list[str]:
    """A span of quiet stance: each leg's tilt, with band and noise floor."""
    lines = [voice.say("text.stood", seconds=number(one.end_s - one.start_s, 0))]
    for side in SIDES:
        found = one.legs.get(side)
        if found is not None:
            values = {"all": found.rms_deg, "ap": found.rms_ap_deg, "ml": found.rms_ml_deg}
            parts = [
                voice.say(f"text.sway.{key}", value=number(value, 2))
                for key, value in values.items()
                if value is not None
            ]
            floor = number(found.floor_deg, 3)
            lines += wrap(
                voice.say("text.sway", side=_letter(side, voice), parts=", ".join(parts), floor=floor)
            )
    if any(one.legs.values()):
        low, high = (f"{end:g}" for end in one.band_hz)
        lines.append(voice.say("text.sway.band", low=low, high=high))
    why = "; ".join(map(voice.words.notice, one.reasons))
    return lines + (wrap(voice.say("text.note", text=why) + ".") if why else [])


def _set(look: SetLook, report: SessionReport, voice: Voice) -> list[str]:
    one, n = look.one, len(look.reps)
    heads = [voice.say(f"text.{key}") for key in ("reps", "range", "lift", "hold", "lower")]
    heads += [voice.say("text.load", unit=voice.unit("impulse")), voice.say("text.heights")]
    lines = [*wrap(headline(look, voice)), "", ROW.format(*heads)]
    lines += [_row(look.reps, at, voice) for at in range(0, n, GROUP)]
    if look.reps and all(rep.load.impulse_nms is None for rep in look.reps):
        lines += wrap(voice.say("text.load_why", why=load_why(report, one, voice)))
    lines += asked(look, voice) + above(one, voice)
    if one.fatigue is None or n < LEAST_TREND:  # the head has said that they are too few
        return lines
    return lines + wrap(_tiring(one.fatigue, voice))


def _tiring(fatigue: Fatigue, voice: Voice) -> str:
    loss = fatigue.velocity_loss_pct
    shown = NONE
    if loss:
        value, low, high = (number(-one, 0) for one in (loss.value, loss.high, loss.low))
        shown = voice.say("of95", value=f"{value} %", low=low, high=high)
    return voice.say(f"tire.text.{fatigue.says}", change=shown, rep=fatigue.changed_at or 0)


def _row(reps: Sequence[Rep], at: int, voice: Voice) -> str:
    group = reps[at : at + GROUP]
    label = f"{at + 1}" if len(group) == 1 else f"{at + 1}\N{EN DASH}{at + len(group)}"
    most = max(rep.rom_deg for rep in reps)
    drawn = bars([*(rep.rom_deg for rep in group), most])[: len(group)]
    means = [_mean([getattr(rep, key) for rep in group]) for key in ("concentric_s", "hold_s", "eccentric_s")]
    flags = ", ".join(
        flag_words(flag, voice) for flag in sorted({flag for rep in group for flag in rep.flags})
    )
    rom = mean_interval([rep.rom_deg for rep in group], 1.0, most_digits=0, to=voice.say("text.to"))
    line = ROW.format(label, rom, *map(number, means), _load(group, voice), drawn).rstrip()
    if len(line) + 1 + len(flags) <= WIDTH:
        return f"{line} {flags}".rstrip()
    return "\n".join([line, *(f"{'':8}{text}" for text in wrap(flags, WIDTH - 8))])


def _load(group: Sequence[Rep], voice: Voice) -> str:
    """Mean impulse; its interval holds the spread of the reps, and mass, lever and sensor where known."""
    loads = [rep.load for rep in group if rep.load.impulse_nms is not None]
    values = [voice.scaled("impulse", one.impulse_nms) for one in loads if one.impulse_nms is not None]
    halves = [
        voice.scaled("impulse", one.high.impulse_nms - one.low.impulse_nms) / 2.0
        for one in loads
        if one.low and one.high and one.low.impulse_nms is not None and one.high.impulse_nms is not None
    ]
    return mean_interval(values, shared_half=_mean(halves), to=voice.say("text.to")) if values else NONE


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _beside(name: str, told: str, found: str) -> str:
    return f"{name:<18}{told:>10}{found:>10}"


def _compare(report: SessionReport, truth: Mapping[str, Any], voice: Voice) -> list[str]:
    """Truth beside result."""
    lines = [_beside("", voice.say("text.truth"), voice.say("text.found"))]
    cadence = truth.get("cadence_spm")
    if isinstance(cadence, Mapping):
        cadence = cadence.get("value")
    if cadence is not None:
        found = report.cadence_spm.value if report.cadence_spm else None
        lines.append(_beside(voice.say("text.truth.cadence"), number(float(cadence)), number(found)))
    steps = truth.get("steps") or {}
    for side in SIDES:
        if steps.get(side):
            name = voice.say("text.truth.steps", side=voice.say(f"side.{side}"))
            lines.append(_beside(name, str(len(steps[side])), str(len(report.steps.get(side, ())))))
    return lines + [line for side in (*SIDES, "both") for line in _compare_reps(report, truth, side, voice)]


def _compare_reps(report: SessionReport, truth: Mapping[str, Any], side: str, voice: Voice) -> list[str]:
    wanted = [one for one in truth.get("sets") or [] if one.get("side") == side]
    found = [one for one in report.sets if one.side == side]
    if not wanted:
        return []
    told = sum(len(one.get("reps") or []) for one in wanted)
    seen = sum(len(one.reps) for one in found)
    spoken = voice.say(f"side.{side}")
    lines = [_beside(voice.say("text.truth.reps", side=spoken), str(told), str(seen))]
    ranges = [rep.get("rom_deg") for one in wanted for rep in one.get("reps") or []]
    known = [float(value) for value in ranges if value is not None]
    if known and seen:
        mean = _mean([rep.rom_deg for one in found for rep in one.reps])
        name = voice.say("text.truth.range", side=spoken)
        lines.append(_beside(name, number(_mean(known)), number(mean)))
    return lines


def _sureness(report: SessionReport, voice: Voice) -> list[str]:
    covered = " ".join(f"{_letter(side, voice)} {_percent(report.coverage.get(side))}" for side in SIDES)
    line = voice.say("text.sure", covered=covered, sync=_sync(report, voice), mass=_masses(report, voice))
    has_ends = any(rep.load.low for one in report.sets for rep in one.reps)
    notes = [voice.say("text.note", text=voice.words.notice(one)) for one in report.notices]
    return [
        *wrap(line),
        *_sensors(report, voice),
        *(wrap(voice.say("text.intervals")) if has_ends else []),
        *(text for note in notes for text in wrap(note)),
        voice.say("small.not_medical"),
    ]


def _sync(report: SessionReport, voice: Voice) -> str:
    """Left against right; nothing for one leg."""
    if sum(report.coverage.get(side) is not None for side in SIDES) < 2:
        return ""
    return (
        voice.say("text.sync", ms=number(report.sync.p95_ms, 1))
        if report.sync
        else voice.say("text.sync.none")
    )


def _percent(share: float | None) -> str:
    """Rounded down to a tenth: 100 % means that nothing is missing."""
    if share is None:
        return NONE
    return "100 %" if share == 1 else f"{100 * min(share, 0.999):.1f} %"


def _masses(report: SessionReport, voice: Voice) -> str:
    """`1.0 kg ± 5 % (label)`, each leg by itself where they differ."""
    facts = report.rests_on.facts
    shown = {
        side: voice.say("text.mass.known", mass=mass_text(mass, voice), **_known(facts, side, voice))
        for side in SIDES
        if (mass := report.mass_kg.get(side)) is not None
    }
    if not shown:
        return voice.say("text.mass.none")
    if len(shown) == 2 and len(set(shown.values())) == 1:
        return shown["left"]
    return ", ".join(f"{_letter(side, voice)} {text}" for side, text in shown.items())


def _known(facts: Facts, side: Side, voice: Voice) -> dict[str, object]:
    how = voice.say(f"mass.{facts.mass_known(side)}")
    return {"percent": percent(facts.mass_error(side)), "known": how}


def _sensors(report: SessionReport, voice: Voice) -> list[str]:
    """What the IMUs are worth, where a load rests on them."""
    found = report.rests_on.sensors
    if not any(report.mass_kg.get(side) for side in found):
        return []
    hint = "" if all(one.made for one in found.values()) else voice.say("sensor.hint")
    texts = {side: _sensor(found[side], voice) for side in SIDES if side in found}
    how = next(iter(texts.values()))
    if len(set(texts.values())) > 1:
        how = ", ".join(f"{_letter(side, voice)} {text}" for side, text in texts.items())
    return wrap(voice.say("text.sensors", how=how, hint=hint))


def _sensor(error: SensorError, voice: Voice) -> str:
    made = voice.say("sensor.none") if error.made is None else voice.say("sensor.made", when=error.made[:10])
    mg = number(1e3 * error.bias_mps2 / G, 0)
    return voice.say("text.sensor", how=made, percent=percent(error.scale), mg=mg)
