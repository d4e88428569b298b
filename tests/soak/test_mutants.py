"""Every planted bug is found."""

from pathlib import Path

import pytest
from tests.sim.mutants import MUTANTS, Mutant
from tests.sim.plant import copy_tree, is_found


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    copy_tree(folder)
    return folder


@pytest.mark.usefixtures("micropython")
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.breaks)
def test_planted_bug_is_found(mutant: Mutant, tree: Path) -> None:
    found, said = is_found(mutant, tree)
    assert found, said
