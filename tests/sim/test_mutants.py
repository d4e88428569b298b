"""Planted bugs: a quick few here, all of them in tests/soak."""

from pathlib import Path

import pytest
from tests.sim.mutants import MUTANTS, Mutant
from tests.sim.plant import ROOT, copy_tree, is_found

from distal.sim.plan import KINDS

pytest.importorskip("bumble")
QUICK = (
    "index not counted at an overrun",
    "the checksum of a message is not looked at",
    "a lost link is never made again",
    "left and right are swapped without a word",
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    copy_tree(folder)
    return folder


@pytest.mark.slow
@pytest.mark.usefixtures("micropython")
@pytest.mark.parametrize(
    "mutant", [one for one in MUTANTS if one.breaks in QUICK], ids=lambda one: one.breaks
)
def test_planted_bug_is_found(mutant: Mutant, tree: Path) -> None:
    found, said = is_found(mutant, tree)
    assert found, said


def test_there_are_twenty_and_each_still_has_its_place() -> None:
    assert len(MUTANTS) >= 20
    assert set(QUICK) <= {one.breaks for one in MUTANTS}
    for one in MUTANTS:
        text = (ROOT / one.file).read_text(encoding="utf-8")
        assert text.count(one.old) == 1, f"{one.breaks}: its place in {one.file} has changed"


def test_every_kind_of_fault_has_a_bug_that_only_it_brings_to_light() -> None:
    plans = [one.found_by for one in MUTANTS if not isinstance(one.found_by, str)]
    wanted = {*KINDS, "flash_full", "foreign_garbage", "foreign_double", "meets"}
    wanted -= {"warm"}  # what it needs of the clocks is held by their own tests
    assert set().union(*(plan.kinds() for plan in plans)) >= wanted
