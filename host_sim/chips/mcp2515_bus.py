"""The bus side of an MCP2515: bit timing, attempts, error counters, receive buffers.

`wire(chip, frame)` answers for each frame that has left: ACKNOWLEDGED, ALONE (nobody listens),
DISTURBED (a bit came back wrong), OUTRANKED (a lower identifier was sent at the same time).
"""

from host_sim.chips import mcp2515_registers as reg
from host_sim.chips.mcp2515_filter import frame_of, hit, raw_of

ACKNOWLEDGED, ALONE, DISTURBED, OUTRANKED = range(4)
MLOA, TXERR = 0x20, 0x10
ERRIF, MERRF = 0x20, 0x80
OSM = 0x08
BUKT = 0x04
ERROR_FRAME_BITS = 20  # flag, echo, delimiter, space between frames
RECOVERY_BITS = 128 * 11
NORMAL, SLEEP, LOOPBACK, LISTEN = 0x00, 0x20, 0x40, 0x60


class BusSide:
    """Works on `registers`; `advance(us)` makes time pass."""

    def __init__(self, registers, oscillator_hz):
        self._registers = registers
        self.oscillator_hz = oscillator_hz
        self.wire = lambda side, frame: ALONE
        self.attempts = 0
        self.clear()

    def clear(self):
        """As after a reset."""
        self._sending = None  # transmit buffer on the wire
        self._left_us = 0
        self.tec = self.rec = 0
        self.bus_off = False
        self._flags()

    # --- bit timing ------------------------------------------------------------------------------

    def quanta(self):
        """(before the sample point, behind it, jump width) in time quanta; None for a setting that
        the rules of section 5 forbid."""
        cnf1, cnf2, cnf3 = (self._registers.value[r] for r in (reg.CNF1, reg.CNF2, reg.CNF3))
        propagation, first = (cnf2 & 7) + 1, (cnf2 >> 3 & 7) + 1
        second = (cnf3 & 7) + 1 if cnf2 & 0x80 else max(first, 2)
        jump = (cnf1 >> 6) + 1
        if propagation + first < second or second < 2 or second <= jump:
            return None
        return 1 + propagation + first, second, jump

    @property
    def bitrate(self):
        """Bits per second, 0 for a forbidden setting."""
        quanta = self.quanta()
        if quanta is None:
            return 0
        divider = 2 * ((self._registers.value[reg.CNF1] & 0x3F) + 1)
        return self.oscillator_hz // (divider * (quanta[0] + quanta[1]))

    def _bits_us(self, bits):
        return bits * 1_000_000 // max(self.bitrate, 1)

    # --- sending ---------------------------------------------------------------------------------

    def advance(self, us):
        """Let time pass."""
        while us > 0 and self._begin():
            step = min(us, self._left_us)
            self._left_us -= step
            us -= step
            if not self._left_us:
                self._end()

    def _begin(self):
        """Something is under way, or begins."""
        if self._left_us:
            return True
        if self.bus_off:
            self._left_us = self._bits_us(RECOVERY_BITS)
            return True
        if self._registers.mode not in (NORMAL, LOOPBACK) or not self.bitrate:
            return False
        self._sending = self._chosen()
        if self._sending is None:
            return False
        frame = self._frame(self._sending)
        bits = (67 if frame.extended else 47) + 8 * len(frame.data)
        self._left_us = max(1, self._bits_us(bits * 11 // 10))
        return True

    def _chosen(self):
        """The highest priority; of equal ones the highest number."""
        value = self._registers.value
        asking = [(value[b] & 3, n) for n, b in enumerate(reg.TXB) if value[b] & reg.TXREQ]
        return max(asking)[1] if asking else None

    def _frame(self, n):
        at = reg.TXB[n] + 1
        return frame_of(self._registers.value[at : at + 13])

    def _end(self):
        if self.bus_off:
            self.tec = self.rec = 0
            self.bus_off = False
            self._flags()
            return
        n, self._sending = self._sending, None
        if n is None:
            return  # an error frame is over
        self.attempts += 1
        frame = self._frame(n)
        if self._registers.mode == LOOPBACK:
            self.deliver(frame)
            result = ACKNOWLEDGED
        else:
            result = self.wire(self, frame)
        if result == ACKNOWLEDGED:
            self._sent(n)
        else:
            self._failed(n, result)

    def _sent(self, n):
        value = self._registers.value
        value[reg.TXB[n]] &= ~(reg.TXREQ | MLOA | TXERR)
        value[reg.CANINTF] |= 0x04 << n
        self.tec = max(0, self.tec - 1)
        self._flags()

    def _failed(self, n, result):
        value = self._registers.value
        control = reg.TXB[n]
        if result == OUTRANKED:
            value[control] |= MLOA
        else:
            value[control] |= TXERR
            value[reg.CANINTF] |= MERRF
            if result == DISTURBED or self.tec < 128:  # alone and passive: no further
                self.tec += 8
            self._left_us = self._bits_us(ERROR_FRAME_BITS)
        if value[reg.CANCTRL] & (reg.ABAT | OSM):
            self._give_up(control)
        if self.tec > 255:
            self.bus_off, self._left_us = True, 0
        self._flags()

    def _give_up(self, control):
        value = self._registers.value
        value[control] = value[control] & ~reg.TXREQ | reg.ABTF

    def abort(self):
        """ABAT: what is not on the wire is given up at once, the rest when it fails."""
        for n, control in enumerate(reg.TXB):
            if self._registers.value[control] & reg.TXREQ and n != self._sending:
                self._give_up(control)

    # --- receiving -------------------------------------------------------------------------------

    def receive(self, frame):
        """A frame of another node; True when this one acknowledges it."""
        mode = self._registers.mode
        if self.bus_off or mode not in (NORMAL, LISTEN) or not self.bitrate:
            return False
        self.deliver(frame)
        self.rec = min(self.rec - 1, 127) if self.rec else 0
        self._flags()
        return mode == NORMAL

    def disturbed(self):
        """A broken frame passed by."""
        if self._registers.mode == NORMAL and not self.bus_off:
            self.rec = min(255, self.rec + 1)
            self._registers.value[reg.CANINTF] |= MERRF
            self._flags()

    def deliver(self, frame):
        """Into the first buffer whose filters let it pass; the first rolls over to the second."""
        value = self._registers.value
        for buffer in (0, 1):
            n = hit(self._registers, frame, buffer)
            if n is None:
                continue
            if buffer == 0 and value[reg.CANINTF] & 1 and value[reg.RXB[0]] & BUKT:
                buffer = 1
            if value[reg.CANINTF] & 1 << buffer:
                value[reg.EFLG] |= 0x40 << buffer
                value[reg.CANINTF] |= ERRIF
            else:
                self._store(buffer, n, frame)
            return

    def _store(self, buffer, n, frame):
        value, control = self._registers.value, reg.RXB[buffer]
        value[control + 1 : control + 14] = raw_of(frame)
        keep = value[control] & (0x66 if buffer == 0 else 0x60)
        value[control] = keep | (0x08 if frame.remote else 0) | (n & 1 if buffer == 0 else n)
        value[reg.CANINTF] |= 1 << buffer

    # --- errors ----------------------------------------------------------------------------------

    def _flags(self):
        """TEC, REC and EFLG follow the counters."""
        value, tec, rec = self._registers.value, self.tec, self.rec
        value[reg.TEC], value[reg.REC] = min(tec, 255), rec
        flags = 0x20 if self.bus_off else 0
        flags |= (0x10 if tec > 127 else 0) | (0x08 if rec > 127 else 0)
        flags |= (0x04 if tec >= 96 else 0) | (0x02 if rec >= 96 else 0)
        flags |= 0x01 if flags & 0x06 else 0
        if flags != value[reg.EFLG] & 0x3F:
            value[reg.CANINTF] |= ERRIF
        value[reg.EFLG] = value[reg.EFLG] & 0xC0 | flags
