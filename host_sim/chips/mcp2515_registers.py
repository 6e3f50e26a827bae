"""The 128 registers of an MCP2515 and who may write them when (DS20001801, sections 3 to 11).

A write that the chip refuses is counted in `refused`: a driver that is right makes none.
"""

TXB, RXB = (0x30, 0x40, 0x50), (0x60, 0x70)
CANSTAT, CANCTRL = 0x0E, 0x0F
TEC, REC, CNF3, CNF2, CNF1 = 0x1C, 0x1D, 0x28, 0x29, 0x2A
CANINTE, CANINTF, EFLG = 0x2B, 0x2C, 0x2D
BFPCTRL, TXRTSCTRL = 0x0C, 0x0D

CONFIG_ONLY = {*range(0x0C), TXRTSCTRL, *range(0x10, 0x1C), *range(0x20, 0x2B)}
HIDDEN = {*range(0x0C), *range(0x10, 0x1C), *range(0x20, 0x28)}  # read 0 in other modes
MODIFIABLE = {BFPCTRL, TXRTSCTRL, CANCTRL, CNF3, CNF2, CNF1, CANINTE, CANINTF, EFLG, *TXB, *RXB}
# bits that a write can change; what is not named: all in the blocks below, none elsewhere
WRITABLE = {
    BFPCTRL: 0x3F,
    TXRTSCTRL: 0x07,
    CNF3: 0xC7,
    CANINTE: 0xFF,
    CANINTF: 0xFF,
    EFLG: 0xC0,
    RXB[0]: 0x64,
    RXB[1]: 0x60,
    **dict.fromkeys(TXB, 0x0B),
}
TXREQ, ABTF = 0x08, 0x40
ABAT = 0x10
MODE, CONFIGURATION = 0xE0, 0x80


class Registers:
    """`on_control(value)` is called for a write to CANCTRL, `on_request()` for a new TXREQ."""

    def __init__(self, on_control, on_request):
        self._on_control = on_control
        self._on_request = on_request
        self.refused = 0
        self.clear()

    def clear(self):
        """As after power-on or the RESET instruction. What the datasheet leaves open (filters,
        masks, buffers) gets a pattern, so that nobody relies on it."""
        self.value = bytearray(b"\xa5" * 128)
        for register in (*range(0x0C, 0x10), TEC, REC, *range(CNF3, EFLG + 1), *TXB, *RXB):
            self.value[register] = 0
        self.value[CANCTRL], self.value[CANSTAT] = 0x87, 0x80

    @property
    def mode(self):
        """Operation mode bits of CANSTAT."""
        return self.value[CANSTAT] & MODE

    def interrupts(self):
        """Enabled interrupts that are pending."""
        return self.value[CANINTE] & self.value[CANINTF]

    def read(self, register):
        """One register; CANSTAT and CANCTRL repeat in every row."""
        register = self._mirrored(register)
        if register in HIDDEN and self.mode != CONFIGURATION:
            return 0
        if register == CANSTAT:
            return self.mode | self._code() << 1
        return self.value[register]

    def _mirrored(self, register):
        register &= 0x7F
        return register & 0x0F if register & 0x0F >= 0x0E else register

    def _code(self):
        """The pending interrupt of the highest rank: ERR, WAK, TX0..2, RX0, RX1."""
        pending = self.interrupts()
        order = (0x20, 0x40, 0x04, 0x08, 0x10, 0x01, 0x02)
        return next((i + 1 for i, bit in enumerate(order) if pending & bit), 0)

    def write(self, register, value, mask=0xFF):
        """Write the bits of `mask`."""
        register = self._mirrored(register)
        old = self.value[register]
        value = old & ~mask | value & mask
        if register == CANCTRL:
            self.value[CANCTRL] = value
            self._on_control(value)
            return
        if not self._allowed(register):
            self.refused += 1
            return
        writable = self._writable(register)
        self.value[register] = new = old & ~writable | value & writable
        if register == RXB[0]:
            self.value[register] = new & ~0x02 | (new & 0x04) >> 1  # BUKT1 repeats BUKT
        if register in TXB:
            self._control_of_buffer(register, old, new)

    def _allowed(self, register):
        if register in CONFIG_ONLY:
            return self.mode == CONFIGURATION
        for block in TXB:
            if block < register <= block + 13:
                return not self.value[block] & TXREQ
        return register not in (CANSTAT, TEC, REC) and not 0x61 <= register <= 0x6D

    def _writable(self, register):
        if register in WRITABLE:
            return WRITABLE[register]
        if register < 0x0C or 0x10 <= register < 0x1C or 0x20 <= register < 0x28:
            return 0xEB if register & 3 == 1 else 0xFF
        if register in (CNF2, CNF1):
            return 0xFF
        return 0xFF if any(block < register <= block + 13 for block in TXB) else 0

    def _control_of_buffer(self, register, old, new):
        if new & TXREQ and not old & TXREQ:
            self.value[register] = new & 0x0B  # the flags of the last attempt are gone
            self._on_request()
        elif old & TXREQ and not new & TXREQ:
            self.value[register] |= ABTF
