"""Whether charge may be moved between cells at all, and with how much current (BAL-02, BAL-04)."""

from firmware import fault_ids as f
from firmware import fault_table
from firmware import parameter_ids as p
from firmware.state import ON

# state.balance.reason besides fault ids
NOT_ON = 200  # power mode
NOT_MEASURED = 201
TEMPERATURE = 202
CELL_LOW = 203
CELL_HIGH = 204
TESTING = 205  # the leads
LEADS_UNKNOWN = 206
BALANCED = 207
NOTHING_KNOWN = 208  # no reading near full yet
START_VOLTAGE = 209
TOO_WEAK = 210  # leads or limits leave too little current
NO_BALANCER = 211

# cell voltages between which charge is moved: LFP, Li-ion, LTO; UVP and OVP may be narrower
LOW_MV = (2800, 3000, 1900)
HIGH_MV = (3600, 4250, 2750)
NEAR_MV = 10  # kept to the limits while current flows, besides the drop in the leads
TEST_MV = 200  # kept to the limits in a test of unknown leads
DROP_MV = 150  # in the leads of a cell; more lowers the current
LEAST_MA = 100
RE_ENTRY_DC = 10


class BalanceLimits:
    """Looks at measurement, faults and settings; writes nothing."""

    def __init__(self, context):
        self._board_ma = context.hal.capabilities.balance_max_ma
        self._values = context.parameters.values
        self._faults = context.faults
        self._power = context.state.power
        self._measured = context.state.measured
        self._balance = context.state.balance
        # a bad lead allows the test that releases it
        words = list(fault_table.BALANCE)
        words[f.BALANCE_LEAD // 30] &= ~(1 << f.BALANCE_LEAD % 30)
        self._mask = tuple(words)

    def against(self, asked_ma, testing):
        """The reason against moving charge now, 0 = none. While current flows the cells keep a
        distance to the limits that covers all that the leads can hide, a neighbour's too."""
        m, faults, balance = self._measured, self._faults, self._balance
        if self._power.mode != ON:
            return NOT_ON
        if faults.any(self._mask):
            known = balance.reason
            if 0 < known < NOT_ON and known != f.BALANCE_LEAD and faults.stands(known):
                return known
            return faults.highest(self._mask)
        if not m.valid:
            return NOT_MEASURED
        if not self._warm(0 if balance.active else RE_ENTRY_DC):
            return TEMPERATURE
        if testing:  # began far from the limits, and a pulse takes a second
            return 0
        margin_mv = 0
        if asked_ma > 0:
            margin_mv = NEAR_MV + self._drop_mv(asked_ma)
        if m.min_mv < self._low_mv() + margin_mv:
            return CELL_LOW
        if m.max_mv > self._high_mv() - margin_mv:
            return CELL_HIGH
        return 0

    def may_test(self):
        """True when no cell comes near a limit, whatever its leads are like."""
        m = self._measured
        return m.min_mv > self._low_mv() + TEST_MV and m.max_mv < self._high_mv() - TEST_MV

    def full_ma(self):
        """What settings, capacity and board allow (BAL-02)."""
        values = self._values
        return min(values[p.BALANCE_MAX_MA], values[p.DESIGN_CAPACITY_MAH] // 10, self._board_ma)

    def most_ma(self, mohm):
        """... and whose drop in such leads keeps all cells well inside their limits."""
        m, ma = self._measured, self.full_ma()
        room_mv = min(self._high_mv() - m.max_mv, m.min_mv - self._low_mv()) - 2 * NEAR_MV
        room_mv = min(room_mv, DROP_MV)
        if mohm * ma > room_mv * 1000:
            ma = room_mv * 1000 // mohm if mohm else 0
        return ma if ma >= LEAST_MA else 0

    def _warm(self, inside_dc):
        """Battery temperatures inside the charge limits (MOS temperatures are a fault's)."""
        m, values = self._measured, self._values
        return m.temp_min is None or (
            m.temp_min >= values[p.CHARGE_UTP_DC] + inside_dc
            and m.temp_max <= values[p.CHARGE_OTP_DC] - inside_dc
        )

    def _low_mv(self):
        return max(self._values[p.CELL_UVP_MV], LOW_MV[self._values[p.CHEMISTRY]])

    def _high_mv(self):
        return min(self._values[p.CELL_OVP_MV], HIGH_MV[self._values[p.CHEMISTRY]])

    def _drop_mv(self, asked_ma):
        """The larger drop in the leads of donor and receiver."""
        balance = self._balance
        leads = balance.lead_mohm
        mohm = max(leads[balance.donor] or 0, leads[balance.receiver] or 0)
        return min(mohm * asked_ma // 1000, DROP_MV)
