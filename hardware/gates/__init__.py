"""Checks of the hardware: each gate returns what it found, an empty list is a pass."""
