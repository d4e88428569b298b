"""The systemd unit: read back, checked by systemd where it is, written and removed with our systemctl."""

import configparser
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from distal.cli import cli
from distal.daemon import unit
from distal.errors import DaemonError


class Systemctl:
    """Remembers what it was asked; fails where told."""

    def __init__(self, failing: str = "") -> None:
        self.asked: list[str] = []
        self._failing = failing

    def __call__(self, *arguments: str) -> tuple[int, str]:
        self.asked.append(arguments[0])
        return (1, "no bus") if arguments[0] == self._failing else (0, "active")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path


def read(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as the library documents it
    parser.read_string(text)
    return parser


def test_unit_starts_this_installation_and_knows_when_not_to_start_again() -> None:
    found = read(unit.unit_text(environment={}))
    assert shlex.split(found["Service"]["ExecStart"]) == [sys.executable, "-m", "distal.cli", "daemon"]
    assert found["Service"]["RestartPreventExitStatus"] == "2"
    assert found["Install"]["WantedBy"] == "default.target"


def test_odd_paths_and_environment_reach_the_service_whole(tmp_path: Path) -> None:
    odd = tmp_path / 'my "50 %" $HOME.toml'
    text = unit.unit_text(odd, {"DISTAL_HCI": "usb:0", "DISTAL_CONFIG": "/a b", "PATH": "/x"})
    service = read(text)["Service"]
    assert shlex.split(service["ExecStart"])[-1].replace("%%", "%").replace("$$", "$") == str(odd)
    assert 'Environment="DISTAL_CONFIG=/a b"\nEnvironment=DISTAL_HCI=usb:0\n' in text
    assert "PATH" not in text


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    path = tmp_path / unit.NAME
    path.write_text(unit.unit_text(tmp_path / 'my "50 %" config.toml'))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", str(path)],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_install_and_uninstall_leave_nothing(home: Path) -> None:
    systemctl = Systemctl()
    path = unit.install(run=systemctl)
    assert path == home / "systemd" / "user" / "distal.service"
    assert path.read_text() == unit.unit_text()
    assert unit.status(systemctl)["installed"]
    assert unit.uninstall(systemctl)
    assert not path.exists()
    assert not unit.uninstall(systemctl)
    assert [word for word in systemctl.asked if not word.startswith("is-")] == [
        *("show-environment", "daemon-reload", "enable", "restart"),
        *("disable", "daemon-reload"),
    ]


def test_without_a_users_systemd_nothing_is_written(home: Path) -> None:
    with pytest.raises(DaemonError, match="no bus"):
        unit.install(run=Systemctl("show-environment"))
    assert list(home.iterdir()) == []


def test_dry_run_prints_and_changes_nothing(home: Path) -> None:
    result = CliRunner().invoke(cli, ["service", "install", "--dry-run"])
    assert result.exit_code == 0
    assert "ExecStart=" in result.stdout
    assert list(home.iterdir()) == []
