"""Running: two legs in turn, with a flight between the contacts.

The thigh and knee curves are drawn by hand after published running kinematics (Novacheck 1998, Gait & Posture
7:77, figs. 5 and 6; ranges at 3 to 4 m/s). The ankle is led by the hip while it swings and stays where the
foot is while it stands; the join is rounded over some hundredths of a second. No recording is in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from distal.errors import DataError
from distal.model import SIDES, FloatArray, Side
from distal.units import RAD_PER_DEG
from distal.virtual.motion.body import OUTWARD, STANDING, Athlete, Posture, Sole, stand_on_ankle
from distal.virtual.motion.chain import Span
from distal.virtual.motion.curve import Curve, Sum, ramp, smooth
from distal.virtual.motion.gait import IN_STEP, Lag, Tread, shock
from distal.virtual.motion.stage import Bout, Played, Stage, StepMark

OFF = 0.36  # share of the drawn stride at which the foot leaves the floor
_THIGH = CubicSpline(
    [0, 0.08, 0.18, 0.28, 0.36, 0.42, 0.50, 0.60, 0.70, 0.80, 0.88, 0.95, 1.0],
    [26, 23, 9, -10, -22, -26, -19, 2, 22, 34, 36, 31, 26],
    bc_type="periodic",
)
_KNEE = CubicSpline(
    [0, 0.06, 0.12, 0.16, 0.20, 0.26, 0.32, 0.36, 0.42, 0.50, 0.58, 0.66, 0.72, 0.80, 0.88, 0.95, 1.0],
    [13, 20, 30, 34, 33, 27, 21, 22, 36, 60, 82, 93, 91, 71, 40, 17, 13],
    bc_type="periodic",
)
GRID_S = 0.005
ROUND_S = 0.008  # standard deviation of the rounding
BOUNCE_M = 0.04  # half of the hips' way up and down
ROLL_M, RISE_M = 0.11, 0.12  # the ankle at toe-off: ahead of and above where it stood
LEAN_IN_S, SETTLE_S, GATHER = 0.9, 1.0, 4  # s; steps from standing to full speed
MIN_STEPS = 2 * GATHER + 2


@dataclass(frozen=True, slots=True)
class Run:
    """Level running from standing to standing.

    contact_s  None: by speed, 0.40 v^-0.42, through the means of Nummela 2007 (J Sports Sci 25:435)
    """

    duration_s: float
    cadence_spm: float = 168.0
    speed_mps: float = 3.0
    contact_s: float | None = None
    variability: float = 0.015
    asymmetry: float = 0.0  # right contact time over left, minus 1
    impact_mps2: float = 45.0
    first: Side = "right"
    lag: Mapping[Side, Lag] = field(default_factory=lambda: IN_STEP)

    @property
    def posture(self) -> Posture:
        """Upright."""
        return STANDING

    @property
    def ground_s(self) -> float:
        """Mean contact time."""
        return 0.40 * self.speed_mps**-0.42 if self.contact_s is None else self.contact_s

    def play(self, stage: Stage) -> Played:
        """Every contact and every leaving of the floor marked."""
        step_s = 60 / self.cadence_spm
        if self.ground_s > 0.95 * step_s:
            text = f"a run at {self.cadence_spm:g} steps/min with {self.ground_s:.2f} s on the floor"
            raise DataError(f"{text} has no flight. Give a shorter contact or fewer steps.")
        plan = self._plan(stage, step_s)
        played = Played(stage.start_s + self.duration_s)
        steps = []
        for side in SIDES:
            turns = [self.lag[side].of(tread) for tread in plan[side]]
            played.spans[side].append(self._leg(stage, side, turns, played.end_s))
            steps += [
                StepMark(side, old.tc_s, new.ic_s, new.place_m - old.place_m)
                for old, new in pairwise(plan[side])
            ]
        played.bouts.append(Bout("run", tuple(sorted(steps, key=lambda step: step.ic_s))))
        return played

    def _plan(self, stage: Stage, step_s: float) -> dict[Side, list[Tread]]:
        first_s = LEAN_IN_S + 2 * step_s - self.ground_s
        n = int((self.duration_s - first_s - SETTLE_S) / step_s) + 1
        if n < MIN_STEPS:
            need = first_s + SETTLE_S + MIN_STEPS * step_s
            raise DataError(f"a run of {self.duration_s:g} s is too short. Give at least {need:.1f} s.")
        noise = self._spread(stage, n)
        contacts = (
            stage.start_s + first_s + np.concatenate([[0.0], np.cumsum(step_s * (noise / noise.mean()))[:-1]])
        )
        k = np.arange(n)
        speed = self.speed_mps * ramp((np.minimum(k, n - 1 - k) + 1) / GATHER)
        places = np.cumsum(speed * step_s * self._spread(stage, n))
        other: Side = "left" if self.first == "right" else "right"
        return {
            side: self._treads(stage, side, contacts[offset::2], places[offset::2])
            for offset, side in enumerate((self.first, other))
        }

    def _treads(self, stage: Stage, side: Side, contacts: FloatArray, places: FloatArray) -> list[Tread]:
        uneven = 1 + self.asymmetry * (0.5 if side == "right" else -0.5)
        ground = self.ground_s * uneven * self._spread(stage, len(contacts))
        stride_s = 120 / self.cadence_spm
        before = float(contacts[0] - stride_s + ground[0])
        reach = self.speed_mps * stride_s
        treads = [Tread(stage.start_s + 0.1, before, 0.0, 0.0, 0.5)]
        for k, (ic_s, place) in enumerate(zip(contacts.tolist(), places.tolist(), strict=True)):
            ends = k + 1 == len(contacts)
            tc_s = ic_s + 0.85 * SETTLE_S if ends else ic_s + float(ground[k])
            front = float(min(1.0, ((place - treads[-1].place_m) / reach) ** 0.5))
            back = 0.0 if ends else float(min(1.0, ((places[k + 1] - place) / reach) ** 0.5))
            treads.append(Tread(ic_s, tc_s, place, front, back))
        return treads

    def _leg(self, stage: Stage, side: Side, treads: list[Tread], end_s: float) -> Span:
        span = stage.start_s, end_s
        size = float(np.clip((self.speed_mps / 3.3) ** 0.35, 0.75, 1.15))
        t, pitch, ahead, upward = draw(stage.athlete, treads, span, size)
        contacts = np.array([tread.ic_s for tread in treads[1:]])
        peaks = self.impact_mps2 * np.clip(self._spread(stage, len(contacts), 6.0), 0.6, 1.4)
        peaks *= [tread.front for tread in treads[1:]]
        waves = [smooth(t, wave) for wave in (pitch, ahead, upward)]
        out = shock(contacts, -0.25 * OUTWARD[side] * peaks, end_s)
        up = Sum(waves[2], shock(contacts, 0.9 * peaks, end_s))
        tilt, yaw = self._roll(treads, span)
        sole = Sole(waves[0], tilt, yaw, (Sum(waves[1], shock(contacts, 0.5 * peaks, end_s)), out, up))
        return Span(*span, stand_on_ankle(stage.athlete, side, sole))

    def _roll(self, treads: list[Tread], span: tuple[float, float]) -> tuple[Curve, Curve]:
        """Tilt and yaw of the shank: a few degrees with every stride."""
        t, phase, size = _phases(treads, span)
        around = 2 * np.pi * phase
        tilt = gaussian_filter1d(5.0 * RAD_PER_DEG * size * np.sin(around + 0.5), 2)
        yaw = gaussian_filter1d(8.0 * RAD_PER_DEG * size * np.sin(around - 0.6), 2)
        edge = ramp((t - span[0]) / 0.3) * ramp((span[1] - t) / 0.3)
        return smooth(t, tilt * edge), smooth(t, yaw * edge)

    def _spread(self, stage: Stage, n: int, share: float = 1.0) -> FloatArray:
        return np.asarray(np.clip(1 + share * self.variability * stage.rng.standard_normal(n), 0.7, 1.3))


def _phases(treads: list[Tread], span: tuple[float, float]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Even times, the phase of the drawn stride at each, and the size of the movement there."""
    t = np.linspace(*span, int((span[1] - span[0]) / GRID_S) + 1)
    knots, phases, sizes = [span[0]], [0.0], [0.0]
    for k, tread in enumerate(treads):
        knots += [tread.ic_s, tread.tc_s]
        phases += [float(k), k + OFF]
        sizes += [tread.front, tread.back]
    knots.append(span[1])
    phases.append(phases[-1])
    sizes.append(0.0)
    return t, np.interp(t, knots, phases) % 1.0, np.interp(t, knots, sizes)


