"""What the pack can take and give now, with the reason (PRT-25; tapers come with charge control).

Ask first: while a trip delay runs, the limit of that direction is already 0 and its enable flag
off, so that the inverter can stop by itself. DCL ramps down above UVP.
"""

from firmware import fault_ids as f
from firmware import fault_table, levels
from firmware import parameter_ids as p
from firmware.control.protection import blocks

RAMP_MV = 100  # DCL falls from full to a tenth within this much above UVP


class Limits:
    """Writes state.limits."""

    def __init__(self, context, protection):
        self._values = context.parameters.values
        self._faults = context.faults
        self._state = context.state
        self._protection = protection

    def step(self):
        """Once a cycle, after the MOSFETs are decided."""
        faults, limits, state = self._faults, self._state.limits, self._state
        emergency = state.power.emergency_s > 0
        reason = self._protection.charge_pending
        limited = False
        if not reason and faults.blocks_charge():
            reason = faults.highest(fault_table.CHARGE)
            limited = state.mosfets.limiting
        limits.charge_reason = reason
        limits.charge_enable = limited or not reason
        limits.charge_ma = 0 if reason else self._charge()
        if limited:  # charging goes on beside the open MOS (PRT-12)
            limits.charge_ma = min(self._values[p.CHARGE_LIMITER_MA], self._charge())
        reason = self._protection.discharge_pending
        if emergency and blocks(reason, fault_table.EMERGENCY):
            reason = 0
        if not reason and faults.blocks_discharge(emergency):
            reason = faults.highest(fault_table.DISCHARGE)
        limits.discharge_reason = reason
        limits.discharge_enable = not reason
        limits.discharge_ma = 0 if reason else self._discharge()

    def nothing(self):
        """No direction at all: after an exception in the gauge or in charge control."""
        limits = self._state.limits
        limits.charge_ma = limits.discharge_ma = 0
        limits.charge_enable = limits.discharge_enable = False
        limits.charge_reason = limits.discharge_reason = f.GAUGE_EXCEPTION

    def _charge(self):
        values = self._values
        ma = min(values[p.REQUESTED_CHARGE_MA], values[p.CHARGE_OCP_MA])
        if self._faults.stands(f.DEEP_DISCHARGE):
            self._state.limits.charge_reason = f.DEEP_DISCHARGE
            # a little below the protection's limit, so that asking for it does not trip it
            ma = min(ma, levels.level(values, levels.DEEP_MA) // 5 * 4)
        return ma

    def _discharge(self):
        values = self._values
        ma = values[p.DISCHARGE_OCP_MA]
        above_mv = self._state.measured.min_mv - values[p.CELL_UVP_MV]
        if above_mv < RAMP_MV:
            self._state.limits.discharge_reason = f.PACK_UV_ALARM
            ma = ma // RAMP_MV * max(above_mv, RAMP_MV // 10)
        return ma
