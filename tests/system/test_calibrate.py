"""A whole cuff with a bad sensor: laid on its sides, calibrated, and its load is right from then on."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from distal.analysis.calibrate import calibrate
from distal.analysis.rotate import turn_matrices
from distal.cli.calibrate_live import Guided, Told
from distal.cli.calibrate_read import read_sources
from distal.dated import Amendment
from distal.link.ble import BleRadio
from distal.model import Facts, SessionReport
from distal.pipeline import Pipeline
from distal.recording import Recording, amend
from distal.review import load_report
from distal.session import Listener, Plan, Session
from distal.units import G
from distal.virtual.clockloop import run
from distal.virtual.motion import Athlete, Reps, Rest, Script
from distal.virtual.rig import CuffSetup, ImuFaults, VirtualRig

FAULTS = ImuFaults(
    seed=4,
    acc_bias_mg=(-38.0, 40.0, -35.0),
    acc_scale=(0.991, 1.0095, 1.01),
    acc_cross=(0.001, -0.001, 0.0005),
    gyr_bias_dps=(0.8, -0.6, 0.4),
)
MASS_KG = 1.5
MEMBERS = ("peak_force_n", "peak_moment_nm", "impulse_nms", "work_concentric_j")
REST_S, TURN_S = 2.0, 1.0


@dataclass(frozen=True)
class Laid:
    """A cuff on a table: each side up in turn, turned over smoothly in between."""

    ups: np.ndarray  # (k, 3)

    @property
    def duration_s(self) -> float:
        return len(self.ups) * (REST_S + TURN_S)

    def sample(self, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        at = np.clip(t, 0.0, self.duration_s - TURN_S - 1e-6) / (REST_S + TURN_S)
        k = np.minimum(at.astype(int), len(self.ups) - 1)
        x = np.clip(((at - k) * (REST_S + TURN_S) - REST_S) / TURN_S, 0.0, 1.0)
        share = x - np.sin(2 * np.pi * x) / (2 * np.pi)
        speed = (1 - np.cos(2 * np.pi * x)) / TURN_S
        turns = np.array(
            [_between(a, b) for a, b in zip(self.ups, [*self.ups[1:], self.ups[-1]], strict=True)]
        )
        up = np.einsum("nij,nj->ni", turn_matrices(share[:, None] * turns[k]), self.ups[k])
        return -speed[:, None] * turns[k], G * up


def _between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Turn that takes a to b."""
    by = np.cross(a, b)
    if np.linalg.norm(by) < 1e-6:
        by = np.cross(a, np.roll(np.abs(a), 1) + 0.1) * (a @ b < 0)
    size = max(float(np.linalg.norm(by)), 1e-9)
    return by / size * np.arccos(np.clip(a @ b, -1, 1))


def guided(folder: Path) -> tuple[Path, list[str]]:
    """`distal calibrate` with a cuff, as far as the recording."""
    said: list[str] = []
    path, ups = folder / "sides.distal", np.concatenate([np.eye(3), -np.eye(3)])[[0, 3, 1, 4, 2, 5]]
    told = Told(False)
    told.note = said.append  # type: ignore[method-assign]
    told.step = lambda step: said.append(" ".join(step.seen))  # type: ignore[method-assign]

    async def main() -> None:
        async with VirtualRig([CuffSetup(Laid(ups), side="right", imu=FAULTS)]) as rig:
            given = {"mounting": False, "method": None, "cuff": None}
            await Guided(BleRadio(rig.backend), path, given, told, {}).session.run()

    run(main(), speed=math.inf)
    return path, said


@dataclass(frozen=True)
class Recorded:
    """A set, recorded with and without the calibration, and what is exactly true."""

    path: Path
    live: SessionReport
    truth: dict[str, Any]


