"""Sections as plain text for a terminal, and as Markdown for a README."""

from collections.abc import Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]
MARK = {True: "yes", False: "NO", None: ""}


def cells(figure: Json) -> list[str]:
    """One line of a table: what, reached, n, target, met."""
    value = figure["value"]
    unit = figure["unit"]
    from distal.validate.figures import plain

    shown = plain(value) + (f" {unit}" if unit and value is not None else "")
    n = "" if figure["n"] is None else plain(figure["n"])
    return [figure["what"], shown, n, figure["target"] or "", MARK[figure["met"]]]


def render(sections: Sequence[Json]) -> str:
    """Aligned columns, a head line for each section."""
    return "\n".join(_plain(one) for one in sections)


def _plain(section: Json) -> str:
    lines = [["", "reached", "n", "target", "met"], *map(cells, section["figures"])]
    widths = [max(len(line[i]) for line in lines) for i in range(5)]
    rows = [
        "  ".join(
            c.rjust(w) if i in (1, 2) else c.ljust(w)
            for i, (c, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    return "\n".join(
        [f"{section['title']} ({section['name']})", section["note"], *(r.rstrip() for r in rows), ""]
    )


def markdown(section: Json) -> str:
    """One section as a Markdown table."""
    head = ["| | reached | n | target | met |", "|---|---:|---:|---|---|"]
    rows = ["| " + " | ".join(cells(figure)) + " |" for figure in section["figures"]]
    return "\n".join(
        [f"**{section['title']}.** {section['note'][0].upper()}{section['note'][1:]}.", "", *head, *rows]
    )
