"""The live page: three files without a build step, served as they are; words and colours filled in here."""

import json
import re
from functools import cache
from html import escape
from importlib.resources import files

from distal.report.html.style import palette
from distal.report.words import words

SCRIPTS = ("live.js", "stage.js", "cells.js", "draw.js", "text.js")
TYPES = {"live.css": "text/css", "mark.svg": "image/svg+xml", **dict.fromkeys(SCRIPTS, "text/javascript")}
# nothing from elsewhere, nothing inline that runs
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
SCRIPT_WORDS = (
    "live.", "cue.", "draw.", "rings.live.", "num.", "cuff.", "level.", "exercise.", "side.", "joint.",
    "reps.", "to", "unknown",
)  # fmt: skip
_PLACE = re.compile(r"\{\{([\w.]+)\}\}")


@cache
def index(lang: str = "en") -> str:
    """The page itself."""
    say = words(lang).say
    text = _read("live.html").replace("{{WORDS}}", _script_words(lang)).replace("{{LANG}}", escape(lang))
    return _PLACE.sub(lambda found: escape(say(found[1])), text)


@cache
def asset(name: str) -> tuple[bytes, str] | None:
    """A file of the page and its type; None if there is no such file."""
    if name not in TYPES:
        return None
    text = _read(name)
    if name == "live.css":
        text = palette() + text
    return text.encode(), f"{TYPES[name]}; charset=utf-8"


def _script_words(lang: str) -> str:
    """Words for the script, as JSON that cannot end its element."""
    table = words(lang).part(*SCRIPT_WORDS)
    return json.dumps(table, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _read(name: str) -> str:
    return files("distal.daemon.page").joinpath(name).read_text(encoding="utf-8")
