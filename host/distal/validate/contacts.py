"""Contacts against truth: what the sections about walking share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from distal.validate.figures import Figure, Target
from distal.validate.match import Counts, match, spread

MS = 1e3
STRIDE_S = (0.6, 2.2)  # of a plausible stride; the treadmill's own rows are rubbish beyond (its README)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts of one foot: ic and tc in order of ic; tc None where unknown."""

    ic: Sequence[float]
    tc: Sequence[float | None]


def match_in(
    found: Sequence[float], wanted: Sequence[float], span: tuple[float, float] | None
) -> list[tuple[int, int]]:
    """Matched pairs whose wanted event lies in the span; None is everything."""
    pairs = match(found, wanted)
    return pairs if span is None else [(i, j) for i, j in pairs if span[0] <= wanted[j] <= span[1]]


@dataclass(slots=True)
class Tally:
    """Errors gathered over feet and recordings, s."""

    ic: list[float] = field(default_factory=list)
    tc: list[float] = field(default_factory=list)
    stride: list[float] = field(default_factory=list)
    found_strides: list[float] = field(default_factory=list)
    true_strides: list[float] = field(default_factory=list)

    def add(self, steps: Sequence[Json], exact: Contacts, span: tuple[float, float] | None = None) -> None:
        """Errors of the matched steps of one foot, those whose true contact lies in the span."""
        found = [step["ic_s"] for step in steps]
        pairs = match_in(found, exact.ic, span)
        self.ic += [found[i] - exact.ic[j] for i, j in pairs]
        self._add_strides(found, exact.ic, pairs)
        # a foot that left the floor is matched by itself: the swing of a far off contact is not its own
        off, left = [step["tc_s"] for step in steps], sorted(t for t in exact.tc if t is not None)
        self.tc += [off[i] - left[j] for i, j in match_in(off, left, span)]

    def _add_strides(
        self, found: Sequence[float], wanted: Sequence[float], pairs: Iterable[tuple[int, int]]
    ) -> None:
        at = {j: i for i, j in pairs}
        for j, i in at.items():
            if j - 1 in at and at[j - 1] == i - 1:
                true_s = wanted[j] - wanted[j - 1]
                if STRIDE_S[0] <= true_s <= STRIDE_S[1]:
                    self.true_strides.append(true_s)
                    self.found_strides.append(found[i] - found[i - 1])
                    self.stride.append(self.found_strides[-1] - true_s)

    def join(self, other: "Tally") -> None:
        """Take in another's errors."""
        for name in ("ic", "tc", "stride", "found_strides", "true_strides"):
            getattr(self, name).extend(getattr(other, name))

    @property
    def cadence_error(self) -> float | None:
        """Of the mean of matching strides, steps/min."""
        if not self.true_strides:
            return None
        mine, true = (sum(all_) / len(all_) for all_ in (self.found_strides, self.true_strides))
        return 120 / mine - 120 / true


def number(value: Any) -> float | None:
    """A number of the contract: plain, or the value of an estimate with its interval."""
    if isinstance(value, dict):
        value = value["value"]
    return None if value is None else float(value)


def longest_bout(bouts: Sequence[Json]) -> Json:
    """The bout that lasts longest; empty without one."""
    return max(bouts, key=lambda bout: bout["end_s"] - bout["start_s"], default={})


def f1_figure(key: str, where: str, counts: Counts, target: Target | None = None) -> Figure:
    """Step F1 of one region."""
    return Figure(f"{key}_f1", f"step F1 {where}", counts.f1, "", counts.wanted, target)


def timing(
    key: str, errors: Sequence[float], mad: Target | None = None, sd: Target | None = None
) -> list[Figure]:
    """Bias, SD and MAD of contact times in ms."""
    name = {"ic": "initial contact", "tc": "terminal contact"}[key]
    one = spread([MS * x for x in errors])
    return [
        Figure(f"{key}_bias_ms", f"{name}, bias", one.bias, "ms", one.n),
        Figure(f"{key}_sd_ms", f"{name}, SD", one.sd, "ms", one.n, sd),
        Figure(f"{key}_mad_ms", f"{name}, MAD", one.mad, "ms", one.n, mad),
    ]


def stride_figure(tally: Tally) -> Figure:
    """Mean size of the error of a stride time."""
    one = spread([MS * x for x in tally.stride])
    return Figure("stride_mae_ms", "stride time, mean error size", one.mae, "ms", one.n)
