"""Facts, their history, and calibrations -> lines for a terminal."""

from collections.abc import Sequence
from typing import Any

from distal.calibration import Calibration
from distal.dated import Dated, changes
from distal.model import SIDES, Facts, Side
from distal.report.numbers import MINUS, NONE, given, number, percent
from distal.report.words import Words, words
from distal.units import DEG_PER_RAD, G

ENGLISH = words()


def lines(facts: Facts, voice: Words = ENGLISH) -> list[str]:
    """What counts now, one thing a line; what is not known is a dash."""
    rows = [(voice.say(f"fact.mass_{side}_kg"), _mass(facts, side, voice)) for side in SIDES]
    cm = f"{100 * facts.cuff_height_error_m:.2g}"
    height = voice.say("facts.height", m=given(facts.cuff_height_m), cm=cm)
    rows.append((voice.say("fact.cuff_height_m"), height))
    rows.append((voice.say("fact.cuff_offset_m"), _offset(facts, voice)))
    rows += [(voice.say(f"fact.{key}"), _shown(key, getattr(facts, key), voice)) for key in PLAIN]
    width = max(len(name) for name, _ in rows)
    return [f"{name:<{width}}  {value}" for name, value in rows]


PLAIN = ("height_m", "body_mass_kg", "sex", "placement", "exercise", "level_nm")


def _offset(facts: Facts, voice: Words) -> str:
    """To the foot, y and outward, cm."""
    names = ("to_foot", "y", "outward")
    shown = {key: number(100 * one, 1) for key, one in zip(names, facts.cuff_offset_m, strict=True)}
    return voice.say("facts.offset", cm=f"{100 * facts.cuff_offset_error_m:.2g}", **shown)


def _mass(facts: Facts, side: Side, voice: Words) -> str:
    mass = facts.mass_kg(side)
    if mass is None:
        return NONE
    known = voice.say("mass." + facts.mass_known(side))
    shown = f"{given(mass)} kg"
    return voice.say("text.mass.known", mass=shown, percent=percent(facts.mass_error(side)), known=known)


def _shown(key: str, value: Any, voice: Words) -> str:
    if value is None:
        return NONE
    if key.endswith("_error"):
        return f"± {percent(value)}"
    if isinstance(value, tuple):
        return ", ".join(number(100 * one, 1) for one in value) + " cm"
    if isinstance(value, float):
        unit = "kg" if key.endswith("_kg") else "N·m" if key.endswith("_nm") else "m"
        return f"{given(value)} {unit}"
    name = f"{key.removesuffix('_left_known').removesuffix('_right_known')}.{value}"
    return voice.say(name) if voice.has(name) else str(value)


def history_lines(history: Sequence[Dated], voice: Words = ENGLISH) -> list[str]:
    """Each row with its date, what changed, and why."""
    out = []
    for place, (row, changed) in enumerate(zip(history, changes(history), strict=True)):
        values = {"when": row.noted[:16].replace("T", " "), "note": row.note}
        values["kind"] = voice.say("history.corrected" if place else "history.recorded")
        out.append("  " + voice.say("facts.history.why" if row.note else "facts.history", **values))
        for key, (before, after) in changed.items():
            name = voice.say(f"fact.{key}") if voice.has(f"fact.{key}") else key
            shown = {"before": _shown(key, before, voice), "after": _shown(key, after, voice)}
            out.append("    " + voice.say("facts.changed" if place else "facts.first", name=name, **shown))
        if not changed:
            out.append("    " + voice.say("history.same"))
    return out


def summary(one: Calibration, voice: Words = ENGLISH) -> str:
    """A calibration in one line."""
    error = one.error()
    values = {"when": one.made[:10], "how": voice.say(f"calibration.{one.method}")}
    return voice.say("facts.calibrated", percent=percent(error.scale), mg=_mg(error.bias_mps2), **values)


def table(one: Calibration, voice: Words = ENGLISH) -> list[str]:
    """A calibration axis by axis, with its 95 % intervals."""
    about = [one.imu or "", f"{one.acc_range_g} g" if one.acc_range_g else ""]
    about.append(f"{one.gyr_range_dps} °/s" if one.gyr_range_dps else "")
    known = ", ".join(word for word in about if word)
    made = {"when": one.made[:16].replace("T", " "), "how": voice.say(f"calibration.{one.method}")}
    out = [voice.say("facts.cuff", cuff=one.cuff or NONE, about=known).rstrip()]
    out.append("  " + voice.say("facts.made", **made))
    heads = [voice.say(f"facts.{key}") for key in ("bias", "scale", "gyro")]
    out.append(f"  {'':<4}{heads[0]:>16}{heads[1]:>18}{heads[2]:>18}")
    for k, axis in enumerate("xyz"):
        bias = _pair(1e3 * one.acc_bias[k] / G, 1e3 * one.acc_bias_half[k] / G, 1)
        scale = _pair(100 * (one.scale[k] - 1), 100 * one.acc_scale_half[k], 2)
        gyr = _pair(one.gyr_bias[k] * DEG_PER_RAD, one.gyr_bias_half[k] * DEG_PER_RAD, 2)
        out.append(f"  {axis:<4}{bias:>16}{scale:>18}{gyr:>18}")
    return out + ["  " + line for line in _rest(one, voice)]


def _rest(one: Calibration, voice: Words) -> list[str]:
    """What it rests on: directions, what the fit left over, how the board lies, warmth."""
    cross, share = percent(one.cross_half), percent(one.coverage)
    points = voice.say(f"points.{one.method}")
    out = [voice.say("facts.sides", faces=" ".join(one.faces), share=share, cross=cross)]
    out.append(voice.say("facts.left_over", mg=_mg(one.residual_mps2, 1), n=one.points, points=points))
    how = voice.say("facts.board.same") if one.mounting is None else _mounting(one.mounting, voice)
    out.append(voice.say("facts.board", how=how))
    return out + (
        [voice.say("facts.warm", t=number(one.temperature_c))] if one.temperature_c is not None else []
    )


def _mounting(rows: Sequence[Sequence[float]], voice: Words) -> str:
    """Which sensor axis lies nearest each cuff axis."""
    named = []
    for key, row in zip(("foot", "y", "out"), rows, strict=True):
        k = max(range(3), key=lambda k: abs(row[k]))
        axis = f"{'+' if row[k] > 0 else MINUS}{'xyz'[k]}"
        named.append(voice.say(f"facts.board.{key}", axis=axis))
    return ", ".join(named)


def _pair(value: float, half: float, digits: int) -> str:
    return f"{'+' if value >= 0 else ''}{number(value, digits)} ± {number(half, digits)}"


def _mg(value: float, digits: int = 0) -> str:
    return number(1e3 * value / G, digits)
