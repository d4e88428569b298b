"""What is done to recordings before they are scored again."""

import numpy as np
import pytest

from distal.model import Timebase, Track
from distal.units import G
from distal.validate.damage import lose
from distal.validate.mounting import clip, numbers, random_turn, turn
from distal.validate.vfalse import scramble


def track(rng: np.random.Generator, n: int = 18_000) -> Track:
    gyr, acc = rng.normal(0.0, 1.0, (n, 3)), rng.normal((0.0, 0.0, G), 1.0, (n, 3))
    return Track("left", Timebase(0.0, 100.0), gyr, acc, np.zeros(n, np.bool_))


def test_lost_packets_are_runs_of_missing_samples(rng: np.random.Generator) -> None:
    hurt = lose(track(rng), 0.10, 18, seed=1)
    gone = np.isnan(hurt.gyr[:, 0])
    edges = np.flatnonzero(np.diff(gone.astype(int)))
    assert gone.mean() == pytest.approx(0.10, abs=0.02)
    assert (np.diff(edges)[::2] % 18 == 0).mean() > 0.9  # whole packets, but for the kept ends
    assert not gone[0]
    assert not gone[-1]
    assert (np.isnan(lose(track(rng), 0.10, 18, seed=1).gyr[:, 0]) == gone).all()


def test_turning_keeps_lengths_and_hand(rng: np.random.Generator) -> None:
    one, matrix = track(rng), random_turn(3)
    assert np.linalg.det(matrix) == pytest.approx(1.0)
    turned = turn(one, matrix)
    assert np.linalg.norm(turned.acc, axis=1) == pytest.approx(np.linalg.norm(one.acc, axis=1))


def test_clipped_samples_are_marked(rng: np.random.Generator) -> None:
    one = track(rng)
    one.acc[5, 1] = 3 * G
    small = clip(one)
    assert small.clipped[5]
    assert small.acc.max() == pytest.approx(2 * G)


def test_noise_has_the_spectrum_of_the_movement_and_its_gravity(rng: np.random.Generator) -> None:
    one = track(rng, 4096)
    noise = scramble(one, 40.96, 1, together=False)
    assert np.linalg.norm(noise.acc.mean(axis=0)) == pytest.approx(G, rel=1e-6)
    assert noise.gyr.std(axis=0) == pytest.approx(one.gyr.std(axis=0), rel=1e-3)
    assert abs(np.corrcoef(noise.gyr[:, 0], one.gyr[:, 0])[0, 1]) < 0.1


def test_numbers_of_a_report_come_with_their_paths() -> None:
    one = Track("left", Timebase(1.5, 100.0), np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0, np.bool_))
    assert dict(numbers(one)) == {".time.start_s": 1.5, ".time.rate_hz": 100.0}
