"""The house rules for what stands under hardware/."""

import re
from pathlib import Path

WORDS = re.compile(r"\b(frames?|helpers?|utils?|nodes?|TODO|FIXME|XXX)\b", re.IGNORECASE)


def written(hardware: Path) -> list[Path]:
    """Everything people write by hand; KiCad's and generated files excepted."""
    kinds = (".py", ".md", ".toml", ".yml", ".csv", ".kicad_dru")
    own = [path for path in hardware.rglob("*") if path.suffix in kinds]
    return [path for path in own if not {".venv", "build"} & set(path.relative_to(hardware).parts)]


def test_words_and_sizes(hardware: Path) -> None:
    wrong = []
    for path in written(hardware):
        # a Debian package keeps its name
        lines = path.read_text(encoding="utf-8").replace("poppler-utils", "").splitlines()
        wrong += [f"{path.name}:{n} {line.strip()}" for n, line in enumerate(lines, 1) if WORDS.search(line)]
        wrong += [f"{path.name} has {len(lines)} lines"] if len(lines) > 400 else []
    assert wrong == []


def test_links_in_the_docs_lead_somewhere(hardware: Path) -> None:
    wrong = []
    for page in hardware.rglob("*.md"):
        if ".venv" in page.parts:
            continue
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                wrong.append(f"{page.name}: {target}")
    assert wrong == []


def test_committed_files_stay_small(hardware: Path) -> None:
    kept = [*(hardware / "pictures").iterdir(), *(hardware / "enclosure" / "out").iterdir()]
    assert sum(path.stat().st_size for path in kept) < 5_000_000


def test_licence_is_there_in_full(hardware: Path) -> None:
    text = (hardware / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("CERN Open Hardware Licence Version 2 - Permissive")
    assert "SPDX-License-Identifier: CERN-OHL-P-2.0" in (hardware / "README.md").read_text(encoding="utf-8")
