"""What is wrong with a settings file, in words, with the line where it stands."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from distal.report.words import words

_SECTION = re.compile(r"\s*\[\s*([\w.\- ]+?)\s*\]")
_KEY = re.compile(r"""\s*["']?([\w.\-]+)["']?\s*=""")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake; `line` counts from 1, None: it stands nowhere."""

    line: int | None
    key: str
    text: str

    def __str__(self) -> str:
        """`line 7: server.port is ...`"""
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.key} {self.text}".strip()


def explain(error: Mapping[str, Any], schema: type[BaseModel]) -> tuple[str, str]:
    """The key, with its sections, and what is wrong with its value."""
    key = ".".join(str(part) for part in error["loc"])
    say, kind, about = words().say, error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return key, _unknown(key, schema)
    if kind == "value_error":
        return key, say("config.address", value=error["input"])
    if kind == "literal_error":
        return key, say("config.one_of", choices=about["expected"], value=error["input"])
    known = {
        "greater_than_equal": "config.at_least",
        "less_than_equal": "config.at_most",
        "bool": "config.bool",
        "int": "config.int",
        "float": "config.float",
        "string": "config.text",
        "path": "config.text",
        "model": "config.section",
    }
    found = known.get(kind) or known.get(kind.partition("_")[0])
    limit = next((str(value) for value in about.values()), "")
    return key, say(found or "config.other", value=error["input"], limit=limit, why=error["msg"])


def _unknown(key: str, schema: type[BaseModel]) -> str:
    """With the key that was probably meant."""
    near = difflib.get_close_matches(key, all_keys(schema), 1, 0.7)
    return words().say("config.unknown_near", near=near[0]) if near else words().say("config.unknown")


def all_keys(schema: type[BaseModel]) -> list[str]:
    """Every section and key, as `section` and `section.key`."""
    out = []
    for section, field in schema.model_fields.items():
        part = field.annotation
        assert isinstance(part, type)
        assert issubclass(part, BaseModel)
        out += [section, *(f"{section}.{key}" for key in part.model_fields)]
    return out


def find_line(text: str, key: str) -> int | None:
    """The line that gives `key` its value, else that of its section."""
    section, near = "", None
    for number, line in enumerate(text.splitlines(), 1):
        if head := _SECTION.match(line):
            section = head[1]
            full = section
        elif found := _KEY.match(line):
            full = f"{section}.{found[1]}" if section else found[1]
        else:
            continue
        if full == key:
            return number
        if key.startswith(full + "."):
            near = number
    return near
