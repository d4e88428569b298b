"""What provisioning wrote and the host may change: `cuff.json` in the working folder."""

import binascii
import json
import os

from distal_cuff.imu.lsm6dso32 import ACC_RANGES, GYR_RANGES
from distal_wire import spec
from distal_wire.proof import KEY_BYTES

_DEFAULTS = {
    "board": "generic",
    "name": None,
    "side": None,
    "mass_g": 0,
    "imu": "LSM6DSO32",
    "rate_hz": 208,
    "acc_range_g": 32,
    "gyr_range_dps": 2000,
    "alone": "button",
    "still_min": 5,
}
ALONE = ("off", "button", "motion")  # place = number on the wire
SIDES = (None, "left", "right")  # place = number on the wire
MAX_MASS_G = 65535


class Settings:
    """One attribute a key; what is missing or makes no sense is at its default. `key`: bytes or None."""

    def __init__(self, path="cuff.json"):
        self._path = path
        stored = self._load()
        for key, default in _DEFAULTS.items():
            setattr(self, key, stored.get(key, default))
        self._check("board", [name for _, name in spec.BOARDS])
        self._check("imu", list(ACC_RANGES))
        self._check("side", SIDES)
        self._check("alone", ALONE)
        for key, allowed in self.choices().items():
            self._check(key, allowed)
        self.key = _read_key(stored.get("key"))
        if not isinstance(self.mass_g, int) or not 0 <= self.mass_g <= MAX_MASS_G:
            self.mass_g = 0
        if not isinstance(self.still_min, int) or not 0 < self.still_min <= spec.MAX_STILL_MIN:
            self.still_min = _DEFAULTS["still_min"]

    def choices(self):
        """What rate and ranges this cuff's IMU can do."""
        rates = [rate for rate, _ in spec.PERIOD_TICKS]
        return {
            "rate_hz": rates,
            "acc_range_g": sorted(ACC_RANGES[self.imu]),
            "gyr_range_dps": sorted(GYR_RANGES),
        }

    def _check(self, key, allowed):
        if getattr(self, key) not in allowed:
            default = _DEFAULTS[key]
            setattr(self, key, default if default in allowed else max(allowed))

    def keep(self, key, value):
        """Change one value in the file and here. The file is whole at every moment. raises OSError"""
        stored = self._load()
        stored[key] = value
        with open(self._path + ".new", "w") as file:
            json.dump(stored, file)
        os.rename(self._path + ".new", self._path)
        setattr(self, key, value)

    def keep_key(self, key):
        """Change the key, 32 bytes, here and in the file. raises OSError"""
        self.keep("key", binascii.hexlify(key).decode())
        self.key = key

    def title(self, cuff_id):
        """The name to advertise: as provisioned, else by side, else by the end of the id."""
        if self.name:
            return str(self.name)
        last = self.side or "".join(["%02x" % byte for byte in cuff_id[-2:]])
        return spec.NAME_PREFIX + " " + last

    def _load(self):
        try:
            with open(self._path) as file:
                stored = json.load(file)
        except (OSError, ValueError):
            return {}
        return stored if isinstance(stored, dict) else {}


def _read_key(text):
    """32 bytes, None without a key. One that is none locks the cuff: only the button opens it then."""
    if text is None:
        return None
    try:
        key = binascii.unhexlify(text)
    except (ValueError, TypeError):
        key = b""
    return key if len(key) == KEY_BYTES else os.urandom(KEY_BYTES)


def number_of(table, name):
    """The wire's number of a name in spec.IMUS or spec.BOARDS; 0 if it has none."""
    for row in table:
        if row[1] == name:
            return row[0]
    return 0


def period_ticks(rate_hz):
    """Ticks of the cuff clock between samples."""
    return dict(spec.PERIOD_TICKS)[rate_hz]
