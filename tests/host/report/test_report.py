import json
import math
from dataclasses import replace

import pytest

from distal.model import (
    Estimate,
    ExerciseSet,
    Load,
    Notice,
    Rep,
    SessionReport,
    Stance,
    Step,
    StepLoad,
    SwayAngle,
    Wear,
    warn,
)
from distal.report.contract import to_dict
from distal.report.numbers import interval, mean_interval, number
from distal.report.text import WIDTH, render


def rep(start_s: float, **changes: object) -> Rep:
    one = Rep(
        start_s=start_s, top_s=start_s + 1.00004, end_s=start_s + 3.33333, concentric_s=1.00004,
        hold_s=1.11111, eccentric_s=1.22218, rom_deg=71.23456789, roll_deg=2.0, top_deg=-10.0, flags=(),
        load=Load(about="knee", peak_force_n=21.5, peak_moment_nm=7.0, impulse_nms=41.0),
    )  # fmt: skip
    return replace(one, **changes)  # type: ignore[arg-type]


@pytest.fixture
def report() -> SessionReport:
    steps = tuple(
        Step(k * 1.1 + 1, k * 1.1 + 0.5, 1.1 if k else None, 0, StepLoad(20.0, None, math.nan))
        for k in range(5)
    )
    reps = tuple(rep(20.0 + 5 * k, flags=("partial",) if k == 11 else ()) for k in range(12))
    return SessionReport(
        coverage={"left": 1.0, "right": 0.9871},
        cadence_spm=Estimate(109.1, 108.2, 110.0, 8),
        steps={"left": steps, "right": steps},
        sets=(ExerciseSet("sidelying_hip_abduction", 0.7, "right", 20.0, 80.0, reps),),
        wear={"left": Wear(), "right": Wear()},
        notices=(Notice("one_leg", "Only the right leg was worn. " * 4 + "Wear both cuffs."),),
        mass_kg={"left": 2.0, "right": 2.0},
    )


def test_json_has_every_key_and_no_nan(report: SessionReport) -> None:
    found = json.loads(json.dumps(to_dict(report), allow_nan=False))
    assert {"version", "coverage", "cadence_spm", "steps", "sets", "wear", "sway", "warnings"} <= set(found)
    assert found["steps"]["left"][0]["load"] == {
        "peak_force_n": 20.0,
        "peak_knee_moment_nm": None,
        "lateral_force_n": None,
    }
    assert found["cadence_spm"] == {"value": 109.1, "low": 108.2, "high": 110.0, "n": 8}
    assert found["warnings"][0]["code"] == "one_leg"


def test_rounded_phases_still_add_up(report: SessionReport) -> None:
    for one in to_dict(report)["sets"][0]["reps"]:
        whole = one["concentric_s"] + one["hold_s"] + one["eccentric_s"]
        assert whole == pytest.approx(one["end_s"] - one["start_s"], abs=1e-9)


def test_absent_leg_is_null(report: SessionReport) -> None:
    alone = replace(report, coverage={"right": 1.0}, steps={"right": ()}, wear={"right": None})
    found = to_dict(alone)
    assert found["coverage"]["left"] is None
    assert found["wear"] == {"left": None, "right": None}
    assert found["steps"]["left"] == []


def test_text_fits_the_terminal_and_says_what_was_found(report: SessionReport) -> None:
    text = render(report)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "Side-lying hip abduction, right: 12 reps." in text
    assert "1–10" in text
    assert "small" in text
    assert text.rstrip().endswith("Not a medical device.")


def test_truth_stands_beside_the_result(report: SessionReport) -> None:
    truth = {
        "cadence_spm": {"value": 110.0},
        "steps": {"left": [{}] * 6, "right": []},
        "sets": [{"side": "right", "reps": [{}] * 12}],
    }
    lines = render(report, truth).splitlines()
    assert next(line for line in lines if line.startswith("cadence")).split()[-2:] == ["110.0", "109.1"]
    assert next(line for line in lines if line.startswith("reps right")).split()[-2:] == ["12", "12"]
    assert "110.0" in render(report, {"cadence_spm": 110.0})


def test_imperial_page_names_no_metric_unit(report: SessionReport) -> None:
    text = render(report, imperial=True)
    assert "4.4 lb" in text
    assert "N·m" not in text
    assert "kg" not in text


def test_nothing_found_is_said(report: SessionReport) -> None:
    empty = replace(report, steps={"left": (), "right": ()}, sets=(), cadence_spm=None, mass_kg={})
    text = render(empty)
    assert "No steps found." in text
    assert "No reps found." in text


def test_numbers_read_as_people_write_them() -> None:
    assert interval(7.0, 6.5, 7.5) == "7.0 (6.5 to 7.5)"
    assert interval(2.0, -2.3, 6.4) == "2 (\N{MINUS SIGN}2 to 6)"
    assert number(-1.25, 2) == "\N{MINUS SIGN}1.25"
    assert number(None) == "–"
    assert number(-0.001, 1) == "0.0"
    assert mean_interval([70.0, 72.0, 71.0], 1.0, most_digits=0) == "71 (70 to 72)"


def test_interval_holds_what_all_reps_share() -> None:
    # spread 0.98 of two values and a shared 1.0: half 1.4; a shared part does not shrink with their number
    assert mean_interval([9.0, 10.0], shared_half=1.0) == "9.5 (8.1 to 10.9)"
    assert mean_interval([9.5] * 100, shared_half=1.0) == "9.5 (8.5 to 10.5)"
    assert mean_interval([9.5], shared_half=1.0) == "9.5 (8.5 to 10.5)"


def test_sway_is_shown_with_band_and_floor_or_its_reason(report: SessionReport) -> None:
    angle = SwayAngle(0.34, 0.3, 0.16, 50.0, 0.8, 0.9, 1.4, 0.4, 0.009, 0.02, "motion")
    spans = (
        Stance(1.0, 61.0, {"left": angle, "right": angle}, (0.02, 3.5), 0.9, ()),
        Stance(
            70.0,
            82.0,
            {"left": None, "right": None},
            (0.02, 3.5),
            0.9,
            (warn("sway_short", seconds=12.0, least=20.0),),
        ),
    )
    stood = replace(report, sway=spans)
    text = render(stood)
    assert "Sway of the shin L 0.34°, front-back 0.30°, sideways 0.16° rms (noise 0.009°)." in text
    assert "0.02 and 3.5 Hz" in text
    assert "Note: 12 s of quiet stance; sway needs 20 s." in text
    assert max(len(line) for line in text.splitlines()) <= WIDTH
    found = json.loads(json.dumps(to_dict(stood), allow_nan=False))["sway"]
    assert found[0]["left"]["rms_ap_deg"] == 0.3
    assert found[0]["duration_s"] == 60.0
    assert (found[1]["left"], found[1]["reason"]) == (None, "12 s of quiet stance; sway needs 20 s")
