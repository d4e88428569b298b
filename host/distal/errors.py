"""Every error Distal raises on purpose.

    DistalError
    ├── LinkError            the radio or the way to it
    │   ├── BluetoothOff     no adapter, or it is off
    │   ├── CuffNotFound     nothing answers to that name or address
    │   ├── LinkLost         the connection ended and was not asked to
    │   ├── CuffLocked       the cuff wants a key that this computer does not have
    │   │   └── WrongKey     this computer has one, and it is not the cuff's
    │   ├── FalseCuff        it cannot prove that it is the cuff it says it is
    │   └── CommandRefused   the cuff answered with an error
    ├── DataError            samples or files that cannot be used as asked
    │   ├── TooShort
    │   ├── RateMismatch
    │   ├── MissingDirections  a calibration that needs more sides of the cuff
    │   ├── Unsteady         a calibration that moved too much, or not on one gravity
    │   └── ImageError       a MicroPython image that is none, not whole, or for another chip
    ├── BoardError           the board on the USB cable
    │   ├── NoBoard          none is plugged in
    │   ├── ManyBoards       several are, and none was chosen
    │   ├── PortDenied       the serial port may not be opened
    │   ├── PortBusy         another program has it open
    │   ├── WrongChip        not the chip of the board that was named
    │   ├── WriteFailed      the image or a file did not get through
    │   ├── BoardFull        the files do not fit
    │   └── BoardSilent      it does not answer, or not as a cuff does
    ├── KeyStoreError        the file of the cuffs' keys cannot be used
    ├── DaemonError          the daemon cannot run as it was asked to
    │   └── ConfigError      its settings file has mistakes
    ├── PeopleError          a profile, a plan or the file that keeps them cannot be used
    ├── CalibrationFileError a file of calibrations that cannot be used
    ├── RecordingError       a recording that cannot be opened or written
    └── VirtualError         the virtual cuff could not start or died

The text of each ends with what the user can do.
"""

from collections.abc import Sequence


class DistalError(Exception):
    """Root: the command line prints it as one line and exits with 2."""


class LinkError(DistalError):
    """The radio or the way to it."""


class BluetoothOff(LinkError):
    """No Bluetooth adapter, or it is switched off."""


class CuffNotFound(LinkError):
    """Nothing answers to that name or address."""


class LinkLost(LinkError):
    """The connection ended and was not asked to."""


class CuffLocked(LinkError):
    """The cuff wants a key that this computer does not have."""

    def __init__(self, text: str, cuff: str) -> None:
        super().__init__(text)
        self.cuff = cuff


class WrongKey(CuffLocked):
    """This computer has a key for the cuff, and it is not the cuff's."""


class FalseCuff(LinkError):
    """It cannot prove that it is the cuff it says it is."""


class CommandRefused(LinkError):
    """The cuff answered a command with an error."""

    def __init__(self, text: str, error: int, detail: int) -> None:
        super().__init__(text)
        self.error = error
        self.detail = detail


class DataError(DistalError):
    """Samples or files that cannot be used as asked."""


class TooShort(DataError):
    """Fewer samples than the method needs."""


class RateMismatch(DataError):
    """Sampling rates that the method cannot join."""


class MissingDirections(DataError):
    """A calibration needs more directions: `absent` to add, by the axes that point up; `faces` were seen."""

    def __init__(self, absent: Sequence[str], faces: Sequence[str]) -> None:
        had = f" (seen: {', '.join(faces)})" if faces else ""
        super().__init__(
            f"directions are missing: {', '.join(absent)} up{had}. Lay the cuff still on those sides too,"
            " 2 s each, or turn it slowly through them."
        )
        self.absent = tuple(absent)
        self.faces = tuple(faces)


class Unsteady(DataError):
    """A calibration that moved too much, or did not read one gravity."""


class ImageError(DataError):
    """A MicroPython image that is none, not whole, or for another chip."""


class BoardError(DistalError):
    """The board on the USB cable."""


class NoBoard(BoardError):
    """None is plugged in."""


class ManyBoards(BoardError):
    """Several are plugged in and none was chosen."""


class PortDenied(BoardError):
    """The serial port may not be opened."""


class PortBusy(BoardError):
    """Another program has the serial port open."""


class WrongChip(BoardError):
    """Not the chip of the board that was named."""


class WriteFailed(BoardError):
    """The image or a file did not get through."""


class BoardFull(BoardError):
    """The files do not fit."""


class BoardSilent(BoardError):
    """It does not answer, or not as a cuff does."""


class KeyStoreError(DistalError):
    """The file of the cuffs' keys cannot be used."""


class DaemonError(DistalError):
    """The daemon cannot run as it was asked to."""


class ConfigError(DaemonError):
    """The daemon's settings file has mistakes."""


class PeopleError(DistalError):
    """A profile, a plan, or the file that keeps them, cannot be used as asked."""


class CalibrationFileError(DistalError):
    """A file of calibrations that cannot be used."""


class RecordingError(DistalError):
    """A recording that cannot be opened or written."""


class VirtualError(DistalError):
    """The virtual cuff could not start or died."""
