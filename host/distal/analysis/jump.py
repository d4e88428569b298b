"""Height, contact and reactive strength of jumps and hops, from the flights of one or two legs.

h = g t^2 / 8; an error of 10 ms in 0.5 s is 12 mm (science 3g).
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from distal.model import Estimate, Jump, Side
from distal.units import G

HEIGHT_SLIP = 0.05  # m: landing with bent knees lengthens the flight (science 3g); one cuff cannot tell
EDGE_S = 0.009  # of a flight, both ends together: 95 % of the errors of virtual people's single jumps
# Between hops a strap on soft tissue rings from the landing into the next push, so that the push seems to end
# too soon: a flight is read so much too long, the contact before the next too short. 95 % of virtual people
RINGS_S, EVEN_S = 0.065, 0.005
MOST_CONTACT_S = 1.0  # a longer stay between two flights is a rest
Who = Literal["left", "right", "both"]
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
        contact = _stay(joined[k - 1][1], a) if k else None
        is_hop = contact is not None or (k + 1 < len(joined) and _stay(b, joined[k + 1][0]) is not None)
        who: Who = "both" if len(sides) == 2 else next(iter(sides))
        flight = Estimate(b - a, b - a - RINGS_S, b - a + EVEN_S, 1) if is_hop else _plain(b - a)
        out.append(_jump((a, b), who, flight, contact))
    return tuple(out)


def _stay(landing: float, takeoff: float) -> float | None:
    """On the floor between two flights, s; None is a rest."""
    return takeoff - landing if 0 < takeoff - landing < MOST_CONTACT_S else None


def _plain(flight: float) -> Estimate:
    return Estimate(flight, flight - EDGE_S, flight + EDGE_S, 1)


def _jump(
    ends: tuple[float, float],
    who: Who,
    flight: Estimate,
    contact: float | None,
) -> Jump:
    flight = Estimate(flight.value, max(flight.low, 0.0), flight.high, 1)
    value, low, high = (G * t**2 / 8 for t in (flight.value, flight.low, flight.high))
    height = Estimate(value, max(low - HEIGHT_SLIP, 0.0), high, 1)
    stay = rsi = None
    if contact is not None:
        stay = Estimate(contact, max(contact - EVEN_S, EDGE_S), contact + RINGS_S, 1)
        rsi = Estimate(height.value / contact, height.low / stay.high, height.high / stay.low, 1)
    return Jump(who, *ends, flight, height, stay, rsi)
