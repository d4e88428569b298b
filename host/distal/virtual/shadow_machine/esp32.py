"""The board's `esp32`: the partition of the flash ring, which lies in the rig and outlives a reboot."""

import bus

_BLOCK = 4096  # of the port's partitions, unless asked for otherwise
LABEL = "distal"


class Partition:
    BOOT = 0
    RUNNING = 1
    TYPE_APP = 0
    TYPE_DATA = 1

    def __init__(self, id, block_size=_BLOCK):
        if id != LABEL or not bus.call(bus.FLASH_INFO):
            raise OSError(2)
        reply = bus.reply
        self._size = reply[0] | reply[1] << 8 | reply[2] << 16 | reply[3] << 24
        self._block = reply[4] | reply[5] << 8

    @classmethod
    def find(cls, type=TYPE_APP, subtype=0xFF, label=None, block_size=_BLOCK):
        if type != cls.TYPE_DATA or label not in (None, LABEL) or not bus.call(bus.FLASH_INFO):
            return []
        return [cls(LABEL)]

    def info(self):
        return (self.TYPE_DATA, 6, 0, self._size, LABEL, False)

    def readblocks(self, block_num, buf, offset=0):
        n = len(buf)
        bus.read_into(buf, bus.FLASH_READ, n & 255, block_num * self._block + offset | n >> 8 << 24)

    def writeblocks(self, block_num, buf, offset=None):
        if offset is None:
            offset = 0
            for place in range(len(buf) // self._block):
                self.ioctl(6, block_num + place)
        bus.call(bus.FLASH_WRITE, 0, block_num * self._block + offset, buf)

    def ioctl(self, cmd, arg):
        if cmd == 4:
            return self._size // self._block
        if cmd == 5:
            return self._block
        if cmd == 6:
            bus.call(bus.FLASH_ERASE, 0, arg)
        return 0 if cmd in (1, 2, 3, 6) else None
