"""What lost packets cost: the same recordings with samples taken out, on the true time grid."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

import numpy as np

from distal.model import BoolArray, Track
from distal.validate import raises, walks
from distal.validate.contacts import MS
from distal.validate.figures import Figure, Section, Target
from distal.validate.match import spread
from distal.validate.recordings import tracks, truth

PACKET = 18  # samples: what a cuff sends at once
PACKET_S = PACKET / 208.0  # and how long they last at the rate of a cuff
# Most recordings are slower: 18 of their own samples are a longer hole, 0.18 s at 100 Hz and 0.72 s at 25 Hz
PATTERNS = {"cuff_packets_10": (0.10, None), "packets_10": (0.10, PACKET), "scattered_5": (0.05, 1)}
WORDS = {
    "cuff_packets_10": "10 % lost as packets of a cuff (87 ms)",
    "packets_10": "10 % lost as 18 samples of the recording",
    "scattered_5": "5 % lost one by one",
}
SEEDS = (1, 2, 3)
Job = tuple[str, str, str, int]  # group, recording, pattern, seed


@dataclass(slots=True)
class Hurt:
    """One recording with a pattern of loss, or whole (pattern "")."""

    pattern: str
    walk: walks.Walk | None = None
    raised: raises.Raises | None = None


def lose(track: Track, share: float, run: int, seed: int) -> Track:
    """Take out runs of samples by chance; what is left keeps its place in time."""
    rng = np.random.default_rng((seed, crc32(track.side.encode())))
    n = len(track.gyr)
    hit = rng.random(-(-n // run)) < share
    gone: BoolArray = np.repeat(hit, run)[:n]
    gone[0] = gone[-1] = False
    return hide(track, gone)


def hide(track: Track, gone: BoolArray) -> Track:
    """Missing samples are NaN rows."""
    gyr, acc = track.gyr.copy(), track.acc.copy()
    gyr[gone], acc[gone] = np.nan, np.nan
    return replace(track, gyr=gyr, acc=acc)


def jobs(folder: Path) -> list[Job]:
    """Every walk and every session: whole, and with each pattern of loss."""
    cases = [("", 0), *((name, seed) for name in PATTERNS for seed in SEEDS)]
    walked = [(walks.GROUP, name, *case) for name in walks.jobs(folder) for case in cases]
    raised = [(raises.GROUP, name, *case) for name in raises.jobs(folder) for case in cases]
    return walked + raised


def work(folder: Path, job: Job) -> Hurt:
    """Score one recording with one pattern of loss."""
    group, name, pattern, seed = job
    legs: Sequence[Track] = tracks(folder, group, name, "foot" if group == walks.GROUP else "ankle")
    if pattern:
        share, run = PATTERNS[pattern]
        legs = [lose(leg, share, run or round(PACKET_S * leg.time.rate_hz), seed) for leg in legs]
    exact = truth(folder, group, name)
    if group == walks.GROUP:
        return Hurt(pattern, walk=walks.score(legs, exact, name))
    return Hurt(pattern, raised=raises.score(legs, exact, name))


def section(cases: Sequence[Hurt]) -> Section:
    """Cost in F1, stride time and reps, against the same recordings whole."""
    figures: list[Figure] = []
    for pattern, words in WORDS.items():
        figures += _walk_figures(pattern, words, cases) + _rep_figures(pattern, words, cases)
    note = f"real recordings with samples taken out, {len(SEEDS)} draws each, against themselves whole"
    return Section("damage", "Lost packets", note, figures)


def _walk_figures(pattern: str, words: str, cases: Sequence[Hurt]) -> list[Figure]:
    whole, hurt = (
        walks.total([one.walk for one in cases if one.walk and one.pattern == kind]) for kind in ("", pattern)
    )
    f1 = [walk.counts["walk"].f1 for walk in (whole, hurt)]
    mae = [spread([MS * x for x in walk.tally.stride]).mae for walk in (whole, hurt)]
    cost = None if None in f1 else f1[0] - f1[1]  # type: ignore[operator]
    ratio = None if None in mae else mae[1] / mae[0]  # type: ignore[operator]
    return [
        Figure(
            f"{pattern}_f1_cost",
            f"{words}: step F1 within the walk lost",
            cost,
            "",
            hurt.counts["walk"].wanted,
            Target(at_most=0.005),
        ),
        Figure(
            f"{pattern}_stride_ratio",
            f"{words}: stride-time error, times that of the whole",
            ratio,
            "×",
            len(hurt.tally.stride),
            Target(at_most=1.3),
        ),
    ]


def _rep_figures(pattern: str, words: str, cases: Sequence[Hurt]) -> list[Figure]:
    whole = {one.raised.name: one.raised.found for one in cases if one.raised and not one.pattern}
    hurt = [one.raised for one in cases if one.raised and one.pattern == pattern]
    same = sum(one.found == whole[one.name] for one in hurt)
    near = sum(abs(one.found - whole[one.name]) <= 1 for one in hurt)
    return [
        Figure(f"{pattern}_reps_same", f"{words}: sessions with the same count of reps", same, "", len(hurt)),
        Figure(f"{pattern}_reps_near", f"{words}: … within one", near, "", len(hurt)),
    ]
