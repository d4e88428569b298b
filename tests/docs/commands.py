"""docs/commands: one page per command, from click's own help."""

from collections.abc import Iterator
from pathlib import Path

import click

from distal.cli import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "commands"
WIDTH = 78  # what a terminal of 80 columns shows
HEAD = "<!-- generated from the command's help by `make docs` -->"
# command -> what else to read, from docs/commands/
SEE = {
    "flash": [("From a bare board to a cuff", "../flash.md")],
    "pair": [("Pair from a laptop", "../pair.md")],
    "cuffs": [("Pair from a laptop", "../pair.md")],
    "record": [("Pair from a laptop", "../pair.md")],
    "daemon": [("Run it by itself", "../daemon.md"), ("the daemon", "../../host/distal/daemon/README.md")],
    "service": [("Run it by itself", "../daemon.md")],
    "analyze": [("every metric", "../../host/distal/analysis/metrics/")],
    "validate": [("how accuracy is measured", "../../host/distal/validate/README.md")],
    "simulate": [("cuffs without hardware", "../../host/distal/virtual/README.md")],
    "people": [("intended use", "../intended-use.md")],
    "plan": [("intended use", "../intended-use.md")],
}


def open_command(parent: click.Context, name: str, command: click.Command) -> click.Context:
    """The context in which a command would run."""
    settings = dict(command.context_settings)
    return click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH, **settings)


def top() -> click.Context:
    """The context of `distal` itself."""
    return click.Context(cli, info_name="distal", terminal_width=WIDTH, **cli.context_settings)


def parts(context: click.Context) -> Iterator[click.Context]:
    """A command and, of a group, every command in it."""
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            inner = context.command.get_command(context, name)
            assert inner
            yield from parts(open_command(context, name, inner))


def command_contexts() -> dict[str, click.Context]:
    """Every command line that exists (`people add`) -> its context."""
    with_top = list(parts(top()))
    return {one.command_path.removeprefix("distal").strip(): one for one in with_top}


def page(name: str) -> str:
    """The page of a command."""
    command = cli.get_command(top(), name)
    assert command
    found = list(parts(open_command(top(), name, command)))
    blocks = [f"{HEAD}\n\n# distal {name}", _help(found[0])]
    for inner in found[1:]:
        blocks += [f"## {inner.command_path}", _help(inner)]
    if name in SEE:
        blocks.append("See also: " + ", ".join(f"[{text}]({place})" for text, place in SEE[name]) + ".")
    return "\n\n".join([*blocks, "[All commands](README.md)"]) + "\n"


def _help(context: click.Context) -> str:
    lines = [line.rstrip() for line in context.get_help().splitlines()]
    return "\n".join(["```text", *lines, "```"])


def index() -> str:
    """The list of all commands."""
    rows = []
    for name in COMMANDS:
        command = cli.get_command(top(), name)
        assert command
        rows.append(f"| [{name}]({name}.md) | {command.get_short_help_str(100)} |")
    head = "| `distal` … | |\n|---|---|"
    return "\n".join([HEAD, "", "# Commands", "", head, *rows, "", "[Documents](../README.md)", ""])


def pages() -> dict[Path, str]:
    """File -> text of everything under docs/commands."""
    found = {FOLDER / f"{name}.md": page(name) for name in COMMANDS}
    return {FOLDER / "README.md": index(), **found}
