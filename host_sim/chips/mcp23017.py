"""An MCP23017 at register level, from its datasheet (IOCON.BANK = 0, sequential)."""

from host_sim.chips.bus import NO_ACKNOWLEDGE, I2cDevice

IODIR, GPPU, GPIO, OLAT, SIZE = 0x00, 0x0C, 0x12, 0x14, 0x16


class Mcp23017Chip(I2cDevice):
    """`levels()` gives what is connected: (mask of pins that are driven, their levels).
    `in_reset` is the RESET pin held low. `stuck_low`: pins with a short to ground (a fault)."""

    def __init__(self, levels):
        self._levels = levels
        self.in_reset = False
        self.stuck_low = 0
        self.power_on()

    def power_on(self):
        """All pins are inputs without pull-ups."""
        self.registers = bytearray(SIZE)
        self.registers[IODIR] = self.registers[IODIR + 1] = 0xFF

    def reset(self, low):
        """The RESET pin."""
        self.in_reset = bool(low)
        if low:
            self.power_on()

    def word(self, register):
        """A pair of registers, A in the low byte."""
        return self.registers[register] | self.registers[register + 1] << 8

    def outputs(self):
        """Pins that are driven high."""
        return self.word(OLAT) & ~self.word(IODIR)

    def pins(self):
        """The level of every pin; one that nothing drives or pulls reads 0."""
        inputs = self.word(IODIR)
        driven, high = self._levels()
        seen = high & driven | self.word(GPPU) & ~driven
        return (self.outputs() | seen & inputs) & ~self.stuck_low

    def write_from(self, register, data):
        self._answer()
        for i, byte in enumerate(data):
            at = (register + i) % SIZE
            self.registers[at + 2 if at in (GPIO, GPIO + 1) else at] = byte

    def read_from(self, register, n):
        self._answer()
        image = bytearray(self.registers)
        image[GPIO : GPIO + 2] = self.pins().to_bytes(2, "little")
        return bytes(image[(register + i) % SIZE] for i in range(n))

    def _answer(self):
        if self.in_reset:
            raise OSError(NO_ACKNOWLEDGE)
