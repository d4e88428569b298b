"""One small file per board: pins and ratios under the schematic's net names."""


def store_device(label):
    """Block device of the flash ring: the partition of that name; None where the board has none.

    A stock MicroPython has no such partition; `distal flash --image` puts one into the image's table.
    """
    try:
        from esp32 import Partition
    except ImportError:
        return None
    found = Partition.find(Partition.TYPE_DATA, label=label)
    return found[0] if found else None
