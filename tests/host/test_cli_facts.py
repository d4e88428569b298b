"""`distal calibrate` and `distal facts` as a stranger types them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from distal.analysis.calibrate_guide import Step
from distal.cli import cli
from distal.cli.calibrate_live import words
from distal.model import Facts, Received
from distal.recording import Cuff, Recorder, Recording
from distal.units import G
from distal.virtual.motion import Athlete, Reps, Rest, Script
from distal_wire import parse, spec

RATE_HZ = 208.0
UPS = np.concatenate([np.eye(3), -np.eye(3)])
BIAS_MG, SCALE = np.array([30.0, -20.0, 10.0]), np.array([1.008, 0.993, 1.001])


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings folder of the test's own."""
    folder = tmp_path / "config"
    monkeypatch.setenv("DISTAL_CONFIG", str(folder))
    return folder


def write_sides(path: Path, ups: np.ndarray) -> Path:
    """2.5 s with each side up, half a second of moving between."""
    rng, rows = np.random.default_rng(1), []
    for up in ups:
        still = np.tile((up * SCALE + BIAS_MG / 1e3) * G, (int(2.5 * RATE_HZ), 1))
        rows.append(np.column_stack([still, np.full_like(still, 0.01)]))
        rows.append(rng.normal(0, 2, (int(0.5 * RATE_HZ), 6)) + np.array([0, 0, G, 0, 0, 0]))
    table = np.concatenate(rows)
    table = np.column_stack([np.arange(len(table)) / RATE_HZ, table])
    np.savetxt(path, table, "%.5f", ",", header="time_s,ax,ay,az,gx,gy,gz", comments="")
    return path


@pytest.fixture
def sides(tmp_path: Path) -> Path:
    return write_sides(tmp_path / "sides.csv", UPS)


@pytest.fixture(scope="module")
def set_messages() -> list[Received]:
    """Three seated knee extensions of the right leg as a cuff would send them."""
    lift = Reps("seated_knee_extension", reps=3, side="right")
    done = Script([Rest(3.0, "sitting"), lift, Rest(3.0, "sitting")]).perform(Athlete())
    rate_hz = 40000 / 192
    gyr, acc = done.right.sample(np.arange(int(done.duration_s * rate_hz)) / rate_hz)
    counts = np.rint(np.column_stack([gyr / np.deg2rad(0.07), acc / (0.976e-3 * G)])).astype(int)
    names = ("gx", "gy", "gz", "ax", "ay", "az")
    found = []
    for k in range(0, len(counts) - 18, 18):
        rows = [dict(zip(names, row, strict=True)) for row in counts[k : k + 18].tolist()]
        head = {"boot": 1, "index": k, "clock": k * 192, "rate_hz": 208, "count": 18, "encoding": 0}
        kind = {"flags": 0, "imu": 1, "acc_range_g": 32, "gyr_range": 16}
        data = parse.build(spec.KIND_SAMPLES, samples=rows, **head, **kind)
        found.append(Received("a1b2c3d4e5f6", 100 + k / rate_hz, data))
    return found


@pytest.fixture
def recording(tmp_path: Path, fake_cuff: Any, set_messages: list[Received]) -> Path:
    """A set of the right leg, said to weigh 2 kg, and a left cuff that sent nothing."""
    path, right, left = tmp_path / "one.distal", fake_cuff(side=2), fake_cuff(cuff="b00000000001")
    with Recorder(path, Facts(mass_left_kg=2.0, mass_right_kg=2.0, height_m=1.75)) as recorder:
        recorder.note_cuff(Cuff(right.cuff, "right", "Distal right", right.info().data))
        recorder.note_cuff(Cuff(left.cuff, "left", "Distal left", left.info().data))
        for message in (right.info(), *set_messages):
            recorder.append(message)
    return path


def report(path: Path) -> Any:
    return json.loads(run("report", path, "--json").stdout)


# ---- calibrate


