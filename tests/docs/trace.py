"""docs/trace.md: what the founding documents ask for -> command -> test -> last measured value.

The rows stand in trace.toml. A row may gain tests; one that loses some stops the writing.
"""

import ast
import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ROWS = Path(__file__).resolve().parent / "trace.toml"
PAGE = ROOT / "docs" / "trace.md"
RESULTS = ROOT / "host" / "distal" / "validate" / "results.json"
NO_TEST = "**no passing test**"
UNPROVEN = {"skip", "xfail"}  # a test marked so passes without proving
HEAD = """<!-- generated from tests/docs/trace.toml by `make docs` -->

# Trace

Two documents about ankle weights began this project. Each row is one thing that they say or ask for, in our
words; the commands that answer it; the tests that prove the answer; and what was last measured of it
([all figures](../host/distal/validate/README.md)). A dash: nothing is measured there. *Missing* is what the
row asks for and does not have yet. `make docs` refuses to take tests out of a row.

| | asked for | commands | measured | missing |
|---|---|---|---|---|
"""


class Lost(Exception):
    """A row would have fewer tests than before."""


def rows() -> list[dict[str, Any]]:
    """Every row: id, asks, commands, tests; some with measured, missing."""
    found: list[dict[str, Any]] = tomllib.loads(ROWS.read_text(encoding="utf-8"))["row"]
    return found


@cache
def _functions(path: Path) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = [(one.name + "::", one) for one in tree.body if isinstance(one, ast.ClassDef)]
    return {
        prefix + item.name: item
        for prefix, place in [("", tree), *inside]
        for item in place.body
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def is_collected(test: str) -> bool:
    """Whether pytest finds a test of that name (`file.py::test_name`, from tests/)."""
    file, _, name = test.partition("::")
    path = ROOT / "tests" / file
    is_named = path.name.startswith("test_") and name.split("::")[-1].startswith("test_")
    return is_named and path.is_file() and name in _functions(path)


def proves(test: str) -> bool:
    """Whether the test can only pass by what it asserts: neither skipped nor expected to fail."""
    file, _, name = test.partition("::")
    marks = ast.unparse(ast.Tuple(_functions(ROOT / "tests" / file)[name].decorator_list, ast.Load()))
    return not any(re.search(rf"mark\.{word}\b", marks) for word in UNPROVEN)


def _measured(row: dict[str, Any]) -> str:
    sections = json.loads(RESULTS.read_text(encoding="utf-8"))["sections"]
    figures = {f"{one['name']}.{two['key']}": two for one in sections for two in one["figures"]}
    shown = []
    for key, words in row.get("measured", {}).items():
        found = figures.get(key)
        value = "–" if found is None else f"{found['value']:g} {found['unit']}".strip()
        shown.append(f"{words}: {value}")
    return "<br>".join(shown) or "–"


def _line(row: dict[str, Any]) -> str:
    commands = "<br>".join(f"`{one}`" for one in row["commands"]) or "–"
    return f"| {row['id']} | {row['asks']} | {commands} | {_measured(row)} | {row.get('missing', '')} |"


def _proofs(row: dict[str, Any]) -> str:
    proving = [test for test in row["tests"] if proves(test)]
    lines = [f"- [{test}](../tests/{test.partition('::')[0]})" for test in proving] or [f"- {NO_TEST}"]
    return "\n".join([f"**{row['id']}** {row['asks']}", "", *lines])


def render() -> str:
    """The page."""
    found = rows()
    table = "\n".join(map(_line, found))
    return HEAD + table + "\n\n## Tests\n\n" + "\n\n".join(map(_proofs, found)) + "\n"


def tests_of(page: str) -> dict[str, int]:
    """How many tests each row of a page has."""
    parts = re.split(r"^\*\*(S\d+)\*\*", page.partition("## Tests")[2], flags=re.MULTILINE)
    return {
        name: len(re.findall(r"^- \[", text, re.MULTILINE))
        for name, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def losses(before: str, after: str) -> list[str]:
    """Sentences about the rows that have fewer tests than before."""
    now = tests_of(after)
    return [
        f"{name} had {n} tests and would have {now.get(name, 0)}. Name others that prove it in trace.toml."
        for name, n in tests_of(before).items()
        if now.get(name, 0) < n
    ]


def checked() -> str:
    """The page, unless a row would lose tests. raises Lost"""
    page = render()
    lost = losses(PAGE.read_text(encoding="utf-8"), page) if PAGE.exists() else []
    if lost:
        raise Lost("\n".join(lost))
    return page
