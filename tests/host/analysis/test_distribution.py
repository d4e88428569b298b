"""Where the load went: parts that make up the whole, what cancels in a share, what is not known."""

from dataclasses import replace

import numpy as np
import pytest

from distal.analysis.distribution import LONG_S, distributed
from distal.analysis.session import analyze
from distal.model import Basis, Estimate, ExerciseSet, Facts, JointLoad, Load, Rep, SessionReport, Side, Split
from distal.report.contract import to_dict
from distal.validate.athletes import feel
from distal.virtual.motion import Athlete, Reps, Rest, Script

FACTS = Facts(mass_left_kg=2.0, mass_right_kg=2.0, height_m=1.75)
SHARE = 0.1  # half width of every load, of its value


def load(scale: float) -> Load:
    """Lift 2, hold 5, lower 3 N.m.s, times `scale`."""
    parts = {"impulse_concentric_nms": 2.0, "impulse_hold_nms": 5.0, "impulse_eccentric_nms": 3.0}
    parts |= {"impulse_nms": 10.0, "peak_moment_nm": 4.0, "peak_force_n": 20.0, "peak_concentric_nm": 4.0}
    ends = [Load(**{key: by * scale * x for key, x in parts.items()}) for by in (1 - SHARE, 1 + SHARE)]
    knee = Estimate(10.0 * scale, 9.0 * scale, 11.0 * scale, 1)
    joints = {"knee": JointLoad(knee, knee), "hip": JointLoad(reason="thigh_unseen")}
    return Load(
        about="knee", low=ends[0], high=ends[1], joints=joints, **{key: scale * x for key, x in parts.items()}
    )


def rep(start_s: float, scale: float = 1.0) -> Rep:
    return Rep(start_s, start_s + 1, start_s + 4, 1.0, 2.0, 1.0, 80.0, 0.0, -5.0, (), load(scale))


def one_set(side: str, scales: list[float], start_s: float = 0.0) -> ExerciseSet:
    reps = tuple(rep(start_s + 5.0 * k, scale) for k, scale in enumerate(scales))
    return ExerciseSet("seated_leg_raise", 1.0, side, start_s, reps[-1].end_s, reps)  # type: ignore[arg-type]


def report(*sets: ExerciseSet, left: float | None = 1.0) -> SessionReport:
    coverage: dict[Side, float | None] = {"left": left, "right": 1.0}
    plain = SessionReport(coverage, None, {}, sets, {}, (), {}, rests_on=Basis(FACTS))
    return distributed(plain)


def session(*sets: ExerciseSet, by: str, key: str = "impulse_nms", left: float | None = 1.0) -> Split:
    found = report(*sets, left=left).distribution
    assert found is not None
    return found.splits[by][key]


def values(split: Split) -> dict[str, float | None]:
    return {name: None if one is None else one.value for name, one in split.percent.items()}


def test_phases_are_shares_of_the_whole() -> None:
    split = session(one_set("right", [1.0] * 8), by="phase")
    assert values(split) == pytest.approx({"lift": 20.0, "hold": 50.0, "lower": 30.0})
    assert sum(one.value for one in split.amount.values() if one) == pytest.approx(80.0)
    assert split.coverage == 1.0


def test_mass_and_lever_cancel_in_shares_of_one_leg() -> None:
    """The amount of the first third is known to 10 %, its share much better."""
    split = session(one_set("right", [1.0] * 9), by="third")
    amount, share = split.amount["early"], split.percent["early"]
    assert amount is not None
    assert share is not None
    assert (amount.high - amount.value) / amount.value >= SHARE
    assert (share.high - share.value) / share.value < 0.5 * SHARE


def test_each_legs_own_errors_stay_in_left_against_right() -> None:
    split = session(one_set("left", [1.0] * 8), one_set("right", [1.0] * 8, 100.0), by="side")
    share = split.percent["right"]
    assert share is not None
    assert share.value == pytest.approx(50.0)
    # two legs, each 10 % off less what they have in common (6 % of segments and more, 6 % of method)
    assert 0.5 < share.high - share.value < 100 * 0.25 * SHARE * np.sqrt(2.0)


def test_twice_the_reps_on_one_leg_are_twice_the_load() -> None:
    split = session(one_set("left", [1.0] * 4), one_set("right", [1.0] * 8, 100.0), by="side")
    assert values(split) == pytest.approx({"left": 100 / 3, "right": 200 / 3})


