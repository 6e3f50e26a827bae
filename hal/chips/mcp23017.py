"""MCP23017, 16 pins on I2C (datasheet DS20001952, IOCON.BANK = 0): bit n of a word is pin GPAn
for 0..7, GPB(n - 8) for 8..15.

What was written is read back, and a chip that has forgotten its settings (brown-out, a pulse on
its reset pin) gets them again before anything it says counts: without pull-ups a DIP switch would
read as closed.
"""

ADDRESS = 0x20
IODIR, GPPU, GPIO, OLAT = 0x00, 0x0C, 0x12, 0x14
TRIES = 2


class Mcp23017:
    """`outputs` and `pull_ups` are words of pins. Nothing here raises; `errors` counts what went
    wrong, `restored` how often the settings had to be written again. `shorted`: outputs whose pin
    does not follow, as of the last `read`."""

    def __init__(self, i2c, address=ADDRESS, outputs=0, pull_ups=0):
        self._i2c = i2c
        self._address = address
        self._outputs = outputs
        self._inputs = ~outputs & 0xFFFF
        self._pull_ups = pull_ups
        self._word = 0
        self._out = bytearray(3)
        self._state = bytearray(OLAT + 2)
        self._set_up = False
        self.errors = 0
        self.restored = -1  # the first time is none
        self.shorted = 0

    def write(self, word):
        """Drive the outputs. False when they may be anything: bus error, or a chip that reads back
        something else."""
        self._word = word & self._outputs
        for _ in range(TRIES):
            if self._done(True):
                return True
        return False

    def read(self):
        """All pins, -1 on a bus error."""
        for _ in range(TRIES):
            if self._done(False):
                pins = self._at(GPIO)
                self.shorted = (pins ^ self._word) & self._outputs
                return pins
        return -1

    def _done(self, writing):
        try:
            if self._exchange(writing):
                return True
        except OSError:
            pass
        self._set_up = False
        self.errors += 1
        return False

    def _exchange(self, writing):
        """Write what is to be written, then read all registers: the settings first, if need be,
        and of these the levels before the directions. False when they are not those written."""
        if writing or not self._set_up:
            self._put(OLAT, self._word)
        if not self._set_up:
            self._put(GPPU, self._pull_ups)
            self._put(IODIR, self._inputs)
        self._i2c.readfrom_mem_into(self._address, IODIR, self._state)
        if self._at(IODIR) != self._inputs or self._at(GPPU) != self._pull_ups:
            return False
        if not self._set_up:
            self._set_up = True
            self.restored += 1
        return self._at(OLAT) == self._word

    def _at(self, register):
        return self._state[register] | self._state[register + 1] << 8

    def _put(self, register, word):
        out = self._out
        out[0], out[1], out[2] = register, word & 0xFF, word >> 8
        self._i2c.writeto(self._address, out)
