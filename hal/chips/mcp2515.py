"""Microchip MCP2515 as the CAN controller `hal.parts.Can` (DS20001801).

Frames leave in the order of `send`: of its three transmit buffers the chip sends the one with the
highest priority first, of equal ones that with the highest number, and each frame gets a place
behind those that wait. A frame that nobody acknowledges would be repeated for ever; when no buffer
has moved for STUCK_MS, all of them are emptied.

The chip holds two received frames, which is little while a control cycle runs: let the board call
`drain` from a soft interrupt of the INT pin, and name the identifiers that matter with `accept`
where many others talk.

A chip that is missing, or lost its settings, reads as BUS_OFF with a sentence in `problem`; each
`restart` tries to set it up anew. Nothing raises; `send`, `receive` and `state` allocate nothing.
"""

from hal.chips import mcp2515_spi as reg
from hal.chips.mcp2515_ring import Ring
from hal.parts import Can

# (crystal MHz, bit/s, CNF1, CNF2, CNF3): 8 quanta of which 6 lie before the sample point (75 %)
TIMINGS = (
    (8, 250_000, 0x01, 0x91, 0x01),
    (8, 500_000, 0x00, 0x91, 0x01),
    (16, 250_000, 0x03, 0x91, 0x01),
    (16, 500_000, 0x01, 0x91, 0x01),
)
STUCK_MS = 100
ABORT_TRIES = 10
MODE_TRIES = 20
POLL_US = 100

# registers
MASKS, FILTERS_LOW, FILTERS_HIGH = 0x20, 0x00, 0x10
EFLG, CANCTRL, CANSTAT = 0x2D, 0x0F, 0x0E
RX0_CONTROL, RX1_CONTROL = 0x60, 0x70
# bits
ROLL_OVER = 0x04
RX_INTERRUPTS = 0x03
PENDING = 0x54  # of READ STATUS
ABORT_ALL = 0x10
MODE, CONFIGURATION, NORMAL = 0xE0, 0x80, 0x00
OVERRUN, BUS_OFF, PASSIVE, WARNING = 0xC0, 0x20, 0x18, 0x01

FETCHED = 8  # frames in a row at most
FILTERS = 6
EVERY = ((0, False), (0, True)) * 3
LEVELS = 12  # of priority (0..3), then number: 3 * priority + buffer

UNKNOWN_RATE = "MCP2515: no bit timing for this bit rate with this crystal"
MISSING = "MCP2515 does not answer on SPI: check supply, select, clock, SO and SI"
FORGETS = "MCP2515 does not keep its settings: check wiring and SPI clock (10 MHz at most)"
LOST = "MCP2515 lost its settings: reset, brown-out or disturbed SPI"
HELD = "MCP2515 cannot join the bus: CAN_H and CAN_L shorted or held?"


