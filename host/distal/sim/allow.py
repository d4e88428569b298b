"""What a run's faults explain: when samples may be missing, and how long a cuff may be silent.

What is in reach of a running session is never lost: holes are filled from the cuff's flash. So only this is:

- what lay in RAM and FIFO when a cuff began anew, and what its FIFO had no room for while it did nothing;
- what the flash had no room for;
- what a session that came to a bad end had not yet on disk, until the next one has begun: it is in the cuff's
  flash still, and lost for these recordings only. After the next meeting of host and cuff it is there, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from distal.sim.plan import Fault, FaultPlan

Span = tuple[float, float]  # loop seconds

RING_S = 5.0  # of samples in RAM at least: firmware/distal_cuff/sampling.py, _RING_S
FLASH_S = 20.0  # of samples in the small flash at least
REST_S = 1.5  # what lies in FIFO, open packet and not yet in flash: see IN_RAM in tests/sim/test_target.py
LAG_S = 1.0  # from sample to host over a radio that is not full
COMMIT_S = 1.0  # from host to disk
BROWN_OUT_S = 3.5  # until the power really fails: acts.BROWN_OUT_S
SILENT_S = 2.5  # nobody asks why: one packet that the air lost many times over
SUPERVISION_S = 4.0  # until both ends know that a link has ended
COMMAND_S = 5.0  # a command, or a step of setting a link up, that nobody answers
SCAN_S = 4.0
RETRY_S = 1.0
_TOLD = ("drop", "rival")  # both ends know at once that their link has ended
_DEAF = {"loss", "garble", "no_memory", "stall"}  # a request or its answer may get lost
REQUESTS = 30  # to set a link up: discovery, info, subscriptions, key


@dataclass
class Story:
    """What happened, in loop seconds.

    heard  (cuff, session, instant) of each message with samples, as they came
    open   cuffs that did not answer to stop, and that was told
    """

    begin_s: float = 0.0  # the first recording began
    end_s: float = 0.0  # the host was told to stop
    done: Sequence[tuple[Fault, bool]] = ()
    heard: list[tuple[str, int, float]] = field(default_factory=list)
    open: frozenset[str] = frozenset()

    def at(self, fault: Fault) -> float:
        """When it began."""
        return self.begin_s + fault.at_s

    def of(self, cuff: str) -> list[tuple[int, list[float]]]:
        """Each session that heard the cuff, and when."""
        mine = [(session, instant) for one, session, instant in self.heard if one == cuff]
        return [
            (session, [instant for _, instant in some]) for session, some in groupby(mine, lambda one: one[0])
        ]


def excused(plan: FaultPlan, place: int, cuff: str, story: Story) -> list[Span]:
    """When samples were taken that may be missing."""
    spans = [_of_cuff(fault, story.at(fault)) for fault, _ in story.done if fault.cuff == place]
    found = [span for span in spans if span]
    sessions = story.of(cuff)
    if "flash_full" in plan.kinds():
        found += [
            (quiet[0] - RING_S, quiet[1] - FLASH_S)
            for quiet in _silences(story, cuff)
            if _length(quiet) > FLASH_S
        ]
    if cuff in story.open:
        found.append((story.end_s, float("inf")))  # what it goes on to take is of no session
    if plan.meets:
        return found
    lag_s = RING_S if plan.loss or plan.kinds() & {"loss", "garble", "no_memory"} else LAG_S
    for (_, heard), (_, after) in pairwise(sessions):
        found += _open_holes(heard, lag_s)
        # a session that can write no more stops its cuffs; a killed one cannot: their RAM is sent to the next
        ram_s = 0.0 if plan.kinds() & {"disk_full", "reboot", "brown_out"} else RING_S
        found.append((heard[-1] - lag_s - COMMIT_S, max(heard[-1] + LAG_S, after[0] - ram_s)))
    if sessions and cuff in story.open:
        found += _open_holes(sessions[-1][1], lag_s)
        found.append((sessions[-1][1][-1] - lag_s, float("inf")))
    return found


def _of_cuff(fault: Fault, at_s: float) -> Span | None:
    """Of a fault that costs samples in the cuff itself."""
    if fault.kind == "reboot":
        return at_s - REST_S, at_s + REST_S
    if fault.kind == "brown_out":
        return at_s - REST_S, at_s + BROWN_OUT_S
    if fault.kind == "stall":
        return at_s - LAG_S, at_s + fault.seconds + LAG_S
    return None


def _open_holes(heard: Sequence[float], lag_s: float) -> list[Span]:
    """Silences of a session that ended before it could fill what they left."""
    return [(a - lag_s, b) for a, b in pairwise(heard) if b - a > LAG_S]


def _length(span: Span) -> float:
    return span[1] - span[0]


# ---- silence


def too_silent(plan: FaultPlan, cuff: str, story: Story) -> list[str]:
    """Silences of a cuff that no fault explains: it was in reach, and nobody took its samples."""
    found = []
    for quiet in _silences(story, cuff):
        most_s = SILENT_S + sum(
            _silence_s(plan, fault) for fault, _ in story.done if _touches(plan, story, fault, quiet)
        )
        if _length(quiet) > most_s:
            since_s, length_s = quiet[0] - story.begin_s, _length(quiet)
            found.append(
                f"silent for {length_s:.1f} s from {since_s:.1f} s on, {most_s:.1f} s at most by faults"
            )
    return found


def _silences(story: Story, cuff: str) -> list[Span]:
    instants = [instant for _, heard in story.of(cuff) for instant in heard]
    return list(pairwise([story.begin_s, *instants, max([story.end_s, *instants])]))


def _touches(plan: FaultPlan, story: Story, fault: Fault, quiet: Span) -> bool:
    at_s = story.at(fault)
    return at_s < quiet[1] and quiet[0] < at_s + _silence_s(plan, fault)


def _silence_s(plan: FaultPlan, fault: Fault) -> float:
    """For how long a fault may keep the samples of any cuff from the host."""
    worst = max([plan.loss, *(one.amount for one in plan.faults if one.kind == "loss")])
    setup_s = REQUESTS * 2 * plan.interval_ms / 1000 / (1 - worst) ** 2
    back_s = RETRY_S + 2 * setup_s  # a first try may still meet the fault
    if fault.kind not in _TOLD:
        back_s += SUPERVISION_S
    if plan.loss or plan.kinds() & _DEAF:
        back_s += COMMAND_S
    if fault.kind in ("kill", "disk_full"):
        strangers_s = 2 * (COMMAND_S + setup_s) if plan.stranger else 0.0
        return fault.seconds + back_s + SCAN_S + strangers_s + 2 * plan.cuffs * setup_s
    return 0.0 if fault.kind in ("warm", "clock_step") else fault.seconds + back_s
