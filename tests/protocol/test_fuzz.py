"""200 000 damaged and foreign messages; ten million in tests/soak."""

import random

import pytest
from tests.soak.test_fuzz import damaged, good_packet

from distal_wire import batch

INPUTS, AT_ONCE = 200_000, 1000


@pytest.mark.slow
def test_no_damaged_message_is_accepted_and_none_raises() -> None:
    draw = random.Random(20230502)
    packets = [good_packet(draw) for _ in range(50)]
    known = set(packets)
    accepted = 0
    for _ in range(INPUTS // AT_ONCE):
        messages = [damaged(draw.choice(packets), draw) for _ in range(AT_ONCE)]
        decoded = batch.decode(messages)
        good = [*decoded.positions.tolist(), *(place for place, _ in decoded.others)]
        accepted += sum(messages[place] not in known for place in good)
        assert len(good) + len(decoded.faults) == AT_ONCE
    assert accepted == 0
