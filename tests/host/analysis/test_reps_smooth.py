"""Smoothness against closed forms and the definitions' own properties."""

import numpy as np
import pytest

from distal.analysis.smooth import ldlj, sparcs
from distal.model import FloatArray

T = np.linspace(0.0, 1.0, 2001)[:-1] + 0.00025
REACH = 30.0 * T**2 * (1.0 - T) ** 2  # speed of a minimum-jerk reach


def sparc(speed: FloatArray, rate_hz: float) -> float | None:
    return sparcs([speed], rate_hz)[0]


def test_minimum_jerk_has_the_closed_form_jerk() -> None:
    # v'' = 60 (1 - 6 t + 6 t^2): its square integrates to 720; v_peak = 15/8
    assert ldlj(REACH, 2000.0) == pytest.approx(-np.log(720.0 / (15.0 / 8.0) ** 2), abs=0.02)


def test_size_and_time_of_a_movement_do_not_change_its_smoothness() -> None:
    for measure in (sparc, ldlj):
        assert measure(3.0 * REACH, 2000.0) == pytest.approx(measure(REACH, 2000.0), abs=1e-9)
    assert ldlj(REACH, 1000.0) == pytest.approx(ldlj(REACH, 2000.0), abs=1e-9)


def test_spectral_arc_of_a_smooth_reach_is_that_of_the_definition() -> None:
    # the definition summed up directly: spectrum by quadrature instead of a padded transform
    hz = np.linspace(0.0, 10.0, 20001)
    share = np.abs([np.sum(REACH * np.exp(-2j * np.pi * f * T)) for f in hz[::10]])
    share /= share[0]
    last = np.flatnonzero(share >= 0.05)[-1]
    arc = np.hypot(np.diff(hz[::10][: last + 1]) / hz[::10][last], np.diff(share[: last + 1])).sum()
    assert sparc(REACH, 2000.0) == pytest.approx(-arc, rel=0.02)


def test_interrupted_movement_is_less_smooth() -> None:
    halting = REACH * (1.0 + 0.8 * np.cos(2 * np.pi * 4 * T))
    for measure in (sparc, ldlj):
        smooth, rough = measure(REACH, 2000.0), measure(halting, 2000.0)
        assert smooth is not None
        assert rough is not None
        assert rough < smooth


def test_nothing_that_moves_has_no_smoothness() -> None:
    assert sparc(np.zeros(50), 50.0) is None
    assert ldlj(np.zeros(50), 50.0) is None


def test_many_profiles_have_the_smoothness_each_has_alone() -> None:
    some = [REACH, REACH[::7], 1.0 + REACH[::3]]
    assert sparcs([REACH[:3], *some, np.zeros(50)], 2000.0)[::4] == [None, None]
    assert sparcs(some, 2000.0) == pytest.approx([sparc(one, 2000.0) for one in some], rel=1e-12)
