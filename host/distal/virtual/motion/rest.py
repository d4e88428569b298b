"""Being still in a posture, and the way from one posture to another."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from distal.errors import DataError
from distal.model import SIDES, Side
from distal.units import RAD_PER_DEG
from distal.virtual.motion.body import (
    POSTURES,
    SITTING,
    STANDING,
    Posture,
    Sole,
    change_angles,
    hang_from_hip,
    stand_on_ankle,
)
from distal.virtual.motion.chain import Chain, Span
from distal.virtual.motion.curve import Path, Waves, smooth, waves
from distal.virtual.motion.stage import Played, Stage, SwayMark, at_rest

LEAN_DEG = 18.0  # the knees come ahead of the ankles when a person sits down or rises


@dataclass(frozen=True, slots=True)
class Stand:
    """Quiet standing, both shanks swaying together.

    sway_deg  root mean square of the shank's swaying ahead and back; sideways it is 0.6 of that
    corner_hz the spectrum is level below and falls with the square of the frequency above (after Prieto 1996)
    """

    duration_s: float
    sway_deg: float = 0.3
    corner_hz: float = 0.25

    @property
    def posture(self) -> Posture:
        """Upright."""
        return STANDING

    def play(self, stage: Stage) -> Played:
        """Both shanks sway over fixed ankles, together; the feet stay where they are."""
        played = Played(stage.start_s + self.duration_s)
        span = stage.start_s, played.end_s
        rms = self.sway_deg * RAD_PER_DEG
        pitch, tilt = (self._sway(stage, span, rms * share) for share in (1.0, 0.6))
        played.sways.append(SwayMark(*span))
        for side in SIDES:
            chain = stand_on_ankle(stage.athlete, side, Sole(pitch, tilt))
            played.spans[side].append(Span(*span, chain))
        return played

    def _sway(self, stage: Stage, span: tuple[float, float], rms: float) -> Path:
        """Sines at even steps of the logarithm of frequency, jittered, with random phases."""
        hz = np.geomspace(SWAY_HZ[0], SWAY_HZ[1], SINES) * stage.rng.uniform(0.9, 1.1, SINES)
        # power per sine is density times its bandwidth, which grows with the frequency
        share = np.sqrt(hz / (1 + (hz / self.corner_hz) ** 2))
        return waves(span, Waves(hz, share, stage.rng.uniform(0, 2 * np.pi, SINES)), rms)


SWAY_HZ, SINES = (0.05, 2.5), 24


@dataclass(frozen=True, slots=True)
class Rest:
    """Lying or sitting quite still, in a posture by name (see body.POSTURES)."""

    duration_s: float
    where: str = "supine"

    @property
    def posture(self) -> Posture:
        """As named."""
        if self.where not in POSTURES:
            raise DataError(f"unknown posture {self.where!r}. Known: {', '.join(POSTURES)}.")
        return POSTURES[self.where]

    def play(self, stage: Stage) -> Played:
        """Nothing moves."""
        played = Played(stage.start_s + self.duration_s)
        for side in SIDES:
            chain = at_rest(stage.athlete, side, self.posture)
            played.spans[side].append(Span(stage.start_s, played.end_s, chain))
        return played


def Sit(duration_s: float) -> Rest:  # noqa: N802 - reads as the name of a movement in a script
    """Sitting, thighs level, shanks hanging."""
    return Rest(duration_s, "sitting")


@dataclass(frozen=True, slots=True)
class Change:
    """From one posture to the next. Lying down from standing goes by way of sitting."""

    old: Posture
    new: Posture
    duration_s: float = 2.5

    def play(self, stage: Stage) -> Played:
        """Glide through every stop on the way."""
        played = Played(stage.start_s)
        stops = [self.old, self.new]
        if self.old.is_upright != self.new.is_upright and STANDING in stops:
            stops.insert(1, SITTING)
        for old, new in pairwise(stops):
            span = played.end_s, played.end_s + self.duration_s
            for side in SIDES:
                chain = _rise_or_sit(stage, side, span) if _is_chair(old, new) else None
                glided = hang_from_hip(stage.athlete, side, change_angles(span, old.angles, new.angles))
                played.spans[side].append(Span(*span, chain or glided))
            played.end_s = span[1]
        return played


def _is_chair(old: Posture, new: Posture) -> bool:
    return {old.name, new.name} == {STANDING.name, SITTING.name}


def _rise_or_sit(stage: Stage, side: Side, span: tuple[float, float]) -> Chain:
    """The foot stays on the floor; the shank leans forward and comes back."""
    t = np.linspace(*span, 9)
    lean = np.array([0.0, 0.0, 0.25, 0.75, 1.0, 0.75, 0.25, 0.0, 0.0])
    pitch = smooth(t, -LEAN_DEG * RAD_PER_DEG * lean)
    return stand_on_ankle(stage.athlete, side, Sole(pitch))
