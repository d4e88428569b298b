"""Jumps and hops: push-off, a flight in free fall, a landing with its shock.

In the air the ankle follows the parabola of a thrown body, so that the specific force at the cuff is what the
turning of the shank leaves of it: near zero.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from distal.errors import DataError
from distal.model import SIDES, FloatArray, Side
from distal.units import RAD_PER_DEG, G
from distal.virtual.motion.body import OUTWARD, STANDING, Posture, Sole, stand_on_ankle
from distal.virtual.motion.chain import Span
from distal.virtual.motion.curve import Curve, Path, Sum, pass_through, wobble
from distal.virtual.motion.gait import shock
from distal.virtual.motion.stage import JumpMark, Played, RepMark, SetMark, Stage

TOE_OFF_M = 0.09  # height of the ankle when the toes leave the floor
HEEL_OFF_S = 0.15  # before take-off the heels rise
READY_S, DIP_S, PUSH_S, CATCH_S, RISE_S = 0.8, 0.45, 0.30, 0.22, 0.8
SQUATS_S, FOLDED = 1.0, -60.0  # s to go down into a squat that is held; degrees of a leg that is held up
KINDS = ("jump", "hop")
Knot = tuple[float, float, float, float]  # s, then m, m/s, m/s2


@dataclass(frozen=True, slots=True)
class Jumps:
    """Single jumps from standing with a countermovement, or hops one after another.

    A rep of `jump` is from the first movement to standing again, a rep of `hop` from contact to contact;
    top_s is the highest point of the flight. A jump out of a held squat begins with the push.
    """

    code: Literal["jump", "hop"] = "jump"
    reps: int = 5
    side: Literal["left", "right", "both"] = "both"
    height_m: float = 0.25  # rise of the body after take-off
    contact_s: float = 0.22  # of hops
    pause_s: float = 1.2  # between jumps
    variability: float = 0.06
    crouch_m: float = 0.0  # how much lower the ankle is at landing than at take-off: lengthens the flight
    impact_mps2: float = 40.0
    held_s: float = 0.0  # still in the squat before the push: a squat jump

    def __post_init__(self) -> None:
        if self.code not in KINDS:
            raise DataError(f"no motion for jumps of the kind {self.code!r}. Known: {', '.join(KINDS)}.")

    @property
    def posture(self) -> Posture:
        """Upright."""
        return STANDING

    def play(self, stage: Stage) -> Played:
        """The legs that jump are alike; the other one is held up."""
        if self.reps < 1:
            raise DataError(f"a set of {self.reps} reps. Give at least 1.")
        flights = self._flights(stage)
        played = Played(flights[-1].landing_s + CATCH_S + RISE_S + self.pause_s)
        for side in SIDES:
            is_working = self.side in (side, "both")
            leg = self._leg if is_working else self._held_up
            played.spans[side].append(leg(stage, side, flights, played.end_s))
        played.jumps += flights
        reps = tuple(self._rep(k, flights) for k in range(len(flights)))
        played.sets.append(SetMark(self.code, self.side, None, reps))
        return played

    def _flights(self, stage: Stage) -> list[JumpMark]:
        heights = self._spread(stage, self.height_m)
        contacts = self._spread(stage, self.contact_s).tolist()
        flights: list[JumpMark] = []
        takeoff_s = stage.start_s + READY_S + self._down_s + PUSH_S
        for height, contact_s in zip(heights.tolist(), contacts, strict=True):
            speed = (2 * G * height) ** 0.5
            flight_s = (speed + (speed**2 + 2 * G * self.crouch_m) ** 0.5) / G
            before_s = None
            if flights:
                before_s = contact_s if self.code == "hop" else None
                takeoff_s = flights[-1].landing_s + (before_s or self._between_s)
            flights.append(JumpMark(self.side, takeoff_s, takeoff_s + flight_s, height, before_s))
        return flights

    @property
    def _between_s(self) -> float:
        """From a landing to the next take-off of single jumps."""
        return CATCH_S + RISE_S + self.pause_s + self._down_s + PUSH_S

    @property
    def _down_s(self) -> float:
        """From standing to the push."""
        return SQUATS_S + self.held_s if self.held_s else DIP_S

    def _spread(self, stage: Stage, mean: float) -> FloatArray:
        return mean * np.clip(1 + self.variability * stage.rng.standard_normal(self.reps), 0.7, 1.3)

    def _rep(self, k: int, flights: list[JumpMark]) -> RepMark:
        flight = flights[k]
        top_s = flight.takeoff_s + (2 * flight.height_m / G) ** 0.5
        start_s = flight.takeoff_s - PUSH_S - (0.0 if self.held_s else DIP_S)
        end_s = flight.landing_s + CATCH_S + RISE_S
        if self.code == "hop":
            start_s = flights[k - 1].landing_s if k else start_s
            end_s = flight.landing_s if k + 1 < len(flights) else end_s
        return RepMark(start_s, top_s, top_s, end_s, landing_s=flight.landing_s)

    def _leg(self, stage: Stage, side: Side, flights: list[JumpMark], end_s: float) -> Span:
        span = stage.start_s, end_s
        lean = pass_through(self._lean(flights, span))
        unrest = wobble(stage.rng, *span, 0.4 * RAD_PER_DEG)
        landings = np.array([flight.landing_s for flight in flights]) + 0.01
        peaks = self.impact_mps2 * (np.array([flight.height_m for flight in flights]) / 0.25) ** 0.5
        upward = Sum(self._upward(flights, span), shock(landings, 0.8 * peaks, end_s))
        sideways = shock(landings, -0.2 * OUTWARD[side] * peaks, end_s)
        sole = Sole(Sum(lean, unrest), ankle=(shock(landings, 0.5 * peaks, end_s), sideways, upward))
        return Span(*span, stand_on_ankle(stage.athlete, side, sole))

    def _lean(self, flights: list[JumpMark], span: tuple[float, float]) -> list[tuple[float, float]]:
        """Pitch of the shank, rad: the knees bend before take-off and after landing."""
        dip, catch = (24.0, 26.0) if self.code == "jump" else (9.0, 12.0)
        points = [(span[0], 0.0)]
        for k, flight in enumerate(flights):
            if k == 0 or self.code == "jump":
                pushes_s = flight.takeoff_s - PUSH_S
                start_s, deep = pushes_s - self._down_s, -max(dip, 20.0)
                points += [(start_s, 0.0), (pushes_s - self.held_s, deep)]
                points += [(pushes_s, deep)] if self.held_s else []
            apex_s = 0.5 * (flight.takeoff_s + flight.landing_s)
            points += [(flight.takeoff_s, -4.0), (apex_s, -12.0), (flight.landing_s, -2.0)]
            if k + 1 == len(flights) or self.code == "jump":
                caught_s = flight.landing_s + CATCH_S
                points += [(caught_s, -catch), (caught_s + RISE_S, 0.0)]
            else:
                points.append((flight.landing_s + 0.5 * (flights[k + 1].contact_s or 0.0), -catch))
        points.append((span[1], 0.0))
        return [(t, RAD_PER_DEG * value) for t, value in points]

    def _upward(self, flights: list[JumpMark], span: tuple[float, float]) -> Path:
        knots: list[Knot] = [(span[0], 0.0, 0.0, 0.0)]
        for k, flight in enumerate(flights):
            rise, fall = (2 * G * flight.height_m) ** 0.5, G * (flight.landing_s - flight.takeoff_s)
            fall -= rise
            if k == 0 or self.code == "jump":
                knots.append((flight.takeoff_s - HEEL_OFF_S, 0.0, 0.0, 0.0))
            low_m = TOE_OFF_M - self.crouch_m
            knots.append((flight.takeoff_s, TOE_OFF_M, rise, -G))
            knots.append((flight.landing_s, low_m, -fall, -G))
            if k + 1 == len(flights) or self.code == "jump":
                knots.append((flight.landing_s + 2.2 * low_m / fall, 0.0, 0.0, 0.0))
            else:
                contact_s = flights[k + 1].contact_s or 0.0
                knots.append((flight.landing_s + contact_s / 2, 0.01, 0.0, 3 * fall / contact_s))
        knots.append((span[1], 0.0, 0.0, 0.0))
        return Curve(*np.array(knots).T)

    def _held_up(self, stage: Stage, side: Side, flights: list[JumpMark], end_s: float) -> Span:
        """The idle leg of a one-legged set: the shank is folded back, off the floor; it flies along."""
        s = stage.start_s
        marks = (s, s + 0.6, end_s - 0.6, end_s)
        fold = pass_through(list(zip(marks, (0.0, *[FOLDED * RAD_PER_DEG] * 2, 0.0), strict=True)))
        rise = pass_through(list(zip(marks, (0.0, 0.25, 0.25, 0.0), strict=True)))
        still = Curve(np.array([s, end_s]), *np.zeros((3, 2)))
        up = Sum(rise, self._hips(flights, (s, end_s)))
        return Span(s, end_s, stand_on_ankle(stage.athlete, side, Sole(fold, ankle=(still, still, up))))

    def _hips(self, flights: list[JumpMark], span: tuple[float, float]) -> Path:
        """The body's height: a parabola in the air, half a wave on the floor."""
        knots: list[Knot] = [(span[0], 0.0, 0.0, 0.0)]
        for k, flight in enumerate(flights):
            speed, last = (2 * G * flight.height_m) ** 0.5, k + 1 == len(flights)
            if k == 0 or self.code == "jump":
                knots.append((flight.takeoff_s - PUSH_S - self._down_s, 0.0, 0.0, 0.0))
                knots.append((flight.takeoff_s - PUSH_S, -speed * PUSH_S / 2, 0.0, 0.0))
            fall = G * (flight.landing_s - flight.takeoff_s) - speed
            knots += [(flight.takeoff_s, 0.0, speed, -G), (flight.landing_s, -self.crouch_m, -fall, -G)]
            if last or self.code == "jump":
                knots.append((flight.landing_s + CATCH_S, -fall * CATCH_S / 2, 0.0, 0.0))
                knots.append((flight.landing_s + CATCH_S + RISE_S, 0.0, 0.0, 0.0))
            else:
                contact_s = flights[k + 1].contact_s or 0.0
                deep = -fall * contact_s / np.pi
                knots.append((flight.landing_s + contact_s / 2, deep, 0.0, np.pi * fall / contact_s))
        knots.append((span[1], 0.0, 0.0, 0.0))
        return Curve(*np.array(knots).T)
