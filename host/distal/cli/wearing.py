"""Who wears the cuffs while a command records: limits told at once, the session kept afterwards."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distal.cli.output import Progress
    from distal.model import Facts
    from distal.people.limits import Breach
    from distal.pipeline import Live


def limit_text(breach: "Breach") -> str:
    """A limit that was passed, in words."""
    from distal.report.words import words

    return f"Limit: {words().notice(breach.notice())}"


class Wearing:
    """A named person, or nobody: then it only passes things on."""

    def __init__(self, name: str | None, progress: "Progress") -> None:
        self._progress = progress
        self._wearer = None
        if name:
            from distal.keeping import find_wearer

            self._wearer = find_wearer(name, date.today())
        self._watch = self._wearer.watch() if self._wearer else None

    def facts(self, facts: "Facts") -> "Facts":
        """Filled in from the profile; what is passed already is told."""
        if self._wearer is None:
            return facts
        facts = self._wearer.facts(facts)
        self._tell(self._wearer.before(facts))
        return facts

    def about(self) -> Mapping[str, Any]:
        """What the recording keeps of it."""
        return self._wearer.about() if self._wearer else {}

    def live(self, live: "Live") -> None:
        """Show the moment, and tell limits that are passed."""
        self._progress.live(live)
        if self._watch:
            from distal.people.watching import legs_now

            self._tell(self._watch.look(legs_now(live.limbs, live.exercise), live.t))

    def keep(self, path: Path) -> None:
        """Put the session into the person's history."""
        if self._wearer:
            self._wearer.keep(path)

    def _tell(self, breaches: "list[Breach]") -> None:
        for breach in breaches:
            self._progress.note(limit_text(breach))
