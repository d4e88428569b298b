"""What virtual athletes do here: exercises, jumps, ways of going, standing."""

from distal.virtual.motion import EXERCISES, FLOOR_EXERCISES, KINDS_OF_CASES

STEPPING = ("lunge", "step_up", "step_down", "split_squat")  # a foot may truly step in them
SETS = (*EXERCISES, *FLOOR_EXERCISES)
JUMPS = tuple(kind for kind in ("jump", "hop", "squat_jump", "walk_jump") if kind in KINDS_OF_CASES)
STILL = ("stand",)
GAITS = tuple(kind for kind in KINDS_OF_CASES if kind not in (*SETS, *JUMPS, *STILL))
