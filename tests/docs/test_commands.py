"""Documents: the commands' pages are their help, and every command line in any document can be typed."""

import re
import shlex
from pathlib import Path

import pytest
from tests.docs import commands
from tests.docs.commands import ROOT

DOCUMENTS = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {".venv", "node_modules", "vectors", "hardware", "build"} & set(path.relative_to(ROOT).parts)
)
KNOWN = commands.command_contexts()
PLAIN = {"text", "", "sh", "bash", "console"}


def test_pages_are_what_the_commands_say() -> None:
    wanted = commands.pages()
    written = {path: path.read_text(encoding="utf-8") for path in commands.FOLDER.glob("*.md")}
    assert written == wanted, "run: make docs"


def lines_of(path: Path) -> list[str]:
    """Command lines in the fenced blocks and the code words of a document."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    found = [line.strip() for kind, block in blocks if kind in PLAIN for line in block.splitlines()]
    outside = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    found += re.findall(r"`(distal [^`\n]*)`", outside)
    stripped = [re.sub(r"^\$ ", "", line) for line in found]
    return [line for line in stripped if re.match(r"distal [a-z-]", line)]


def wrong_with(line: str) -> str | None:
    """What keeps a command line from being typed: an unknown command or option."""
    line = re.split(r"\s{2,}\(|\s#|\||;|&&|>|…", line)[0]
    words = shlex.split(line, posix=True)[1:]
    context, used = KNOWN[""], ""
    for n in (1, 2, 3):
        name = " ".join(words[:n])
        if name in KNOWN:
            context, used = KNOWN[name], name
    if not used and not words[0].startswith("-"):
        return f"no command {words[0]}"
    options = {one for param in context.command.params for one in (*param.opts, *param.secondary_opts)}
    options |= {"-h", "--help"}
    given = [word.partition("=")[0].rstrip(".,:") for word in words if re.match(r"--?[a-z]", word)]
    strange = [word for word in given if word not in options]
    return f"{used or 'distal'} has no {strange}" if strange else None


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_line_of_a_document_can_be_typed(path: Path) -> None:
    wrong = {line: wrong_with(line) for line in lines_of(path)}
    assert {line: why for line, why in wrong.items() if why} == {}


def test_wrong_command_line_is_noticed() -> None:
    assert wrong_with("distal blub") == "no command blub"
    assert wrong_with("distal flash --blub 3") == "flash has no ['--blub']"
    assert wrong_with("distal cuffs set a --mass 2") is None
    assert wrong_with("distal --version") is None


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_of_a_document_lead_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    inner = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in inner if not (path.parent / link).exists()] == []
