"""Where the files lie that come with Distal and are no host code."""

from pathlib import Path

import distal
from distal.errors import DataError


def firmware_folder() -> Path:
    """The firmware's sources: of the repository, or those shipped inside an installed wheel."""
    package = Path(distal.__file__).resolve().parent
    for folder in (package.parents[1] / "firmware", package / "firmware"):
        if (folder / "distal_cuff").is_dir():
            return folder
    raise DataError("the firmware's sources are missing; install distal again")
