"""A MCP2515 that has always received a frame and sent another: for what is measured, not for what
is right (tests/host has a model for that). Its transfers allocate nothing."""

READ_STATUS, READ_RX, READ, WRITE, MODIFY = 0xA0, 0x90, 0x03, 0x02, 0x05
CANSTAT = 0x0E


class ReadyMcp2515:
    """SPI, select pin, clock and wait at once. `sent` counts requests to send."""

    def __init__(self):
        self.registers = bytearray(128)
        self.registers[CANSTAT] = 0x80
        self.sent = 0

    def cs(self, level):
        """Nothing depends on it."""

    def wait_us(self, us):
        """Nothing takes time here."""

    def ticks_ms(self):
        return 0

    def ticks_diff(self, later, earlier):
        return later - earlier

    def write(self, out):
        registers = self.registers
        if out[0] == WRITE:
            for i in range(2, len(out)):
                registers[out[1] + i - 2] = out[i]
        elif out[0] == MODIFY:
            registers[CANSTAT] = registers[0x2E] = 0  # it has joined the bus
        elif out[0] & 0xF8 == 0x80:
            self.sent += 1

    def write_readinto(self, out, into):
        if out[0] == READ:
            for i in range(2, len(out)):
                into[i] = self.registers[out[1] + i - 2]
        elif out[0] == READ_STATUS:
            into[1] = 1
        else:
            into[1], into[2], into[5] = 0x60, 0xA0, 8
