"""Install what `make hardware` needs: KiCad 9 and Graphviz from Debian, the rest into hardware/.venv."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HARDWARE = Path(__file__).resolve().parents[1]
VENV = HARDWARE / ".venv"
PYTHON = VENV / "bin" / "python"
SOURCE = Path("/etc/apt/sources.list.d/backports.sources")
SUITE = "bookworm-backports"
PACKAGES = ["kicad", "kicad-symbols", "kicad-footprints"]


def run(*words: str) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def can_install() -> str:
    """Why Debian packages cannot be installed here; empty when they can."""
    if not shutil.which("apt-get"):
        return "no apt-get here"
    if os.geteuid() != 0:
        return "not root: `sudo make hardware`, or install KiCad 9 and Graphviz yourself"
    text = Path("/etc/os-release").read_text(encoding="utf-8")
    return "" if "bookworm" in text else "not Debian bookworm: install KiCad 9 yourself"


def install_kicad() -> str:
    """Try; the reason when it did not work. bookworm's own KiCad 6 has no kicad-cli, hence the backport."""
    if reason := can_install():
        return reason
    try:
        if not any("backports" in p.read_text() for p in SOURCE.parent.glob("*") if p.is_file()):
            key = "/usr/share/keyrings/debian-archive-keyring.gpg"
            lines = [
                "Types: deb",
                "URIs: http://deb.debian.org/debian",
                f"Suites: {SUITE}",
                "Components: main",
            ]
            SOURCE.write_text("\n".join([*lines, f"Signed-By: {key}", ""]), encoding="utf-8")
        run("apt-get", "update", "-qq")
        run("apt-get", "install", "-y", "-qq", "-t", SUITE, "--no-install-recommends", *PACKAGES)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"installing KiCad failed: {error}"
    return ""


def install_small() -> None:
    """Graphviz draws the wiring, Poppler and librsvg turn pages into pictures; both are optional."""
    wanted = {"dot": "graphviz", "pdftoppm": "poppler-utils", "rsvg-convert": "librsvg2-bin"}
    absent = [package for program, package in wanted.items() if not shutil.which(program)]
    if absent and not can_install():
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *absent], check=False)


def make_venv() -> None:
    wanted = HARDWARE / "requirements.txt"
    stamp = VENV / "made-from.txt"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted.read_text(encoding="utf-8"):
        return
    run(sys.executable, "-m", "venv", "--clear", str(VENV))
    pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    run(*pip, "-r", str(wanted))
    # without its dependencies: it would build wxPython, which KiCad brings already
    run(*pip, "--no-deps", "interactivehtmlbom==2.12.0", "jsonschema")
    stamp.write_text(wanted.read_text(encoding="utf-8"), encoding="utf-8")
