"""What virtual athletes do here: exercises, ways of walking."""

from distal.virtual.motion import KINDS_OF_CASES

STEPPING = ("lunge", "step_up", "step_down", "jump", "hop")  # may hold true steps
GAITS = tuple(kind for kind in KINDS_OF_CASES if kind.split("_")[0] in ("walk", "run", "limp", "shuffle"))
STILL = ("stand",)
JUMPS = ("jump", "hop")
SETS = tuple(kind for kind in KINDS_OF_CASES if kind not in (*GAITS, *STILL, *JUMPS))
