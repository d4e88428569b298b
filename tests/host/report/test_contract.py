"""`--json` against the contract: every key, its kind, null where unknown; recordings, CSV, one leg, holes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from tests.host.report.shape import CONTRACT, strange, untrue

from distal.cli import cli
from distal.model import Facts, FloatArray, Side
from distal.recording import Cuff, Recorder
from distal.virtual.motion import Athlete, Performance, Reps, Script, Sit, Stand, Walk
from distal_wire import parse, spec

LSB = np.array([0.976e-3 * 9.80665] * 3 + [np.deg2rad(0.07)] * 3)  # +-32 g, 2000 deg/s
RATE_HZ = 40000 / 192


@pytest.fixture(scope="module")
def done() -> Performance:
    """Stands, walks, sits and lifts: something under every key."""
    lifts = Reps("seated_knee_extension", reps=5, side="right")
    return Script([Stand(24), Walk(12), Sit(3), lifts, Stand(3)], seed=6).perform(Athlete())


def rows(done: Performance, side: Side, rate_hz: float = 104.0) -> FloatArray:
    """time_s, force, turning of one leg, with the chip's noise."""
    motion, noise = done.motion(side), np.random.default_rng(3)
    t = np.arange(0.0, motion.duration_s, 1.0 / rate_hz)
    gyr, acc = motion.sample(t)
    gyr, acc = gyr + noise.normal(0, 0.002, gyr.shape), acc + noise.normal(0, 0.02, acc.shape)
    return np.column_stack([t, acc, gyr])


def write(path: Path, table: FloatArray, columns: int = 7) -> Path:
    head = ",".join(("time_s", "ax", "ay", "az", "gx", "gy", "gz")[:columns])
    np.savetxt(path, table[:, :columns], "%.5f", ",", header=head, comments="")
    return path


