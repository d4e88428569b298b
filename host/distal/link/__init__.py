"""Bytes in: Bluetooth, a raw HCI controller, or a recording, all behind `base`."""
