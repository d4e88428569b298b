"""How a board sits in its cuff, found from standing and one swing."""

import numpy as np
import pytest

from distal.analysis.mounting import find_mounting
from distal.analysis.rotate import turn_matrices
from distal.errors import Unsteady
from distal.model import SIDES, Side
from distal.units import G

RATE_HZ = 208.0


def stand_and_swing(side: Side, first: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """In cuff axes: 3 s at rest, then two swings of 40 degrees ahead (first = 1) and back; lever 0.35 m."""
    t = np.arange(int(8 * RATE_HZ)) / RATE_HZ
    moving = t > 3.0
    angle = np.where(moving, first * 0.7 * np.sin(np.pi * (t - 3.0)) * np.exp(-(((t - 3.0) / 3) ** 2)), 0.0)
    speed = np.gradient(angle, 1 / RATE_HZ)
    outward = 1.0 if side == "right" else -1.0  # the person's right in z; y is ahead on the right leg
    nothing = np.zeros_like(t)
    gyr = np.stack([nothing, nothing, outward * speed], 1)
    along = -G * np.cos(angle) - 0.35 * speed**2
    across = G * np.sin(angle) + 0.35 * np.gradient(speed, 1 / RATE_HZ)
    return gyr, np.stack([along, outward * across, nothing], 1)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("seed", range(6))
def test_any_mounting_is_found(side: Side, seed: int) -> None:
    rng = np.random.default_rng(seed)
    gyr, acc = stand_and_swing(side)
    turn = turn_matrices(rng.normal(0, 2, (1, 3)))[0]  # cuff -> sensor
    noise = rng.normal(0, 0.02, acc.shape), rng.normal(0, 0.005, gyr.shape)
    found = np.array(find_mounting(gyr @ turn.T + noise[1], acc @ turn.T + noise[0], RATE_HZ, side))
    off = np.rad2deg(np.arccos(np.clip((np.trace(found @ turn) - 1) / 2, -1, 1)))
    assert off < 2.0
    assert np.linalg.det(found) == pytest.approx(1.0)


def test_back_first_is_taken_for_the_other_way() -> None:
    """The words say ahead first: nothing in the motion itself could tell."""
    right = np.array(find_mounting(*stand_and_swing("right"), RATE_HZ, "right"))
    back = np.array(find_mounting(*stand_and_swing("right", -1.0), RATE_HZ, "right"))
    assert right[2] @ back[2] == pytest.approx(-1.0, abs=1e-6)


def test_what_is_missing_is_told() -> None:
    gyr, acc = stand_and_swing("left")
    n = int(3 * RATE_HZ)
    with pytest.raises(Unsteady, match="did not swing"):
        find_mounting(gyr[:n], acc[:n], RATE_HZ, "left")
    with pytest.raises(Unsteady, match="no rest"):
        find_mounting(gyr[n + 20 :], acc[n + 20 :], RATE_HZ, "left")
    both = gyr + np.roll(gyr, int(0.5 * RATE_HZ), axis=0)[:, [2, 0, 1]]
    with pytest.raises(Unsteady, match="more than one axis"):
        find_mounting(both, acc, RATE_HZ, "left")
