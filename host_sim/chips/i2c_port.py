"""The I2C bus of an emulated controller, byte by byte, over the devices of `bus.I2cDevice`."""

LONGEST = 160  # bytes in one read


class I2cPort:
    """`devices` by 7-bit address; `silent`: nobody acknowledges (a fault)."""

    def __init__(self, devices):
        self.devices = devices
        self.silent = False
        self._device = None
        self._written = None  # register and data of the write under way
        self._register = {}  # last register by address, as in the chips
        self._address = 0
        self._out = b""
        self._at = 0

    def start(self, address, read):
        """A start or repeated start; True when the chip acknowledges its address."""
        self._finish()
        self._device = None if self.silent else self.devices.get(address)
        if self._device is None:
            return False
        self._address = address
        try:
            self._device.selected()
            if read:
                register = self._register.get(address, 0)
                self._out, self._at = self._device.read_from(register, LONGEST), 0
            else:
                self._written = bytearray()
        except OSError:
            self._device = None
        return self._device is not None

    def write(self, byte):
        """One byte; True when it is acknowledged. A refused one ends the whole write."""
        if self._written is None:
            return False
        self._written.append(byte)
        register, data = self._written[0], bytes(self._written[1:])
        self._register[self._address] = register
        if data and not self._device.takes(register, data):
            self._written = None
            return False
        return True

    def read(self):
        """One byte; 0xFF when nobody drives the wire."""
        if self._device is None or self._at >= len(self._out):
            return 0xFF
        self._at += 1
        return self._out[self._at - 1]

    def stop(self):
        """The end of the transfer: what was written takes effect."""
        self._finish()
        self._device = None

    def _finish(self):
        written, self._written = self._written, None
        self._out, self._at = b"", 0
        if written:
            self._device.write_from(written[0], bytes(written[1:]))