def test_calibration_of_a_csv_is_shown_and_stored_for_its_cuff(sides: Path, config: Path) -> None:
    shown = run("calibrate", sides)
    assert shown.exit_code == 0
    assert "Name the cuff with --cuff ID" in shown.output
    assert not config.exists()
    stored = json.loads(
        run("calibrate", sides, "--cuff", "a1b2c3d4e5f6", "--temperature", 24, "--json").stdout
    )
    (one,) = stored["calibrations"]
    assert stored["stored"] == str(config / "calibration.json")
    assert np.array(one["acc_bias"]) / G * 1e3 == pytest.approx(BIAS_MG, abs=0.1)
    assert 1 / np.diag(one["acc_matrix"]) == pytest.approx(SCALE, abs=2e-4)
    assert (one["cuff"], one["temperature_c"], one["mounting"]) == ("a1b2c3d4e5f6", 24.0, None)
    text = run("calibrate", "--show").output
    assert "+30.0 ±" in text
    assert "24.0 °C" in text
    assert max(map(len, text.splitlines())) <= 80
    assert json.loads(run("calibrate", "--show", "--json").stdout)["calibrations"] == [one]
    assert "No cuff" in run("calibrate", "--show", "--cuff", "ffff").output


def test_every_calibration_is_kept_and_the_newest_shown(sides: Path, config: Path) -> None:
    for _ in range(2):
        run("calibrate", sides, "--cuff", "a1b2c3d4e5f6")
    assert len(json.loads((config / "calibration.json").read_text())["calibrations"]) == 2
    assert run("calibrate", "--show").output.count("Cuff a1b2c3d4e5f6") == 1
    assert run("calibrate", sides, "--cuff", "a1b2c3d4e5f6", "--dry-run").output.endswith("Not stored.\n")
    assert len(json.loads((config / "calibration.json").read_text())["calibrations"]) == 2


def test_missing_side_and_other_mistakes_are_one_line(sides: Path, tmp_path: Path, config: Path) -> None:
    five = write_sides(tmp_path / "five.csv", UPS[:5])
    config.mkdir()
    mistakes = {
        ("calibrate", five): "−z up",
        ("calibrate", tmp_path / "none.csv"): "no such file",
        ("calibrate", tmp_path / "none.distal"): "is not there",
        ("calibrate", sides, "--mounting", "--cuff", "a1"): "not calibrated yet",
    }
    for arguments, what in mistakes.items():
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, ""), arguments
        assert what in result.stderr
        assert len(result.stderr.splitlines()) == 1
    (config / "calibration.json").write_text("{broken")
    result = run("calibrate", "--show")
    assert result.exit_code == 1
    assert "move it away" in result.stderr


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Step(None, False, (), ("+x",)), "0 of 6 sides; moving: lay it still ..."),
        (Step("+x", False, (), ("+x",)), "0 of 6 sides; +x is up: hold ..."),
        (Step("+x", True, ("+x",), ("−x", "+y")), "upside down (missing: −x +y up)"),
        (Step("+x", True, ("+x", "−x"), ("+y",)), "lay it on another side (missing: +y up)"),
        (Step("+x", True, ("+x",) * 6, ()), "6 sides: enough."),
    ],
)
def test_guide_says_what_to_do_next(step: Step, said: str) -> None:
    assert said in words(step)
    assert len(words(step)) <= 100


# ---- facts


def test_facts_are_shown_and_nothing_is_written(recording: Path) -> None:
    before = recording.read_bytes()
    text = run("facts", recording).output
    assert "2.0 kg ± 5 % (label)" in text
    assert "not calibrated" in text
    assert recording.read_bytes() == before
    assert json.loads(run("facts", recording, "--json").stdout)["corrected"] is None


def test_half_the_mass_gives_half_the_load_and_the_rest_stays(recording: Path) -> None:
    before = report(recording)
    result = run("facts", recording, "--mass", "1", "--note", "read the wrong label")
    assert "2.0 kg → 1.0 kg" in result.output
    assert "corrected: read the wrong label" in result.output
    after = report(recording)
    assert after["mass_kg"] == {"left": 1.0, "right": 1.0}
    pairs = [
        (a["load"], b["load"])
        for a, b in zip(before["sets"][0]["reps"], after["sets"][0]["reps"], strict=True)
    ]
    assert len(pairs) == 3
    for heavy, light in pairs:
        for key in ("peak_force_n", "peak_moment_nm", "impulse_nms", "work_concentric_j", "peak_power_w"):
            assert light[key] == pytest.approx(heavy[key] / 2, rel=1e-4)
    same = ("coverage", "cadence_spm", "wear", "sway", "steps")
    assert {key: before[key] for key in same} == {key: after[key] for key in same}
    assert "1.0 kg ± 5 % (label)" in run("report", recording).output


