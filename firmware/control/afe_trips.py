"""Trips of the front end's own protection become standing reasons here (PRT-22).

The chip never closes a MOSFET again by itself; its latch is cleared when the measured value is
back inside our own release level, or after the release time for currents.
"""

from firmware import fault_ids as f
from firmware import parameter_ids as p
from hal.contract import (
    LATCH_CELL_OV,
    LATCH_CELL_UV,
    LATCH_CHARGE_OC,
    LATCH_DISCHARGE_OC,
    LATCH_RESET,
    LATCH_WATCHDOG,
)

TRIPS = (
    (LATCH_CELL_OV, f.AFE_CELL_OV),
    (LATCH_CELL_UV, f.AFE_CELL_UV),
    (LATCH_CHARGE_OC, f.AFE_CHARGE_OC),
    (LATCH_DISCHARGE_OC, f.AFE_DISCHARGE_OC),
)
LOST = LATCH_WATCHDOG | LATCH_RESET


class AfeTrips:
    """Reads the latches once a cycle; owns the AFE_ faults but AFE_LOST and AFE_CONFIG."""

    def __init__(self, context, limits):
        self._afe = context.hal.afe
        self._values = context.parameters.values
        self._faults = context.faults
        self._measured = context.state.measured
        self._limits = limits
        self.charge_wait_ms = 0
        self.discharge_wait_ms = 0
        self.latches = -1
        self._held_ms = 0  # the chip is configured again since

    def step(self, dt_ms):
        """The latch bits, or -1 when the bus gave none."""
        self.latches = latches = self._afe.latches()
        self.charge_wait_ms = max(self.charge_wait_ms - dt_ms, 0)
        self.discharge_wait_ms = max(self.discharge_wait_ms - dt_ms, 0)
        if latches < 0:
            return -1
        if latches:
            self._note(latches)
        if self._faults.up[f.AFE_WATCHDOG] and not self._limits.pending and not latches & LOST:
            # go on at once the first time, after a minute when it comes back, or a supply that
            # fails under load would make the MOSFETs chatter
            self._held_ms += dt_ms
            if self._faults.counts[f.AFE_WATCHDOG] < 2 or self._held_ms >= 60_000:
                self._faults.put(f.AFE_WATCHDOG, False)
        else:
            self._held_ms = 0
        self._release()
        return latches

    def _note(self, latches):
        faults, values = self._faults, self._values
        for bit, fault in TRIPS:
            if latches & bit and not faults.stands(fault):
                faults.put(fault, True)
                if fault == f.AFE_CHARGE_OC:
                    self.charge_wait_ms = values[p.CHARGE_OCP_RELEASE_S] * 1000
                elif fault == f.AFE_DISCHARGE_OC:
                    self.discharge_wait_ms = values[p.DISCHARGE_OCP_RELEASE_S] * 1000
        if latches & LOST:
            # while starting it is no news: power came, or the chip waited for the restart
            if not faults.stands(f.STARTING):
                faults.put(f.AFE_WATCHDOG, True, latches)
            self._limits.lost()
            self._afe.clear_latches(LOST)

    def _release(self):
        measured, values, up = self._measured, self._values, self._faults.up
        if not measured.valid:
            return
        if up[f.AFE_CELL_OV] and measured.max_mv < values[p.CELL_OVPR_MV]:
            self._clear(f.AFE_CELL_OV, LATCH_CELL_OV)
        if up[f.AFE_CELL_UV] and measured.min_mv > values[p.CELL_UVPR_MV]:
            self._clear(f.AFE_CELL_UV, LATCH_CELL_UV)
        if up[f.AFE_CHARGE_OC] and not self.charge_wait_ms:
            self._clear(f.AFE_CHARGE_OC, LATCH_CHARGE_OC)
        if up[f.AFE_DISCHARGE_OC] and not self.discharge_wait_ms:
            self._clear(f.AFE_DISCHARGE_OC, LATCH_DISCHARGE_OC)

    def _clear(self, fault, bit):
        if self._afe.clear_latches(bit):
            self._faults.put(fault, False)
