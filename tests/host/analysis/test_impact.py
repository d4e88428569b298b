"""Impact as the shank feels it: at the sensor's rate, in bands, as a dose that adds up."""

from typing import Any

import numpy as np
import pytest

from distal.analysis.impact import ShockWatch, feel, impact_of, shocks_g, under_read_pct
from distal.model import Step, StepLoad, Timebase
from distal.units import G

RATE_HZ = 208.0


def shocks(at_s: list[float], size_g: list[float], seconds: float = 10.0) -> np.ndarray:
    """1 g with half-sine shocks of 20 ms along a slanted axis."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    size = np.ones(len(t))
    for at, g in zip(at_s, size_g, strict=True):
        near = np.abs(t - at) < 0.01
        size[near] += g * np.cos(np.pi * (t[near] - at) / 0.02)
    return size[:, None] * G * np.array([0.6, 0.0, 0.8])


def watch_of(acc: np.ndarray, clipped: np.ndarray | None = None, cuts: Any = ()) -> ShockWatch:
    watch = ShockWatch()
    hit = np.zeros(len(acc), np.bool_) if clipped is None else clipped
    for part, flags in zip(np.split(acc, cuts), np.split(hit, cuts), strict=True):
        watch.update(part, flags)
    return watch


def step(ic_s: float) -> Step:
    return Step(ic_s, ic_s - 0.4, None, 0, StepLoad())


def test_each_contact_has_the_shock_beside_it_and_a_soft_one_has_none() -> None:
    watch = watch_of(shocks([2.0, 4.0], [3.0, 8.0]))
    steps, impact = feel([step(1.98), step(3.96), step(7.0)], [], watch, Timebase(0.0, RATE_HZ))
    assert steps[0].impact_g == pytest.approx(3.0, rel=under_read_pct(RATE_HZ) / 100)
    assert steps[1].impact_g == pytest.approx(8.0, rel=under_read_pct(RATE_HZ) / 100)
    assert steps[2].impact_g is None
    assert impact is not None
    assert (impact.steps, impact.bands) == (2, {"low": 1, "medium": 1, "high": 0})


def test_the_rate_alone_reads_a_shock_by_no_more_than_was_said_too_small() -> None:
    worst = 0.0
    for shift in np.linspace(0.0, 1.0 / RATE_HZ, 40):
        (shock,) = shocks_g(watch_of(shocks([2.0 + float(shift)], [5.0])).peaks(), [2.0 * RATE_HZ], RATE_HZ)
        assert shock is not None
        worst = max(worst, 100.0 * (1.0 - shock[0] / 5.0))
    assert 0.5 * under_read_pct(RATE_HZ) < worst <= under_read_pct(RATE_HZ) + 1e-6


def test_the_dose_of_two_halves_is_the_dose_of_the_whole() -> None:
    sizes = [2.0, 3.0, 7.0, 25.0]
    whole = impact_of([], sizes, RATE_HZ)
    halves = [impact_of([], part, RATE_HZ) for part in (sizes[:2], sizes[2:])]
    assert whole is not None
    assert whole.dose_g4 == pytest.approx(sum(one.dose_g4 for one in halves if one))
    assert whole.dose_g4 == pytest.approx(2**4 + 3**4 + 7**4 + 25**4)
    assert whole.bands == {"low": 2, "medium": 1, "high": 1}
    assert impact_of([], [], RATE_HZ) is None


def test_a_shock_at_the_sensors_limit_is_flagged() -> None:
    acc = shocks([2.0], [30.0])
    clipped = np.linalg.norm(acc, axis=1) > 20 * G
    steps, impact = feel([step(2.0)], [], watch_of(acc, clipped), Timebase(0.0, RATE_HZ))
    assert steps[0].flags == ("impact_clipped",)
    assert impact is not None
    assert impact.clipped == 1


def test_peaks_are_the_same_however_the_samples_are_cut(rng: np.random.Generator) -> None:
    acc = rng.standard_normal((2000, 3)) * 2 * G
    acc[300:340] = np.nan
    whole = watch_of(acc).peaks()
    for _ in range(20):
        cuts = np.sort(rng.integers(0, len(acc), 12))
        for a, b in zip(whole, watch_of(acc, cuts=cuts).peaks(), strict=True):
            assert np.array_equal(a, b)