def record_set(folder: Path, calibrations: list[Any]) -> Recorded:
    """Two seated knee extensions with the bad sensor; truth from the athlete."""
    script = Script(
        [Rest(2.0, "sitting"), Reps("seated_knee_extension", reps=2, side="right"), Rest(2.0, "sitting")]
    )
    done = script.perform(Athlete(height_m=1.75))
    facts = Facts(
        exercise="seated_knee_extension", mass_right_kg=MASS_KG, height_m=1.75, mass_right_known="weighed"
    )
    path = folder / "set.distal"

    async def main() -> Pipeline:
        async with VirtualRig([CuffSetup(done.right, side="right", imu=FAULTS)]) as rig:
            plan = Plan(facts, done.duration_s, cuffs=1, calibrations=calibrations)
            session = Session(BleRadio(rig.backend), path, plan, Listener())
            await session.run()
            return session.pipeline

    live = run(main(), speed=math.inf).finish()
    return Recorded(path, live, done.truth(mass_right_kg=MASS_KG))


@pytest.mark.slow
def test_bad_sensor_is_calibrated_and_its_load_is_right(tmp_path: Path) -> None:
    path, said = guided(tmp_path)
    assert said[0].startswith("Lay the cuff still")
    assert said[-1] == "+x −x +y −y +z −z"
    (source,) = read_sources(path, None)
    assert source.said == "right"
    found = replace(calibrate(source.samples), **source.whose, made="2026-11-20T10:00:00+00:00")
    assert np.abs(np.array(found.acc_bias) / G * 1e3 - FAULTS.acc_bias_mg).max() < 2.0
    assert np.abs(np.array(found.scale) - FAULTS.acc_scale).max() < 0.002

    done = record_set(tmp_path, [found])
    report, _, _ = load_report(done.path)
    assert report == done.live  # live = replay, the calibration included
    assert report.rests_on.sensors["right"].made == found.made
    with Recording(done.path) as recording:
        assert recording.calibrations() == [found]
    wanted = [rep["load"] for rep in done.truth["sets"][0]["reps"]]
    loads = [rep.load for rep in report.sets[0].reps]
    assert len(loads) == len(wanted) == 2
    for mine, true in zip(loads, wanted, strict=True):
        for key in MEMBERS:
            assert getattr(mine.low, key) <= true[key] <= getattr(mine.high, key), key
        assert mine.peak_force_n == pytest.approx(true["peak_force_n"], rel=0.015)

    # taken back, the load is off and its interval wider; given later, all is as it was, bit for bit
    amend(done.path, Amendment(Facts(**_facts(done.path)), calibrations={found.cuff or "": None}))
    raw, _, _ = load_report(done.path)
    assert raw.rests_on.sensors["right"].made is None
    first, rough = loads[0], raw.sets[0].reps[0].load
    assert _width(rough) > 1.5 * _width(first)
    assert abs(rough.peak_force_n - wanted[0]["peak_force_n"]) > abs(
        first.peak_force_n - wanted[0]["peak_force_n"]
    )
    amend(done.path, Amendment(Facts(**_facts(done.path)), calibrations={found.cuff or "": found}))
    assert load_report(done.path)[0] == report


def _width(load: Any) -> float:
    return float(load.high.peak_force_n - load.low.peak_force_n)


def _facts(path: Path) -> dict[str, Any]:
    with Recording(path) as recording:
        facts = recording.facts()
    return {key: getattr(facts, key) for key in Facts.__dataclass_fields__}


def test_laid_cuff_reads_gravity_and_turns_as_it_is_turned() -> None:
    """The motion of these tests: |acc| is 1 g and gravity moves with the gyro."""
    laid = Laid(np.concatenate([np.eye(3), -np.eye(3)])[[0, 3, 1, 4, 2, 5]])
    t = np.arange(0, laid.duration_s, 1e-3)
    gyr, acc = laid.sample(t)
    assert np.abs(np.linalg.norm(acc, axis=1) - G).max() < 1e-9
    moved = np.gradient(acc, 1e-3, axis=0) + np.cross(gyr, acc)
    assert np.abs(moved[2:-2]).max() < 0.05
