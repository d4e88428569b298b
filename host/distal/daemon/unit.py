"""`distal daemon` as a service of the user: a systemd unit, written, switched on, asked after, taken away."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from distal.errors import DaemonError

NAME = "distal.service"
KEPT = ("DISTAL_CONFIG", "DISTAL_HCI")  # what of the environment the service gets too
STOP_S = 150  # more than daemon.SAVE_S: the last report is worth waiting for

Systemctl = Callable[..., tuple[int, str]]

_UNIT = """[Unit]
Description=Distal daemon: records sessions of smart ankle weights

[Service]
Type=exec
ExecStart={command}
{environment}Restart=on-failure
RestartSec=2
# mistakes in the settings: starting anew mends nothing
RestartPreventExitStatus=2
KillSignal=SIGTERM
TimeoutStopSec={stop_s}
NoNewPrivileges=yes
UMask=0077

[Install]
WantedBy=default.target
"""


def unit_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where units of the user lie."""
    base = environment.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "systemd" / "user" / NAME


def unit_text(config: Path | None = None, environment: Mapping[str, str] = os.environ) -> str:
    """The unit for this Python and this installation; `config` as for `distal daemon --config`."""
    command = [sys.executable, "-m", "distal.cli", "daemon"]
    if config:
        command += ["--config", str(config.absolute())]
    kept = [f"{name}={environment[name]}" for name in KEPT if environment.get(name)]
    return _UNIT.format(
        command=" ".join(_quote(part) for part in command).replace("$", "$$"),
        environment="".join(f"Environment={_quote(one)}\n" for one in kept),
        stop_s=STOP_S,
    )


def _quote(text: str) -> str:
    """One word of a unit: systemd takes % for itself, and C escapes inside of quotes."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text}"' if any(sign in text for sign in " \t\"'\\;") else text


def systemctl(*arguments: str) -> tuple[int, str]:
    """Run `systemctl --user`; exit code and what it said. raises DaemonError where there is no systemd"""
    if not shutil.which("systemctl"):
        raise DaemonError(
            "there is no systemd here. Start `distal daemon` with what this system has for services"
            " (launchd, Task Scheduler)."
        )
    done = subprocess.run(["systemctl", "--user", *arguments], capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def install(config: Path | None = None, run: Systemctl = systemctl) -> Path:
    """Write the unit, switch it on and start it. raises DaemonError"""
    path = unit_path()
    _must(run, "show-environment")  # is the user's systemd there? Asked before anything is written
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(unit_text(config), encoding="utf-8")
    except OSError as error:
        raise DaemonError(
            f"{path} cannot be written ({error.strerror}). Check the folder's rights."
        ) from error
    _must(run, "daemon-reload")
    _must(run, "enable", NAME)
    _must(run, "restart", NAME)
    return path


def uninstall(run: Systemctl = systemctl) -> bool:
    """Stop it, switch it off, remove the unit; False if there is none. raises DaemonError"""
    path = unit_path()
    if not path.exists():
        return False
    _must(run, "disable", "--now", NAME)
    path.unlink()
    _must(run, "daemon-reload")
    return True


def status(run: Systemctl = systemctl) -> dict[str, object]:
    """Whether it is installed, switched on and running. raises DaemonError"""
    _, enabled = run("is-enabled", NAME)
    _, active = run("is-active", NAME)
    path = unit_path()
    return {
        "installed": path.exists(),
        "enabled": enabled == "enabled",
        "state": active if active.isalpha() else "unknown",
        "unit": str(path),
    }


def _must(run: Systemctl, *arguments: str) -> None:
    code, said = run(*arguments)
    if code:
        what = "systemctl --user " + " ".join(arguments)
        raise DaemonError(f"`{what}` failed: {said or code}. Try it by hand: it needs a session of the user.")
