"""Every error Distal raises on purpose.

    DistalError
    ├── LinkError            the radio or the way to it
    │   ├── BluetoothOff     no adapter, or it is off
    │   ├── CuffNotFound     nothing answers to that name or address
    │   ├── LinkLost         the connection ended and was not asked to
    │   └── CommandRefused   the cuff answered with an error
    ├── DataError            samples or files that cannot be used as asked
    │   ├── TooShort
    │   └── RateMismatch
    ├── RecordingError       a recording that cannot be opened or written
    └── VirtualError         the virtual cuff could not start or died

The text of each ends with what the user can do.
"""


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


class RecordingError(DistalError):
    """A recording that cannot be opened or written."""


class VirtualError(DistalError):
    """The virtual cuff could not start or died."""
