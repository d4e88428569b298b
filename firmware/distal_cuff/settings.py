"""What provisioning wrote and the host may change: `cuff.json` in the working folder."""

import json
import os

from distal_wire import spec

_DEFAULTS = {
    "board": "generic",
    "name": None,
    "side": None,
    "mass_g": 0,
    "imu": "LSM6DSO32",
    "rate_hz": 208,
    "acc_range_g": 32,
    "gyr_range_dps": 2000,
}
SIDES = (None, "left", "right")  # place = number on the wire


class Settings:
    """One attribute a key; a file that is missing or broken gives the defaults."""

    def __init__(self, path="cuff.json"):
        self._path = path
        stored = self._load()
        for key, value in _DEFAULTS.items():
            setattr(self, key, stored.get(key, value))
        if self.side not in SIDES:
            self.side = None
        if self.rate_hz not in [rate for rate, _ in spec.PERIOD_TICKS]:
            self.rate_hz = _DEFAULTS["rate_hz"]

    def keep(self, key, value):
        """Change one value here and in the file. The file is whole at every moment."""
        setattr(self, key, value)
        stored = self._load()
        stored[key] = value
        with open(self._path + ".new", "w") as file:
            json.dump(stored, file)
        os.rename(self._path + ".new", self._path)

    def title(self, cuff_id):
        """The name to advertise: as provisioned, else by side, else by the end of the id."""
        if self.name:
            return self.name
        last = self.side or "".join(["%02x" % byte for byte in cuff_id[-2:]])
        return spec.NAME_PREFIX + " " + last

    def _load(self):
        try:
            with open(self._path) as file:
                stored = json.load(file)
        except (OSError, ValueError):
            return {}
        return stored if isinstance(stored, dict) else {}


def number_of(table, name):
    """The wire's number of a name in spec.IMUS or spec.BOARDS; 0 if it has none."""
    for row in table:
        if row[1] == name:
            return row[0]
    return 0


def period_ticks(rate_hz):
    """Ticks of the cuff clock between samples."""
    return dict(spec.PERIOD_TICKS)[rate_hz]
