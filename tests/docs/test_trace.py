"""The trace table: every row has a command that exists and tests that exist; none loses a test."""

import itertools
import json
import subprocess
from typing import Any

import pytest
from tests.docs import trace
from tests.docs.commands import command_contexts

from distal.validate.run import MODULES

ROWS = trace.rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_row_names_tests_that_exist(row: dict[str, Any]) -> None:
    assert [test for test in row["tests"] if not trace.is_collected(test)] == []
    assert len(set(row["tests"])) == len(row["tests"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_row_names_commands_that_exist(row: dict[str, Any]) -> None:
    known = command_contexts()
    for command in row["commands"]:
        words = command.removeprefix("distal ").split()
        name = next(" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in known)
        options = {one for param in known[name].command.params for one in param.opts}
        assert set(word for word in words if word.startswith("--")) <= options


def test_measured_figures_exist_where_their_section_was_measured() -> None:
    sections = json.loads(trace.RESULTS.read_text(encoding="utf-8"))["sections"]
    kept = {one["name"]: {figure["key"] for figure in one["figures"]} for one in sections}
    wanted = [key.split(".") for row in ROWS for key in row.get("measured", {})]
    assert [pair for pair in wanted if pair[0] in kept and pair[1] not in kept[pair[0]]] == []
    assert {section for section, _ in wanted} <= set(MODULES)


def test_every_row_of_the_documents_is_there_once() -> None:
    assert sorted(int(row["id"][1:]) for row in ROWS) == list(range(1, 30))


def test_table_regenerates_without_a_difference() -> None:
    assert trace.checked() == trace.PAGE.read_text(encoding="utf-8"), "run: make docs"


def test_row_that_loses_a_test_is_told_in_words() -> None:
    before = "## Tests\n\n**S1** x\n\n- [a](b)\n- [c](d)\n\n**S2** y\n\n- [e](f)\n"
    after = "## Tests\n\n**S1** x\n\n- [a](b)\n\n**S2** y\n\n- **no passing test**\n"
    assert trace.losses(before, before) == []
    lost = trace.losses(before, after)
    assert [text.split(". ")[0] for text in lost] == [
        "S1 had 2 tests and would have 1",
        "S2 had 1 tests and would have 0",
    ]


def test_row_without_a_proving_test_says_so() -> None:
    row = {"id": "S1", "asks": "x", "commands": [], "tests": []}
    assert trace.NO_TEST in trace._proofs(row)
    assert trace.tests_of("## Tests\n" + trace._proofs(row)) == {"S1": 0}


def test_no_row_has_fewer_tests_than_in_the_versions_before() -> None:
    """Each committed version of the table against the next one."""
    place = trace.PAGE.relative_to(trace.ROOT).as_posix()
    git = ["git", "-C", str(trace.ROOT)]
    done = subprocess.run([*git, "log", "-20", "--format=%H", "--", place], capture_output=True, text=True)
    if done.returncode or not done.stdout:
        pytest.skip("no history here")
    shown = [subprocess.run([*git, "show", f"{one}:{place}"], capture_output=True, text=True).stdout
             for one in done.stdout.split()]  # fmt: skip
    versions = [trace.PAGE.read_text(encoding="utf-8"), *(text for text in shown if text)]
    for after, before in itertools.pairwise(versions):
        assert trace.losses(before, after) == []
