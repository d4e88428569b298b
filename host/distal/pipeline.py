"""Messages in, events out, a report at the end. Synchronous, pure, the same object live and on replay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from distal.analysis.apart import without_unsure
from distal.analysis.live import LegLive
from distal.analysis.session import SessionAnalysis
from distal.calibration import Calibration
from distal.errors import DataError
from distal.grid import Rows
from distal.model import SIDES, Estimate, Event, Facts, Received, SessionReport, Side
from distal.streams import LegState, Streams


@dataclass(frozen=True, slots=True)
class Live:
    """What a live view shows."""

    t: float  # session s
    cadence_spm: float | None
    reps: Mapping[Side, int]
    legs: Mapping[Side, LegState]
    cadence: Estimate | None = None  # with its interval
    is_walking: bool = False
    exercise: str | None = None  # as told, or as recognised in the present set
    limbs: Mapping[Side, LegLive] = field(default_factory=dict)  # angle, phase, present set, load


class Pipeline:
    """Feed every message of a session; ask for events, the live view, the report.

    sides: cuff id -> side, as the session decided; without it the cuffs' own info is asked.
    calibrations: of the session's cuffs; counts become physical with them.
    """

    def __init__(
        self,
        facts: Facts,
        sides: Mapping[str, Side] | None = None,
        calibrations: Sequence[Calibration] = (),
    ) -> None:
        self.streams = Streams(sides, calibrations)
        self._facts = facts
        self._analysis: SessionAnalysis | None = None
        self._has_analysis = True

    def feed(self, received: Received) -> list[Event]:
        """Take one message as it came; returns the events it made certain."""
        return self.feed_all([received])

    def feed_all(self, messages: Sequence[Received]) -> list[Event]:
        """Take many messages at once, in the order in which they shall count."""
        return self._analyse(self.streams.feed(messages))

    def end_analysis(self) -> None:
        """It has failed: from now on only the streams are followed."""
        self._has_analysis = False

    def settle(self) -> list[Event]:
        """Nothing more comes by itself: what is held is placed, and what is missing at the end is a gap."""
        return self._analyse(self.streams.flush())

    def _analyse(self, parts: Sequence[tuple[Side, Rows]]) -> list[Event]:
        events: list[Event] = []
        for side, rows in parts if self._has_analysis else ():
            if self._analysis is None:
                rates = self.streams.rates()
                # a cuff that joins later, its info unheard, is taken to have the rate of the other
                known = {leg: rates.get(leg, rates[side]) for leg in SIDES}
                self._analysis = SessionAnalysis(self._facts, known)
            events += self._analysis.update(side, rows.gyr, rows.acc, rows.clipped)
        return events

    def live(self) -> Live:
        """The view of this moment."""
        length_s, legs = self.streams.length_s(), self.streams.legs()
        if self._analysis is None:
            return Live(length_s, None, {}, legs)
        summary = self._analysis.live(self.streams.times())
        return Live(
            length_s,
            summary.cadence_spm,
            dict(summary.reps),
            legs,
            summary.cadence,
            summary.is_walking,
            summary.exercise,
            summary.legs,
        )

    def finish(self) -> SessionReport:
        """Place what is held, close the analysis and return the report. raises DataError without samples"""
        self.settle()
        if self._analysis is None:
            raise DataError("there are no samples in it. Record again and see that the live line counts up.")
        report = self._analysis.finish(self.streams.times(), self.streams.sensors())
        sync = self.streams.sync()
        report = without_unsure(replace(report, sync=sync), sync)
        return replace(report, notices=(*report.notices, *self.streams.notices()))
