"""Open-circuit voltage of a cell: discharge and charge branch over the state of charge, and how
far cells of this kind lie apart.

Packed form (docs/ocv-tables.md): "OC", version, chemistry, 101 discharge branch u16 and 101
charge branch u16 in 0.1 mV at 0..100 %, 101 spread u8 in 0.5 mV, CRC-16.
"""

from array import array

from firmware.crc16 import crc16
from firmware.parameters import Refused

POINTS = 101
SIZE = 4 + 5 * POINTS + 2
VERSION = 1
# how much wider the gap between the branches is than at 25 degC, per cent at -20, -10 .. 50 degC
GAP_PCT = (230, 200, 165, 135, 112, 96, 90, 85)


class Curve:
    """One table at work. Voltages in 0.1 mV, state of charge in 0.001 %."""

    def __init__(self, packed):
        """Refused when the table is damaged, foreign or falls with the state of charge."""
        if len(packed) != SIZE or packed[0:2] != b"OC" or packed[2] != VERSION:
            raise Refused("this is no open-circuit voltage table of version %d" % VERSION)
        self.crc = packed[SIZE - 2] | packed[SIZE - 1] << 8
        if crc16(packed, 0, SIZE - 2) != self.crc:
            raise Refused("the open-circuit voltage table is damaged")
        self.chemistry = packed[3]
        self.low = array("H", [0] * POINTS)  # discharge branch
        self.high = array("H", [0] * POINTS)  # charge branch
        self.spread = array("H", [0] * POINTS)
        for i in range(POINTS):
            at = 4 + 2 * i
            self.low[i] = packed[at] | packed[at + 1] << 8
            at += 2 * POINTS
            self.high[i] = packed[at] | packed[at + 1] << 8
            self.spread[i] = packed[4 + 4 * POINTS + i] * 5
            falls = i and (self.low[i] < self.low[i - 1] or self.high[i] < self.high[i - 1])
            if falls or self.high[i] < self.low[i]:
                raise Refused("the open-circuit voltage table falls at %d %%" % i)

    def at(self, i, state, gap_pct):
        """Voltage at point `i` for a hysteresis state of -256 (discharge) .. 256 (charge)."""
        low, high = self.low[i], self.high[i]
        return (low + high) // 2 + (high - low) * state // 512 * gap_pct // 100

    def find(self, dmv, state, gap_pct):
        """State of charge at which the voltage is `dmv`, 0 .. 100 000."""
        below, above = 0, POINTS - 1
        if dmv <= self.at(below, state, gap_pct):
            return 0
        if dmv >= self.at(above, state, gap_pct):
            return 100_000
        while above - below > 1:
            middle = (below + above) // 2
            if self.at(middle, state, gap_pct) <= dmv:
                below = middle
            else:
                above = middle
        start = self.at(below, state, gap_pct)
        rise = max(self.at(above, state, gap_pct) - start, 1)
        return below * 1000 + (dmv - start) * 1000 // rise

    def slope(self, mpct):
        """Rise of the mean of the branches around a state of charge, 0.1 mV per per cent."""
        i = min(max(mpct // 1000, 2), POINTS - 3)
        low, high = self.low, self.high
        return (low[i + 2] + high[i + 2] - low[i - 2] - high[i - 2]) // 8


def by_temperature(table, dc):
    """Linear value of an 8-point table at -20, -10 .. 50 degC; `dc` in 0.1 degC."""
    x = min(max(dc + 200, 0), 699)
    i = x // 100
    return table[i] + (table[i + 1] - table[i]) * (x - 100 * i) // 100