def draw(
    athlete: Athlete, treads: list[Tread], span: tuple[float, float], size: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Times, pitch of the shank (rad), the ankle ahead and upwards (m); at rest at both ends."""
    t, phase, sizes = _phases(treads, span)
    thigh = size * sizes * RAD_PER_DEG * _THIGH(phase)
    pitch = thigh - size * sizes * RAD_PER_DEG * _KNEE(phase)
    # from the hip, which moves evenly within a swing; the correction below puts both ends where the feet are
    fore = athlete.thigh_m * np.sin(thigh) + athlete.shank_m * np.sin(pitch)
    high = -athlete.thigh_m * np.cos(thigh) - athlete.shank_m * np.cos(pitch)
    high += BOUNCE_M * sizes * np.cos(4 * np.pi * (phase - OFF / 2 - 0.25))
    ahead, upward = np.zeros_like(t), np.zeros_like(t)
    for k, tread in enumerate(treads):
        _stand(t, tread, ahead, upward)
        if k + 1 < len(treads):
            _swing(t, (tread, treads[k + 1]), (fore, high), (ahead, upward))
    after = t >= treads[-1].tc_s
    ahead[after], upward[after] = treads[-1].place_m, 0.0
    sigma = ROUND_S / GRID_S
    rounded = (gaussian_filter1d(wave, sigma, mode="nearest") for wave in (pitch, ahead, upward))
    pitch, ahead, upward = rounded
    return t, pitch, ahead, upward


def _stand(t: FloatArray, tread: Tread, ahead: FloatArray, upward: FloatArray) -> None:
    """Flat, then over the ball of the foot in the second half of the stance."""
    here = (t >= tread.ic_s) & (t < tread.tc_s)
    part = (t[here] - tread.ic_s) / (tread.tc_s - tread.ic_s)
    roll = np.clip((part - 0.4) / 0.6, 0, 1) ** 2 * tread.back
    ahead[here] = tread.place_m + ROLL_M * roll
    upward[here] = RISE_M * roll


# The ankle when the foot lands, m/s ahead and upwards, at full speed (Novacheck: the foot moves back under
# the body before it lands, so it is slow over the floor)
LANDING_MPS = (0.8, -0.7)


def _swing(
    t: FloatArray,
    treads: tuple[Tread, Tread],
    hip: tuple[FloatArray, FloatArray],
    out: tuple[FloatArray, FloatArray],
) -> None:
    """Led by the hip, bent so that place and speed are right where the foot leaves and where it lands."""
    old, new = treads
    swing_s = new.ic_s - old.tc_s
    here = np.flatnonzero((t >= old.tc_s) & (t < new.ic_s))
    part = (t[here] - old.tc_s) / swing_s
    leaves = 2 * old.back / (0.6 * (old.tc_s - old.ic_s))
    first, last = (old.place_m + ROLL_M * old.back, RISE_M * old.back), (new.place_m, 0.0)
    for k, (wave, path) in enumerate(zip(hip, out, strict=True)):
        way = wave[here]
        speeds = leaves * (ROLL_M, RISE_M)[k], new.front * LANDING_MPS[k]
        slopes = np.gradient(way, part)
        begin, end = way[0] - slopes[0] * part[0], way[-1] + slopes[-1] * (1 - part[-1])
        ends = float(first[k] - begin), float(last[k] - end)
        bends = speeds[0] * swing_s - float(slopes[0]), speeds[1] * swing_s - float(slopes[-1])
        path[here] = way + _hermite(part, ends, bends)


def _hermite(u: FloatArray, values: tuple[float, float], slopes: tuple[float, float]) -> FloatArray:
    """The cubic on 0 to 1 with these values and slopes at both ends."""
    late = u * u * (3 - 2 * u)
    out: FloatArray = values[0] * (1 - late) + values[1] * late
    return out + slopes[0] * u * (1 - u) ** 2 - slopes[1] * u * u * (1 - u)
