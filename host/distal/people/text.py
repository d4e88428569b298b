"""People, plans and histories for the terminal."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from distal.people.advice import Advice
from distal.people.composer import UNSEEN, Block
from distal.people.limits import Limits, words_of
from distal.people.plan import Item, Share
from distal.people.profile import QUESTIONS, Gate, Person


def render_person(person: Person, gate: Gate | None, limits: Limits, items: Sequence[Item]) -> str:
    """A profile on one screen."""
    facts = [
        f"born {person.birth_year}" if person.birth_year else "",
        {"f": "female", "m": "male"}.get(person.sex or "", ""),
        f"{person.height_m:g} m" if person.height_m else "",
        f"{person.body_mass_kg:g} kg" if person.body_mass_kg else "",
        person.baseline or "",
    ]
    known = ", ".join(fact for fact in facts if fact) or "nothing more is said"
    lines = [f"{person.name}: {known}.", _gate_line(gate), _limits_line(limits), ""]
    return "\n".join(lines) + render_plan(items)


def _gate_line(gate: Gate | None) -> str:
    if gate is None:
        return "Before the first session: not answered. Next: distal people gate"
    if gate.missing:
        return f"Before the first session: {len(gate.missing)} questions are open. Next: distal people gate"
    if gate.yes:
        who = f"cleared by {gate.cleared_by}" if gate.cleared_by else "ask a professional first"
        return f"Before the first session: yes to {', '.join(gate.yes)}; {who}."
    return "Before the first session: no to every question."


def _limits_line(limits: Limits) -> str:
    return f"Limits: {'; '.join(words_of(limits)) or 'none'}."


def render_plan(items: Sequence[Item]) -> str:
    """One line an item."""
    if not items:
        return "No plan. Next: distal plan add\n"
    return "Plan\n" + "".join(f"{number:3}  {item_line(item)}\n" for number, item in enumerate(items, 1))


def item_line(item: Item) -> str:
    """Exercise, side, sets and reps, tempo, range, mass, days."""
    parts = [f"{item.exercise}, {item.side}, {item.sets} x {item.reps}"]
    tempo = (item.lift_s, item.hold_s, item.lower_s)
    if any(one is not None for one in tempo):
        parts.append("tempo " + "-".join("?" if one is None else f"{one:g}" for one in tempo) + " s")
    if item.least_rom_deg is not None or item.most_rom_deg is not None:
        parts.append(f"range {_range(item.least_rom_deg, item.most_rom_deg)}")
    if item.mass_kg is not None:
        parts.append(f"{item.mass_kg:g} kg")
    parts.append("every day" if len(item.days) == 7 else " ".join(item.days))
    return ", ".join(parts)


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"from {low:g}°" if low is not None else f"to {high:g}°"
    return f"{low:g} to {high:g}°"


def render_shares(shares: Sequence[Share]) -> str:
    """Done of due, with a bar that one reads at a glance."""
    lines = []
    for share in shares:
        filled = round(20 * share.done / share.due) if share.due else 0
        bar = "█" * filled + "·" * (20 - filled)
        days = f"{share.days_done} of {share.days_due} days whole"
        lines.append(f"{share.done:3} of {share.due:3} sets {bar} {share.item.exercise}, {days}")
    return "\n".join(lines) + "\n"


def render_advice(found: Sequence[Advice]) -> str:
    """Each advice with what it rests on."""
    lines = [f"- {one.text} [{one.rests_on}; {one.grade}: {one.source}]" for one in found]
    return "\n".join(lines) + "\n" if lines else ""


def render_session(blocks: Sequence[Block] | None, name: str) -> str:
    """A proposed session, each part with what it rests on, and what a cuff cannot show of it."""
    if blocks is None:
        return f"Nothing is proposed before the questions are answered. Next: distal people gate {name}\n"
    lines = ["A session to consider; ankle weights are an accessory, not the main work."]
    for number, one in enumerate(blocks, 1):
        lines += textwrap.wrap(
            f"{number}. {one.says} [{one.grade}: {one.source}]", 80, subsequent_indent="   "
        )
        if one.item is not None:
            lines.append(f"   distal plan add {name} {_options(one.item)}")
    lines += textwrap.wrap(f"A cuff cannot see {', '.join(UNSEEN)}.", 80, subsequent_indent="   ")
    return "\n".join(lines) + "\n"


def _options(item: Item) -> str:
    tempo = [
        f"--{name} {value:g}" for name, value in (("lift", item.lift_s), ("lower", item.lower_s)) if value
    ]
    return " ".join([item.exercise, f"--sets {item.sets} --reps {item.reps}", *tempo])


def render_history(sessions: Sequence[Mapping[str, Any]]) -> str:
    """One line a set, oldest first."""
    if not sessions:
        return "No sessions yet. Next: distal people keep\n"
    lines = [f"{'day':<10} {'set':>6} {'exercise':<26} side  reps  range   load effort pain"]
    lines += [_set_line(row, one) for row in sessions for one in row["sets"]]
    lines.append("set: session and number in it; range in degrees; load in N·m·s over the set")
    return "\n".join(lines) + "\n"


def _set_line(row: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    figures, name = one["figures"], f"{row['id']}.{one['number']}"
    done = f"{row['started'][:10]} {name:>6} {one['exercise']:<26} {one['side']:<5} {one['reps']:>4}"
    load = f"{_cell(figures['rom_deg']):>6} {_cell(figures['impulse_nms']):>6}"
    return f"{done} {load} {_cell(one['effort']):>6} {_cell(one['pain']):>4}"


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def render_questions(gate: Gate | None) -> str:
    """Every question with its answer."""
    answers = gate.answers if gate else {}
    said = {True: "yes", False: "no", None: "?"}
    return "".join(f"{said[answers.get(name)]:>4}  {name}: {text}\n" for name, text in QUESTIONS.items())


def render_dose(dose: Sequence[tuple[Any, float]]) -> str:
    """Moment over time of each day as a bar; a day without is left empty."""
    most = max((value for _, value in dose), default=0.0)
    if not most:
        return ""
    lines = ["Moment over time of the worn mass, N·m·s a day"]
    for day, value in dose:
        bar = "█" * max(1, round(30 * value / most)) if value else ""
        lines.append(f"{day:%a %d %b} {bar} {value:.0f}" if value else f"{day:%a %d %b}")
    return "\n".join(lines) + "\n"
