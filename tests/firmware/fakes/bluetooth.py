"""NimBLE as `distal_cuff.radio` sees it. The test is the host: `ble.connect()`, `ble.write(...)`."""

FLAG_READ = 2
FLAG_WRITE = 8
FLAG_NOTIFY = 16
FLAG_INDICATE = 32
ENOMEM = 12


class UUID:
    def __init__(self, value):
        digits = value.replace("-", "") if isinstance(value, str) else f"{value:04x}"
        self.bytes = bytes([int(digits[i : i + 2], 16) for i in range(len(digits) - 2, -1, -2)])

    def __iter__(self):
        return iter(self.bytes)


class BLE:
    only = None

    def __new__(cls):
        if cls.only is None:
            cls.only = object.__new__(cls)
            cls.only.boot()
        return cls.only

    def boot(self):
        self.values = {}
        self.buffers = {}
        self.advertised = []
        self.notified = []
        self.offered = []  # on `kept`
        self.indicated = []
        self.room = -1  # notifications until ENOMEM; -1 endless
        self.is_recording = True
        self.connection = 64  # not 0, as on a busy stack
        self.is_linked = False
        self.confirms = True
        self.is_ending = False  # a link that is over, but not for the stack

    def active(self, on):
        pass

    def config(self, **settings):
        self.settings = settings

    def irq(self, handler):
        self.handler = handler

    def gatts_register_services(self, services):
        handle, out = 40, []
        for _, characteristics in services:
            out.append(tuple(range(handle, handle + 3 * len(characteristics), 3)))
            handle += 3 * len(characteristics) + 1
        self.stream, self.control, self.info, self.kept = out[0]
        self.battery = out[1][0]
        self.facts = out[2]
        return tuple(out)

    def gatts_set_buffer(self, handle, size, append=False):
        self.buffers[handle] = (size, append)

    def gatts_write(self, handle, data):
        self.values[handle] = data.encode() if isinstance(data, str) else bytes(data)

    def gatts_read(self, handle):
        value = self.values.get(handle, b"")
        if self.buffers[handle][1]:
            self.values[handle] = b""
        return value

    def gap_advertise(self, interval_us, data, resp_data):
        if self.is_linked or self.is_ending:
            raise OSError(16)
        self.advertised.append((bytes(data), bytes(resp_data)))

    def gatts_notify(self, connection, handle, data):
        assert connection == self.connection
        assert handle == self.stream or handle == self.kept
        if not self.is_linked:
            raise OSError(128)
        if self.room == 0:
            raise OSError(ENOMEM)
        if self.room > 0:
            self.room -= 1
        if handle == self.kept:
            self.offered.append(bytes(data))
        elif self.is_recording:
            self.notified.append(bytes(data))

    def gatts_indicate(self, connection, handle, data):
        assert (connection, handle) == (self.connection, self.control)
        self.indicated.append(bytes(data))
        if self.confirms:
            self.handler(20, (connection, handle, 0))

    def gap_disconnect(self, connection):
        assert connection == self.connection
        self.disconnect()

    # ---- the host's side

    def connect(self, mtu=247):
        self.connection += 1
        self.is_linked = True
        self.handler(1, (self.connection, 1, memoryview(b"123456")))
        if mtu:
            self.handler(21, (self.connection, mtu))

    def disconnect(self):
        self.is_linked = False
        self.handler(2, (self.connection, 1, memoryview(b"123456")))

    def write(self, *writes, is_late=False):
        """Write to control; `is_late`: the interrupt comes after the last of them."""
        for data in writes:
            size, append = self.buffers[self.control]
            before = self.values.get(self.control, b"") if append else b""
            self.values[self.control] = (before + data)[:size]
            if not is_late:
                self.handler(3, (self.connection, self.control))
        if is_late:
            for _ in writes:
                self.handler(3, (self.connection, self.control))
