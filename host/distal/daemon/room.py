"""A recorder that outlives a full disk: what cannot be written waits in memory until there is room."""

import shutil
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from distal.calibration import Calibration
from distal.errors import RecordingError
from distal.model import Facts, Received
from distal.recording import Cuff, Recorder

MOST_WAITING = 40_000  # messages: half an hour of two cuffs, about 15 MB
RETRY_S = 1.0


def free_mb(folder: Path) -> float:
    """Room on the disk of a folder, MB; of the nearest folder above it that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free / 1e6


class PatientRecorder(Recorder):
    """As Recorder; a write that fails is said once and tried again, nothing is thrown away until memory is.

    is_full  writing has stopped
    on_full  called with the reason when writing stops, with None when everything that waited is written
    """

    def __init__(
        self,
        path: Path,
        facts: Facts,
        about: Mapping[str, Any] | None = None,
        on_full: Callable[[str | None], None] = lambda _why: None,
    ) -> None:
        self.given_up = 0  # messages that memory had no room for
        self._on_full = on_full
        self._waiting: deque[Received] = deque()  # not known to have reached the disk, oldest first
        self._notes: list[Callable[[], None]] = []  # facts and cuffs that could not be noted yet
        self.is_full = False
        self._tried = 0.0
        super().__init__(path, facts, about)

    def append(self, received: Received) -> None:
        """Keep one message, on disk or until there is room."""
        self._waiting.append(received)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            self.given_up += 1
        if not self.is_full:
            self._attempt(lambda: super(PatientRecorder, self).append(received))

    def note_facts(self, facts: Facts) -> None:
        """As Recorder's, now or when there is room."""
        self._note(lambda: super(PatientRecorder, self).note_facts(facts))

    def note_cuff(self, cuff: Cuff) -> None:
        """As Recorder's, now or when there is room."""
        self._note(lambda: super(PatientRecorder, self).note_cuff(cuff))

    def note_calibration(self, calibration: Calibration) -> None:
        """As Recorder's, now or when there is room."""
        self._note(lambda: super(PatientRecorder, self).note_calibration(calibration))

    def _note(self, step: Callable[[], None]) -> None:
        if self.is_full:
            self._notes.append(step)
            return
        try:
            step()
        except RecordingError as error:
            self._notes.append(step)
            self._stop_writing(str(error))

    def flush(self) -> None:
        """As Recorder's; with a full disk, try again each second."""
        if not self.is_full:
            self._attempt(super().flush)
        elif time.monotonic() - self._tried >= RETRY_S:
            self._try_again()

    def commit(self) -> None:
        """Make everything up to here survive."""
        super().commit()
        if not self.is_full:
            self._waiting.clear()

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except RecordingError as error:
            self._stop_writing(str(error))

    def _stop_writing(self, why: str) -> None:
        self._tried = time.monotonic()
        self.roll_back()
        if not self.is_full:
            self.is_full = True
            self._on_full(why)

    def _try_again(self) -> None:
        """Everything that waits, in one transaction: it is there or it is not."""
        try:
            for step in self._notes:
                step()
            self._notes.clear()
            self.append_all(list(self._waiting))
        except RecordingError as error:
            self._stop_writing(str(error))
            return
        self.is_full = False
        self._waiting.clear()
        self._on_full(None)

    def close(self) -> None:
        """One last try, then close what there is. What still waits is lost: `given_up` counts it."""
        if self.is_full:
            self._try_again()
        elif self._waiting:
            self._attempt(self.commit)
        with suppress(RecordingError):
            super().close()
        self.given_up += len(self._waiting)
        self._waiting.clear()
