"""Bouts, running, jumps and holes: against the virtual athlete's truth and against people."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_gait import hits
from tracks import any_mounting, make_track, recorded, truth, virtual_tracks

from distal.analysis.even import EvenRate
from distal.analysis.flight import FlightFinder
from distal.analysis.gait import AHEAD_S, PAGE_S
from distal.analysis.leg import LegAnalysis
from distal.analysis.session import analyze
from distal.analysis.stride_spread import effective_n, estimate
from distal.model import SIDES, Facts, SessionReport, Track
from distal.report.contract import to_dict
from distal.virtual.motion import Athlete, Script, Stand, Walk, population, scripts
from distal.virtual.motion.run import Run


def perform(script: Script) -> tuple[SessionReport, dict]:  # type: ignore[type-arg]
    performance = script.perform(Athlete(height_m=1.75))
    return analyze(virtual_tracks(performance), Facts(height_m=1.75)), performance.truth()


@pytest.mark.parametrize(("cadence_spm", "speed_mps"), [(150, 2.2), (168, 3.0), (180, 4.0)])
def test_every_step_of_running_is_found_and_has_its_contact(cadence_spm: float, speed_mps: float) -> None:
    run = Run(20.0, cadence_spm=cadence_spm, speed_mps=speed_mps)
    report, exact = perform(Script([Stand(3.0), run, Stand(3.0)]))
    for side in SIDES:
        wanted = [step["ic_s"] for step in exact["steps"][side]]
        found = [step.ic_s for step in report.steps[side]]
        assert len(found) == len(wanted)
        assert hits(found, wanted, near_s=0.05) >= len(wanted) - 1
    (bout,) = [one for one in report.bouts if one.running]
    assert bout.contact_s is not None
    assert bout.flight_s is not None
    assert bout.contact_s.value == pytest.approx(exact["bouts"][0]["contact_s"], abs=0.025)
    assert bout.flight_s.value == pytest.approx(exact["bouts"][0]["flight_s"], abs=0.025)
    assert bout.contact_s.high - bout.contact_s.low > 0.3  # a shank is no force plate (Kiernan 2023)
    assert bout.speed_mps is None


@pytest.mark.parametrize(("kind", "seed"), [("shuffle", 9), ("stairs", 2), ("slow_walk", 2)])
def test_a_leg_is_known_to_go_forward_from_its_first_steps(kind: str, seed: int) -> None:
    """A leg taken the wrong way round makes steps of its push-offs, a third of a second early."""
    case = next(iter(population(kind, 1, seed)))
    report, exact = analyze(virtual_tracks(case.performance), Facts()), case.truth()
    for side in SIDES:
        wanted = [step["ic_s"] for step in exact["steps"][side]]
        found = [step.ic_s for step in report.steps[side]]
        assert hits(found, wanted, near_s=0.15) == len(found) >= len(wanted) - 2


def test_strides_on_stairs_have_their_length_and_no_double_support() -> None:
    report, exact = perform(scripts.stairs())
    for bout, true in zip(report.bouts, exact["bouts"], strict=True):
        assert bout.stride_length_m is not None
        assert bout.stride_length_m.value == pytest.approx(true["stride_length_m"], rel=0.15)
        assert bout.double_support_pct is None
        assert bout.stance_pct == {"left": None, "right": None}


def test_walking_and_running_are_bouts_of_their_own() -> None:
    report, _ = perform(scripts.by_name("run"))
    assert [one.running for one in report.bouts] == [False, True, False]
    numbers = {step.bout for side in SIDES for step in report.steps[side]} - {None}
    assert numbers == {0, 1, 2}


@pytest.mark.parametrize(("cadence_spm", "speed_mps"), [(80, 0.8), (104, 1.2), (120, 1.5)])
def test_speed_of_a_walk_lies_in_its_interval(cadence_spm: float, speed_mps: float) -> None:
    walk = Walk(30.0, cadence_spm=cadence_spm, speed_mps=speed_mps)
    report, exact = perform(Script([Stand(3.0), walk, Stand(3.0)]))
    (bout,) = report.bouts
    assert bout.speed_mps is not None
    assert bout.speed_mps.value == pytest.approx(exact["bouts"][0]["speed_mps"], rel=0.08)
    assert bout.speed_mps.low < exact["bouts"][0]["speed_mps"] < bout.speed_mps.high
    assert not bout.running
    assert bout.contact_s is None


def test_longer_right_steps_have_the_positive_sign() -> None:
    report, _ = perform(Script([Stand(3.0), Walk(40.0, asymmetry=0.2), Stand(3.0)]))
    (bout,) = report.bouts
    assert bout.coordination is not None
    assert bout.coordination.pci_pct.value > 5.0
    even, _ = perform(Script([Stand(3.0), Walk(40.0), Stand(3.0)]))
    assert even.bouts[0].coordination is not None
    assert even.bouts[0].coordination.pci_pct.value < 5.0


def test_mirrored_legs_give_mirrored_bouts() -> None:
    performance = scripts.slow_walk().perform(Athlete(height_m=1.75))
    plain = virtual_tracks(performance)
    # reflection through the plane between the legs: a vector's y, a turn's x and z change sign
    across, along = np.array([1.0, -1.0, 1.0]), np.array([-1.0, 1.0, -1.0])
    swapped = [
        replace(one, side=other.side, gyr=one.gyr * along, acc=one.acc * across)
        for one, other in zip(plain[::-1], plain, strict=True)
    ]
    a, b = analyze(plain, Facts()).bouts[0], analyze(swapped, Facts()).bouts[0]
    assert b.steps == {"left": a.steps["right"], "right": a.steps["left"]}
    assert a.symmetry is not None
    assert b.symmetry is not None
    assert a.symmetry.swing_si_pct is not None
    assert b.symmetry.swing_si_pct is not None
    assert b.symmetry.swing_si_pct.value == pytest.approx(-a.symmetry.swing_si_pct.value, abs=1e-6)


def test_mounting_changes_no_bout() -> None:
    performance = Script([Stand(3.0), Walk(20.0), Stand(3.0)]).perform(Athlete(height_m=1.75))
    plain = virtual_tracks(performance)
    turn = any_mounting(4)
    turned = [make_track(t.gyr @ turn.T, t.acc @ turn.T, t.time.rate_hz, t.side) for t in plain]
    a, b = (to_dict(analyze(tracks, Facts()))["bouts"][0] for tracks in (plain, turned))
    for key in ("stride_length_m", "speed_mps", "stride_time_s", "double_support_pct"):
        assert b[key]["value"] == pytest.approx(a[key]["value"], rel=2e-5)  # six digits are printed


@pytest.mark.parametrize("name", ["jump", "hop"])
def test_jumps_have_their_height_and_make_no_step(name: str) -> None:
    report, exact = perform(scripts.by_name(name))
    assert len(report.jumps) == len(exact["jumps"])
    assert all(len(report.steps[side]) == 0 for side in SIDES)
    for mine, true in zip(report.jumps, exact["jumps"], strict=True):
        assert mine.side == true["side"]
        assert mine.flight_s.value == pytest.approx(true["landing_s"] - true["takeoff_s"], abs=0.02)
        assert mine.height_m.low < true["height_m"] < mine.height_m.high
        assert (mine.rsi is None) == (true["rsi"] is None)


def test_flights_are_the_same_bits_for_any_cutting() -> None:
    track = virtual_tracks(scripts.by_name("hop").perform(Athlete()))[1]

    def flights(step: int) -> str:
        even, finder = EvenRate(track.time.rate_hz), FlightFinder()
        out = []
        for k in range(0, len(track.gyr), step):
            rows = slice(k, k + step)
            out += finder.update(even.update(track.gyr[rows], track.acc[rows], track.clipped[rows]))
        return repr(out + finder.update(even.finish()))

    assert flights(7) == flights(18) == flights(len(track.gyr))


def test_contacts_come_no_later_than_said() -> None:
    track = virtual_tracks(Script([Stand(3.0), Walk(30.0), Stand(5.0)]).perform(Athlete()))[0]
    leg, late = LegAnalysis(track.time.rate_hz, Facts(), track.side), []
    for at in range(0, len(track.gyr) - 18, 18):
        rows = slice(at, at + 18)
        for event in leg.update(track.gyr[rows], track.acc[rows], track.clipped[rows]):
            if event.kind == "ic":
                late.append((at + 18 - event.index) / track.time.rate_hz)
    assert len(late) > 20
    assert max(late) < PAGE_S + AHEAD_S + 0.7  # bridge 0.5 s, two packets


def with_losses(track: Track, seed: int) -> Track:
    """A tenth of packets lost, each as long as a cuff's: 18 samples at 208 Hz."""
    size = round(18 / 208 * track.time.rate_hz)
    lost = np.random.default_rng(seed).random(len(track.gyr) // size + 1) < 0.1
    gone = np.repeat(lost, size)[: len(track.gyr), None]
    return replace(track, gyr=np.where(gone, np.nan, track.gyr), acc=np.where(gone, np.nan, track.acc))


def score(real_data: Path, seed: int | None) -> tuple[float, float]:
    """Step F1 within the walk; mean error of stride times, s; over all walks of all people."""
    hit = wanted_n = found_n = 0
    off: list[float] = []
    for number, path in enumerate(sorted((real_data / "walk_uturn").glob("*_truth.json"))):
        name = f"walk_uturn/{path.name.removesuffix('_truth.json')}"
        exact = truth(real_data, name)
        tracks = [recorded(real_data, f"{name}_{side}_foot", side) for side in SIDES]
        if seed is not None:
            tracks = [with_losses(one, 1000 * seed + 2 * number + k) for k, one in enumerate(tracks)]
        report = analyze(tracks, Facts(placement="foot"))
        low, high = exact["walk_start_s"], exact["walk_end_s"]
        for side in SIDES:
            wanted = [ic for _, ic in exact[f"{side}_events_s"] if low <= ic <= high]
            steps = [one for one in report.steps[side] if low - 0.25 <= one.ic_s <= high + 0.25]
            hit += hits([one.ic_s for one in steps], wanted)
            wanted_n, found_n = wanted_n + len(wanted), found_n + len(steps)
            at = np.array(wanted)
            for one in steps:
                if one.stride_s is None:
                    continue
                new, old = (int(np.argmin(np.abs(at - x))) for x in (one.ic_s, one.ic_s - one.stride_s))
                if abs(at[new] - one.ic_s) < 0.25 and new - old == 1:
                    off.append(abs(one.stride_s - (at[new] - at[old])))
    return 2 * hit / (wanted_n + found_n), float(np.mean(off))


def test_a_tenth_of_packets_lost_costs_little_on_people(real_data: Path) -> None:
    clean, lossy = score(real_data, None), [score(real_data, seed) for seed in (1, 2)]
    assert clean[0] >= 0.987
    assert np.mean([f1 for f1, _ in lossy]) >= clean[0] - 0.005
    assert np.mean([error for _, error in lossy]) <= 1.3 * clean[1]


def test_belt_speed_is_found_at_the_foot(real_data: Path) -> None:
    tracks = [recorded(real_data, f"treadmill/slow_{side}_foot", side) for side in SIDES]
    report = analyze(tracks, Facts(placement="foot"))
    bout = max(report.bouts, key=lambda one: sum(one.steps.values()))
    assert bout.speed_mps is not None
    assert bout.speed_mps.value == pytest.approx(3.0 / 3.6, rel=0.05)


def test_shank_and_foot_land_together(real_data: Path) -> None:
    """ic by the shank's rule against the foot's: on one clock."""
    reports = {
        place: analyze(
            [recorded(real_data, f"stroke/P02_{side}_{place}", side) for side in SIDES],
            Facts(placement=place),  # type: ignore[arg-type]
        )
        for place in ("shank", "foot")
    }
    for side in SIDES:
        foot = np.array([one.ic_s for one in reports["foot"].steps[side]])
        off = [one.ic_s - foot[np.argmin(np.abs(foot - one.ic_s))] for one in reports["shank"].steps[side]]
        assert abs(np.median(off)) < 0.01
        assert np.std(off) < 0.01


def test_strides_that_go_with_the_one_before_count_for_less() -> None:
    rng = np.random.default_rng(3)
    free = rng.normal(1.0, 0.02, 400)
    tied = np.convolve(free, np.ones(9) / 9, "valid")
    assert effective_n(free) > 200
    assert effective_n(tied) < 100
    assert estimate(np.array([1.0])) is None


def test_intervals_of_a_mean_cover_it() -> None:
    """First-order autocorrelation of 0.5, as strides of both legs pooled have it: 95 % within 2 %."""
    rng, inside = np.random.default_rng(9), 0
    for _ in range(1000):
        values = np.empty(120)
        values[0] = rng.normal()
        for k in range(1, 120):
            values[k] = 0.5 * values[k - 1] + np.sqrt(0.75) * rng.normal()
        one = estimate(values)
        assert one is not None
        inside += one.low < 0.0 < one.high
    assert 0.92 < inside / 1000 < 0.98
