"""Parts list, mass, power and the tables in the docs."""

import dataclasses
from pathlib import Path

import pytest
from gates import bom, netlist, pins


@pytest.fixture(scope="module")
def parts(hardware: Path) -> dict[str, netlist.Part]:
    return netlist.schematic_parts(hardware / "board" / "carrier.kicad_sch")


def test_list_is_the_schematics(parts: dict[str, netlist.Part]) -> None:
    assert bom.faults(bom.read(), parts) == []
    assert len(parts) == 38


def test_board_carries_the_schematics_values(parts: dict[str, netlist.Part], hardware: Path) -> None:
    laid = netlist.board_parts(hardware / "board" / "carrier.kicad_pcb")
    assert {ref: (p.value, p.footprint) for ref, p in laid.items()} == {
        ref: (p.value, p.footprint) for ref, p in parts.items()
    }


def test_changed_value_and_missing_part_are_noticed(parts: dict[str, netlist.Part]) -> None:
    changed = {**parts, "R1": dataclasses.replace(parts["R1"], value="100k")}
    assert len(bom.faults(bom.read(), changed)) == 1
    without = [line for line in bom.read() if "R9" not in line.refs]
    assert bom.faults(without, parts) == ["bom.csv: R9 is missing"]


def test_divider_ratio_follows_from_the_resistors(parts: dict[str, netlist.Part]) -> None:
    high, low = (float(parts[ref].value.replace("k", "e3")) for ref in ("R1", "R2"))
    assert (high + low) / low == pins.load()["values"]["divider_ratio"]


def test_pod_is_light_enough_and_a_heavy_cell_is_noticed() -> None:
    lines = bom.read()
    assert bom.mass_faults(lines) == []
    heavy = [dataclasses.replace(line, mass_g=40) if "cell" in line.value else line for line in lines]
    assert len(bom.mass_faults(heavy)) == 1


def test_power_model_on_paper() -> None:
    """28 + 0.55 + 3.8 / 440 mA from 85 % of 400 mAh."""
    from power import model

    stream = model.MODES[1]
    assert stream.hours(400) == pytest.approx(340 / (28 + 0.55 + 3.8 / 440))
    half = model.Mode("half", 20, 0.5, 2, 0)
    assert half.current_ma() == pytest.approx(11 + 3.8 / 440)


def test_docs_show_the_computed_tables(hardware: Path) -> None:
    from power import model

    readme = (hardware / "README.md").read_text(encoding="utf-8")
    assert pins.table(pins.load()) in readme
    assert bom.mass_table(bom.read()) in readme
    assert model.table() in (hardware / "docs" / "power.md").read_text(encoding="utf-8")
