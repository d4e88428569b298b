"""Rules as data, and what they say of a person's history. Pure but for reading its own rules."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

import numpy as np

from distal.people.plan import Item
from distal.people.profile import Gate

Sets = Sequence[Mapping[str, Any]]  # rows of `done` with `day` (date) beside them, oldest first


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to consider. rests_on: your plan, your history, or evidence, with its grade."""

    code: str
    text: str
    rests_on: str
    source: str
    grade: str


@lru_cache(maxsize=1)
def rules() -> Mapping[str, Mapping[str, Any]]:
    """Every rule by name."""
    text = resources.files("distal.people").joinpath("rules.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _advice(rule: str, text: str, rests_on: str = "your history", code: str | None = None) -> Advice:
    found = rules()[rule]
    return Advice(code or rule, text, rests_on, found["source"], found["grade"])


def advise_weight(item: Item, done: Sets, gate: Gate | None) -> list[Advice]:
    """Too light, too heavy, ready for more, or why nothing is said. `done`: sets of this item."""
    if gate is None or not gate.is_open:
        return [_closed(gate)]
    said = [one for one in done if one["effort"] is not None and one["pain"] is not None]
    if not said:
        text = "No advice on weight: effort and pain were not told. Say them after each set."
        return [_advice("too_light", text, code="not_told")]
    days = sorted({one["day"] for one in said})
    last = [one for one in said if one["day"] == days[-1]]
    if max(one["pain"] for one in last) > rules()["pain"]["most"]:
        return [_advice("pain", "It hurt more than 3 of 10. No more weight; ask a professional if it stays.")]
    if _is_too_heavy(item, last):
        return [_advice("too_heavy", "Too heavy today: lower the weight or the reps and keep the range.")]
    light_days = days[-rules()["too_light"]["sessions"] :]
    if len(light_days) == rules()["too_light"]["sessions"] and _is_too_light(item, said, light_days):
        return [_more(item)]
    return [
        Advice("keep", "Keep the weight.", "your history", "effort, pain, speed and range as told", "opinion")
    ]


def _closed(gate: Gate | None) -> Advice:
    why = (
        "the questions before the first session are open"
        if gate is None or gate.missing
        else "of your answers"
    )
    text = (
        f"No advice on weight, because {why}. Ask a professional, and note who:"
        " distal people gate --cleared-by"
    )
    return Advice("gate", text, "your answers", "distal explain joints", "opinion")


def _is_too_heavy(item: Item, last: Sets) -> bool:
    bounds = rules()["too_heavy"]
    rom = [one["figures"]["rom_deg"] for one in last if one["figures"]["rom_deg"] is not None]
    loss = [one["figures"]["velocity_loss_pct"] or 0.0 for one in last]
    least = (item.least_rom_deg or 0.0) * (1 - bounds["least_range_loss_pct"] / 100)
    return (
        max(one["effort"] for one in last) >= bounds["least_effort"]
        or max(loss) >= bounds["least_velocity_loss_pct"]
        or (bool(rom) and min(rom) < least)
    )


def _is_too_light(item: Item, said: Sets, days: Sequence[date]) -> bool:
    bounds = rules()["too_light"]
    recent = [one for one in said if one["day"] in days]
    spare = item.reps + rules()["step_up"]["spare_reps"]
    easy = max(one["effort"] for one in recent) <= bounds["most_effort"]
    losses = [one["figures"]["velocity_loss_pct"] for one in recent]
    steady = all(loss is not None and loss <= bounds["most_velocity_loss_pct"] for loss in losses)
    return easy and steady and all(one["reps"] >= spare for one in recent)


def _more(item: Item) -> Advice:
    rule = rules()["step_up"]
    if item.mass_kg is None:
        text = f"Too light to be work: {rule['low_pct']} to {rule['high_pct']} % more would be a step."
    else:
        low, high = (item.mass_kg * (1 + rule[end] / 100) for end in ("low_pct", "high_pct"))
        text = f"Too light to be work: {low:.2f} to {high:.2f} kg would be a step (now {item.mass_kg:g} kg)."
    return _advice("step_up", text, code="too_light")


def dose_by_day(done: Sets, first: date, last: date) -> list[tuple[date, float]]:
    """Moment over time of all sets of each day, N·m·s; sets without a known moment count nothing."""
    days = {first + timedelta(n): 0.0 for n in range((last - first).days + 1)}
    for one in done:
        if one["day"] in days:
            days[one["day"]] += one["figures"]["impulse_nms"] or 0.0
    return list(days.items())


def advise_recovery(done: Sets, today: date) -> list[Advice]:
    """Rest between sessions, a monotonous week, a jump in the week's dose."""
    found = []
    trained = sorted({one["day"] for one in done})
    gaps = [(b - a).days for a, b in pairwise(trained)]
    if len(gaps) >= 2 and max(gaps[-2:]) <= rules()["rest"]["least_days"]:
        text = "Three days in a row. A day between lets tissues adapt."
        found.append(_advice("rest", text, "evidence"))
    week = [dose for _, dose in dose_by_day(done, today - timedelta(6), today)]
    monotony = monotony_of(week)
    if monotony is not None and monotony > rules()["monotony"]["most"]:
        text = f"Every day of the week was alike (monotony {monotony:.1f}). Vary it; leave days free."
        found.append(_advice("monotony", text, "evidence"))
    ratio = _week_ratio(done, today)
    if ratio is not None and ratio > rules()["jump_in_dose"]["most_ratio"]:
        text = f"This week's load is {ratio:.1f} times that of the weeks before."
        found.append(_advice("jump_in_dose", text))
    return found


def advise_stride(is_shorter: bool) -> list[Advice]:
    """What a walk says whose steps became shorter for their rate, beyond the person's own scatter."""
    if not is_shorter:
        return []
    text = "Your steps became shorter for their rate. After a rest look again; less weight or volume may do."
    return [_advice("stride_decline", text)]


def monotony_of(week: Sequence[float]) -> float | None:
    """Mean / SD of the daily dose; None when there was none, or all days are just the same."""
    doses = np.asarray(week)
    spread = float(doses.std(ddof=1)) if len(doses) >= rules()["monotony"]["least_days"] else 0.0
    return float(doses.mean()) / spread if spread > 0 else None


def _week_ratio(done: Sets, today: date) -> float | None:
    """This week's dose over the mean of the weeks before it that had any; None below two such weeks."""
    weeks = []
    for n in range(rules()["jump_in_dose"]["weeks"] + 1):
        last = today - timedelta(7 * n)
        weeks.append(sum(dose for _, dose in dose_by_day(done, last - timedelta(6), last)))
    before = [dose for dose in weeks[1:] if dose > 0]
    return weeks[0] / float(np.mean(before)) if len(before) >= 2 else None


def set_of_rules(item: Item) -> list[Advice]:
    """The documents' ranges that an item leaves, told as what they are: claims with a low grade."""
    found = []
    most = rules()["sets_a_session"]["high"]
    if item.sets > most:
        text = f"{item.sets} sets of one exercise; the usual counsel for ankle weights is {most} at most."
        found.append(_advice("sets_a_session", text, "evidence"))
    slow = item.lower_s is not None and item.lift_s is not None and item.lower_s > item.lift_s
    rule = rules()["lower_mass" if slow else "lift_mass"]
    if item.mass_kg is not None and not rule["low_kg"] <= item.mass_kg <= rule["high_kg"]:
        text = f"{item.mass_kg:g} kg lies outside what is claimed to be best: {rule['says']}."
        found.append(_advice("lower_mass" if slow else "lift_mass", text, "evidence"))
    return found
