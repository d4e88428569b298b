"""A session put together from rules: isolation and slow lowering with the cuffs, mobility between. Pure but
for reading its own rules. It proposes; a plan is what was agreed.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from distal.people.advice import rules
from distal.people.limits import Limits
from distal.people.plan import Item
from distal.people.profile import Gate

# a cuff at the shank knows nothing of these
UNSEEN = (
    "what muscles do",
    "the ankle's own stabilisers",
    "the thigh while the knee bends",
    "what a bone bears",
)


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a session; item: what could be agreed, None where the cuffs are off."""

    kind: str
    says: str
    source: str
    grade: str
    item: Item | None


@lru_cache(maxsize=1)
def _blocks() -> tuple[Mapping[str, Any], ...]:
    text = resources.files("distal.people").joinpath("session.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["block"])


def compose(bounds: Limits, gate: Gate | None) -> list[Block] | None:
    """The blocks that limits allow, in order; None while the questions before a first session are open.

    No mass is proposed: that needs effort and pain told after sets (`advise_weight`).
    """
    if gate is None or not gate.is_open:
        return None
    out = []
    for row in _blocks():
        allowed = [code for code in row["exercises"] if code not in bounds.forbidden]
        if row["exercises"] and not allowed:
            continue
        item = _item(row, allowed[0]) if allowed else None
        out.append(Block(row["kind"], row["says"], row["source"], row["grade"], item))
    return out


def _item(row: Mapping[str, Any], code: str) -> Item:
    sets = rules()["sets_a_session"]["high"]
    return Item(code, "both", sets, row["reps"], lift_s=row.get("lift_s"), lower_s=row.get("lower_s"))
