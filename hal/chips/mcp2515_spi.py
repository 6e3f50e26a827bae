"""The SPI instructions of an MCP2515 (DS20001801, section 12): one transfer each, MSB first, mode
0, at most 10 MHz. Every buffer is made here, once; nothing allocates afterwards.

Of `machine.SPI` only `write(buffer)` and `write_readinto(out, into)` are used, of the select pin
`cs(level)`.
"""

RESET = 0xC0
READ, WRITE, MODIFY = 0x03, 0x02, 0x05
READ_STATUS = 0xA0
READ_RX = 0x90  # + 4: the second receive buffer; its flag is cleared when cs rises
REQUEST = 0x80  # + 1 << n: send transmit buffer n

TX_CONTROL = 0x30  # of transmit buffer 0; the others follow 0x10 behind
FRAME = 13  # SIDH SIDL EID8 EID0 DLC D0..D7
SIDH, SIDL, EID8, EID0, DLC, DATA = range(6)
EXIDE = 0x08  # of SIDL: 29 bits

SETTINGS = 0x28  # CNF3 CNF2 CNF1 CANINTE CANINTF EFLG CANSTAT CANCTRL
SETTINGS_N = 8


def put_id(out, at, id, extended):
    """Write an identifier as SIDH SIDL EID8 EID0."""
    if extended:
        out[at] = id >> 21 & 0xFF
        out[at + 1] = id >> 13 & 0xE0 | EXIDE | id >> 16 & 3
        out[at + 2] = id >> 8 & 0xFF
        out[at + 3] = id & 0xFF
    else:
        out[at] = id >> 3 & 0xFF
        out[at + 1] = id << 5 & 0xE0
        out[at + 2] = out[at + 3] = 0


def put_data(out, data, n):
    """Write the length and n bytes of data behind an identifier."""
    out[DLC] = n
    for i in range(n):
        out[DATA + i] = data[i]


class Instructions:
    """`settings` is what `look` has read, `frame` what `load` will write."""

    def __init__(self, spi, cs):
        self._spi = spi
        self._cs = cs
        cs(1)
        self._one = bytearray(1)
        self._modify = bytearray((MODIFY, 0, 0, 0))
        self._ask_status, self._status = bytearray((READ_STATUS, 0)), bytearray(2)
        self._ask_frame = bytearray(1 + FRAME)
        self._ask_settings = bytearray(2 + SETTINGS_N)
        self._ask_settings[0], self._ask_settings[1] = READ, SETTINGS
        self._settings = bytearray(2 + SETTINGS_N)
        self._frame = bytearray(3 + FRAME)
        self._frame[0] = WRITE
        self.settings = memoryview(self._settings)[2:]
        self.frame = memoryview(self._frame)[3:]

    def _write(self, buffer):
        self._cs(0)
        self._spi.write(buffer)
        self._cs(1)

    def _exchange(self, out, into):
        self._cs(0)
        self._spi.write_readinto(out, into)
        self._cs(1)

    def reset(self):
        """All registers to their defaults; configuration mode."""
        self._one[0] = RESET
        self._write(self._one)

    def status(self):
        """READ STATUS: bits 0, 1 a frame is in receive buffer 0, 1; bits 2, 4, 6 transmit buffer
        0, 1, 2 is pending."""
        self._exchange(self._ask_status, self._status)
        return self._status[1]

    def read_frame(self, n, into):
        """Take what is in receive buffer n, behind a first byte (1 + FRAME bytes)."""
        self._ask_frame[0] = READ_RX + 4 * n
        self._exchange(self._ask_frame, into)

    def look(self):
        """Read the registers of `settings`."""
        self._exchange(self._ask_settings, self._settings)

    def load(self, n, priority):
        """Write `frame` to transmit buffer n and ask for it to be sent."""
        self._frame[1] = TX_CONTROL + 0x10 * n
        self._frame[2] = priority
        self._write(self._frame)
        self._one[0] = REQUEST + (1 << n)
        self._write(self._one)

    def modify(self, register, mask, value):
        """BIT MODIFY."""
        out = self._modify
        out[1], out[2], out[3] = register, mask, value
        self._write(out)

    def write(self, register, data):
        """Registers from `register` on (start-up only: allocates)."""
        self._write(bytes((WRITE, register)) + bytes(data))

    def read(self, register, n):
        """n registers (start-up only: allocates)."""
        into = bytearray(2 + n)
        self._exchange(bytes((READ, register)) + bytes(n), into)
        return into[2:]
