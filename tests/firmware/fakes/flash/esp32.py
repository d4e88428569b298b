"""A board with a partition for the flash ring, of true size. It keeps nothing, which takes no heap."""


class Partition:
    TYPE_DATA = 1

    @classmethod
    def find(cls, type, label):
        return [cls()]

    def ioctl(self, op, arg):
        return {4: 384, 5: 4096}.get(op, 0)

    def readblocks(self, number, buffer, offset):
        for i in range(len(buffer)):
            buffer[i] = 255

    def writeblocks(self, number, buffer, offset):
        pass
