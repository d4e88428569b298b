"""Break a copy of the design and see whether the gate notices. A gate that never fails is no gate."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gates import kicad


@dataclass(frozen=True)
class Wound:
    """One deliberate mistake and the check that must find it."""

    name: str
    file: str
    change: Callable[[str], str]
    check: Callable[[Path], list[str]]
    finds: str  # expected in the findings


def rename_label(text: str) -> str:
    """IMU interrupt goes nowhere: the label at the module gets another name."""
    return text.replace('(global_label "IMU_INT1"', '(global_label "IMU_INT9"', 1)


def swap_labels(text: str) -> str:
    """SDA and SCL change places at the module."""
    return (
        text.replace('label "SDA"', 'label "X"')
        .replace('label "SCL"', 'label "SDA"')
        .replace('label "X"', 'label "SCL"')
    )


def other_value(text: str) -> str:
    return text.replace('"220k"', '"100k"', 1)


def no_track(text: str) -> str:
    """The first track of the net SDA goes."""
    net = re.search(r'\(net (\d+) "SDA"\)', text)
    assert net
    return re.sub(rf"\(segment(?:(?!\(segment)[\s\S])*?\(net {net[1]}\)[\s\S]*?\)\s*\)", "", text, count=1)


def thin_battery(text: str) -> str:
    net = re.search(r'\(net (\d+) "VBAT"\)', text)
    assert net
    return re.sub(
        rf"\(width 0\.8\)(\s*\(layer \"[FB]\.Cu\"\)\s*\(net {net[1]}\))", r"(width 0.2)\1", text, count=1
    )


WOUNDS = (
    Wound("label renamed", "module.kicad_sch", rename_label, kicad.erc, "label"),
    Wound("net moved in the schematic only", "module.kicad_sch", swap_labels, kicad.drc, "net_conflict"),
    Wound("value changed in the schematic only", "power.kicad_sch", other_value, kicad.drc, "mismatch"),
    Wound("track removed", "carrier.kicad_pcb", no_track, kicad.drc, "nconnected"),
    Wound("battery track thinned", "carrier.kicad_pcb", thin_battery, kicad.drc, "track_width"),
)


def inflict(wound: Wound, folder: Path) -> list[str]:
    """Findings of the check on a copy of the board with the wound."""
    copy = folder / wound.name.replace(" ", "-")
    shutil.copytree(kicad.BOARD, copy)
    path = copy / wound.file
    before = path.read_text(encoding="utf-8")
    after = wound.change(before)
    assert after != before, f"{wound.name}: the file no longer has what this wound changes"
    path.write_text(after, encoding="utf-8")
    return wound.check(copy)


def unnoticed(folder: Path) -> list[str]:
    """Wounds that no check complained about."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return [wound.name for wound in WOUNDS if not any(wound.finds in text for text in inflict(wound, folder))]