def analysed(*arguments: object) -> dict[str, Any]:
    result = CliRunner().invoke(cli, ["analyze", "--json", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout, parse_constant=lambda word: pytest.fail(word))
    assert list(strange(found)) == []
    assert list(untrue(found)) == []
    return found


def codes(found: dict[str, Any]) -> set[str]:
    return {one["code"] for one in found["warnings"]}


def test_two_legs_from_csv_have_something_under_every_key(done: Performance, tmp_path: Path) -> None:
    paths = {side: write(tmp_path / f"{side}.csv", rows(done, side)) for side in ("left", "right")}
    worn = ("--mass-left", 1, "--mass-right", 2, "--height", 1.75, "--body-mass", 70)
    found = analysed("--left", paths["left"], "--right", paths["right"], *worn)
    empty = [key for key in CONTRACT if found[key] in (None, [], {}, {"left": [], "right": []})]
    assert set(empty) <= {"sync", "jumps", "warnings"}
    assert [(one["side"], len(one["reps"])) for one in found["sets"]] == [("right", 5)]
    load = found["sets"][0]["reps"][2]["load"]
    unknown = {key for key, value in load.items() if value is None}
    assert unknown <= {"landing_peak_g", "lateral_force_n", "reason"}  # a reason is why there is none
    assert found["mass"]["right"] | {"known": "label"} == {
        "value": 2,
        "low": 1.9,
        "high": 2.1,
        "known": "label",
    }


def test_without_mass_and_height_loads_are_null_and_never_zero(done: Performance, tmp_path: Path) -> None:
    found = analysed("--right", write(tmp_path / "right.csv", rows(done, "right")))
    loads = [rep["load"] for one in found["sets"] for rep in one["reps"]]
    assert len(loads) == 5
    for load in loads:
        assert {load[key] for key in ("peak_force_n", "peak_moment_nm", "impulse_nms", "peak_power_w")} == {
            None
        }
    assert {step["load"]["peak_force_n"] for step in found["steps"]["right"]} == {None}
    assert found["mass"] == {"left": None, "right": None}


@pytest.mark.parametrize("side", ["left", "right"])
def test_single_leg_is_told_and_the_other_is_null(side: Side, done: Performance, tmp_path: Path) -> None:
    other = "left" if side == "right" else "right"
    found = analysed(f"--{side}", write(tmp_path / "one.csv", rows(done, side)), "--mass", 1)
    assert found["coverage"] == {side: 1.0, other: None}
    assert (found["wear"][other], found["sensor"][other], found["steps"][other]) == (None, None, [])
    assert "one_leg" in codes(found)


def test_holes_keep_the_true_time_and_lower_the_coverage(done: Performance, tmp_path: Path) -> None:
    table = rows(done, "right")
    kept = (table[:, 0] < 30.0) | (table[:, 0] > 31.5)
    whole = analysed("--right", write(tmp_path / "whole.csv", table), "--mass", 1, "--height", 1.75)
    holed = analysed("--right", write(tmp_path / "holed.csv", table[kept]), "--mass", 1, "--height", 1.75)
    assert holed["coverage"]["right"] == pytest.approx(kept.mean(), abs=1e-4)
    for wanted, found in zip(whole["sets"][0]["reps"], holed["sets"][0]["reps"], strict=True):
        assert found["start_s"] == pytest.approx(wanted["start_s"], abs=0.01)
    assert any("gap" in step["flags"] for step in holed["steps"]["right"])


def test_accelerometer_alone_gives_a_whole_contract_and_says_so(done: Performance, tmp_path: Path) -> None:
    found = analysed("--right", write(tmp_path / "acc.csv", rows(done, "right"), 4), "--mass", 1)
    assert "no_gyro" in codes(found)


@pytest.mark.parametrize("rate_hz", [25.0, 416.0])
def test_slowest_and_fastest_rate_give_a_whole_contract(
    rate_hz: float, done: Performance, tmp_path: Path
) -> None:
    table = rows(done, "right", rate_hz)
    found = analysed("--right", write(tmp_path / "one.csv", table), "--mass", 1, "--height", 1.75)
    assert [len(one["reps"]) for one in found["sets"]] == [5]


def test_contact_with_the_floor_is_no_lift(tmp_path: Path) -> None:
    """The load speaks of the lift alone; a hard landing has its own key and moves no other."""
    found = []
    for mps in (0.0, 0.6):
        lifts = Reps("supine_straight_leg_raise", reps=4, side="right", landing_mps=mps)
        table = rows(Script([Stand(3), lifts, Stand(3)], seed=2).perform(Athlete()), "right", 208.0)
        told = ("--mass", 1, "--height", 1.75, "--exercise", "supine_straight_leg_raise")
        found.append(analysed("--right", write(tmp_path / f"{mps}.csv", table), *told)["sets"][0]["reps"])
    for soft, hard in zip(*found, strict=True):
        assert hard["load"]["landing_peak_g"] > 1.5
        for key in ("peak_force_n", "peak_moment_nm", "impulse_nms"):
            assert hard["load"][key] == pytest.approx(soft["load"][key], rel=0.05)


def test_recording_has_the_same_contract_and_session_seconds(
    done: Performance, tmp_path: Path, fake_cuff: Any
) -> None:
    path, cuff = tmp_path / "one.distal", fake_cuff(side=2)
    counts = np.rint(rows(done, "right", RATE_HZ)[:, 1:] / LSB).astype(int)
    names = ("ax", "ay", "az", "gx", "gy", "gz")
    with Recorder(path, Facts(mass_right_kg=2.0, height_m=1.75)) as recorder:
        recorder.note_cuff(Cuff(cuff.cuff, "right", "Distal right", cuff.info().data))
        recorder.append(cuff.info())
        for k in range(0, len(counts) - 18, 18):
            samples = [dict(zip(names, row, strict=True)) for row in counts[k : k + 18].tolist()]
            head = {"boot": 1, "index": k, "clock": k * 192, "rate_hz": 208, "count": 18, "encoding": 0}
            kind = {"flags": 0, "imu": 1, "acc_range_g": 32, "gyr_range": 16}
            data = parse.build(spec.KIND_SAMPLES, samples=samples, **head, **kind)
            recorder.append(type(cuff.info())(cuff.cuff, 100 + k / RATE_HZ, data))
    found = analysed(path)
    assert found["coverage"] == {"left": None, "right": 1.0}
    assert [(one["side"], len(one["reps"])) for one in found["sets"]] == [("right", 5)]
    csv = analysed("--right", write(tmp_path / "r.csv", rows(done, "right")), "--mass", 2, "--height", 1.75)
    for one, two in zip(found["sets"][0]["reps"], csv["sets"][0]["reps"], strict=True):
        assert one["start_s"] == pytest.approx(two["start_s"], abs=0.05)
        assert one["rom_deg"] == pytest.approx(two["rom_deg"], abs=1.0)


def test_table_notices_what_is_wrong() -> None:
    good = {"value": 1.0, "low": 0.5, "high": 2.0, "n": 3}
    kind = CONTRACT["cadence_spm"]
    assert list(strange(None, kind)) == list(strange(good, kind)) == []
    assert list(strange({**good, "n": 1.5}, kind)) == ["/n is 1.5, not int"]
    assert list(strange({**good, "value": float("nan")}, kind)) == ["/value is nan, not num"]
    assert next(strange({"value": True, "low": None, "high": None}, kind)) == "/n is missing"
    assert list(strange([], CONTRACT["coverage"])) == [" is no object"]
