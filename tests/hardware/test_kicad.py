"""ERC, DRC, parity, and that each of them bites. Needs KiCad 9."""

from pathlib import Path

import pytest
from gates import bite, kicad, netlist

pytestmark = pytest.mark.skipif(
    bool(kicad.missing()), reason=f"{kicad.missing()}; `make hardware` installs it"
)


def test_rules_are_clean(tmp_path: Path) -> None:
    assert kicad.erc(out=tmp_path) == []
    assert kicad.drc(out=tmp_path) == []


def test_our_netlist_reader_agrees_with_kicad(tmp_path: Path) -> None:
    mine = netlist.schematic_nets(kicad.BOARD / "carrier.kicad_sch")
    assert mine.real() == kicad.netlist(tmp_path).real()


@pytest.mark.slow
@pytest.mark.parametrize("wound", bite.WOUNDS, ids=lambda wound: wound.name)
def test_mistake_is_found(wound: bite.Wound, tmp_path: Path) -> None:
    assert any(wound.finds in text for text in bite.inflict(wound, tmp_path))
