"""Every sentence has one place: in a language nobody speaks, no English is left."""

import re
import string
from dataclasses import replace
from pathlib import Path

import distal
from distal.calibration import Calibration
from distal.dated import Dated
from distal.model import (
    SIDES,
    Distribution,
    Estimate,
    ExerciseSet,
    Facts,
    Fatigue,
    Impact,
    Load,
    Notice,
    Rep,
    SessionReport,
    Side,
    Split,
    Stance,
    SwayAngle,
    Wear,
    warn,
)
from distal.report import facts as facts_text
from distal.report.text import render
from distal.report.words import LANGUAGES, TABLES, words
from distal_wire.batch import Fault

HOST = Path(distal.__file__).parent
# what is the same in every language: units, codes of files and exercises, an option's name
SAME = r"\b(kg|cm|mg|lbf?|ft|mm?|Hz|N|s|g|UTC|lsm6dso32|cuff-1|note|new_flag)\b|°/s"
# what the sentences of the warnings are filled with
VALUES = {"side": "left", "option": "note", "cuff": "0a", "why": Fault.CRC.value, "n": 2, "whole": 9,
          "percent": 42.0, "least": 80.0, "deg": 35.0, "seconds": 12.0, "holes": 2, "value": 3.0,
          "bound": 2.0, "exercise": "squat", "lost": 300, "sure": 2, "ms": 36.0}  # fmt: skip


def english(text: str) -> list[str]:
    """Words of two letters and more that did not pass through the table."""
    return re.findall(r"[A-Za-z]{2,}", re.sub(SAME, "", text))


def codes_in(source: str) -> set[str]:
    """What warn(...) is called with in a module; a computed code counts as none."""
    return set(re.findall(r'\bwarn\(\s*"(\w+)"', source))


def test_every_warning_has_its_sentence_and_every_sentence_is_used() -> None:
    told = {code for path in HOST.rglob("*.py") for code in codes_in(path.read_text(encoding="utf-8"))}
    told |= {f"stream_{kind}" for kind in ("boot", "pause", "late", "unbelievable")} | {
        "imu_errors",
        "cuff_lost",
    }
    known = {key.removeprefix("warn.").split(".")[0] for key in words().part("warn.")}
    assert told == known


def test_warnings_say_no_english_in_another_language() -> None:
    one = words("pseudo")
    for key in one.part("warn."):
        code, _, form = key.removeprefix("warn.").partition(".")
        for n in (1, 2):
            kind = "" if form in ("one", "many") else form
            said = one.notice(Notice(code, values={**VALUES, "n": n, "form": kind}))
            assert said
            assert english(said) == [], said


def test_every_fault_of_a_message_has_words() -> None:
    assert [
        fault for fault in Fault if fault is not Fault.EMPTY and not words().has(f"fault.{fault.value}")
    ] == []


def test_a_file_speaks_for_itself() -> None:
    assert words("pseudo").notice(Notice("file", "L.csv: ignored columns x.")) == "L.csv: ignored columns x."


