"""Plants a mutant in a copy of the tree and asks whether it is found."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.sim.mutants import Mutant

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("host/distal", "protocol", "firmware", "tests", "pyproject.toml")
LIMIT_S = 240  # of one try; a mutant that hangs is found too


def copy_tree(target: Path) -> None:
    """The sources, without what runs leave in them."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            ignore = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.copytree(source, target / part, ignore=ignore, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, target / part)


def is_found(mutant: Mutant, tree: Path) -> tuple[bool, str]:
    """Whether the mutant's plan or tests fail in the tree, and what was said; the tree is mended after."""
    path = tree / mutant.file
    text = path.read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1, f"{mutant.file} holds it {text.count(mutant.old)} times"
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        return _try(mutant, tree)
    finally:
        path.write_text(text, encoding="utf-8")


def _try(mutant: Mutant, tree: Path) -> tuple[bool, str]:
    if isinstance(mutant.found_by, str):
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mutant.found_by]
        wanted = 1
    else:
        command = [sys.executable, "-m", "tests.sim.detect", mutant.found_by.to_json()]
        wanted = 3
    folders = (tree / "host", tree / "protocol", tree)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return True, "it hangs"
    return done.returncode == wanted, f"exit code {done.returncode}: {done.stdout}{done.stderr}"[-2000:]
