"""What people did too fast or too low is told by tempo and range; the still leg does nothing."""

from pathlib import Path

from distal.model import Facts
from distal.validate.blocks import fast_is_told, low_is_told
from distal.validate.recordings import names, report_on, tracks, truth

SESSIONS = 8


def rep(start_s: float, long_s: float, rom: float) -> dict[str, float]:
    return {"start_s": start_s, "end_s": start_s + long_s, "rom_deg": rom}


def test_blocks_are_thirds_and_their_middle_reps_are_held_against_each_other() -> None:
    reps = [
        rep(10.0 * k, *what)
        for k, what in enumerate([(6.0, 80.0)] * 3 + [(2.0, 80.0)] * 3 + [(6.0, 50.0)] * 3)
    ]
    assert fast_is_told(reps, {"rep_count": 9})
    assert low_is_told(reps, {"rep_count": 9})
    same = [rep(10.0 * k, 6.0, 80.0) for k in range(9)]
    assert not fast_is_told(same, {"rep_count": 9})
    assert not low_is_told(same, {"rep_count": 9})


def test_fast_by_tempo_low_by_range_and_none_on_the_still_leg(real_data: Path) -> None:
    """The short sessions; `distal validate leg_raises` does all. Prone, truth itself shows no range."""
    short = [name for name in names(real_data, "leg_raises") if name.endswith("template")]
    assert len(short) == SESSIONS
    for name in short:
        exact = truth(real_data, "leg_raises", name)
        sets = report_on(tracks(real_data, "leg_raises", name, "ankle"), Facts(exercise=exact["code"]))[
            "sets"
        ]
        assert {one["side"] for one in sets} == {exact["moving_side"]}, name
        reps = [rep for one in sets for rep in one["reps"]]
        assert fast_is_told(reps, exact), name
        assert low_is_told(reps, exact) or name.split("_")[1] == "prone", name
