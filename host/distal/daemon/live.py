"""The pipeline's live view -> the part of the state that the page draws, cut to the digits of a drawing."""

from distal.analysis.live import LegLive as Seen
from distal.analysis.live import LiveRep as SeenRep
from distal.daemon.state import LegLive, LiveLoad, LiveRep, LiveState
from distal.model import Estimate
from distal.pipeline import Live


def live_state(live: Live) -> LiveState:
    """What `state.live` says of a session that runs; cadence only while somebody walks."""
    cadence = live.cadence if live.is_walking else None
    return LiveState(
        t=round(live.t, 2),
        cadence_spm=_cut(live.cadence_spm if live.is_walking else None, 1),
        exercise=live.exercise,
        legs={side: _leg(seen, live.reps.get(side, 0)) for side, seen in live.limbs.items()},
        walking=live.is_walking,
        cadence_low_spm=_cut(cadence.low if cadence else None, 1),
        cadence_high_spm=_cut(cadence.high if cadence else None, 1),
    )


def _leg(seen: Seen, reps: int) -> LegLive:
    moment = seen.moment_nm
    return LegLive(
        reps=reps,
        angle=tuple((round(t, 2), round(deg, 1)) for t, deg in seen.angle),
        set=tuple(_rep(rep) for rep in seen.reps),
        load_nms=_load(seen.load_nms),
        moment_nm=_cut(moment.value if moment else None),
        moment_low_nm=_cut(moment.low if moment else None),
        moment_high_nm=_cut(moment.high if moment else None),
        about=seen.about,
        phase=seen.phase,
        marks=tuple((phase, round(t, 2)) for phase, t in seen.marks),
        count=seen.count,
    )


def _rep(rep: SeenRep) -> LiveRep:
    start, top, end = (round(t, 2) for t in (rep.start_s, rep.top_s, rep.end_s))
    return LiveRep(start, top, end, round(rep.top_deg, 1), round(rep.rom_deg, 1))


def _load(load: Estimate | None) -> LiveLoad | None:
    if load is None:
        return None
    return LiveLoad(round(load.value, 2), round(load.low, 2), round(load.high, 2), load.n)


def _cut(value: float | None, digits: int = 2) -> float | None:
    return None if value is None else round(value, digits)
