"""Write what a user sees into README.md: python -m tests.readme (part of `make docs`)."""

import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- demo -->", "<!-- end of demo -->"


def demo() -> str:
    """The report that `make demo` ends with, eight times faster."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo.distal"
        command = [sys.executable, "-m", "distal.cli", "demo", "--speed", "8", "--out", str(path)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return output.replace(str(path), "demo.distal")


def main() -> None:
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    picture = f"{BEGIN}\n```text\n$ distal demo\n{demo()}```\n{END}"
    README.write_text(before + picture + rest.split(END)[1], encoding="utf-8")


if __name__ == "__main__":
    main()
