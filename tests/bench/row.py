"""One line of the benchmark: what was measured beside a limit of the same run."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    """`ratio` says how `value` stands to `limit`, the row or bound it is held against."""

    group: str
    what: str
    value: float
    unit: str
    ratio: float
    limit: str

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def best_of(times: int, call: Callable[[], object]) -> float:
    """Shortest of several runs, s: the one that the rest of the machine disturbed least."""
    shortest = float("inf")
    for _ in range(times):
        begin = time.perf_counter()
        call()
        shortest = min(shortest, time.perf_counter() - begin)
    return shortest


def cells(row: Row) -> list[str]:
    return [row.group, row.what, f"{row.value:,.4g} {row.unit}", f"{row.ratio:,.3g} ×", row.limit]


def table(rows: Sequence[Row]) -> str:
    """Plain columns for the terminal."""
    lines = [["", "what", "measured", "ratio", "to"], *map(cells, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(5)]
    return "\n".join(
        "  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def markdown(rows: Sequence[Row]) -> str:
    """The same as a Markdown table."""
    head = ["| | what | measured | ratio | to |", "|---|---|---:|---:|---|"]
    return "\n".join([*head, *("| " + " | ".join(cells(row)) + " |" for row in rows)]) + "\n"
