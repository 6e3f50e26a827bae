"""The diagnosis state: which faults stand, since when, how often, and what came first.

The rows are in tables/faults.toml. Sets of reasons are words of 30 bits, so that no operation
allocates on a 32-bit MicroPython.
"""

from array import array

from firmware import fault_table as table

COUNT = table.COUNT
WORDS = table.WORDS

INFO = 0
WARNING = 1
PROTECTION = 2
LATCHED = 3

# what standing faults block: bits of Faults._blocked
CHARGE = 1
DISCHARGE = 2  # emergency power ignores some of these reasons (UVP),
EMERGENCY = 4  # not these
BOTH = 8

# values of the first-fault snapshot: max_mv, max_cell, min_mv, min_cell, pack_mv, current_ma,
# temp_dc, soc_dpct
SNAPSHOT = 8


class FirstFault:
    """The protection that opened a MOSFET first, with the values at that moment (PRT-14)."""

    def __init__(self):
        self.fault = 0  # 0 = none since start
        self.uptime_s = 0
        self.rtc_s = None
        self.duration_s = None  # None while it stands
        self.values = array("i", [0] * SNAPSHOT)


class Faults:
    """Standing faults. `put` is the one way in; only control and the controller call it.

    `measured`, `gauge` and `system` are read for the snapshot; `events` gets every change.
    """

    def __init__(self, state, events):
        self._state = state
        self._events = events
        self.up = bytearray(30 * WORDS)  # 1 for each that stands: the fast way to look
        self.standing = array("i", [0] * WORDS)  # the same as sets
        self.moves = 0  # faults that came or went
        self._blocked = 0  # derived from `standing` whenever that changes
        self.counts = array("H", [0] * COUNT)
        self.since_s = array("i", [0] * COUNT)  # uptime at the last change to standing
        self.value = array("i", [0] * COUNT)  # measured value at the trip
        self.first = FirstFault()

    def stands(self, fault):
        """True while the fault stands."""
        return self.up[fault] == 1

    def put(self, fault, on, value=0):
        """Set or clear a fault; a repeated call with the same state does nothing."""
        if on:
            if not self.up[fault]:
                self._turn(fault)
                self._raised(fault, value)
        elif self.up[fault]:
            self._turn(fault)
            self._cleared(fault)

    def any(self, mask):
        """True when a fault of the mask (a row of fault_table) stands."""
        for i in range(WORDS):
            if self.standing[i] & mask[i]:
                return True
        return False

    def blocks_charge(self):
        """A reason stands that keeps the charge MOS open."""
        return self._blocked & CHARGE != 0

    def blocks_discharge(self, emergency):
        """A reason stands that keeps the discharge MOS open; emergency power ignores UVP."""
        return self._blocked & (EMERGENCY if emergency else DISCHARGE) != 0

    def blocks_both(self):
        """A reason stands that allows neither direction, not even through a body diode."""
        return self._blocked & BOTH != 0

    def alm(self):
        """A fault stands that makes ALM flicker."""
        return self.any(table.ALM)

    def jk_word(self):
        """The JK alarm word 0x12A0 (29 bits)."""
        return self.bits(table.JK_BIT)

    def bits(self, places):
        """The word with the bit places[fault] of each fault that stands; 255 = it has none."""
        word = 0
        for i in range(WORDS):
            standing, fault = self.standing[i], 30 * i
            while standing:
                if standing & 1 and places[fault] != 255:
                    word |= 1 << places[fault]
                standing >>= 1
                fault += 1
        return word

    def highest(self, mask):
        """The standing fault of the mask with the highest severity, 0 for none (for texts)."""
        best = 0
        for fault in range(1, COUNT):
            word, bit = fault // 30, 1 << fault % 30
            worse = table.SEVERITY[fault] > table.SEVERITY[best] or best == 0
            if self.standing[word] & mask[word] & bit and worse:
                best = fault
        return best

    def _turn(self, fault):
        """A fault comes or goes: keep what is asked for every cycle."""
        self.up[fault] ^= 1
        self.standing[fault // 30] ^= 1 << fault % 30
        self.moves = self.moves + 1 & 0x3FFFFFFF
        blocked = CHARGE if self.any(table.CHARGE) else 0
        if self.any(table.BOTH):
            blocked |= BOTH
        for i in range(WORDS):
            reasons = self.standing[i] & table.DISCHARGE[i]
            if reasons:
                blocked |= DISCHARGE
            if reasons & ~table.EMERGENCY[i]:
                blocked |= EMERGENCY
        self._blocked = blocked

    def _raised(self, fault, value):
        if self.counts[fault] < 65535:
            self.counts[fault] += 1
        self.since_s[fault] = self._state.system.uptime_s
        self.value[fault] = value
        self._events.add_fault(fault, True, value)
        stands = self.first.fault and self.first.duration_s is None
        if table.SEVERITY[fault] >= PROTECTION and not stands:
            self._snapshot(fault)

    def _cleared(self, fault):
        lasted = self._state.system.uptime_s - self.since_s[fault]
        self._events.add_fault(fault, False, lasted)
        if fault == self.first.fault and self.first.duration_s is None:
            self.first.duration_s = lasted

    def _snapshot(self, fault):
        measured, first = self._state.measured, self.first
        first.fault = fault
        first.uptime_s = self._state.system.uptime_s
        first.rtc_s = self._state.system.rtc_s
        first.duration_s = None
        soc = self._state.gauge.soc_dpct
        hot = measured.temp_max
        values = first.values
        values[0] = measured.max_mv
        values[1] = measured.max_cell
        values[2] = measured.min_mv
        values[3] = measured.min_cell
        values[4] = measured.pack_mv
        values[5] = measured.current_ma
        values[6] = -32768 if hot is None else hot
        values[7] = -1 if soc is None else soc
