"""MCP23017, 16 pins on I2C (datasheet DS20001952, IOCON.BANK = 0): bit n of a word is pin GPAn
for 0..7, GPB(n - 8) for 8..15.
"""

ADDRESS = 0x20
IODIR, GPPU, GPIO, OLAT = 0x00, 0x0C, 0x12, 0x14


class Mcp23017:
    """`outputs` and `pull_ups` are words of pins. Nothing here raises."""

    def __init__(self, i2c, address=ADDRESS, outputs=0, pull_ups=0):
        self._i2c = i2c
        self._address = address
        self._inputs = ~outputs & 0xFFFF
        self._pull_ups = pull_ups
        self._out = bytearray(3)
        self._in = bytearray(2)
        self._set_up = False

    def _write(self, register, word):
        out = self._out
        out[0], out[1], out[2] = register, word & 0xFF, word >> 8
        try:
            self._i2c.writeto(self._address, out)
        except OSError:
            self._set_up = False
            return False
        return True

    def _read(self, register):
        try:
            self._i2c.readfrom_mem_into(self._address, register, self._in)
        except OSError:
            self._set_up = False
            return -1
        return self._in[0] | self._in[1] << 8

    def write(self, word):
        """Drive the outputs. Directions are checked, because a chip that was reset has forgotten
        them. False on a bus error."""
        if not self._set_up or self._read(IODIR) != self._inputs:
            done = self._write(OLAT, word) and self._write(GPPU, self._pull_ups)
            self._set_up = done and self._write(IODIR, self._inputs)
            return self._set_up
        return self._write(OLAT, word)

    def read(self):
        """All pins, -1 on a bus error."""
        return self._read(GPIO)
