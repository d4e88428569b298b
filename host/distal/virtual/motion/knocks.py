"""Two cuffs knocked together: the same short blow on both, at known instants."""

from dataclasses import dataclass

import numpy as np

from distal.model import FloatArray
from distal.units import G


@dataclass(frozen=True, slots=True)
class Knocks:
    """A cuff lies still, then is knocked at `times_s`; a smooth blow that 208 Hz can follow.

    lag_s      this cuff's blows come so much later than those of a cuff with 0: truth of a test
    direction  of the blow in sensor axes; the two cuffs of a pair may differ
    """

    times_s: tuple[float, ...]
    duration_s: float
    lag_s: float = 0.0
    direction: tuple[float, float, float] = (0.6, 0.0, 0.8)
    peak_g: float = 4.0
    width_s: float = 0.006  # standard deviation of the blow

    def sample(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Times (n,) in s -> gyr (n, 3) rad/s and acc (n, 3) m/s2."""
        t = np.asarray(t, np.float64)
        since = t[:, None] - self.lag_s - np.array(self.times_s)
        blow = np.exp(-0.5 * (since / self.width_s) ** 2).sum(axis=1) * self.peak_g * G
        acc = blow[:, None] * np.array(self.direction) + np.array([0.0, 0.0, G])
        return np.zeros((len(t), 3)), acc
