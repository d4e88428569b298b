"""Facts, their history, and calibrations -> lines for a terminal."""

from collections.abc import Sequence
from typing import Any

from distal.calibration import Calibration
from distal.dated import Dated, changes
from distal.model import SIDES, Facts
from distal.report.numbers import NONE, given, number, percent
from distal.report.words import words
from distal.units import DEG_PER_RAD, G

WIDTH = 80
ENGLISH = words()


def lines(facts: Facts) -> list[str]:
    """What counts now, one thing a line; what is not known is a dash."""
    rows = [(ENGLISH.say(f"fact.mass_{side}_kg"), _mass(facts, side)) for side in SIDES]
    height = f"{given(facts.cuff_height_m)} m ± {100 * facts.cuff_height_error_m:.2g} cm"
    rows.append((ENGLISH.say("fact.cuff_height_m"), height))
    rows.append((ENGLISH.say("fact.cuff_offset_m"), _offset(facts)))
    rows += [(ENGLISH.say(f"fact.{key}"), _shown(key, getattr(facts, key))) for key in PLAIN]
    width = max(len(name) for name, _ in rows)
    return [f"{name:<{width}}  {value}" for name, value in rows]


PLAIN = ("height_m", "body_mass_kg", "sex", "placement", "exercise", "level_nm")


def _offset(facts: Facts) -> str:
    """To the foot, y and outward, cm."""
    shown = ", ".join(number(100 * one, 1) for one in facts.cuff_offset_m)
    return f"{shown} cm ± {100 * facts.cuff_offset_error_m:.2g} cm (sensor to the weight, as drawn)"


def _mass(facts: Facts, side: Any) -> str:
    mass = facts.mass_kg(side)
    if mass is None:
        return NONE
    known = ENGLISH.say("mass." + facts.mass_known(side))
    return f"{given(mass)} kg ± {percent(facts.mass_error(side))} ({known})"


def _shown(key: str, value: Any) -> str:
    if value is None:
        return NONE
    if key.endswith("_error"):
        return f"± {percent(value)}"
    if isinstance(value, tuple):
        return ", ".join(number(100 * one, 1) for one in value) + " cm"
    if isinstance(value, float):
        unit = "kg" if key.endswith("_kg") else "N·m" if key.endswith("_nm") else "m"
        return f"{given(value)} {unit}"
    return str(value)


def history_lines(history: Sequence[Dated]) -> list[str]:
    """Each row with its date, what changed, and why."""
    out = []
    for number_, (row, changed) in enumerate(zip(history, changes(history), strict=True)):
        kind = ENGLISH.say("history.corrected" if number_ else "history.recorded")
        out.append(
            f"  {row.noted[:16].replace('T', ' ')} UTC  {kind}" + (f": {row.note}" if row.note else "")
        )
        for key, (before, after) in changed.items():
            name = ENGLISH.say(f"fact.{key}") if ENGLISH.has(f"fact.{key}") else key
            was = f"{_shown(key, before)} → " if number_ else ""
            out.append(f"    {name}  {was}{_shown(key, after)}")
        if not changed:
            out.append(f"    {ENGLISH.say('history.same')}")
    return out


def summary(one: Calibration) -> str:
    """A calibration in one line."""
    error = one.error()
    how = ENGLISH.say(f"calibration.{one.method}")
    return f"calibrated {one.made[:10]} {how} (± {percent(error.scale)}, ± {_mg(error.bias_mps2)} mg)"


def table(one: Calibration) -> list[str]:
    """A calibration axis by axis, with its 95 % intervals."""
    about = [one.imu or "", f"{one.acc_range_g} g" if one.acc_range_g else ""]
    about.append(f"{one.gyr_range_dps} °/s" if one.gyr_range_dps else "")
    out = [f"Cuff {one.cuff or NONE}  {', '.join(word for word in about if word)}".rstrip()]
    out.append(f"  made {one.made[:16].replace('T', ' ')} UTC {ENGLISH.say(f'calibration.{one.method}')}")
    out.append(f"  {'':<4}{'bias mg':>16}{'scale %':>18}{'gyro °/s':>18}")
    for k, axis in enumerate("xyz"):
        bias = _pair(1e3 * one.acc_bias[k] / G, 1e3 * one.acc_bias_half[k] / G, 1)
        scale = _pair(100 * (one.scale[k] - 1), 100 * one.acc_scale_half[k], 2)
        gyr = _pair(one.gyr_bias[k] * DEG_PER_RAD, one.gyr_bias_half[k] * DEG_PER_RAD, 2)
        out.append(f"  {axis:<4}{bias:>16}{scale:>18}{gyr:>18}")
    out.append(
        f"  sides seen {' '.join(one.faces)}; {percent(one.coverage)} of directions; cross-axis ±"
        f" {percent(one.cross_half)}"
    )
    points = ENGLISH.say(f"points.{one.method}")
    out.append(f"  left over {_mg(one.residual_mps2, 1)} mg rms of {one.points} {points}")
    worn = NONE + " (as the sensor's axes)" if one.mounting is None else _mounting(one.mounting)
    out.append(f"  board in the cuff: {worn}")
    if one.temperature_c is not None:
        out.append(f"  at {number(one.temperature_c)} °C")
    return out


def _mounting(rows: Sequence[Sequence[float]]) -> str:
    """Which sensor axis lies nearest each cuff axis, and how far off."""
    words_ = []
    for name, row in zip(("to the foot", "y", "outward"), rows, strict=True):
        k = max(range(3), key=lambda k: abs(row[k]))
        sign = "+" if row[k] > 0 else "−"
        words_.append(f"{sign}{'xyz'[k]} {name}")
    return ", ".join(words_)


def _pair(value: float, half: float, digits: int) -> str:
    return f"{'+' if value >= 0 else ''}{number(value, digits)} ± {number(half, digits)}"


def _mg(value: float, digits: int = 0) -> str:
    return number(1e3 * value / G, digits)
