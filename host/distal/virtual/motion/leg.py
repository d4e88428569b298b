"""A leg in motion: what its sensor feels at any instant, and the state of the worn mass."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from distal.model import FloatArray, Side
from distal.virtual.motion.body import NOMINAL, Athlete
from distal.virtual.motion.chain import ACC, ALL, FELT, GYR, Link, Shift, Span
from distal.virtual.motion.wearing import Wearing, straps


class LegMotion:
    """The sensor on one leg. Before 0 and after the end the pose is held still."""

    def __init__(self, athlete: Athlete, side: Side, spans: Sequence[Span]) -> None:
        """Spans follow one another without holes, the first from 0."""
        self.side = side
        self._spans = list(spans)
        self._starts = np.array([span.start_s for span in spans])
        self._wearing = athlete.wearing.get(side, Wearing())
        self._offset = Shift(athlete.sensor_offset_m)
        self._mounting = self._wearing.flip @ np.asarray(
            athlete.mounting.get(side, NOMINAL[side]), np.float64
        )

    @property
    def duration_s(self) -> float:
        """End of the last span."""
        return self._spans[-1].end_s

    def sample(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Times (n,) in s -> gyr (n, 3) rad/s and acc (n, 3) m/s2, sensor axes. Any order of times."""
        t = np.asarray(t, np.float64)
        state = self._at(t, FELT)
        inside = np.clip(t, 0.0, self.duration_s)
        for link in self._to_sensor:
            link.carry(state, inside)
        return (self._mounting @ state[GYR]).T, (self._mounting @ state[ACC]).T

    @cached_property
    def _to_sensor(self) -> tuple[Link, ...]:
        """From the worn mass's centre; made when first asked for, because a spring has to be solved."""
        on_leg = straps(self._wearing, self.duration_s, lambda t: self._at(t, FELT))
        return (*on_leg, self._offset)

    def state(self, t: FloatArray, rows: int = ALL) -> FloatArray:
        """State (rows, 3, n) of the worn mass's centre in shank axes; rows as named in chain.py."""
        return self._at(np.asarray(t, np.float64), rows)

    def _at(self, t: FloatArray, rows: int) -> FloatArray:
        t = np.clip(t, 0.0, self.duration_s)
        number = np.clip(np.searchsorted(self._starts, t, side="right") - 1, 0, len(self._spans) - 1)
        state = np.empty((rows, 3, len(t)))
        for k in np.unique(number).tolist():
            here = number == k
            state[:, :, here] = self._spans[k].chain.at(t[here], rows)
        return state
