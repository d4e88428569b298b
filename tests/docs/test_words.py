"""Product text never promises what only a medical device may: no finding of diseases, no healing."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.docs.commands import ROOT, command_contexts

from distal.people.profile import QUESTIONS
from distal.report.words import en, en_daemon

HOST = ROOT / "host" / "distal"
PROMISES = (
    r"diagnos\w*|treat(s|ed|ing|ments?)?|cur(e|es|ed|ing)|heal(s|ed|ing)?|therap(y|ies|eutic)|"
    r"injury risk|risk of injury|prevents? injur\w+|abnormal\w*|deficits?|normal range|"
    r"bone loads?|muscle activation|safe|safely|clinical(ly)?|medical(ly)?|rehabilitat\w+"
)
GRADES = r"bad|fail(s|ed|ure)?|poor|weak|scores?"  # a person is never graded: pages of sessions and sets
ALLOWED = r"only a medical device"
# what a sensor cannot see and what others claim are quoted there to be doubted
QUOTES = {"claim", "cannot", "evidence", "source", "physics", "rows", "grade"}


def promises(text: str, words: str = PROMISES) -> list[str]:
    denied = rf"\b(not|no|never)( an?)? ({words})\b"
    plain = re.sub(rf"{denied}|{ALLOWED}", "", text, flags=re.IGNORECASE)
    return [found[0] for found in re.findall(rf"\b(({words}))\b", plain, re.IGNORECASE)]


def strings(value: Any) -> Iterator[str]:
    """Every text in a TOML document but what is quoted."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from () if key in QUOTES else strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def documents() -> list[Path]:
    """What a user reads; intended-use.md says what it must not be used for."""
    found = [
        ROOT / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(HOST / "analysis" / "metrics").glob("*.md"),
    ]
    found += [ROOT / "firmware" / "README.md", HOST / "daemon" / "README.md"]
    return sorted(path for path in found if path.name != "intended-use.md")


def test_no_text_promises_what_a_medical_device_would() -> None:
    tables = {**en.TABLE, **en_daemon.TABLE, **QUESTIONS}
    assert {key: promises(text) for key, text in tables.items() if promises(text)} == {}


@pytest.mark.parametrize("name", sorted(command_contexts()))
def test_no_help_promises(name: str) -> None:
    assert promises(command_contexts()[name].get_help()) == []


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_document_promises(path: Path) -> None:
    text = re.sub(r"\w*J NeuroEng Rehabil\w*|\]\([^)]*\)|`[^`]*`", "", path.read_text(encoding="utf-8"))
    assert promises(text) == []


@pytest.mark.parametrize("place", ["explain/topics.toml", "people/rules.toml"])
def test_no_topic_and_no_rule_promises(place: str) -> None:
    texts = list(strings(tomllib.loads((HOST / place).read_text(encoding="utf-8"))))
    assert len(texts) >= 10
    assert [text for text in texts if promises(text)] == []


def spoken(path: Path) -> Iterator[str]:
    """The texts in a program: of Python without docstrings, which speak to programmers."""
    if path.suffix != ".py":
        yield re.sub(r"safe-area\S*", "", path.read_text(encoding="utf-8"))
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    quiet = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    for one in ast.walk(tree):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in quiet:
            yield one.value


@pytest.mark.parametrize("folder", ["people", "trial", "explain", "daemon", "analysis", "report", "cli"])
def test_no_text_in_the_code_promises(folder: str) -> None:
    """Advice, verdicts and warnings that are made where they are decided."""
    files = [path for path in (HOST / folder).rglob("*") if path.suffix in {".py", ".js", ".html"}]
    texts = [text for path in files for text in spoken(path)]
    assert len(texts) > 50
    assert [text for text in texts if promises(text)] == []


def test_no_page_grades_a_person() -> None:
    found = {key: promises(text, GRADES) for key, text in en.TABLE.items()}
    assert {key: words for key, words in found.items() if words} == {}


def test_promise_is_noticed_and_its_denial_is_not() -> None:
    assert promises("It diagnoses and treats.") == ["diagnoses", "treats"]
    assert promises("A safe, clinically proven cure.") == ["safe", "clinically", "cure"]
    assert promises("Not a medical device. A stimulus, not bone load.") == []
    assert promises("a treadmill, an unsafe word, a curve") == []


def test_every_page_says_that_it_is_no_medical_device() -> None:
    assert en.TABLE["small.not_medical"] == "Not a medical device."
    for name in ("README.md", "docs/intended-use.md"):
        assert "ot a medical device" in (ROOT / name).read_text(encoding="utf-8")
