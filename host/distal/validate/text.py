"""Sections as plain text for a terminal, and as Markdown for a README."""

from collections.abc import Mapping, Sequence
from typing import Any

from distal.validate.figures import plain

Json = Mapping[str, Any]
MARK = {True: "yes", False: "NO", None: ""}


def cells(figure: Json) -> list[str]:
    """One line of a table: what, reached, n, target, met."""
    value = figure["value"]
    unit = figure["unit"]
    shown = plain(value) + (f" {unit}" if unit and value is not None else "")
    n = "" if figure["n"] is None else plain(figure["n"])
    return [figure["what"], shown, n, figure["target"] or "", MARK[figure["met"]]]


def render(sections: Sequence[Json]) -> str:
    """Aligned columns, a head line for each section, its details below."""
    return "\n".join(_plain(one) for one in sections)


def _plain(section: Json) -> str:
    lines = [["", "reached", "n", "target", "met"], *map(cells, section["figures"])]
    head = [f"{section['title']} ({section['name']})", section["note"]]
    grids = [line for name, rows in section["details"].items() for line in _grid(name, rows)]
    return "\n".join([*head, *_align(lines, (1, 2)), *grids, ""])


def _align(lines: Sequence[Sequence[str]], right: Sequence[int]) -> list[str]:
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return [
        "  ".join(
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]


def _grid(name: str, rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """A row for each name; columns are all keys that occur."""
    columns = list(dict.fromkeys(key for row in rows.values() for key in row))
    if not columns:
        return []
    body = [[key, *(_cell(row.get(column)) for column in columns)] for key, row in rows.items()]
    lines = [[f"-- {name}", *columns], *body]
    return _align(lines, range(1, len(columns) + 1))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return " ".join(f"{key}:{n}" for key, n in value.items())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return plain(value)


def markdown(section: Json) -> str:
    """One section as a Markdown table."""
    head = ["| | reached | n | target | met |", "|---|---:|---:|---|---|"]
    rows = ["| " + " | ".join(cells(figure)) + " |" for figure in section["figures"]]
    return "\n".join(
        [f"**{section['title']}.** {section['note'][0].upper()}{section['note'][1:]}.", "", *head, *rows]
    )


def details(section: Json) -> str:
    """A section's details as Markdown tables, each after a blank line."""
    return "".join(f"\n\n{_markdown_grid(name, rows)}" for name, rows in section["details"].items() if rows)


def _markdown_grid(name: str, rows: Mapping[str, Mapping[str, Any]]) -> str:
    columns = list(dict.fromkeys(key for row in rows.values() for key in row))
    head = [f"| {name.replace('_', ' ')} | {' | '.join(columns)} |", "|---|" + "---:|" * len(columns)]
    body = [
        f"| {key} | {' | '.join(_cell(row.get(column)) for column in columns)} |" for key, row in rows.items()
    ]
    return "\n".join([*head, *body])
