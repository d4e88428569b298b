"""What virtual athletes do here: exercises, ways of walking, being still."""

from distal.virtual.motion import EXERCISES

SETS = tuple(EXERCISES)
STEPPING = ("lunge", "step_up", "step_down", "jump", "hop")  # may hold true steps
WALKS = ("walk", "walk_slow")
