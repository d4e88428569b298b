"""Somebody who is told how flashing goes, and jobs that do not wait long."""

from typing import Any

from distal.device import flash, install
from distal.device.provision import Provision

QUICK = install.Patience(back_s=15.0, settle_s=0.4, try_s=1.5)  # a busy computer is not a silent board
HASTY = install.Patience(back_s=0.5, settle_s=0.2, try_s=0.5)
LEFT = Provision("", "left", 1500)


class Told:
    """Remembers the steps and how far each was."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.shares: list[float] = []

    def step(self, text: str) -> None:
        self.steps.append(text)

    def progress(self, share: float, what: str) -> None:
        self.shares.append(share)


def job(port: str, wanted: Provision = LEFT, **more: Any) -> flash.Job:
    """The ROM alone: esptool's stub is code for the chip, which nothing here can run."""
    return flash.Job(port, wanted, use_stub=False, **{"patience": QUICK, **more})