def test_leg_that_rested_carried_nothing_and_one_without_a_cuff_is_not_known() -> None:
    rested = session(one_set("right", [1.0] * 4), by="side")
    assert rested.amount["left"] == Estimate(0.0, 0.0, 0.0, 0)
    absent = session(one_set("right", [1.0] * 4), by="side", left=None)
    assert absent.amount["left"] is None
    assert absent.reason == "no_cuff"
    assert absent.percent == {"left": None, "right": None}


def test_both_legs_at_once_are_no_comparison() -> None:
    split = session(one_set("both", [1.0] * 4), by="side")
    assert split.reason == "both_at_once"
    assert split.amount == {"left": None, "right": None}


def test_load_that_grows_lies_late() -> None:
    split = session(one_set("right", [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]), by="third")
    assert values(split) == pytest.approx({"early": 100 / 6, "middle": 200 / 6, "late": 50.0})
    assert session(one_set("right", [1.0] * 5), by="third").reason == "too_few_reps"


def test_border_between_phases_moves_load_but_makes_none() -> None:
    split = session(one_set("right", [1.0] * 10), by="phase", key="time_s")
    share = split.percent["hold"]
    assert share is not None
    assert share.value == pytest.approx(50.0)
    assert share.high - share.value > 100 * 0.5 * LONG_S["hold"] / 4.0


def test_joint_that_is_not_seen_says_why() -> None:
    split = session(one_set("right", [1.0] * 4), by="joint")
    assert split.amount["knee"] is not None
    assert (split.amount["hip"], split.reason, split.coverage) == (None, "thigh_unseen", 0.0)
    assert split.percent == {}


def test_reps_without_a_load_lower_the_coverage_only() -> None:
    one = one_set("right", [1.0] * 4)
    holed = replace(one.reps[1], load=Load(reason="too_few_samples"))
    split = session(replace(one, reps=(one.reps[0], holed, *one.reps[2:])), by="phase")
    assert split.coverage == 0.75
    assert values(split) == pytest.approx({"lift": 20.0, "hold": 50.0, "lower": 30.0})


def test_no_load_at_all_is_null_with_its_reason() -> None:
    bare = tuple(replace(one, load=Load(reason="no_mass")) for one in one_set("right", [1.0] * 4).reps)
    for by in ("phase", "third", "joint", "axis"):
        split = session(
            replace(one_set("right", [1.0]), reps=bare),
            by=by,
            key="impulse_ns" if by == "axis" else "impulse_nms",
        )
        assert split.reason == "no_mass"
        assert set(split.amount.values()) == {None}


def test_contract_has_it_for_sets_and_session() -> None:
    found = to_dict(report(one_set("right", [1.0] * 6)))
    assert found["sets"][0]["load"]["phase"]["impulse_nms"]["percent"]["hold"]["value"] == pytest.approx(50.0)
    assert found["distribution"]["side"]["impulse_nms"]["percent"]["right"]["value"] == 100.0
    assert found["sets"][0]["load"]["side"]["impulse_nms"]["amount"]["left"]["value"] == 0.0
    assert found["sets"][0]["legs"] is None
    assert to_dict(report())["distribution"] is None


def test_what_both_legs_lift_at_once_is_each_legs_own() -> None:
    """Truth of a performance with 1 kg on the left and 2 kg on the right."""
    lift = Reps("seated_knee_extension", reps=6, side="both", variability=0.03)
    done = Script([Rest(3.0, "sitting"), lift, Rest(3.0, "sitting")]).perform(Athlete())
    facts = Facts(exercise="seated_knee_extension", mass_left_kg=1.0, mass_right_kg=2.0, height_m=1.75)
    found = to_dict(analyze(feel(done, 1), facts))
    (one,) = found["sets"]
    assert one["side"] == "both"
    for side, mass in (("left", 1.0), ("right", 2.0)):
        true = sum(rep["load"]["impulse_nms"] for rep in done.truth(mass, mass)["sets"][0]["reps"])
        amount = one["load"]["side"]["impulse_nms"]["amount"][side]
        assert amount["value"] == pytest.approx(true, rel=0.06)
        assert len(one["legs"][side]) == amount["n"] == 6
    assert found["distribution"]["side"]["impulse_nms"]["percent"]["left"]["value"] == pytest.approx(
        100 / 3, abs=1.5
    )