def test_weighed_mass_narrows_the_interval_and_every_report_says_it(recording: Path, tmp_path: Path) -> None:
    def width() -> float:
        load = report(recording)["sets"][0]["reps"][0]["load"]
        return float(load["high"]["peak_force_n"] - load["low"]["peak_force_n"])

    label = width()
    run("facts", recording, "--mass-known", "weighed")
    assert width() < 0.8 * label
    found = report(recording)["mass"]["right"]
    assert found == {"value": 2.0, "low": 1.98, "high": 2.02, "known": "weighed"}
    assert "± 1 % (weighed)" in run("report", recording).output
    page = tmp_path / "page.html"
    run("report", recording, "--html", page)
    assert "± 1 % (weighed)" in page.read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
    assert "not calibrated" in page.read_text()
    run("facts", recording, "--mass-error", "20")
    assert width() > label
    run("facts", recording, "--mass-right", "2.5")  # a new mass is a label's again
    assert report(recording)["mass"]["right"]["known"] == "label"
    assert report(recording)["mass"]["left"]["high"] == pytest.approx(2.4)


def test_cuff_height_moves_the_lever_and_its_error_the_interval(recording: Path) -> None:
    def moment() -> tuple[float, float]:
        load = report(recording)["sets"][0]["reps"][0]["load"]
        return load["peak_moment_nm"], load["high"]["peak_moment_nm"] - load["low"]["peak_moment_nm"]

    first = moment()
    run("facts", recording, "--cuff-height-error", "0.06")
    wide = moment()
    run("facts", recording, "--cuff-height", "0.18", "--cuff-height-error", "0.02")
    high = moment()
    assert wide[0] == first[0]
    assert wide[1] > 1.5 * first[1]
    assert high[0] == pytest.approx(first[0] * (0.246 * 1.75 - 0.18) / (0.246 * 1.75 - 0.08), rel=0.01)


def test_swapped_cuffs_move_their_sets_and_masses(recording: Path) -> None:
    run("facts", recording, "--mass-right", "1")
    before = report(recording)
    result = json.loads(run("facts", recording, "--swap-sides", "--json").stdout)
    assert result["sides"] == {"a1b2c3d4e5f6": "left", "b00000000001": "right"}
    after = report(recording)
    assert [one["side"] for one in before["sets"]] == ["right"]
    assert [one["side"] for one in after["sets"]] == ["left"]
    assert after["mass_kg"] == {"left": 1.0, "right": 2.0}
    run("facts", recording, "--right", "e5f6")
    assert report(recording)["sets"][0]["side"] == "right"
    assert len(json.loads(run("facts", recording, "--json").stdout)["history"]) == 4


def test_what_is_the_same_adds_no_row(recording: Path) -> None:
    before = recording.read_bytes()
    assert "Nothing changed" in run("facts", recording, "--mass", "2").output
    assert recording.read_bytes() == before


def test_forgotten_height_takes_the_moment_away(recording: Path) -> None:
    run("facts", recording, "--forget", "height")
    assert report(recording)["sets"][0]["reps"][0]["load"]["peak_moment_nm"] is None


def test_later_calibration_is_given_as_a_correction_and_taken_back(recording: Path, sides: Path) -> None:
    before = report(recording)
    assert before["sensor"]["right"]["calibrated"] is None
    run("calibrate", sides, "--cuff", "a1b2c3d4e5f6")
    assert report(recording) == before  # what is stored later changes no recording by itself
    assert "calibrated 20" in run("facts", recording, "--stored-calibration").output
    after = report(recording)
    assert after["sensor"]["right"]["calibrated"]
    assert after["sensor"]["right"]["bias_error_mps2"] < 0.1
    first, now = (one["sets"][0]["reps"][0]["load"]["peak_force_n"] for one in (before, after))
    assert first != now
    assert "Sensors calibrated 20" in run("report", recording).output
    run("facts", recording, "--no-calibration")
    assert report(recording) == before


def test_calibration_travels_as_a_file(recording: Path, sides: Path, tmp_path: Path, config: Path) -> None:
    file = tmp_path / "one.json"
    file.write_text(run("calibrate", sides, "--cuff", "a1b2c3d4e5f6", "--dry-run", "--json").stdout)
    assert not config.exists()
    assert json.loads(run("facts", recording, "--calibration", file, "--json").stdout)["corrected"] is True
    with Recording(recording) as found:
        assert [one.cuff for one in found.calibrations()] == ["a1b2c3d4e5f6"]


