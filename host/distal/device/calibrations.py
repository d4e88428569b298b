"""The cuffs' calibrations on this computer: a JSON file beside the keys. All are kept, the newest counts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from distal.calibration import Calibration, from_dict
from distal.device.keys import config_folder, write_whole
from distal.errors import CalibrationFileError, DataError

FORMAT = 1


class CalibrationStore:
    """Read and written whole each time, as the keys are."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or config_folder() / "calibration.json"

    def all(self) -> list[Calibration]:
        """Every calibration, by date. raises CalibrationFileError"""
        return read_calibrations(self.path) if self.path.exists() else []

    def put(self, calibration: Calibration) -> None:
        """Add one; those before it stay. raises CalibrationFileError"""
        known = [*self.all(), calibration]
        text = json.dumps({"format": FORMAT, "calibrations": [one.to_dict() for one in known]}, indent=1)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self.path, text + "\n")
        except OSError as error:
            raise CalibrationFileError(
                f"{self.path} cannot be written ({error}). Check the folder's rights."
            ) from error


def known_calibrations(note: Callable[[str], None]) -> list[Calibration]:
    """For a session: a file that cannot be read costs none of it, because calibrations may be given later."""
    try:
        return CalibrationStore().all()
    except CalibrationFileError as error:
        note(f"recording without calibrations: {error}")
        return []


def read_calibrations(path: Path) -> list[Calibration]:
    """Calibrations of a file: the store's own, one alone, or what `distal calibrate --json` printed.

    raises  CalibrationFileError
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return sorted((from_dict(one) for one in _rows(stored)), key=lambda one: one.made)
    except FileNotFoundError:
        raise CalibrationFileError(
            f"{path} is not there. Make one: distal calibrate --json > {path}"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CalibrationFileError(f"{path} cannot be read ({error}). Check who owns it.") from None
    except (ValueError, TypeError, KeyError, AttributeError, DataError) as error:
        raise CalibrationFileError(
            f"{path} is damaged or from a newer Distal ({error}). Mend it, or move it away."
        ) from None


def _rows(stored: Any) -> list[dict[str, Any]]:
    if "calibrations" not in stored:
        return [stored]
    if stored.get("format", FORMAT) != FORMAT:
        raise ValueError(f"format {stored['format']}")
    rows: list[dict[str, Any]] = stored["calibrations"]
    return rows
