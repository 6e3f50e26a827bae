"""An MCP2515 at register level: SPI bytes on one side, CAN frames on the other.

Written from the datasheet DS20001801, not from a driver. Strict where a careless driver would get
away with it on the bench: registers that need configuration mode refuse writes elsewhere, RESET
leaves filters and buffers undefined, a loaded buffer cannot be changed.
"""

from host_sim.chips import mcp2515_registers as reg
from host_sim.chips.mcp2515_bus import NORMAL, BusSide

RESET_CYCLES = 128  # of the oscillator: no instruction is understood before
JOIN_BITS = 11  # recessive ones in a row, then the chip is in normal mode
RESET, READ, WRITE, MODIFY, STATUS, RX_STATUS = 0xC0, 0x03, 0x02, 0x05, 0xA0, 0xB0
NOT_DRIVEN = 0xFF  # SO while the chip only listens


class Mcp2515Chip:
    """SPI: select(), transfer(byte) -> byte, deselect(). Time: advance(us). CAN: `bus.receive`
    and `bus.wire` (mcp2515_bus.py). Faults: `dead` (SO floats at `floating`), `held` (the bus
    never becomes recessive), `flips` (the next n bytes read have a wrong bit), power_on()."""

    def __init__(self, oscillator_hz=8_000_000):
        self.registers = reg.Registers(self._control, lambda: None)
        self.bus = BusSide(self.registers, oscillator_hz)
        self.dead = self.held = False
        self.floating = 0xFF
        self.flips = 0
        self.power_on()

    def power_on(self):
        """Supply applied, or RESET."""
        self.registers.clear()
        self.bus.clear()
        self._selected = False
        self._bytes = []
        self._wait_us = RESET_CYCLES * 1_000_000 // self.bus.oscillator_hz + 1
        self._wanted = reg.CONFIGURATION
        self._awake = False

    def interrupt(self):
        """Level of the INT pin."""
        return 1 if self.dead or not self.registers.interrupts() else 0

    # --- time and modes --------------------------------------------------------------------------

    def advance(self, us):
        """Let time pass."""
        while us > 0:
            coming = self._wait_us and not (self.held and self._wanted == NORMAL)
            step = min(us, self._wait_us) if coming else us
            self.bus.advance(step)
            us -= step
            if coming:
                self._wait_us -= step
                if not self._wait_us:
                    self._enter(self._wanted)

    def _control(self, value):
        if value & reg.ABAT:
            self.bus.abort()
        self._wanted = value & reg.MODE
        if self._wanted == self.registers.mode:
            self._wait_us = 0
        elif self._wanted == NORMAL:
            self._wait_us = 1 + JOIN_BITS * 1_000_000 // max(self.bus.bitrate, 1)
        else:
            self._wait_us = 1

    def _enter(self, mode):
        self._awake = True
        value = self.registers.value
        value[reg.CANSTAT] = value[reg.CANSTAT] & 0x1F | mode

    # --- SPI -------------------------------------------------------------------------------------

    def select(self):
        """CS falls."""
        self._selected, self._bytes = True, []

    def transfer(self, byte):
        """One byte in, one out."""
        if self.dead or not self._selected or not self._awake:
            return self.floating
        self._bytes.append(byte)
        out = self._answer(len(self._bytes) - 1)
        if self.flips > 0 and len(self._bytes) > 1:
            self.flips -= 1
            out ^= 0x10
        return out

    def deselect(self):
        """CS rises: RESET, and the end of a frame that was read."""
        if self._bytes and not self.dead:
            first = self._bytes[0]
            if first == RESET:
                self.power_on()
            elif first & 0xF9 == 0x90:
                self.registers.value[reg.CANINTF] &= ~(1 << (first >> 2 & 1))
        self._selected, self._bytes = False, []

    def _answer(self, n):
        """What SO shows while byte n comes in; acts on it."""
        first = self._bytes[0]
        if n == 0:
            if first & 0xF8 == 0x80:
                self._request(first & 7)
            return NOT_DRIVEN
        if first in (READ, WRITE, MODIFY):
            return self._access(n) if n > 1 else NOT_DRIVEN
        if first == STATUS:
            return self._status()
        return self._rx_status() if first == RX_STATUS else self._buffer(n)

    def _access(self, n):
        """READ, WRITE and BIT MODIFY, from the byte behind the address on."""
        sent = self._bytes
        if sent[0] == READ:
            return self.registers.read(sent[1] + n - 2)
        if sent[0] == WRITE:
            self.registers.write(sent[1] + n - 2, sent[n])
        elif n == 3:
            mask = sent[2] if sent[1] & 0x7F in reg.MODIFIABLE else 0xFF
            self.registers.write(sent[1], sent[3], mask)
        return NOT_DRIVEN

    def _buffer(self, n):
        """READ RX BUFFER and LOAD TX BUFFER."""
        first = self._bytes[0]
        if first & 0xF9 == 0x90:
            start = reg.RXB[first >> 2 & 1] + (6 if first & 2 else 1)
            return self.registers.read(start + n - 1)
        if first & 0xF8 == 0x40 and first & 7 < 6:
            start = reg.TXB[first >> 1 & 3] + (6 if first & 1 else 1)
            self.registers.write(start + n - 1, self._bytes[n])
        return NOT_DRIVEN

    def _request(self, buffers):
        for n, control in enumerate(reg.TXB):
            if buffers & 1 << n:
                self.registers.write(control, reg.TXREQ, reg.TXREQ)

    def _status(self):
        value = self.registers.value
        flags = value[reg.CANINTF]
        out = flags & 3
        for n, control in enumerate(reg.TXB):
            out |= 4 << 2 * n if value[control] & reg.TXREQ else 0
            out |= 8 << 2 * n if flags & 4 << n else 0
        return out

    def _rx_status(self):
        value = self.registers.value
        full = value[reg.CANINTF] & 3
        if not full:
            return 0
        control = reg.RXB[0 if full & 1 else 1]
        out = full << 6 | (0x10 if value[control + 1] & 0x08 else 0)
        return out | (value[control] & 0x08) | value[control] & 7