MISTAKES = {
    "no recording": (["none.distal"], "is not there"),
    "nan": (["--mass", "nan"], "is no number"),
    "note alone": (["--note", "why"], "Give what is"),
    "both ways of sides": (["--swap-sides", "--left", "e5f6"], "give one of them"),
    "unknown cuff": (["--left", "ffff"], "no one cuff ffff"),
    "one cuff twice": (["--left", "e5f6", "--right", "a1b2c3d4e5f6"], "Name two"),
    "two calibrations": (["--no-calibration", "--stored-calibration"], "give one of them"),
    "nothing stored": (["--stored-calibration"], "distal calibrate"),
    "no file": (["--calibration", "none.json"], "is not there"),
    "height in cm": (["--height", "175"], "not in the range"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_one_line_and_nothing_is_written(mistake: str, recording: Path) -> None:
    arguments, what = MISTAKES[mistake]
    before = recording.read_bytes()
    result = run("facts", *([] if "none.distal" in arguments else [recording]), *arguments)
    assert result.exit_code in (1, 2)
    assert result.stdout == ""
    assert what in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert recording.read_bytes() == before


def write_swing(path: Path, turn: np.ndarray) -> Path:
    """3 s standing, then the right leg swung ahead and back, 0.35 m below its joint; turn: cuff -> sensor."""
    t = np.arange(int(8 * RATE_HZ)) / RATE_HZ
    angle = np.where(t > 3.0, 0.7 * np.sin(np.pi * (t - 3.0)) * np.exp(-(((t - 3.0) / 3) ** 2)), 0.0)
    speed, nothing = np.gradient(angle, 1 / RATE_HZ), np.zeros_like(t)
    x = -G * np.cos(angle) - 0.35 * speed**2
    y = G * np.sin(angle) + 0.35 * np.gradient(speed, 1 / RATE_HZ)
    acc = np.column_stack([x, y, nothing]) @ turn.T * SCALE + BIAS_MG / 1e3 * G
    gyr = np.column_stack([nothing, nothing, speed]) @ turn.T + 0.01
    table = np.column_stack([t, acc, gyr])
    np.savetxt(path, table, "%.5f", ",", header="time_s,ax,ay,az,gx,gy,gz", comments="")
    return path


def test_mounting_is_added_to_the_calibration_and_outlives_the_next(sides: Path, tmp_path: Path) -> None:
    """A board whose y points to the foot and whose -x points outward."""
    whose = ("--cuff", "a1b2c3d4e5f6")
    turn = np.array([[0.0, 0.0, -1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
    swing = write_swing(tmp_path / "swing.csv", turn)
    run("calibrate", sides, *whose)
    result = run("calibrate", swing, "--mounting", *whose)
    assert (result.exit_code, "--side" in result.stderr) == (2, True)
    found = json.loads(run("calibrate", swing, "--mounting", "--side", "right", *whose, "--json").stdout)
    (one,) = found["calibrations"]
    assert np.array(one["mounting"]) == pytest.approx(turn.T, abs=0.01)
    assert (
        one["acc_bias"]
        == json.loads(run("calibrate", "--show", "--json").stdout)["calibrations"][0]["acc_bias"]
    )
    assert "+y to the foot, −z y, −x outward" in run("calibrate", "--show").output
    run("calibrate", sides, *whose)
    newest = json.loads(run("calibrate", "--show", "--json").stdout)["calibrations"][0]
    assert newest["mounting"] == one["mounting"]


def test_where_the_weight_sits_and_the_level_of_time_are_told_and_forgotten(recording: Path) -> None:
    said = run("facts", recording, "--cuff-offset", "0.01,0,-0.02", "--level", 8, "--json")
    facts = json.loads(said.stdout)["facts"]
    assert (facts["cuff_offset_m"], facts["level_nm"]) == ([0.01, 0.0, -0.02], 8.0)
    shown = run("facts", recording).stdout
    assert "1.0, 0.0, −2.0 cm ± 2 cm" in shown
    assert "8.0 N·m" in shown
    assert (
        json.loads(run("facts", recording, "--forget", "level", "--json").stdout)["facts"]["level_nm"] is None
    )
    for bad in ("1,2", "0,0,9", "0,0,nan", "a,b,c"):
        refused = run("facts", recording, "--cuff-offset", bad)
        assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
