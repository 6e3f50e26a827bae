"""The front end's own limits: one function computes them from the parameters (PRT-22, PRT-23).

They lie outside the software's (at least 50 mV, 20 % of current, a longer delay), so that the
slower, smarter line acts first; short circuit is the hardware's alone (PRT-06). Under-voltage lies
below the end of emergency power, which the chip would cut short otherwise (PRT-17). A chip whose
charge comparator cannot wait so long uses it as the charge short circuit (PRT-06).
"""

from firmware import fault_ids as f
from firmware import levels
from firmware import parameter_ids as p
from hal.contract import HardwareLimits

MARGIN_MV = 50
DELAY_MARGIN_MS = 500
WATCHDOG_MS = 4000  # host watchdog of the chip, at most 5 s (PRT-21)
CHECK_MS = 60_000  # limits are read back every minute
RETRY_MS = 1_000
STEPS = 4


def compute(limits, values, afe):
    """Fill `limits` with what the chip shall apply, already quantised by `afe`."""
    high_mv = values[p.CELL_OVP_MV] + MARGIN_MV
    low_mv = min(values[p.CELL_UVP_MV], levels.level(values, levels.EMERGENCY_END_MV)) - MARGIN_MV
    charge_ma = _outside(levels.level(values, p.CHARGE_OCP2_MA))
    discharge_ma = _outside(levels.level(values, p.DISCHARGE_OCP2_MA))
    over, under, charge, discharge = high_mv, low_mv, charge_ma, discharge_ma
    delay_ms = values[p.OCP2_DELAY_MS]
    longer_ms = delay_ms + DELAY_MARGIN_MS
    for _ in range(STEPS):  # the chip rounds; ask for more until the margin is kept
        _ask(limits, values, over, under)
        limits.charge_oc_ma, limits.discharge_oc_ma = charge, discharge
        limits.charge_oc_delay_ms = limits.discharge_oc_delay_ms = longer_ms
        afe.quantise(limits)
        short = False
        if limits.cell_ov_mv < high_mv:
            over, short = over + MARGIN_MV // 2, True
        if limits.cell_uv_mv > low_mv:
            under, short = under - MARGIN_MV // 2, True
        if limits.charge_oc_ma < charge_ma:
            charge, short = charge + charge_ma // 40, True
        if limits.discharge_oc_ma < discharge_ma:
            discharge, short = discharge + discharge_ma // 40, True
        if limits.discharge_oc_delay_ms <= delay_ms:
            longer_ms, short = longer_ms + DELAY_MARGIN_MS, True
        if not short:
            return


def _outside(ma):
    """20 % above, rounded up."""
    return (ma * 6 + 4) // 5


def _ask(limits, values, over_mv, under_mv):
    limits.cell_ov_mv = over_mv
    limits.cell_ov_delay_ms = 2 * values[p.CELL_OVP_DELAY_MS]
    limits.cell_uv_mv = under_mv
    limits.cell_uv_delay_ms = 2 * values[p.CELL_UVP_DELAY_MS]
    limits.short_ma = values[p.SCP_MA]
    limits.short_delay_us = values[p.SCP_DELAY_US]
    limits.watchdog_ms = WATCHDOG_MS
    limits.cells = values[p.CELL_COUNT]


def equal(a, b):
    """True when two sets of limits are the same in every field."""
    for name in HardwareLimits.FIELDS:
        if getattr(a, name) != getattr(b, name):
            return False
    return True


class AfeLimits:
    """Keeps the chip's limits and the settings together. Owns AFE_CONFIG.

    The chip can only be written with both MOSFETs off (design decision 2): a change waits until
    then (`pending`), while the software uses the new limits at once and the chip keeps the old.
    """

    def __init__(self, context):
        self._afe = context.hal.afe
        self._parameters = context.parameters
        self._faults = context.faults
        self._mosfets = context.state.mosfets
        self.wanted = HardwareLimits()
        self.applied = HardwareLimits()  # what the chip has, as read back after writing
        self._seen = HardwareLimits()
        self.pending = True
        self._started = False  # the gate has started the chip
        self._kept = False  # it may have its limits from before
        self._generation = -1
        self._timer_ms = 0

    def step(self, dt_ms):
        """Write or check the limits when due."""
        self._timer_ms -= dt_ms
        if self._generation != self._parameters.generation:
            self._changed()
        if not self._started:
            return
        if self.pending and not self._mosfets.charge and not self._mosfets.discharge:
            if self._timer_ms <= 0 or not self._faults.stands(f.AFE_CONFIG):
                self._write()
        elif self._timer_ms <= 0:
            self._check()

    def started(self):
        """The gate has started the chip: what it has not kept must be written."""
        self._started = True
        self.lost()
        self._kept = True

    def lost(self):
        """The chip was reset: everything must be written again."""
        self.pending = True
        self._kept = False
        self.applied.cells = 0  # equal to nothing wanted
        self._timer_ms = 0

    def _changed(self):
        self._generation = self._parameters.generation
        compute(self.wanted, self._parameters.values, self._afe)
        self.pending = not equal(self.wanted, self.applied)

    def _write(self):
        self._timer_ms = RETRY_MS
        afe, wanted, applied = self._afe, self.wanted, self.applied
        good = self._kept and afe.read_back(applied) and equal(wanted, applied)
        self._kept = False
        if not good:
            good = afe.configure(wanted) and afe.read_back(applied) and equal(wanted, applied)
        self._faults.put(f.AFE_CONFIG, not good)
        if good:
            self.pending = False
            self._timer_ms = CHECK_MS

    def _check(self):
        self._timer_ms = CHECK_MS
        if not self._afe.read_back(self._seen):
            self._timer_ms = RETRY_MS  # a bus error is measurement's fault if it lasts
        elif not equal(self._seen, self.applied):
            self._faults.put(f.AFE_CONFIG, True)
            self.lost()
