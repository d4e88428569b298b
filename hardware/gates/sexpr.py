"""Read KiCad's files: nested lists of strings, and lookups by the first word."""

import re
from pathlib import Path

TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|([^\s()"]+)')


def parse(text: str) -> list:
    """The first expression of `text`."""
    stack: list[list] = [[]]
    for match in TOKEN.finditer(text):
        quoted, bracket, word = match.groups()
        if bracket == "(":
            stack.append([])
        elif bracket == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(word if quoted is None else quoted.replace('\\"', '"'))
    return stack[0][0]


def load(path: Path) -> list:
    return parse(path.read_text(encoding="utf-8"))


def every(tree: list, name: str) -> list[list]:
    """Direct children that start with `name`."""
    return [item for item in tree if isinstance(item, list) and item and item[0] == name]


def one(tree: list, name: str) -> list | None:
    found = every(tree, name)
    return found[0] if found else None


def word(tree: list, name: str, otherwise: str = "") -> str:
    """The single value of a child such as `(dnp yes)`."""
    found = one(tree, name)
    return found[1] if found and len(found) > 1 else otherwise


def fields(tree: list) -> dict[str, str]:
    return {item[1]: item[2] for item in every(tree, "property")}
