"""A trial in words for a terminal."""

from distal.trial.design import ALPHA, Trial
from distal.trial.outcomes import OUTCOMES
from distal.trial.verdict import Verdict

WIDTH = 41  # columns of the strip of differences
LIMITS = (
    "It says something about this person, these days and this weight, and about nobody else. The order was"
    " drawn, so drift from block to block cannot pass for an effect; a wearer who knows the block can."
)


def render_next(trial: Trial) -> str:
    """What to do now."""
    design, arm = trial.design, trial.next_arm
    if arm is None:
        return "All blocks are done. Next: distal trial result\n"
    done, all_blocks = len(trial.blocks), 2 * design.pairs
    rest = f"Rest {_minutes(design.washout_s)} without the weight. Then " if done else ""
    how = "with the weight" if arm == "loaded" else "without the weight (empty cuffs)"
    line = f"{rest}record {_minutes(design.block_s)} {how}".strip()
    line = f"{line[0].upper()}{line[1:]}, the way you did the others."
    return f"Block {done + 1} of {all_blocks}: {arm}.\n{line}\n"


def render_result(trial: Trial, verdict: Verdict) -> str:
    """Finding first, the pairs as a picture, how sure last."""
    lines = [_headline(trial, verdict), ""]
    if trial.differences:
        lines += [*_strip(trial), ""]
    lines += [_certainty(verdict), LIMITS, "Not a medical device."]
    return "\n".join(lines) + "\n"


def _headline(trial: Trial, verdict: Verdict) -> str:
    outcome = OUTCOMES[trial.design.outcome]
    least = f"{trial.design.least_effect:g} {outcome.unit}"
    what = outcome.words.capitalize()
    if verdict.answer in ("higher", "lower"):
        assert verdict.effect is not None
        by = f"{abs(verdict.effect.value):.3g} {outcome.unit}"
        return f"{what} was {verdict.answer} with the weight, by {by}{_span(verdict)}."
    if verdict.answer == "too_small":
        return f"{what} did not change by as much as {least}{_span(verdict)}."
    if verdict.answer == "not_yet":
        blocks = 2 * trial.design.pairs - len(trial.blocks)
        look = len(trial.differences) + verdict.more_pairs
        return f"No answer yet. It is read after {look} pairs; at most {blocks} more blocks are planned."
    needed = f" About {verdict.needed} pairs would show it." if verdict.needed else ""
    return f"No answer: the blocks differ too much among themselves to show {least}.{needed}"


def _span(verdict: Verdict) -> str:
    if verdict.effect is None:
        return ""
    return f" ({verdict.effect.low:+.3g} to {verdict.effect.high:+.3g})"


def _certainty(verdict: Verdict) -> str:
    if not verdict.pairs:
        return "How sure: nothing has been read yet; between looks nothing is judged."
    return (
        f"How sure: permutation test over {verdict.pairs} pairs, p = {verdict.p:.3g}; this look may spend"
        f" {verdict.level:.2%}, the whole trial {ALPHA:.0%}. The range is what that test does not refuse:"
        f" it holds the difference in {1 - ALPHA:.0%} of trials, whenever they end."
    )


def _strip(trial: Trial) -> list[str]:
    """One row a pair: its difference on an axis with zero in the middle."""
    far = max(max(map(abs, trial.differences)), trial.design.least_effect)
    rows = []
    for number, difference in enumerate(trial.differences, 1):
        cells = [" "] * WIDTH
        cells[WIDTH // 2] = "│"
        cells[round((difference / far + 1) / 2 * (WIDTH - 1))] = "●"
        rows.append(f"{number:5} {''.join(cells)} {difference:+.3g}")
    unit = OUTCOMES[trial.design.outcome].unit
    return [f" pair {'lower':<20}0{'higher with the weight':>20} {unit}", *rows]


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:g} min"
