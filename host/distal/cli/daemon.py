"""`distal daemon`: links the paired cuffs by itself, records sessions, serves the live page."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from distal.daemon.config import Config


@click.command(short_help="Link, record and show by itself.")
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Settings (daemon.toml in the settings folder).",
)
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the live page; 0: a free one.")
@click.option("--check", is_flag=True, help="Check the settings and stop.")
@click.option("--print-config", is_flag=True, help="Print settings with every key, and stop.")
def daemon(path: Path | None, port: int | None, check: bool, print_config: bool) -> None:
    """Link the paired cuffs, record sessions, write reports, serve a live page.

    A session begins and ends on the page, by a cuff's button, or by motion.
    Recordings and reports lie in the folder that the settings name
    (~/Distal). The page is for this computer alone. Ctrl-C ends it cleanly.

    \b
    Examples:
      distal daemon
      distal daemon --print-config > daemon.toml
      distal daemon --config daemon.toml --check
    """
    from distal.daemon import config

    if print_config:
        click.echo(config.example(), nl=False)
    elif check:
        _check(path)
    else:
        settings = config.load(path)
        asyncio.run(_serve(settings, settings.server.port if port is None else port))


def _check(named: Path | None) -> None:
    from distal.daemon import config
    from distal.errors import ConfigError

    path = named or config.config_path()
    if named is None and not path.exists():
        click.echo(f"There is no {path}: the defaults hold. To change some: distal daemon --print-config")
        return
    checked = config.check(path)
    for problem in checked.problems:
        click.echo(f"{path}: {problem}")
    if checked.problems:
        count = "1 mistake" if len(checked.problems) == 1 else f"{len(checked.problems)} mistakes"
        raise ConfigError(f"{path} has {count}. Mend it, or see: distal daemon --print-config")
    click.echo(f"{path} is good.")


async def _serve(settings: "Config", port: int) -> None:
    from distal.daemon.daemon import Daemon, running
    from distal.daemon.logs import make_log
    from distal.daemon.serve import serving
    from distal.daemon.web import make_app
    from distal.report.words import words

    log, say = make_log(), words(settings.server.lang).say
    stopped = _stop_on_signals()
    one = Daemon(settings, log=log)
    async with (
        running(one),
        serving(make_app(one, settings.server.lang), settings.server.address, port) as url,
    ):
        folder = settings.recordings.folder
        log.info("serving", text=say("daemon.serving", url=url, folder=folder), url=url, folder=str(folder))
        await stopped.wait()
        log.info("stopping", text=say("daemon.stopping"))
    log.info("stopped", text=say("daemon.stopped"))


def _stop_on_signals() -> asyncio.Event:
    """Set by Ctrl-C or SIGTERM; a second Ctrl-C ends the program at once."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)

    def stop(*_: Any) -> None:
        loop.call_soon_threadsafe(stopped.set)
        for number in numbers:
            with suppress(NotImplementedError, ValueError):
                loop.remove_signal_handler(number)

    for number in numbers:
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows: no handlers in its loop
            signal.signal(number, stop)
    return stopped
