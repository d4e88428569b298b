"""Half an hour of two cuffs in virtual time, with a lossy radio and two walks out of range."""

import asyncio

from tests.system.conftest import Record, record
from tests.system.test_stream import assert_whole

from distal.virtual.rig import RadioFaults, VirtualRig

__all__ = ["record"]
HALF_HOUR_S = 1800.0


def test_half_an_hour_loses_nothing(record: Record) -> None:
    async def walk_away(rig: VirtualRig) -> None:
        for cuff in rig.cuffs:
            await asyncio.sleep(600.0)
            cuff.move_out_of_range()
            await asyncio.sleep(3.0)  # the supervision timeout is 4 s: the link outlives it
            cuff.move_into_range()

    outcome = record(HALF_HOUR_S, RadioFaults(loss=0.1, seed=3), walk_away)
    assert all(count > HALF_HOUR_S * 208 for count in outcome.taken)
    assert_whole(outcome.indices(), outcome.taken)
