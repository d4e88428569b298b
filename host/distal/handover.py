"""What a cuff keeps against what recordings hold: which samples go where. Pure.

A recording that a host began is completed: its holes, and its end as far as nobody else has it. What is left
of a session without a host becomes a recording of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from distal.joining import Apart
from distal.link.base import Kept, KeptSession
from distal.ranges import Range, joined, total, within, without
from distal.shelf import Part, span_of

Parts = Mapping[int, Sequence[Part]]  # by boot


@dataclass(frozen=True, slots=True)
class Want:
    """Samples of a session that one recording lacks. `part`: what it has of that boot; None: none of it."""

    session: KeptSession
    ranges: tuple[Range, ...]
    part: Part | None
    home: Path | Apart | None = None  # with no part: the recording of the other leg that it joins, or why not

    @property
    def joins(self) -> Path | None:
        """The recording of the other leg that it becomes a part of."""
        return self.home if isinstance(self.home, Path) else None

    @property
    def count(self) -> int:
        """Samples."""
        return total(self.ranges)


def wants(kept: Kept, parts: Parts, every: bool = False) -> list[Want]:
    """What to fetch, oldest session first.

    every  also sessions that a host began and no recording here speaks of
    """
    found = []
    for session in reversed(kept.sessions):
        # without a rate no packet of it is kept yet: it has just begun
        if session.rate_hz:
            found += of_session(session, parts.get(session.boot, ()), every)
    return found


def of_session(session: KeptSession, parts: Sequence[Part], every: bool) -> list[Want]:
    """What to fetch of one session."""
    span = session.first, session.first + session.count
    hosted = [part for part in parts if not part.is_fetched]
    found, claimed = [], list(span_of(parts))
    for part in hosted:
        own = _own(part, span, hosted)
        lacks = tuple(without(within([own], span), span_of(parts)))
        claimed.append(own)
        if lacks:
            found.append(Want(session, lacks, part))
    if session.is_alone or every:
        rest = list(without([span], joined(claimed)))
        found += _rest(session, rest, [part for part in parts if part.is_fetched])
    return found


def _own(part: Part, span: Range, others: Iterable[Part]) -> Range:
    """What belongs to a recording that a host began, of a session; nothing if they do not meet."""
    last = part.has[-1][1]
    if part.since >= span[1] or last <= span[0]:
        return span[0], span[0]
    next_one = min((other.since for other in others if other.since >= last), default=span[1])
    return part.since, next_one if part.until is None else max(part.until, last)


def _rest(session: KeptSession, rest: Sequence[Range], fetched: Sequence[Part]) -> list[Want]:
    """Each stretch that nobody has: on in the recording that it belongs to, else a new one."""
    of: dict[Part | None, list[Range]] = {}
    found = []
    for piece in rest:
        part = next((one for one in fetched if one.since <= piece[0] <= one.end), None)
        if part:
            of.setdefault(part, []).append(piece)
        else:
            found.append(Want(session, (piece,), None))
    return [*(Want(session, tuple(ranges), part) for part, ranges in of.items()), *found]


def releasable(kept: Kept, parts: Parts) -> dict[int, int]:
    """Boot -> the index before which nothing is needed of the cuff any more.

    That is after the newest session without a host, if all of it and of those before it is on disk. Sessions
    that a host began and no recording here speaks of are that host's.
    """
    found: dict[int, int] = {}
    for boot in {session.boot for session in kept.sessions}:
        for session in [one for one in reversed(kept.sessions) if one.boot == boot]:
            is_known = session.is_alone or _has_met(session, parts.get(boot, ()))
            if session.is_open or (is_known and of_session(session, parts.get(boot, ()), False)):
                break
            if is_known and not session.is_released:
                found[boot] = session.end
    return found


def _has_met(session: KeptSession, parts: Iterable[Part]) -> bool:
    span = session.first, session.first + session.count
    return any(within(part.has, span) for part in parts)
