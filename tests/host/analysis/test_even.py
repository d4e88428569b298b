import numpy as np
import pytest
from tracks import make_track

from distal.analysis.even import RATE_HZ, EvenRate, vertex
from distal.model import FloatArray


def even(gyr: FloatArray, acc: FloatArray, rate_hz: float) -> tuple[FloatArray, np.ndarray]:
    track = make_track(gyr, acc, rate_hz)
    resampler = EvenRate(rate_hz)
    parts = [resampler.update(track.gyr, track.acc, track.clipped), resampler.finish()]
    return np.concatenate([part.acc for part in parts]), np.concatenate([part.present for part in parts])


@pytest.mark.parametrize("rate_hz", [25.0, 52.0, 100.0, 104.0, 204.8, 208.33, 416.0])
def test_slow_sine_comes_out_the_same_at_any_input_rate(rate_hz: float) -> None:
    t = np.arange(0.0, 10.0, 1.0 / rate_hz)
    acc = np.stack([np.sin(2 * np.pi * 0.8 * t)] * 3, axis=1)
    found, _ = even(np.zeros_like(acc), acc, rate_hz)
    wanted = np.sin(2 * np.pi * 0.8 * np.arange(len(found)) / RATE_HZ)
    # linear interpolation of 0.8 Hz at 25 Hz errs by (2 pi 0.8 / 25)^2 / 8 = 0.005 at most
    assert np.abs(found[:, 0] - wanted)[5:-5].max() < 0.006


def test_short_hole_is_bridged_and_marked() -> None:
    acc = np.outer(np.arange(300.0), np.ones(3))
    acc[100:110] = np.nan
    gyr = np.where(np.isnan(acc), np.nan, 0.0)
    found, present = even(gyr, acc, 100.0)
    assert np.allclose(found[:, 0], np.arange(300.0))
    assert list(np.flatnonzero(~present)) == list(range(100, 110))


def test_long_hole_holds_the_last_value() -> None:
    acc = np.outer(np.arange(500.0), np.ones(3))
    acc[100:300] = np.nan
    found, _ = even(np.where(np.isnan(acc), np.nan, 0.0), acc, 100.0)
    assert np.all(found[100:300, 0] == 99.0)


def test_vertex_of_a_parabola_is_exact() -> None:
    at = np.arange(9.0)
    assert vertex(-((at - 4.3) ** 2), 4) == pytest.approx(4.3)
