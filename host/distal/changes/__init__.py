"""Has the person changed? Sessions beside that person's own earlier ones. Pure."""

from distal.changes.beside import Loaded, loaded
from distal.changes.tasks import TaskChange, Verdict, changes, verdicts
from distal.changes.text import render

__all__ = ["Loaded", "TaskChange", "Verdict", "changes", "loaded", "render", "verdicts"]
