"""A chip of 128 registers that says yes to everything: for what is measured, not for what is right
(tests/host has a model for that). Its transfers allocate nothing.

`registers` is what can be read; `written` counts transfers; `crc` as in the chip.
"""

MODEL = 0x7695
FET_STATUS, BATTERY_STATUS, ALARM = 0x7F, 0x12, 0x62


def crc_table():
    """CRC-8 of one byte, polynomial 0x07."""
    table = bytearray(256)
    for i in range(256):
        crc = i
        for _ in range(8):
            crc = (crc * 2) ^ (0x107 if crc & 128 else 0)
        table[i] = crc
    return table


class RegisterChip:
    def __init__(self):
        self.registers = bytearray(128)
        self.registers[ALARM] = 0x82  # a new full scan, always
        self.crc = False
        self.written = 0
        self._table = crc_table()
        self._answers = {1: (MODEL & 0xFF, MODEL >> 8), 0x57: (0x50, 0)}

    def wait_us(self, us):
        """Nothing takes time here."""

    def writeto(self, address, buffer):
        self.written += 1
        at, i = buffer[0], 1
        while i < len(buffer):  # a range with a step is an object
            if not ALARM <= at < ALARM + 2:
                self.registers[at] = buffer[i]
            at += 1
            i += 2 if self.crc else 1
        if buffer[0] == 0x3E:
            self._command(self.registers[0x3E] | self.registers[0x3F] << 8)

    def _command(self, number):
        registers = self.registers
        if number == 0x97:
            off = registers[0x40]
            registers[FET_STATUS] = (0 if off & 4 else 1) | (0 if off & 1 else 4)
        elif number == 0x90:
            registers[BATTERY_STATUS] |= 1
        elif number == 0x92:
            registers[BATTERY_STATUS] &= ~1
        elif number == 0x29BC:
            self.crc = True
        elif number in self._answers:
            low, high = self._answers[number]
            registers[0x40], registers[0x41], registers[0x61] = low, high, 6
            registers[0x60] = ~(registers[0x3E] + registers[0x3F] + low + high) & 0xFF

    def readfrom_mem_into(self, address, register, buffer):
        if not self.crc:
            for i in range(len(buffer)):
                buffer[i] = self.registers[register + i]
            return
        table = self._table
        crc = table[table[table[0x10] ^ register] ^ 0x11]
        for i in range(len(buffer) // 2):
            value = self.registers[register + i]
            buffer[2 * i] = value
            buffer[2 * i + 1] = table[crc ^ value]
            crc = 0
