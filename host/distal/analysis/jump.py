"""Height, contact and reactive strength of jumps and hops, from the flights of one or two legs.

h = g t^2 / 8; an error of 10 ms in 0.5 s is 12 mm (science 3g).
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from distal.model import Estimate, Jump, Side
from distal.units import G

HEIGHT_SLIP = 0.05  # m: landing with bent knees lengthens the flight (science 3g); one cuff cannot tell
EDGE_S = 0.015  # of take-off and landing each
CONTACT_SLIP_S = 0.045  # both edges, and a strap that rings from the landing into the next push
MOST_CONTACT_S = 1.0  # a longer stay between two flights is a rest
PAIR_S = 0.12  # both legs leave the floor within


def jumps(legs: Mapping[Side, Sequence[tuple[float, float]]]) -> tuple[Jump, ...]:
    """Flights (take-off, landing in s) of one or two legs -> jumps in order."""
    marks = sorted((a, b, side) for side, some in legs.items() for a, b in some)
    joined: list[tuple[float, float, set[Side]]] = []
    for a, b, side in marks:
        if joined and a - joined[-1][0] <= PAIR_S and side not in joined[-1][2]:
            first = joined[-1]
            joined[-1] = ((first[0] + a) / 2, (first[1] + b) / 2, first[2] | {side})
        else:
            joined.append((a, b, {side}))
    out: list[Jump] = []
    for k, (a, b, sides) in enumerate(joined):
        before = a - joined[k - 1][1] if k else None
        contact = before if before is not None and 0 < before < MOST_CONTACT_S else None
        out.append(_jump(a, b, "both" if len(sides) == 2 else next(iter(sides)), contact))
    return tuple(out)


def _jump(
    takeoff: float, landing: float, side: Literal["left", "right", "both"], contact: float | None
) -> Jump:
    flight = landing - takeoff
    low, high = (max(flight + k * EDGE_S * float(np.sqrt(2.0)), 0.0) for k in (-1, 1))
    height = Estimate(G * flight**2 / 8, max(G * low**2 / 8 - HEIGHT_SLIP, 0.0), G * high**2 / 8, 1)
    stay = rsi = None
    if contact is not None:
        stay = Estimate(contact, max(contact - CONTACT_SLIP_S, EDGE_S), contact + CONTACT_SLIP_S, 1)
        rsi = Estimate(height.value / contact, height.low / stay.high, height.high / stay.low, 1)
    return Jump(side, takeoff, landing, Estimate(flight, low, high, 1), height, stay, rsi)
