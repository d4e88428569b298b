"""What commands print: results on stdout, one live line and notes on stderr."""

import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from distal.model import Side
    from distal.pipeline import Live

PLAIN_EVERY_S = 5.0  # without a terminal a line stays: not one each second
_LETTERS: "dict[Side, str]" = {"left": "L", "right": "R"}


def print_json(value: Any) -> None:
    """One JSON object on stdout; refuses NaN and Infinity."""
    click.echo(json.dumps(value, allow_nan=False, ensure_ascii=False))


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of equal length -> lines with their cells below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return [line.rstrip() for line in lines]


_RANGE = re.compile(r"\([^()\n]*\d[^()\n]* [^()\n]*\d[^()\n]*\)")  # `(5.0 to 5.6)`
_COMMAND = re.compile(r"(?<=: )distal [a-z]+(?: [\w./-]+)*")


def show(text: str) -> None:
    """Print a report; on a terminal findings are bold, intervals dim, what to type next is cyan."""
    is_painted = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    click.echo(paint(text) if is_painted else text, nl=False)


def paint(text: str) -> str:
    """The same letters with the terminal's styles. A block of one line is a finding."""
    blocks = text.split("\n\n")
    styled = [click.style(block, bold=True) if "\n" not in block.strip() else block for block in blocks]
    ranges = _RANGE.sub(lambda found: click.style(found[0], dim=True), "\n\n".join(styled))
    return _COMMAND.sub(lambda found: click.style(found[0], fg="cyan"), ranges)


class Line:
    """A line on stderr: rewritten in place on a terminal, elsewhere each stays. Silent if not wanted."""

    def __init__(self, wanted: bool = True) -> None:
        self._wanted = wanted
        self._terminal = sys.stderr.isatty()
        self._open = False

    def show(self, text: str) -> None:
        """Put this in its place."""
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            click.echo("\r" + text[:width].ljust(width), err=True, nl=False)
            self._open = True
        else:
            click.echo(text, err=True)

    def note(self, text: str) -> None:
        """Say what happened, on a line of its own."""
        if self._wanted:
            self.end()
            click.echo(text, err=True)

    def end(self) -> None:
        """Leave the line."""
        if self._open:
            click.echo(err=True)
            self._open = False


class Progress(Line):
    """The live line of a session: each second on a terminal, every 5 s elsewhere."""

    def __init__(self, wanted: bool = True) -> None:
        super().__init__(wanted)
        self._shown_s = -PLAIN_EVERY_S

    def live(self, live: "Live") -> None:
        """Show the state of a session; called once a second."""
        if self._wanted and (self._terminal or live.t - self._shown_s >= PLAIN_EVERY_S):
            self._shown_s = live.t
            self.show(live_line(live))


def live_line(live: "Live") -> str:
    """Time, cadence, reps, coverage, battery in at most 80 columns."""
    minutes, seconds = divmod(int(live.t), 60)
    cadence = "-" if live.cadence_spm is None else f"{live.cadence_spm:.0f}"
    reps = _by_side({side: str(live.reps.get(side, 0)) for side in live.legs})
    coverage = _by_side({side: _percent(leg.coverage) for side, leg in live.legs.items()})
    battery = _by_side({side: _percent(_share(leg.battery_pct)) for side, leg in live.legs.items()})
    return f"{minutes}:{seconds:02d}  {cadence} steps/min  reps {reps}  samples {coverage}  battery {battery}"


def _by_side(texts: "dict[Side, str]") -> str:
    return " ".join(f"{letter} {texts[side]}" for side, letter in _LETTERS.items() if side in texts)


def _share(percent: int | None) -> float | None:
    return None if percent is None else percent / 100


def _percent(share: float | None) -> str:
    """Rounded down: 100 % means that nothing is missing."""
    return "-" if share is None else f"{int(share * 100)}%"
