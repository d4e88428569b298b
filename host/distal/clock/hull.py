"""The line under arrivals: lower hull of (cuff time, arrival - cuff time). Pure.

Between two radio events a packet waits, never the other way round: arrival minus cuff clock is the true
offset plus a delay that is only ever too long. The line under all those points is therefore the clock, and
the points touching it are the packets that waited least.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """Host seconds of a cuff clock: host = cuff_s * slope + offset_s."""

    offset_s: float
    slope: float

    def host_s(self, cuff_s: float) -> float:
        """Host time, s, of a cuff time, s; late by the least delay of the radio."""
        return cuff_s * self.slope + self.offset_s


@dataclass(frozen=True, slots=True)
class Low:
    """The lower hull of some points, and the sum of their places: all that a line needs of them."""

    hull: tuple[Point, ...]
    count: int
    sum_s: float

    @property
    def mean_s(self) -> float:
        """Mean place of all points."""
        return self.sum_s / self.count


def lower_hull(points: Iterable[Point]) -> tuple[Point, ...]:
    """The convex lower hull of points in order of x."""
    hull: list[Point] = []
    for point in points:
        while len(hull) > 1 and _is_above(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    return tuple(hull)


def low_of(points: Sequence[Point]) -> Low:
    """Reduce points, in order of x, to their hull. They must not be empty."""
    return Low(lower_hull(points), len(points), sum(x for x, _ in points))


def joined(parts: Sequence[Low]) -> Low:
    """The hull of several hulls that follow one another is the hull of all their points."""
    points = (point for part in parts for point in part.hull)
    return Low(lower_hull(points), sum(part.count for part in parts), sum(part.sum_s for part in parts))


def line_under(low: Low, limit: float, least_span_s: float) -> Line:
    """The line that stays under all points with the least sum of distances: the edge below the mean place.

    limit         largest skew that is believed
    least_span_s  below it the slope would be radio jitter (tens of ms), so the nominal rate is kept
    """
    skew = 0.0
    if low.hull[-1][0] - low.hull[0][0] >= least_span_s:
        mean_s = low.mean_s
        for (x0, y0), (x1, y1) in zip(low.hull, low.hull[1:], strict=False):
            if x0 <= mean_s <= x1 and x1 > x0:
                skew = min(max((y1 - y0) / (x1 - x0), -limit), limit)
                break
    return Line(min(y - skew * x for x, y in low.hull), 1.0 + skew)


def _is_above(a: Point, b: Point, c: Point) -> bool:
    """Whether b lies on or above the straight line from a to c, so that it is not part of the lower hull."""
    return (b[0] - a[0]) * (c[1] - a[1]) <= (c[0] - a[0]) * (b[1] - a[1])
