"""Subcommands and data memory of a BQ76952, both through the window at 0x3E..0x61 (TRM, "data
memory access"): the number goes to 0x3E, data to 0x40, then checksum and length together to 0x60;
the chip acts on the length. Data memory is the range 0x9180..0x93FF of the same numbers.
"""

from hal.chips.bq76952_bus import Block, Bus

WINDOW = 0x3E
CHECKSUM = 0x60
EXECUTE_US = 2_000  # TI's own code waits this long behind every command
POLL_US = 500
POLLS = 20  # the slowest commands take 8.5 ms
DATA = 32
SUM_AT = 32  # of the result: checksum and length stand behind the 32 bytes of data
LENGTH_AT = 33


class Link:
    """`wait_us(us)` blocks for some microseconds; data of the last answer is in `answer.data`."""

    def __init__(self, i2c, wait_us):
        self.bus = Bus(i2c)
        self.wait_us = wait_us
        self.answer = Block(0x40, 34)
        self._echo = Block(WINDOW, 2)
        self._out = bytearray(2 + DATA)
        self._end = bytearray(2)
        self._busy = False  # a command was sent that nobody has waited for

    def settled(self):
        """So much time has passed that the chip has executed every command."""
        self._busy = False

    def _number(self, number):
        if self._busy:
            self._busy = False
            self.wait_us(EXECUTE_US)
        self._out[0] = number & 0xFF
        self._out[1] = number >> 8

    def command(self, number):
        """A subcommand without data. False on a bus error."""
        self._number(number)
        if not self.bus.write(WINDOW, self._out, 2):
            return False
        self.wait_us(EXECUTE_US)
        return True

    def send(self, number, data, n, wait=True):
        """A subcommand with data, or n bytes into data memory. False on a bus error; the chip says
        nothing when it takes no notice. Without `wait` the next command waits for this one."""
        out, end = self._out, self._end
        self._number(number)
        total = out[0] + out[1]
        for i in range(n):
            out[2 + i] = data[i]
            total += data[i]
        end[0] = ~total & 0xFF
        end[1] = n + 4
        if not self.bus.write(WINDOW, out, n + 2) or not self.bus.write(CHECKSUM, end, 2):
            return False
        if wait:
            self.wait_us(EXECUTE_US)
        else:
            self._busy = True
        return True

    def receive(self, number):
        """Ask for the result of a subcommand, or 32 bytes of data memory. The number of bytes in
        `answer.data`, -1 on a bus error, a time-out or a wrong checksum."""
        out, echo, answer = self._out, self._echo, self.answer
        self._number(number)
        if not self.bus.write(WINDOW, out, 2):
            return -1
        for _ in range(POLLS):
            self.wait_us(POLL_US)
            if not self.bus.read(echo):
                return -1
            if echo.data[0] == out[0] and echo.data[1] == out[1]:
                return self._take(out[0] + out[1], answer)
        return -1

    def _take(self, total, answer):
        if not self.bus.read(answer):
            return -1
        data = answer.data
        n = data[LENGTH_AT] - 4
        if not 0 < n <= DATA:
            return -1
        for i in range(n):
            total += data[i]
        return n if data[SUM_AT] == ~total & 0xFF else -1
