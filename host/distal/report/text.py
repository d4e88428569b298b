"""SessionReport -> text for a terminal: finding first, table second, how sure last."""

from collections.abc import Mapping, Sequence
from typing import Any

from distal.model import (
    SIDES,
    ExerciseSet,
    Facts,
    Fatigue,
    Impact,
    Rep,
    SensorError,
    SessionReport,
    Side,
    Stance,
)
from distal.report.numbers import NONE, bars, given, interval, mean_interval, number, percent
from distal.report.text_load import above, went
from distal.report.words import words
from distal.units import KG_PER_LB, N_PER_LBF, G

WIDTH = 80
ROW = "{:>6}  {:<14} {:>6} {:>6} {:>9}  {:<18} {}"
GROUP = 10  # reps in a row of a table
LBF_FT = N_PER_LBF * 0.3048
HOLDS = "Intervals hold in 95 of 100 cases: spread of the reps, mass, lever, sensor."
ENGLISH = words()


def render(report: SessionReport, truth: Mapping[str, Any] | None = None, imperial: bool = False) -> str:
    """The report in at most 80 columns; `truth` in the keys of the JSON contract is shown beside it."""
    parts = [_walking(report)]
    parts += [_set(one, imperial) for one in report.sets]
    if not report.sets:
        parts.append(["No reps found."])
    parts += [went(report, imperial), *(_stance(one) for one in report.sway)]
    if truth is not None:
        parts.append(_compare(report, truth))
    parts.append(_sureness(report, imperial))
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _walking(report: SessionReport) -> list[str]:
    counts = {side: len(report.steps.get(side, ())) for side in SIDES}
    total = sum(counts.values())
    if total == 0:
        return ["No steps found."]
    sides = " + ".join(
        f"{side[0].upper()} {n}" for side, n in counts.items() if report.coverage.get(side) is not None
    )
    lines = [f"Walked {total} steps ({sides})."]
    cadence = report.cadence_spm
    if cadence is not None:
        shown = interval(cadence.value, cadence.low, cadence.high)
        lines.append(f"Cadence {shown} steps/min, from {cadence.n} strides.")
    else:
        lines.append(f"Cadence {NONE}: too few strides in a row.")
    if report.walking_cost_pct:
        low, high = report.walking_cost_pct
        lines += _wrap(ENGLISH.say("energy.text", low=number(low, 0), high=number(high, 0)))
    return lines + [line for side in SIDES for line in _impact(side, report.impact.get(side))]


def _impact(side: Side, impact: Impact | None) -> list[str]:
    """Shocks at the shank: a stimulus, with its bands; clipped ones told."""
    if impact is None:
        return []
    low, medium, high = impact.bands["low"], impact.bands["medium"], impact.bands["high"]
    line = ENGLISH.say(
        "impact.text",
        side=side[0].upper(),
        median=number(impact.median_g, 1),
        p95=number(impact.p95_g, 1),
        low=low,
        medium=medium,
        high=high,
        under=number(impact.under_read_pct, 0),
    )
    clipped = ENGLISH.say("impact.clipped", n=impact.clipped) if impact.clipped else ""
    return _wrap(f"{line} {clipped}".strip())


def _stance(one: Stance) -> list[str]:
    """A span of quiet stance: each leg's tilt, with band and noise floor."""
    lines = [f"Stood still for {number(one.end_s - one.start_s, 0)} s."]
    for side in SIDES:
        found = one.legs.get(side)
        if found is not None:
            parts = [("", found.rms_deg), ("front-back ", found.rms_ap_deg), ("sideways ", found.rms_ml_deg)]
            shown = ", ".join(f"{word}{number(value, 2)}°" for word, value in parts if value is not None)
            lines.append(f"Shank sway {side[0].upper()} {shown} rms (noise {number(found.floor_deg, 3)}°).")
    if any(one.legs.values()):
        low, high = one.band_hz
        lines.append(f"Between {low:g} and {high:g} Hz: compare only with the same band.")
    return lines + (_wrap(f"Note: {one.reason}.") if one.reason else [])


def name(code: str) -> str:
    """Exercise code -> words."""
    key = f"exercise.{code}"
    return ENGLISH.say(key) if ENGLISH.has(key) else code.replace("_", " ").capitalize()


def _set(one: ExerciseSet, imperial: bool) -> list[str]:
    n = len(one.reps)
    lines = [f"{name(one.exercise)}, {one.side}, {n} rep{'' if n == 1 else 's'}.", ""]
    unit = "lbf·ft·s" if imperial else "N·m·s"
    lines.append(ROW.format("reps", "range °", "▲ lift", "■ hold", "▼ lower s", f"load {unit}", "heights"))
    for at in range(0, n, GROUP):
        lines.append(_row(one.reps, at, imperial).rstrip())
    return lines + above(one, imperial) + ([_tiring(one.fatigue)] if one.fatigue else [])


def _tiring(fatigue: Fatigue) -> str:
    loss = fatigue.velocity_loss_pct
    shown = interval(-loss.value, -loss.high, -loss.low, 0) + " %" if loss else NONE
    return ENGLISH.say(f"tire.text.{fatigue.says}", change=shown, rep=fatigue.changed_at or 0)


def _row(reps: Sequence[Rep], at: int, imperial: bool) -> str:
    group = reps[at : at + GROUP]
    label = f"{at + 1}" if len(group) == 1 else f"{at + 1}\N{EN DASH}{at + len(group)}"
    most = max(rep.rom_deg for rep in reps)
    drawn = bars([*(rep.rom_deg for rep in group), most])[: len(group)]
    means = [_mean([getattr(rep, key) for rep in group]) for key in ("concentric_s", "hold_s", "eccentric_s")]
    scale = LBF_FT if imperial else 1.0
    load = _load(group, scale)
    flags = ", ".join(sorted({flag for rep in group for flag in rep.flags}))
    rom = mean_interval([rep.rom_deg for rep in group], 1.0, most_digits=0)
    return ROW.format(label, rom, *map(number, means), load, f"{drawn} {flags}")


