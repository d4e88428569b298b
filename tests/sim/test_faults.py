"""The fault suite: whole sessions with the real firmware, and what goes wrong in them."""

import dataclasses
import json
from pathlib import Path

import pytest

pytest.importorskip("bumble")

from distal.errors import DataError
from distal.sim.bug import commit, pack_run
from distal.sim.plan import KINDS, FaultPlan, draw
from distal.sim.run import Outcome, run
from distal.virtual.lockstep import Lockstep

pytestmark = pytest.mark.usefixtures("micropython")

SEEDS = (4215, 3437, 4549, 165, 563)  # together every kind of fault; chosen for being short
ALSO = {
    "drift",
    "flash_full",
    "wraps",
    "sides_swapped",
    "sides_both_left",
    "foreign_double",
    "foreign_garbage",
    "meets",
}


def whole(outcome: Outcome, folder: Path) -> Outcome:
    """Fail with all that is needed to play it again."""
    if outcome.problems:
        bug = folder / "bug.zip"
        pack_run(outcome, bug)
        seed = outcome.plan.seed
        lines = [*outcome.problems, f"its bytes: {bug}", f"plan: {outcome.plan.to_json()}"]
        again = f"seed {seed} at commit {commit() or '?'}: replay with: distal replay --seed {seed}"
        pytest.fail("\n".join([again, *lines]), pytrace=False)
    return outcome


def test_suite_holds_every_kind_of_fault() -> None:
    assert set().union(*(draw(seed).kinds() for seed in SEEDS)) >= set(KINDS) | ALSO


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_every_sample_once_in_order_or_its_loss_stated(seed: int, tmp_path: Path) -> None:
    whole(run(draw(seed), tmp_path), tmp_path)


@pytest.mark.slow
def test_a_run_is_repeated_to_the_byte_however_many_turns_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = dataclasses.replace(draw(563), seconds=4.0)
    digests = []
    for saves_turns in (True, False):
        monkeypatch.setattr(Lockstep, "saves_turns", saves_turns)
        folder = tmp_path / str(saves_turns)
        folder.mkdir()
        digests.append(run(plan, folder).digest)
    assert digests[0] == digests[1]


def test_plan_goes_through_json() -> None:
    for seed in range(200):
        assert FaultPlan.from_json(draw(seed).to_json()) == draw(seed)


@pytest.mark.parametrize(
    "value",
    [
        {"cuffs": 50},
        {"cuffs": "2"},
        {"cuffs": 1.5},
        {"interval_ms": -1},
        {"seconds": 1e9},
        {"loss": float("nan")},
        {"drift_ppm": []},
    ],
)
def test_plan_that_cannot_be_played_is_told(value: dict[str, object]) -> None:
    with pytest.raises(DataError):
        FaultPlan.from_json(json.dumps({**json.loads(draw(3).to_json()), **value})).checked()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"faults": [{"at_s": 1, "kind": "moon"}]}'])
def test_text_that_is_no_plan_is_told(text: str) -> None:
    with pytest.raises(DataError):
        FaultPlan.from_json(text)
