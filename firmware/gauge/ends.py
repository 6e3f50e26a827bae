"""When is the pack really full, when really empty? (SOC-03)"""

from firmware import fault_ids as f
from firmware import parameter_ids as p

FULL_BEATS = 6  # a minute
EMPTY_BEATS = 3
IDLE = 400  # a cell that rests above the level is full, too: 0.25 % of C is no discharge
TAIL = 18  # charging with less than 1/18 C (5.5 %) ends a charge
LEFT_FULL_MPCT = 97_000  # below, the next full sync counts again
LEFT_EMPTY_MPCT = 4_000
DOUBT_MPCT = 8_000  # a cell that rests above this charge only sags under load

NOTHING, FULL, EMPTY = range(3)


class Ends:
    """`look` once a beat; FULL or EMPTY when an end was reached, once each."""

    def __init__(self, context):
        self._values = context.parameters.values
        self._faults = context.faults
        self._gauge = context.state.gauge
        self._full = 0  # beats
        self._empty = 0
        self._tripped = False

    def look(self, ma, max_mv, min_mv, lowest_mpct, estimate_mpct, capacity_mah):
        """Mean current, highest and lowest cell of the beat; `lowest_mpct` is what the rested
        voltage of the lowest cell says."""
        gauge = self._gauge
        if gauge.full and estimate_mpct < LEFT_FULL_MPCT:
            gauge.full = False
        if gauge.empty and estimate_mpct > LEFT_EMPTY_MPCT:
            gauge.empty = False
        idle_ma = capacity_mah // IDLE
        at_top = max_mv >= self._values[p.SOC_100_MV] and -idle_ma <= ma <= capacity_mah // TAIL
        self._full = self._full + 1 if at_top else 0
        tripped = self._faults.stands(f.CELL_UVP)
        at_end = min_mv <= self._values[p.SOC_0_MV] and ma <= 0
        self._empty = self._empty + 1 if at_end else 0
        ended = self._empty >= EMPTY_BEATS or (tripped and not self._tripped)
        self._tripped = tripped
        if self._full >= FULL_BEATS and not gauge.full:
            gauge.full = True
            return FULL
        if ended and lowest_mpct < DOUBT_MPCT and not gauge.empty:
            gauge.empty = True
            return EMPTY
        return NOTHING

    def at_top(self):
        """The pack is full and the charger still holds it there."""
        return self._gauge.full and self._full > 0