def places(text: str) -> set[str | None]:
    """What stands in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}


def test_every_language_fills_the_places_of_the_english_sentence() -> None:
    english_table = TABLES["en"]
    for lang in LANGUAGES:
        for key, text in words(lang).part("").items():
            assert places(text) == places(english_table[key]), (lang, key)


def test_every_sentence_can_be_filled() -> None:
    """A brace that is never closed would fail only in front of a user."""
    for lang in ("en", "pseudo"):
        for key, text in words(lang).part("").items():
            assert all(
                name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(text)
            ), key


def estimate(value: float) -> Estimate:
    return Estimate(value, value - 1, value + 1, 9)


def rep(start_s: float, flags: tuple[str, ...]) -> Rep:
    ends = Load(impulse_nms=40.0), Load(impulse_nms=42.0)
    load = Load(about="knee", peak_moment_nm=7.0, impulse_nms=41.0, low=ends[0], high=ends[1])
    return Rep(start_s, start_s + 1, start_s + 3, 1.0, 1.0, 1.0, 71.0, 2.0, -10.0, flags, load)


def full() -> SessionReport:
    """A session with something of everything."""
    reps = tuple(rep(20.0 + 5 * k, ("partial", "gap", "new_flag") if k == 3 else ()) for k in range(12))
    fatigue = Fatigue("signs", estimate(12.0), (), None)
    bare = tuple(replace(one, load=Load()) for one in reps[:2])
    sets = (
        ExerciseSet("seated_leg_raise", 0.7, "right", 20.0, 80.0, reps, fatigue=fatigue),
        ExerciseSet("unknown", 0.2, "left", 90.0, 120.0, bare),
        ExerciseSet("squat", 1.0, "both", 130.0, 160.0, reps),
    )
    angle = SwayAngle(0.34, 0.3, 0.16, 50.0, 0.8, 0.9, 1.4, 0.4, 0.009, 0.02, "motion")
    legs: dict[Side, SwayAngle | None] = {"left": angle, "right": None}
    stance = Stance(1.0, 61.0, legs, (0.02, 3.5), 0.9, (warn("sway_one_cuff"), warn("sway_posture")))
    parts = {
        "phase": ("lift", "hold", "lower"),
        "side": SIDES,
        "joint": ("knee", "hip"),
        "third": ("early", "late"),
    }
    splits = {
        by: {
            "impulse_nms": Split(
                dict.fromkeys(names, estimate(9.0)), dict.fromkeys(names, estimate(50.0)), 1.0
            )
        }
        for by, names in parts.items()
    }
    impact = Impact(9, 0, 1.4, 2.4, {"low": 7, "medium": 1, "high": 1}, 50.0, 3, 7.0)
    return SessionReport(
        coverage={"left": 0.5, "right": 0.9871}, cadence_spm=estimate(109.0),
        steps={"left": (), "right": ()}, sets=sets, wear={"left": Wear(), "right": Wear()},
        notices=(warn("slid", side="left", deg=20.0), warn("no_height")), mass_kg={"left": 2.0, "right": 1.0},
        sway=(stance,), impact={"left": impact}, walking_cost_pct=(2.0, 17.0),
        distribution=Distribution(12, splits),
    )  # fmt: skip


def test_terminal_report_says_no_english_in_another_language() -> None:
    truth = {
        "cadence_spm": 110.0,
        "steps": {"left": [{}]},
        "sets": [{"side": "right", "reps": [{"rom_deg": 70.0}]}],
    }
    whole = full()
    bare = replace(whole, sets=(), sway=(), cadence_spm=None, mass_kg={}, impact={}, distribution=None)
    for one in (whole, bare):
        for imperial in (False, True):
            for line in render(one, truth, imperial, "pseudo").splitlines():
                assert english(line) == [], line


def test_terminal_report_fits_80_columns() -> None:
    assert max(map(len, render(full()).splitlines())) <= 80


def test_facts_and_calibrations_say_no_english_in_another_language() -> None:
    one = words("pseudo")
    first = Facts(mass_left_kg=2.0, height_m=1.75)
    other = replace(first, mass_left_kg=1.0)
    history = (
        Dated("2026-11-22T10:03:00", first),
        Dated("2026-11-22T11:00:00", other, note="note"),
        Dated("2026-11-22T12:00:00", other),
    )
    same = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))
    nothing = (0.0, 0.0, 0.0)
    made = Calibration(nothing, same, nothing, nothing, nothing, nothing, 0.01, 0.02, "rests", 6, ("+x",),
                       0.5, "cuff-1", "lsm6dso32", 16, 2000, "2026-11-22T10:03", 21.0, same)  # fmt: skip
    lines = [*facts_text.lines(first, one), *facts_text.history_lines(history, one)]
    lines += [facts_text.summary(made, one), *facts_text.table(made, one)]
    lines += facts_text.table(replace(made, method="tumble", mounting=None), one)
    for line in lines:
        assert english(line) == [], line