class MCP2515(Can):
    """`clock` is the HAL's, `wait_us(us)` blocks, `interrupt()` reads the INT pin (low = a frame
    is there; without it each `receive` asks the chip)."""

    def __init__(self, spi, cs, clock, wait_us, crystal_mhz=8, interrupt=None):
        self._chip = reg.Instructions(spi, cs)
        self._clock, self._wait_us = clock, wait_us
        self._crystal_mhz = crystal_mhz
        self._interrupt = interrupt
        self._timing = None
        self._accepted, self._joined = (), False
        self._pending = 0  # as last seen
        self._moved_ms = 0  # when a buffer last became empty
        self._level = LEVELS  # of the frame queued last
        self._taken = False  # the chip had room for the last frame
        self._second_first = False  # receive buffer 1 holds the older frame
        self._poll = False  # ask the chip once, whatever its interrupt says
        self._ring = Ring()
        self._busy = False  # SPI is in use: an interrupt leaves it alone ...
        self._again = False  # ... and comes again
        self.problem = None  # a sentence while there is no bus
        self.aborted = 0  # times that stuck frames were given up
        self.overruns = 0  # times that a received frame found no room

    # --- start -----------------------------------------------------------------------------------

    def accept(self, ids):
        """Receive only these, up to six (id, extended); more, or none, mean everything. Before
        `set_bitrate`. Of 29 bits the chip compares the upper 11."""
        self._accepted = tuple(ids)

    def set_bitrate(self, bitrate):
        self._timing = None
        for row in TIMINGS:
            if row[0] == self._crystal_mhz and row[1] == bitrate:
                self._timing = row
        self.restart()

    def restart(self):
        """Takes 0.3 ms, 4 ms when the chip is missing. What waits to be sent is dropped."""
        self._joined = False
        self._pending = 0
        self._level = LEVELS
        self._second_first = False
        self._poll = True
        self._busy = True
        try:
            self._ring.clear()
            self.problem = self._set_up()
            self._joined = self.problem is None
        finally:
            self._release()

    def _set_up(self):
        """None, or what is wrong."""
        if self._timing is None:
            return UNKNOWN_RATE
        chip = self._chip
        chip.reset()
        if not self._reached(CONFIGURATION):
            return MISSING
        self._configure()
        chip.look()
        if not self._kept():
            return FORGETS
        chip.modify(CANCTRL, MODE, NORMAL)
        return None if self._reached(NORMAL) else HELD

    def _reached(self, mode):
        for _ in range(MODE_TRIES):
            self._wait_us(POLL_US)
            if self._chip.read(CANSTAT, 1)[0] & MODE == mode:
                return True
        return False

    def _configure(self):
        write, ids = self._chip.write, self._accepted
        _, _, cnf1, cnf2, cnf3 = self._timing
        write(reg.SETTINGS, (cnf3, cnf2, cnf1, RX_INTERRUPTS))
        some = 0 < len(ids) <= FILTERS
        write(MASKS, (0xFF, 0xE0, 0, 0) * 2 if some else bytes(8))
        filters = bytearray(4 * FILTERS)
        for i in range(FILTERS):
            id, extended = ids[i % len(ids)] if some else EVERY[i]
            reg.put_id(filters, 4 * i, id, extended)
        write(FILTERS_LOW, filters[:12])
        write(FILTERS_HIGH, filters[12:])
        write(RX0_CONTROL, (ROLL_OVER,))  # filters on: without them broken frames come in, too
        write(RX1_CONTROL, (0,))

    def _kept(self):
        """The chip still has the settings."""
        found, timing = self._chip.settings, self._timing
        same = found[0] == timing[4] and found[1] == timing[3] and found[2] == timing[2]
        return same and found[3] == RX_INTERRUPTS

    # --- sending ---------------------------------------------------------------------------------

    def send(self, id, extended, data, n):
        if not self._joined or n > 8:
            return False
        reg.put_id(self._chip.frame, 0, id, extended)
        reg.put_data(self._chip.frame, data, n)
        return self._queue()

    def _queue(self):
        """Send what is in the chip's `frame`; False when it has no room."""
        self._busy = True
        try:
            self._load()
        finally:
            self._release()
        return self._taken

    def _place(self, pending):
        """The level behind all that wait; below 0 for none."""
        level = (self._level if pending else LEVELS) - 1
        while level >= 0 and pending & 4 << 2 * (level % 3):
            level -= 1
        return level

    def _load(self):
        level = self._place(self._watch())
        self._taken = level >= 0
        if self._taken:
            self._level = level
            self._chip.load(level % 3, level // 3)
            self._pending |= 4 << 2 * (level % 3)

    def _watch(self):
        """The pending bits, after giving up what is stuck."""
        pending = self._chip.status() & PENDING
        now = self._clock.ticks_ms()
        if not pending or pending != self._pending:
            self._pending = pending
            self._moved_ms = now
        elif self._clock.ticks_diff(now, self._moved_ms) >= STUCK_MS:
            self.aborted += 1
            self._moved_ms = now
            pending = self._abort()
        return pending

    def _abort(self):
        """Empty the transmit buffers; the pending bits that are left."""
        chip = self._chip
        chip.modify(CANCTRL, ABORT_ALL, ABORT_ALL)
        for _ in range(ABORT_TRIES):
            self._pending = chip.status() & PENDING
            if not self._pending:
                break
            self._wait_us(POLL_US)
        chip.modify(CANCTRL, ABORT_ALL, 0)
        return self._pending

    # --- receiving -------------------------------------------------------------------------------

    def receive(self, frame):
        pin = self._interrupt
        if self._joined and (pin is None or self._poll or not pin()):
            self.drain()
        found = self._ring.take(frame)
        if self._ring.nonsense:
            self._joined, self.problem = False, LOST
        return found

    def drain(self, pin=None):
        """Fetch what has come. An interrupt may call it in the middle of any other method; it is
        then done at the end of that one."""
        self._again = self._busy
        if self._busy:
            return
        self._busy = True
        try:
            self._fetch()
            if self._again:
                self._fetch()
        finally:
            self._busy = False

    def _release(self):
        self._busy = False
        if self._again:
            self.drain()

    def _fetch(self):
        """The older frame first: one that rolled over while buffer 0 was read is older than what
        buffer 0 holds next. Every reading is followed by a look."""
        full = self._look_for_frames()
        for _ in range(FETCHED):
            slot = self._ring.room()
            if not full or slot is None or not self._joined:
                break
            second = full == 2 or (full == 3 and self._second_first)
            self._chip.read_frame(1 if second else 0, slot)
            self._ring.put()
            self._second_first = not second
            full = self._look_for_frames()
        if not full:
            self._poll = False

    def _look_for_frames(self):
        """Bits 0, 1: a frame is in receive buffer 0, 1."""
        full = self._chip.status() & 3
        if full != 3:
            self._second_first = full == 2
        return full

    # --- errors ----------------------------------------------------------------------------------

    def state(self):
        """Call it some times a second: it also gives up stuck frames and finds a lost chip. The
        chip leaves bus-off by itself after 128 x 11 recessive bits; nothing old is sent then."""
        if not self._joined:
            return Can.BUS_OFF
        self._busy = True
        try:
            return self._state()
        finally:
            self._release()

    def _state(self):
        if not self._settings_stand():
            return Can.BUS_OFF
        self._poll = True
        flags = self._chip.settings[5]
        if flags & OVERRUN:
            self.overruns += 1
            self._chip.modify(EFLG, OVERRUN, 0)
        if self._watch() and flags & BUS_OFF:
            self._abort()
        if flags & BUS_OFF:
            return Can.BUS_OFF
        if flags & PASSIVE:
            return Can.PASSIVE
        return Can.WARNING if flags & WARNING else Can.ACTIVE

    def _settings_stand(self):
        """Settings and mode are those of `restart`, at the second look at the latest."""
        settings = self._chip.settings
        for _ in range(2):
            self._chip.look()
            if self._kept() and settings[6] & MODE == NORMAL:
                return True
        self._joined, self.problem = False, LOST
        return False
