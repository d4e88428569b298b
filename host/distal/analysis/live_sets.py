"""Reps of a set that is still being done. Looked at anew each second; a long set is looked at in parts."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from distal.analysis.even import RATE_HZ
from distal.analysis.reps_find import REST_S
from distal.analysis.reps_sets import LegRep, LegSet
from distal.analysis.spans import Span, SpanFinder

LOOK_S = 1  # s of samples between two looks
PART_S, KEEP_S = 36, 16  # s: an open span longer than PART_S keeps its reps but those of its last KEEP_S
STEP_S, LIKE = 1.2, 0.6  # s, share of the usual rep: what is shorter and came just now may be a step

MOST_DOUBTS = 4  # looks

Find = Callable[[Span], list[LegSet]]


class OpenSets:
    """The sets in the open span of one leg; a view, they may change until the span ends."""

    def __init__(self) -> None:
        self.sets: list[LegSet] = []
        self._looked = 0  # second of the last look
        self._from = 0  # second from which reps are looked for
        self._kept: LegSet | None = None
        self._doubts = 0

    def close(self) -> None:
        """The span has ended: its sets are known now."""
        self.sets, self._kept = [], None
        self._looked = self._from = 0

    def look(self, spans: SpanFinder, find: Find) -> None:
        """Look at the open span, if a second has passed."""
        seconds = len(spans.turning)
        if seconds - self._looked < LOOK_S:
            return
        self._looked = seconds
        span = spans.pending(self._from)
        found = [_without_steps(one, spans.judged_s * RATE_HZ) for one in find(span)] if span else []
        self._take(self._joined([one for one in found if one.reps]))
        if span and len(span.even) > PART_S * RATE_HZ:
            self._keep(seconds)

    def _take(self, sets: list[LegSet]) -> None:
        """A look that finds fewer reps than the last one is believed when it says so again and again."""
        fewer = sum(len(one.reps) for one in sets) < sum(len(one.reps) for one in self.sets)
        self._doubts = self._doubts + 1 if fewer else 0
        if self._doubts == 0 or self._doubts > MOST_DOUBTS:
            self.sets, self._doubts = sets, 0

    def _joined(self, found: list[LegSet]) -> list[LegSet]:
        """The reps kept of the earlier part before those of this part."""
        kept = self._kept
        if kept is None:
            return found
        if not found:
            return [kept]
        last = kept.reps[-1].phases.end
        first = found[0].with_reps(
            tuple(rep for rep in found[0].reps if rep.phases.start > last - RATE_HZ / 2)
        )
        if not first.reps:
            return [kept, *found[1:]]
        if first.reps[0].phases.start - last > REST_S * RATE_HZ:
            return [kept, first, *found[1:]]
        return [replace(first, reps=(*kept.reps, *first.reps)), *found[1:]]

    def _keep(self, seconds: int) -> None:
        """Let go of the samples before the last KEEP_S; of the present set the reps in them stay."""
        until = seconds - KEEP_S
        old = self.sets[-1] if self.sets else None
        reps = tuple(rep for rep in old.reps if rep.phases.end < until * RATE_HZ) if old else ()
        if old and reps:
            self._kept = old.with_reps(reps)
            until = int(reps[-1].phases.end // RATE_HZ)
        self._from = until


def _without_steps(one: LegSet, judged: float) -> LegSet:
    """Without the last reps that may turn out to be steps: swings are known only later."""
    usual = float(np.median([_length(rep) for rep in one.reps]))
    least = max(STEP_S * RATE_HZ, LIKE * usual)
    return one.with_reps(tuple(rep for rep in one.reps if rep.phases.end < judged or _length(rep) >= least))


def _length(rep: LegRep) -> float:
    return rep.phases.end - rep.phases.start
