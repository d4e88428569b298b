"""An LSM6DSO32 as its driver sees it: registers, a FIFO, a timestamp. Reading allocates nothing."""

GYR, ACC, STAMP = 1, 2, 4
DEPTH = 512
RATES = {4: 384, 5: 192, 6: 96}  # ODR code -> ticks between samples
ENODEV = 19


def tag(kind, slot):
    """TAG_SENSOR, slot counter and the bit that makes the number of ones even."""
    bits = kind << 3 | (slot & 3) << 1
    ones = 0
    for i in range(8):
        ones += bits >> i & 1
    return bits | ones & 1


def word(kind, slot, data):
    return bytes((tag(kind, slot),)) + bytes(data) + bytes(6 - len(data))


def counts(*values):
    out = b""
    for value in values:
        out += (value & 0xFFFF).to_bytes(2, "little")
    return out


def stamp_bytes(ticks):
    return (ticks & 0xFFFFFFFF).to_bytes(4, "little")


class FakeImu:
    def __init__(self):
        self.registers = bytearray(128)
        self.fifo = bytearray(DEPTH * 7)
        self.level = 0
        self.first = 0  # place of the oldest word
        self.ticks = 1000  # the timestamp, also while nothing is sampled
        self.slot = 0
        self.is_latched = False
        self.failures = 0  # transfers that will fail
        self.is_absent = False
        self.taken = 0
        self.order = (STAMP, GYR, ACC)
        self.stamp_every = 8
        self.motion = counts(0, 0, 0) + counts(0, 0, 1024)  # 1 g at 32 g
        self.on_watermark = None

    # ---- what the test does

    @property
    def period(self):
        return RATES[self.registers[0x10] >> 4]

    def is_filling(self):
        return self.registers[0x09] != 0 and self.registers[0x0A] & 7 == 6

    def run(self, samples):
        """Let time pass and sample: gyr x is the number of the sample, so that order can be seen."""
        was_below = self.level < self.registers[0x07]
        for _ in range(samples):
            self.ticks += self.period
            if not self.is_filling():
                continue
            words = {GYR: counts(self.taken, 2, 3), ACC: counts(4, 5, 1024)}
            if self.slot % self.stamp_every == 0:
                words[STAMP] = stamp_bytes(self.ticks)
            for kind in self.order:
                if kind in words:
                    self.put(word(kind, self.slot, words[kind]))
            self.slot += 1
            self.taken += 1
        if was_below and self.level >= self.registers[0x07] and self.on_watermark:
            self.on_watermark()

    def put(self, word):
        if self.level == DEPTH:
            self.is_latched = True
            self.first = (self.first + 1) % DEPTH
            self.level -= 1
        at = (self.first + self.level) % DEPTH * 7
        self.fifo[at : at + 7] = word
        self.level += 1

    def brown_out(self):
        """Power failed for a moment: everything is as after a reset."""
        for i in range(128):
            self.registers[i] = 0
        self.ticks = self.level = self.slot = 0

    # ---- what the driver sees

    def _fail(self):
        if self.is_absent or self.failures:
            self.failures = max(0, self.failures - 1)
            raise OSError(ENODEV)

    def readfrom_mem_into(self, address, register, buffer):
        self._fail()
        if register == 0x78:
            return self._read_words(buffer)
        if register == 0x3A:
            flags = self.is_latched << 3 | (self.level >= self.registers[0x07]) << 7
            self.registers[0x3A] = self.level & 255
            self.registers[0x3B] = flags | self.level >> 8
            self.is_latched = False
        elif register == 0x40:
            for i in range(4):
                self.registers[0x40 + i] = self.ticks >> 8 * i & 255
        elif register == 0x22:
            for i in range(12):
                self.registers[0x22 + i] = self.motion[i]
        self.registers[0x0F] = 0x6C
        for i in range(len(buffer)):
            buffer[i] = self.registers[register + i]

    def _read_words(self, buffer):
        for i in range(len(buffer)):
            place = (self.first + i // 7) % DEPTH * 7 + i % 7
            buffer[i] = self.fifo[place] if i // 7 < self.level else 0
        words = min(self.level, len(buffer) // 7)
        self.first = (self.first + words) % DEPTH
        self.level -= words

    def writeto_mem(self, address, register, data):
        self._fail()
        if register == 0x12 and data[0] & 1:
            self.brown_out()
            return
        self.registers[register] = data[0]
        if register == 0x0A and not data[0] & 7:
            self.level = self.slot = 0
            self.is_latched = False