def _load(group: Sequence[Rep], scale: float) -> str:
    """Mean impulse; its interval holds the spread of the reps, and mass, lever and sensor where known."""
    loads = [rep.load for rep in group if rep.load.impulse_nms is not None]
    values = [one.impulse_nms / scale for one in loads if one.impulse_nms is not None]
    halves = [
        (one.high.impulse_nms - one.low.impulse_nms) / 2.0 / scale
        for one in loads
        if one.low and one.high and one.low.impulse_nms is not None and one.high.impulse_nms is not None
    ]
    return mean_interval(values, shared_half=_mean(halves)) if values else NONE


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _compare(report: SessionReport, truth: Mapping[str, Any]) -> list[str]:
    """Truth beside result."""
    lines = [f"{'':<18}{'truth':>10}{'found':>10}"]
    cadence = truth.get("cadence_spm")
    if isinstance(cadence, Mapping):
        cadence = cadence.get("value")
    if cadence is not None:
        found = report.cadence_spm.value if report.cadence_spm else None
        lines.append(f"{'cadence /min':<18}{number(float(cadence)):>10}{number(found):>10}")
    steps = truth.get("steps") or {}
    for side in SIDES:
        if steps.get(side):
            lines.append(f"{'steps ' + side:<18}{len(steps[side]):>10}{len(report.steps.get(side, ())):>10}")
    return lines + [line for side in (*SIDES, "both") for line in _compare_reps(report, truth, side)]


def _compare_reps(report: SessionReport, truth: Mapping[str, Any], side: str) -> list[str]:
    wanted = [one for one in truth.get("sets") or [] if one.get("side") == side]
    found = [one for one in report.sets if one.side == side]
    if not wanted:
        return []
    told = sum(len(one.get("reps") or []) for one in wanted)
    seen = sum(len(one.reps) for one in found)
    lines = [f"{'reps ' + side:<18}{told:>10}{seen:>10}"]
    ranges = [rep.get("rom_deg") for one in wanted for rep in one.get("reps") or []]
    known = [float(value) for value in ranges if value is not None]
    if known and seen:
        mean = _mean([rep.rom_deg for one in found for rep in one.reps])
        lines.append(f"{'range ' + side + ' °':<18}{number(_mean(known)):>10}{number(mean):>10}")
    return lines


def _sureness(report: SessionReport, imperial: bool) -> list[str]:
    covered = " ".join(f"{side[0].upper()} {_percent(report.coverage.get(side))}" for side in SIDES)
    line = f"How sure: samples {covered}; {_sync(report)}mass {_masses(report, imperial)}"
    return [
        *_wrap(line),
        *_sensors(report),
        *([HOLDS] if any(rep.load.low for one in report.sets for rep in one.reps) else []),
        *(text for one in report.notices for text in _wrap(f"Note: {one.text}")),
        ENGLISH.say("small.not_medical"),
    ]


def _sync(report: SessionReport) -> str:
    """Left against right; nothing for one leg."""
    if sum(report.coverage.get(side) is not None for side in SIDES) < 2:
        return ""
    return f"sync {number(report.sync.p95_ms, 1)} ms (p95); " if report.sync else "sync not known; "


def _percent(share: float | None) -> str:
    return (
        NONE
        if share is None
        else f"{100 * share:.0f} %"
        if share == 1
        else f"{100 * min(share, 0.999):.1f} %"
    )


def _masses(report: SessionReport, imperial: bool) -> str:
    """`1.0 kg ± 5 % (label)`, each leg by itself where they differ."""
    facts = report.rests_on.facts
    scale, unit = (KG_PER_LB, "lb") if imperial else (1.0, "kg")
    shown = {
        side[0].upper(): f"{number(mass / scale) if imperial else given(mass)} {unit} {_known(facts, side)}"
        for side in SIDES
        if (mass := report.mass_kg.get(side)) is not None
    }
    if not shown:
        return f"{NONE} (not given)"
    if len(shown) == 2 and len(set(shown.values())) == 1:
        return shown["L"]
    return ", ".join(f"{letter} {text}" for letter, text in shown.items())


def _known(facts: Facts, side: Side) -> str:
    return f"± {percent(facts.mass_error(side))} ({ENGLISH.say('mass.' + facts.mass_known(side))})"


def _sensors(report: SessionReport) -> list[str]:
    """What the IMUs are worth, where a load rests on them."""
    found = report.rests_on.sensors
    if not any(report.mass_kg.get(side) for side in found):
        return []
    hint = "" if all(one.made for one in found.values()) else ENGLISH.say("sensor.hint")
    texts = {side[0].upper(): _sensor(found[side]) for side in SIDES if side in found}
    if len(set(texts.values())) == 1:
        return _wrap(f"Sensors {next(iter(texts.values()))}{hint}.")
    return _wrap("Sensors: " + ", ".join(f"{letter} {text}" for letter, text in texts.items()) + hint + ".")


def _sensor(error: SensorError) -> str:
    how = (
        ENGLISH.say("sensor.none") if error.made is None else ENGLISH.say("sensor.made", when=error.made[:10])
    )
    return f"{how} (± {percent(error.scale)}, ± {number(1e3 * error.bias_mps2 / G, 0)} mg)"


def _wrap(text: str) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = "  " + word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]
