"""What the pack can take and give now, with the reason (CHG-02, PRT-25): the ceiling of this
cycle, without memory but for an empty pack. charging.py makes of it what an inverter is asked for.

A reason that opens a MOSFET makes the limit of that direction 0 and its enable flag false, also
while a trip delay still runs (ask first); everything else tapers, so that the pack is at 0 before
its protection has to trip. The smallest limit counts.
"""

from firmware import fault_ids as f
from firmware import fault_table, levels
from firmware import limit_ids as why
from firmware import parameter_ids as p
from firmware.control.protection import blocks

UVP_FULL_MV = 100  # DCL falls from all ...
UVP_ZERO_MV = 20  # ... to nothing so far above UVP
EMPTY_MV = 25  # so little above UVP ...
EMPTY_MS = 10_000  # ... for so long: the pack is empty
CHARGED_MS = 10_000  # charging for so long, or a cell that rests high: it is not any more
GENTLE = 5  # C/5 is always bearable: the limit at UTPR, and at both ends of the SOC
WARM_DC = 50  # all of the charge current so far above UTPR
ENDS_DPCT = 1000, 50, 100  # full; charge tapers below it, discharge above 0 within this much


class Limits:
    """Writes state.limits."""

    def __init__(self, context, protection):
        self._values = context.parameters.values
        self._faults = context.faults
        self._state = context.state
        self._protection = protection
        self._most = 0  # the limit being worked out: setting, what is always bearable, ...
        self._gentle = 0
        self._ma = 0  # ... smallest so far, ...
        self._why = 0  # ... and its reason
        self._empty = False
        self._turn_ms = 0  # of what may change _empty

    def step(self, dt_ms):
        """Once a cycle, after the MOSFETs are decided."""
        faults, limits, state = self._faults, self._state.limits, self._state
        emergency = state.power.emergency_s > 0
        self._watch_empty(dt_ms)
        reason = self._protection.charge_pending
        limited = False
        if not reason and faults.blocks_charge():
            reason = faults.highest(fault_table.CHARGE)
            limited = state.mosfets.limiting
        if limited:  # charging goes on beside the open MOS (PRT-12)
            self._charge()
            self._at_most(self._values[p.CHARGE_LIMITER_MA], f.LIMITING)
        elif reason:
            self._ma, self._why = 0, reason
        else:
            self._charge()
        limits.charge_enable = limited or not reason
        limits.charge_ma, limits.charge_reason = self._ma, self._why
        reason = self._protection.discharge_pending
        if emergency and blocks(reason, fault_table.EMERGENCY):
            reason = 0
        if not reason and faults.blocks_discharge(emergency):
            reason = faults.highest(fault_table.DISCHARGE)
        limits.discharge_enable = not reason
        if reason:
            self._ma, self._why = 0, reason
        else:
            self._discharge(emergency)
        limits.discharge_ma, limits.discharge_reason = self._ma, self._why
        if state.link.inverter_stop:
            self._stop(limits)

    def _stop(self, limits):
        """The inverter is missing (COM-10): no permission, on the ramp of charge control."""
        if limits.charge_ma:
            limits.charge_ma, limits.charge_reason = 0, why.INVERTER_SILENT
        if limits.discharge_ma:
            limits.discharge_ma, limits.discharge_reason = 0, why.INVERTER_SILENT

    def nothing(self):
        """No direction at all: after an exception in the gauge or in charge control."""
        limits = self._state.limits
        limits.charge_ma = limits.discharge_ma = 0
        limits.charge_enable = limits.discharge_enable = False
        limits.charge_reason = limits.discharge_reason = f.GAUGE_EXCEPTION

    def _charge(self):
        values, state = self._values, self._state
        self._begin(min(values[p.REQUESTED_CHARGE_MA], below(values[p.CHARGE_OCP_MA])))
        rcv_mv, ovp_mv = values[p.RCV_MV], values[p.CELL_OVP_MV]
        gap_mv = ovp_mv - rcv_mv
        full_mv, zero_mv = rcv_mv + gap_mv // 8, ovp_mv - gap_mv // 4
        self._taper(zero_mv - state.measured.max_mv, zero_mv - full_mv, why.CELL_HIGH)
        self._cold()
        self._heat(values[p.CHARGE_OTP_DC], values[p.CHARGE_OTPR_DC])
        soc = state.gauge.soc_dpct
        if soc is not None:
            full, span, _ = ENDS_DPCT
            self._line(self._gentle, self._most, full - soc, span, why.NEARLY_FULL)
        if self._faults.up[f.DEEP_DISCHARGE]:
            self._at_most(levels.level(values, levels.DEEP_MA) // 5 * 4, f.DEEP_DISCHARGE)

    def _discharge(self, emergency):
        values, state = self._values, self._state
        m = state.measured
        self._begin(below(values[p.DISCHARGE_OCP_MA]))
        above_mv = m.min_mv - values[p.CELL_UVP_MV]
        if emergency:
            if above_mv < UVP_FULL_MV:
                self._at_most(self._most // 10, f.EMERGENCY)
        elif self._empty:
            self._at_most(0, why.EMPTY)
        else:
            self._taper(above_mv - UVP_ZERO_MV, UVP_FULL_MV - UVP_ZERO_MV, why.CELL_LOW)
        if m.temp_min is not None:
            low_dc = values[p.DISCHARGE_UTP_DC]
            span_dc = values[p.DISCHARGE_UTPR_DC] - low_dc
            self._taper(m.temp_min - low_dc, span_dc, why.COLD)
        self._heat(values[p.DISCHARGE_OTP_DC], values[p.DISCHARGE_OTPR_DC])
        soc = state.gauge.soc_dpct
        if soc is not None:
            self._line(self._gentle, self._most, soc, ENDS_DPCT[2], why.NEARLY_EMPTY)

    def _cold(self):
        """Lithium plates when charged cold: nothing at UTP, C/5 at UTPR, all 5 K above."""
        values, t = self._values, self._state.measured.temp_min
        if t is None:
            return
        low_dc, high_dc = values[p.CHARGE_UTP_DC], values[p.CHARGE_UTPR_DC]
        if t < high_dc:
            self._line(0, self._gentle, t - low_dc, high_dc - low_dc, why.COLD)
        else:
            self._line(self._gentle, self._most, t - high_dc, WARM_DC, why.COLD)

    def _heat(self, trip_dc, release_dc):
        """All at the recovery temperature, nothing at the protection's; MOSFETs the same."""
        m, values = self._state.measured, self._values
        if m.temp_max is not None:
            self._taper(trip_dc - m.temp_max, trip_dc - release_dc, why.HOT)
        mos = m.temp_dc[4]
        if mos is not None:
            trip_dc = values[p.MOS_OTP_DC]
            self._taper(trip_dc - mos, trip_dc - values[p.MOS_OTPR_DC], why.MOS_HOT)

    def _watch_empty(self, dt_ms):
        """A pack that the lowest cell has stopped stays stopped until it was charged: at rest its
        voltage comes back, and the inverter would start and stop all night."""
        m, values = self._state.measured, self._values
        if not m.valid:
            return
        uvp_mv = values[p.CELL_UVP_MV]
        if self._empty:
            rested_mv = uvp_mv + (values[p.RFV_MV] - uvp_mv) // 4 * 3
            charging = m.current_ma > values[p.DESIGN_CAPACITY_MAH] // 100
            turns = (charging and m.min_mv > uvp_mv + UVP_FULL_MV) or m.min_mv > rested_mv
            enough_ms = CHARGED_MS
        else:
            turns, enough_ms = m.min_mv <= uvp_mv + EMPTY_MV, EMPTY_MS
        self._turn_ms = self._turn_ms + dt_ms if turns else 0
        if self._turn_ms >= enough_ms:
            self._empty = not self._empty
            self._turn_ms = 0

    # --- the limit being worked out -------------------------------------------------------------

    def _begin(self, ma):
        self._most = self._ma = ma
        self._gentle = min(self._values[p.DESIGN_CAPACITY_MAH] // GENTLE, ma)
        self._why = 0

    def _at_most(self, ma, reason):
        if ma < self._ma:
            self._ma, self._why = ma, reason

    def _taper(self, part, span, reason):
        """Nothing at part = 0, all at part = span."""
        if part < span:
            self._at_most(self._most // span * max(part, 0), reason)

    def _line(self, low_ma, high_ma, part, span, reason):
        """low_ma at part = 0, high_ma at part = span."""
        if part < span:
            self._at_most(low_ma + (high_ma - low_ma) // span * max(part, 0), reason)


def below(ma):
    """A little below an over-current protection, so that what is asked for does not trip it."""
    return ma - ma // 20
