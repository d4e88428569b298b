"""A session's report -> one block of a trial."""

from distal.errors import DataError
from distal.model import SIDES, SessionReport
from distal.trial.design import Block, Trial
from distal.trial.outcomes import read_outcome

SHORT = 0.8  # of the planned length


def block_of(trial: Trial, report: SessionReport, recorded: tuple[str, float, float]) -> Block:
    """The next block from its report. raises DataError when it does not fit the trial

    recorded  name of the recording, when it began (s since 1970), its seconds
    """
    arm = trial.next_arm
    if arm is None:
        raise DataError("all blocks are done. Read it with: distal trial result")
    name, started_s, seconds = recorded
    value = read_outcome(report, trial.design.outcome)
    block = Block(arm, value, name, started_s, seconds, _mass_kg(report))
    flags = [text for text in (_too_short(trial, block), _too_soon(trial, block)) if text]
    _check_mass(trial, block)
    return Block(arm, value, name, started_s, seconds, block.mass_kg, tuple(flags))


def _mass_kg(report: SessionReport) -> float | None:
    known = [mass for side in SIDES if (mass := report.mass_kg.get(side)) is not None]
    return max(known) if known else None


def _check_mass(trial: Trial, block: Block) -> None:
    """Loaded blocks must be heavier than unloaded ones, where the recordings say what was worn."""
    for other in trial.blocks:
        if other.arm == block.arm or other.mass_kg is None or block.mass_kg is None:
            continue
        heavier, lighter = (block, other) if block.arm == "loaded" else (other, block)
        assert heavier.mass_kg is not None
        assert lighter.mass_kg is not None
        if heavier.mass_kg <= lighter.mass_kg:
            raise DataError(
                f"{block.recording} says {block.mass_kg:g} kg and should be {block.arm}"
                f" ({other.recording}, {other.arm}, says {other.mass_kg:g} kg)."
                " Correct the mass with distal facts, or repeat the block."
            )


def _too_short(trial: Trial, block: Block) -> str | None:
    wanted = trial.design.block_s
    return f"only {block.seconds:.0f} of {wanted:.0f} s" if block.seconds < SHORT * wanted else None


def _too_soon(trial: Trial, block: Block) -> str | None:
    """The washout was cut short. raises DataError when the blocks go back in time"""
    if not trial.blocks:
        return None
    last = trial.blocks[-1]
    since_s = block.started_s - last.started_s
    if since_s < 0:
        raise DataError(f"{block.recording} was recorded before {last.recording}. Add blocks in their order.")
    rest_s = since_s - last.seconds
    return f"only {max(rest_s, 0):.0f} s after the last block" if rest_s < trial.design.washout_s else None
