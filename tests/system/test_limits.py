"""A limit that a leg passes is told within a second, and stands in every report of the recording."""

import math
from pathlib import Path

import pytest

from distal.link.ble import BleRadio
from distal.model import SIDES, Facts
from distal.people.limits import Limits, Watch, to_dict
from distal.people.watching import legs_now
from distal.pipeline import Live
from distal.report.words import words
from distal.review import load_report
from distal.session import Listener, Plan, Session
from distal.virtual.clockloop import run
from distal.virtual.motion import Athlete, scripts
from distal.virtual.rig import CuffSetup, VirtualRig

LIMITS = Limits(rom_deg=40.0)


@pytest.mark.slow
def test_a_range_beyond_the_limit_is_told_within_a_second_and_in_the_report(tmp_path: Path) -> None:
    performance = scripts.by_name("seated_knee_extension").perform(Athlete())
    truth = performance.truth(1.0, 1.0)
    setups = [CuffSetup(performance.motion(side), side=side) for side in SIDES]
    first = min(one["reps"][0]["top_s"] for one in truth["sets"])
    told: list[tuple[float, str]] = []
    watch = Watch(LIMITS)

    def look(live: Live) -> None:
        told.extend((live.t, one.limit) for one in watch.look(legs_now(live.limbs, live.exercise), live.t))

    async def main() -> None:
        async with VirtualRig(setups) as rig:
            plan = Plan(Facts(height_m=1.75), first + 20.0, about={"limits": to_dict(LIMITS)})
            session = Session(BleRadio(rig.backend), tmp_path / "set.distal", plan, Listener(live=look))
            await session.run()

    run(main(), speed=math.inf)
    assert told[0][1] == "rom_deg"
    assert told[0][0] <= first + 1.0  # it was passed before the top
    report, _, _ = load_report(tmp_path / "set.distal")
    assert any(one.code == "limit" and "your limit is 40" in words().notice(one) for one in report.notices)
