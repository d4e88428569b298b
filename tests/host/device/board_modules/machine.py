"""The board's `machine` with what the fake one of the firmware's tests lacks: a reset."""

import sys

from fake_machine import *  # noqa: F403


def reset():
    sys.exit(3)  # fake_board.RESET_CODE: it starts the next interpreter
