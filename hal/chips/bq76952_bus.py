"""The I2C side of a BQ76952: register blocks, CRC mode, retries (SLUSE13B, TRM SLUUBY2B).

Of MicroPython's machine.I2C only two methods are used, and they may raise OSError:
`writeto(address, buffer)` and `readfrom_mem_into(address, register, buffer)`.

In CRC mode every byte is followed by its CRC-8 (polynomial 0x07, start 0); the first one also
covers the address and the register. A wrong CRC and a missing acknowledge are tried once more,
then reported as False: nothing here raises, nothing allocates after the first use of a length.
"""

try:
    from hal.native import take as _take
except (ImportError, SyntaxError, ValueError):
    _take = None

ADDRESS = 0x08
WRITE_ADDRESS = 0x10
READ_ADDRESS = 0x11
TRIES = 2
LONGEST = 34  # command, 32 bytes of data


def _table():
    table = bytearray(256)
    for i in range(256):
        crc = i
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
        table[i] = crc
    return bytes(table)


_CRC = _table()


class Block:
    """`n` registers from `register` on, read in one transfer: both bytes of a 16-bit value belong
    to the same measurement only then. Results are in `data`."""

    def __init__(self, register, n):
        self.register = register
        self.n = n
        self.data = bytearray(n)
        self.raw = bytearray(2 * n)  # with the CRC behind each byte
        crc = _CRC[_CRC[WRITE_ADDRESS] ^ register]
        self.start = _CRC[crc ^ READ_ADDRESS]

    def word(self, i):
        """Unsigned 16-bit value at byte i."""
        return self.data[i] | self.data[i + 1] << 8


class Bus:
    """Transfers with one chip. `crc` says how the chip talks now; `errors` counts what failed."""

    def __init__(self, i2c):
        self._i2c = i2c
        self.crc = False
        self.errors = 0
        self._out = bytearray(1 + 2 * LONGEST)
        self._views = [None] * (2 + 2 * LONGEST)

    def read(self, block):
        """Fill `block.data`. False when no try succeeded."""
        i2c, crc = self._i2c, self.crc
        buffer = block.raw if crc else block.data
        for _ in range(TRIES):
            try:
                i2c.readfrom_mem_into(ADDRESS, block.register, buffer)
            except OSError:
                self.errors += 1
                continue
            if not crc or self._strip(block):
                return True
            self.errors += 1
        return False

    def _strip(self, block):
        """Check and take out the CRC bytes. False when one is wrong."""
        if _take is not None:
            return _take(block.raw, block.data, block.n, block.start, _CRC) == 1
        table, raw, data = _CRC, block.raw, block.data
        crc = block.start
        at = 0
        for i in range(block.n):
            value = raw[at]
            if raw[at + 1] != table[crc ^ value]:
                return False
            data[i] = value
            crc = 0
            at += 2
        return True

    def write(self, register, data, n):
        """Write the first n bytes of `data` from `register` on. False when no try succeeded."""
        out = self._out
        out[0] = register
        size = 1 + n
        if self.crc:
            size = 1 + 2 * n
            table = _CRC
            crc = table[table[WRITE_ADDRESS] ^ register]
            for i in range(n):
                value = data[i]
                out[1 + 2 * i] = value
                out[2 + 2 * i] = table[crc ^ value]
                crc = 0
        else:
            for i in range(n):
                out[1 + i] = data[i]
        return self._send(size)

    def _send(self, size):
        view = self._views[size]
        if view is None:
            view = self._views[size] = memoryview(self._out)[:size]
        for _ in range(TRIES):
            try:
                self._i2c.writeto(ADDRESS, view)
                return True
            except OSError:
                self.errors += 1
        return False
