"""`distal service`: the daemon as a service that starts with the user's session."""

from pathlib import Path

import click

from distal.cli.options import JSON_OPTION
from distal.cli.output import print_json


@click.group(short_help="Let the daemon start by itself (systemd).")
def service() -> None:
    """Let `distal daemon` start by itself and stay up: a systemd unit of the user.

    \b
    Examples:
      distal service install
      distal service status
      distal service uninstall
    """


@service.command(short_help="Write the unit, switch it on, start it.")
@click.option(
    "--config", type=click.Path(path_type=Path, exists=True), metavar="FILE", help="Settings of the daemon."
)
@click.option("--dry-run", is_flag=True, help="Print the unit and where it would go; change nothing.")
def install(config: Path | None, dry_run: bool) -> None:
    """Write the unit, switch it on, start it. Again: with new settings.

    \b
    Example:
      distal service install --dry-run
    """
    from distal.daemon import unit

    if dry_run:
        click.echo(f"# {unit.unit_path()}")
        click.echo(unit.unit_text(config), nl=False)
        return
    path = unit.install(config)
    click.echo(f"Installed {path} and started it.\nNext: distal service status")
    click.echo("To keep it running while nobody is logged in: loginctl enable-linger")


@service.command(short_help="Stop it and remove the unit.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed; change nothing.")
def uninstall(dry_run: bool) -> None:
    """Stop the service and remove its unit. Recordings and settings stay.

    \b
    Example:
      distal service uninstall
    """
    from distal.daemon import unit

    if dry_run:
        there = "would be removed" if unit.unit_path().exists() else "is not there"
        click.echo(f"{unit.unit_path()} {there}")
    elif unit.uninstall():
        click.echo("The service is stopped and removed. Recordings and settings stay.")
    else:
        click.echo("There was no service to remove.")


@service.command(short_help="Say whether it runs.")
@JSON_OPTION
def status(as_json: bool) -> None:
    """Say whether the service is installed, switched on and running.

    \b
    Example:
      distal service status --json
    """
    from distal.daemon import unit

    found = unit.status()
    if as_json:
        print_json(found)
        return
    if not found["installed"]:
        click.echo("distal.service is not installed.\nNext: distal service install")
        return
    enabled = "starts by itself" if found["enabled"] else "does not start by itself"
    click.echo(f"distal.service: installed, {enabled}, {found['state']}")
    click.echo("Its log: journalctl --user -u distal")
