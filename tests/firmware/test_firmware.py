"""The cuff's own code under the real interpreter: each `test_` of the `mp_*.py` files in one of its own."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def facts() -> list[tuple[str, str]]:
    """(module, function) of every test for the cuff's interpreter."""
    found = []
    for path in sorted(HERE.glob("mp_*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        names = [item.name for item in body if isinstance(item, ast.FunctionDef)]
        found += [(path.stem, name) for name in names if name.startswith("test_")]
    return found


@pytest.mark.parametrize(("module", "name"), facts(), ids=lambda text: text.removeprefix("mp_"))
def test_cuff(run_cuff: Callable[..., str], module: str, name: str) -> None:
    run_cuff("mp_run.py", module, name)
