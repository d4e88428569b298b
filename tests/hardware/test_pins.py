"""One pin map: whoever disagrees with pins.toml is named."""

import copy
import json
import shutil
from pathlib import Path

import pytest
from gates import bite, netlist, pins


@pytest.fixture(scope="module")
def known() -> dict:
    return pins.load()


@pytest.fixture(scope="module")
def drawn(hardware: Path) -> netlist.Nets:
    return netlist.schematic_nets(hardware / "board" / "carrier.kicad_sch")


@pytest.fixture(scope="module")
def laid(hardware: Path) -> netlist.Nets:
    return netlist.board_nets(hardware / "board" / "carrier.kicad_pcb")


def test_schematic_and_board_follow_the_map(known: dict, drawn: netlist.Nets, laid: netlist.Nets) -> None:
    assert pins.net_faults(known, drawn, "schematic") == []
    assert pins.net_faults(known, laid, "board") == []


def test_board_connects_what_the_schematic_connects(drawn: netlist.Nets, laid: netlist.Nets) -> None:
    assert drawn.real() == laid.real()
    assert len(drawn.real()) == 19


def test_firmware_and_wiring_follow_the_map(known: dict) -> None:
    assert pins.firmware_faults(known) == []
    assert pins.wiring_faults(known) == []
    assert len(pins.wiring(pins.HARDWARE / "wiring" / "cuff.yml")) == 9


def test_each_pin_can_do_its_job(known: dict) -> None:
    assert pins.property_faults(known) == []


def test_spec_knows_every_board(known: dict) -> None:
    from distal_wire import spec

    assert {name for _, name in spec.BOARDS} == {"generic", *known["boards"]}


def test_swapped_pins_in_the_map_are_noticed(known: dict, drawn: netlist.Nets, laid: netlist.Nets) -> None:
    wrong = copy.deepcopy(known)
    wrong["nets"]["D4"], wrong["nets"]["D5"] = known["nets"]["D5"], known["nets"]["D4"]
    assert len(pins.net_faults(wrong, drawn, "schematic")) == 2
    assert len(pins.net_faults(wrong, laid, "board")) == 2
    assert pins.wiring_faults(wrong) != []
    assert pins.firmware_faults(wrong) != []


def test_battery_off_adc1_and_wake_off_rtc_are_noticed(known: dict) -> None:
    wrong = copy.deepcopy(known)
    wrong["boards"]["xiao_esp32c3"]["gpio"].update(D0=21, D1=20)
    assert len(pins.property_faults(wrong)) == 2


def test_strapping_pin_without_a_reason_is_noticed(known: dict) -> None:
    wrong = copy.deepcopy(known)
    wrong["boards"]["xiao_esp32s3"]["strapping_allowed"] = {}
    assert pins.property_faults(wrong) == ["xiao_esp32s3: IMU_INT1 on strapping pin GPIO3 without a reason"]


@pytest.mark.parametrize("change", [bite.rename_label, bite.swap_labels], ids=lambda change: change.__name__)
def test_moved_net_in_the_schematic_is_noticed(
    change: object, known: dict, hardware: Path, tmp_path: Path
) -> None:
    shutil.copytree(hardware / "board", tmp_path / "board")
    sheet = tmp_path / "board" / "module.kicad_sch"
    sheet.write_text(change(sheet.read_text(encoding="utf-8")), encoding="utf-8")
    nets = netlist.schematic_nets(tmp_path / "board" / "carrier.kicad_sch")
    assert pins.net_faults(known, nets, "schematic") != []


def test_wrong_pin_in_firmware_is_noticed(known: dict, tmp_path: Path) -> None:
    shutil.copytree(pins.FIRMWARE_BOARDS, tmp_path / "boards")
    file = tmp_path / "boards" / "xiao_esp32s3.py"
    file.write_text(
        file.read_text(encoding="utf-8").replace("IMU_INT1 = 3", "IMU_INT1 = 4"), encoding="utf-8"
    )
    found = pins.firmware_faults(known, tmp_path / "boards")
    assert found == ["firmware/boards/xiao_esp32s3.py: IMU_INT1 = 4, pins.toml says 3"]


def test_crossed_wire_is_noticed(known: dict, hardware: Path, tmp_path: Path) -> None:
    text = (hardware / "wiring" / "cuff.yml").read_text(encoding="utf-8")
    crossed = text.replace("{IMU: [1,2,3,4,5]}", "{IMU: [1,2,4,3,5]}")
    assert crossed != text
    (tmp_path / "cuff.yml").write_text(crossed, encoding="utf-8")
    assert len(pins.wiring_faults(known, tmp_path / "cuff.yml")) == 2


def test_thick_power_copper(hardware: Path) -> None:
    """A second opinion on carrier.kicad_dru: no battery track under 0.5 mm."""
    from gates.sexpr import every, load, one, word

    board = load(hardware / "board" / "carrier.kicad_pcb")
    names = {net[1]: net[2] for net in every(board, "net")}
    widths = [
        float(word(track, "width"))
        for track in every(board, "segment")
        if names[one(track, "net")[1]] in ("VBAT", "/Power/BATT_IN")
    ]
    assert widths
    assert min(widths) >= 0.5


def test_no_rule_is_switched_off_but_the_named_ones(hardware: Path) -> None:
    """docs/open.md says why; anything more would make a clean report worth less."""
    project = json.loads((hardware / "board" / "carrier.kicad_pro").read_text(encoding="utf-8"))
    board = project["board"]["design_settings"]
    rules = {**board["rule_severities"], **project["erc"]["rule_severities"]}
    off = {name for name, severity in rules.items() if severity == "ignore"}
    assert off == {"footprint_type_mismatch", "footprint_filters_mismatch", "footprint_filter"}
    assert not board.get("drc_exclusions")
