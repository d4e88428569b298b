"""Messages in the order in which they count: what a report is made of. Pure."""

from collections.abc import Sequence

from distal.model import Received
from distal_wire import batch


def in_index_order(rows: Sequence[Received]) -> list[Received]:
    """Every message, sample packets last, by cuff, boot and index."""
    decoded = batch.decode([row.data for row in rows])
    packets = set(decoded.positions.tolist())
    others = [row for place, row in enumerate(rows) if place not in packets]
    return others + [rows[place] for place in _index_order(rows, decoded)]


def _index_order(rows: Sequence[Received], decoded: batch.Decoded) -> list[int]:
    """Places of the good packets by cuff, boot (in order of appearance) and index, longest first."""
    streams: dict[tuple[str, int], tuple[int, int]] = {}  # cuff, boot -> number, first index seen
    keys = []
    for place, header in zip(decoded.positions.tolist(), decoded.header, strict=True):
        index = int(header["index"])
        number, base = streams.setdefault((rows[place].cuff, int(header["boot"])), (len(streams), index))
        since = (index - base + (1 << 31)) % (1 << 32)  # order survives the wrap of the index
        keys.append((number, since, -int(header["count"]), place))
    return [key[-1] for key in sorted(keys)]
