"""`distal completion`: the lines that let a shell complete commands, options, recordings, cuffs, people."""

from collections.abc import Callable
from pathlib import Path

import click
from click.shell_completion import CompletionItem, get_completion_class

from distal.errors import DistalError

VARIABLE = "_DISTAL_COMPLETE"  # set by the shell when it asks
Items = list[CompletionItem[str]]
Offer = Callable[[str], Items]


@click.command(short_help="Complete commands and names with the Tab key.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes SHELL complete commands, options, recordings, cuffs, people.

    \b
    Examples:
      distal completion bash >> ~/.bashrc
      distal completion zsh >> ~/.zshrc
      distal completion fish > ~/.config/fish/completions/distal.fish
    """
    found = get_completion_class(shell)
    assert found
    click.echo(found(click.get_current_context().find_root().command, {}, "distal", VARIABLE).source())


def offer_names(command: click.Command) -> None:
    """Let the parameters of a command offer what is known on this computer."""
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            offer_names(inner)
    for parameter in command.params:
        offer = _offer_of(parameter, command)
        if offer and not isinstance(parameter.type, click.Choice):
            parameter._custom_shell_complete = _asked(offer)


def _asked(offer: Offer) -> Callable[[click.Context, click.Parameter, str], Items]:
    """What fails offers nothing: an error has no place in the middle of a line that is being typed."""

    def ask(_context: click.Context, _parameter: click.Parameter, begun: str) -> Items:
        try:
            return offer(begun)
        except (DistalError, OSError):
            return []

    return ask


def _offer_of(parameter: click.Parameter, command: click.Command) -> Offer | None:
    """By name: an argument or option of one name means one thing in every command, but NAME of `people`."""
    name, is_option = parameter.name or "", isinstance(parameter, click.Option)
    if name == "person" or (name == "name" and not is_option and "name" in _arguments(command)[:1]):
        return _people
    if name == "cuff" or (is_option and parameter.metavar in ("ID", "CUFF")):
        return _cuffs
    if name in ("recording", "source") and not is_option:
        return _recordings
    if name == "what" and parameter.nargs == 1:
        return lambda begun: _cuffs(begun) + _recordings(begun)
    return None


def _arguments(command: click.Command) -> list[str]:
    return [one.name or "" for one in command.params if isinstance(one, click.Argument)]


def _recordings(begun: str) -> Items:
    """Recordings and folders; any file where there are none."""
    folder = Path(begun) if begun.endswith("/") else Path(begun).parent
    prefix = "" if folder == Path() else begun[: begun.rfind("/") + 1]
    found = []
    for path in sorted(folder.expanduser().iterdir()) if folder.expanduser().is_dir() else []:
        text = prefix + path.name + ("/" if path.is_dir() else "")
        if text.startswith(begun) and (path.suffix == ".distal" or path.is_dir()) and path.name[0] != ".":
            found.append(CompletionItem(text))
    return found or [CompletionItem(begun, type="file")]


def _cuffs(begun: str) -> Items:
    """Ids of the paired cuffs, and their names."""
    from distal.device.keys import CuffStore

    known = CuffStore().all()
    texts = [(one.cuff, one.name or "") for one in known] + [
        (one.name, one.cuff) for one in known if one.name
    ]
    return [CompletionItem(text, help=about) for text, about in texts if _begins(text, begun)]


def _people(begun: str) -> Items:
    from distal.cli.people import open_people

    with open_people() as people:
        return [CompletionItem(one.name) for one in people.people() if _begins(one.name, begun)]


def _begins(text: str, begun: str) -> bool:
    return text.lower().startswith(begun.lower())
