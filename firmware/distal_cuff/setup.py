"""What a host may set, and the info message that tells how the cuff is set up."""

from distal_cuff import messages
from distal_cuff import settings as wire
from distal_wire import spec

# (name, least, most) of what may be set at any time; what has WORDS is kept in words
_FACTS = {
    spec.SET_SIDE: ("side", 0, 2),
    spec.SET_MASS_G: ("mass_g", 0, wire.MAX_MASS_G),
    spec.SET_ALONE: ("alone", 0, 2),
    spec.SET_STILL_MIN: ("still_min", 1, spec.MAX_STILL_MIN),
}
_WORDS = {"side": wire.SIDES, "alone": wire.ALONE}
_MEASURING = {
    spec.SET_RATE_HZ: "rate_hz",
    spec.SET_ACC_RANGE_G: "acc_range_g",
    spec.SET_GYR_RANGE_DPS: "gyr_range_dps",
}


class Identity:
    """What does not change: boot number and id of this cuff, numbers of board and IMU on the wire."""

    def __init__(self, boot, cuff_id, board, imu):
        self.boot = boot
        self.cuff_id = cuff_id
        self.board = board
        self.imu = imu


class Setup:
    """Brings the settings to the IMU, and info to the radio."""

    def __init__(self, identity, settings, sampling, radio):
        self._identity = identity
        self._settings = settings
        self._sampling = sampling
        self._radio = radio

    def apply(self):
        """Make the settings real and tell them in info. False: no room for the ring."""
        settings, me = self._settings, self._identity
        ranges = (me.imu, settings.acc_range_g, settings.gyr_range_dps // 125)
        header = (me.boot, 0, 0, settings.rate_hz, 0, spec.ENCODING_RAW, 0) + ranges
        has_room = self._sampling.apply(settings, header)
        self.show_info()
        return has_room

    def show_info(self):
        """Write the info characteristic anew; its IMU is 0 while none answers."""
        me = self._identity
        imu = me.imu if self._sampling.is_up else 0
        slots = self._sampling.sampler.ring.slots
        numbers = (wire.SIDES.index(self._settings.side), me.board, imu, slots)
        self._radio.show_info(messages.info(me.boot, me.cuff_id, self._settings, numbers))

    def set(self, key, value, is_busy):
        """Change one setting (spec.SET_*); returns OK or ERROR_*."""
        if key in _FACTS:
            return self._set_fact(key, value)
        return spec.ERROR_BUSY if is_busy else self._set_measuring(key, value)

    def _set_fact(self, key, value):
        name, least, most = _FACTS[key]
        if not least <= value <= most:
            return spec.ERROR_BAD_VALUE
        try:
            self._settings.keep(name, _WORDS[name][value] if name in _WORDS else value)
        except OSError:  # a full or broken file system
            return spec.ERROR_MEMORY
        self.show_info()
        return spec.OK

    def _set_measuring(self, key, value):
        name = _MEASURING.get(key)
        if name is None or value not in self._settings.choices()[name]:
            return spec.ERROR_BAD_VALUE
        before = getattr(self._settings, name)
        setattr(self._settings, name, value)
        if self.apply():
            return spec.OK
        setattr(self._settings, name, before)
        self.apply()
        return spec.ERROR_MEMORY
