"""Charge control: what is asked of the inverter (CHG-01, CHG-02): a service on a view of the pack
or of the bank, so that every protocol sends the same.

Bulk holds CVL at RCV; absorption begins there and lasts the bulk hold time; float holds RFV until
charge was taken out or the float time is over, then bulk again. Currents follow the ceiling of
control/limits.py on a ramp; a fault takes them away at once.
"""

from firmware import fault_ids as f
from firmware import levels, limit_ids
from firmware import parameter_ids as p
from firmware.ramp import Ramp
from firmware.state import ABSORPTION, BULK, FLOAT, NOT_CHARGING

PERIOD_MS = 250
SURE_MS = 10_000  # RCV reached, cells low
AWAY_MS = 60_000  # below RCV, or discharged, before a stage is left
HOUR_DH_MS = 360_000  # 0.1 h
STEP_MV = 100  # CVL moves by this much: lowered at once, inverters discharge into the grid ...
STEP_MS = 5_000  # ... in this time
OVP_MARGIN_MV = 25  # a cell; CVL stays so far below the pack's over-voltage protection
DVL_MV = 20  # a cell above UVP, where DCL is at 0: the last stop
LOW_MV = 100  # a cell above UVP, where DCL begins to fall: low
LOW_END_MV = 300  # low no more
DOUBT_DPCT = 100  # the gauge doubts so much: a full charge is wanted ...
TRUST_DPCT = 40  # ... until it does not
DAY_S = 86_400
LONG_MS = 0x1FFFFFFF


class ChargeControl:
    """Writes view.charging. `view` is a PackView, or the same of a bank."""

    def __init__(self, view):
        self._view = view
        self._values = view.values
        self._out = view.charging
        self._charge = Ramp()
        self._discharge = Ramp()
        self._stage = BULK
        self._stage_ms = 0  # how long what ends the stage has been seen
        self._hold_ms = 0  # RCV was held, or float lasts
        self._top_dpct = 0  # highest state of charge at the end of this charge
        self._cvl_ms = 0
        self._low_ms = 0
        self._low = False
        self._full_s = view.system.uptime_s  # last full, or the start
        self._out.cvl_mv = self._voltage()

    def step(self, dt_ms):
        """Work out everything anew; ms until the next time."""
        self._follow_stage(dt_ms)
        self._move_voltage(dt_ms)
        self._follow_currents(dt_ms)
        self._ask(dt_ms)
        return PERIOD_MS

    def urgent(self):
        """A fault has taken a direction away that is still asked for: step at once (PRT-25)."""
        limits, out = self._view.limits, self._out
        return (out.charge_enable and not limits.charge_enable) or (
            out.discharge_enable and not limits.discharge_enable
        )

    def nothing(self):
        """Neither direction, after an exception here."""
        out = self._out
        out.ccl_ma = out.dcl_ma = 0
        out.charge_enable = out.discharge_enable = False
        out.force_charge = out.full_charge = False
        out.stage = NOT_CHARGING
        out.ccl_reason = out.dcl_reason = f.SERVICE_EXCEPTION

    # --- stages ---------------------------------------------------------------------------------

    def _follow_stage(self, dt_ms):
        allowed = self._view.limits.charge_enable
        if allowed and self._view.measured.valid:
            if self._stage == BULK:
                self._bulk(dt_ms)
            elif self._stage == ABSORPTION:
                self._absorption(dt_ms)
            else:
                self._float(dt_ms)
        self._out.stage = self._stage if allowed else NOT_CHARGING

    def _bulk(self, dt_ms):
        if self._hold_ms and self._used():
            self._hold_ms = 0
        if self._seen(self._at_top(), SURE_MS, dt_ms):
            self._stage = ABSORPTION

    def _absorption(self, dt_ms):
        """The hold time counts while RCV is held. A pack that is not full by then gets the same
        time again."""
        at_top = self._at_top()
        if at_top:
            self._hold_ms = min(self._hold_ms + dt_ms, LONG_MS)
            self._top_dpct = self._view.gauge.soc_dpct or 0
        if self._seen(not at_top, AWAY_MS, dt_ms):
            self._stage = BULK  # goes on with the hold time
            return
        hold_ms = self._values[p.RCV_TIME_DH] * HOUR_DH_MS
        over = self._hold_ms >= (hold_ms if self._view.gauge.full else 2 * hold_ms)
        if over and self._values[p.FLOAT_MODE]:
            self._enter(FLOAT)

    def _float(self, dt_ms):
        self._hold_ms = min(self._hold_ms + dt_ms, LONG_MS)
        self._top_dpct = max(self._top_dpct, self._view.gauge.soc_dpct or 0)
        over = self._hold_ms >= self._values[p.RFV_TIME_DH] * HOUR_DH_MS
        used = self._seen(self._used(), AWAY_MS, dt_ms)
        if over or used or not self._values[p.FLOAT_MODE]:
            self._enter(BULK)

    def _enter(self, stage):
        self._stage = stage
        self._hold_ms = self._stage_ms = 0

    def _seen(self, what, long_ms, dt_ms):
        """True when `what` has been true for long_ms; then it begins anew."""
        self._stage_ms = self._stage_ms + dt_ms if what else 0
        if self._stage_ms < long_ms:
            return False
        self._stage_ms = 0
        return True

    def _at_top(self):
        """RCV is reached: an inverter may hold a little less than it was asked for, and one high
        cell is as good as all."""
        m, rcv_mv = self._view.measured, self._values[p.RCV_MV]
        near_mv = rcv_mv - max((rcv_mv - self._values[p.RFV_MV]) // 4, 10)
        return m.average_mv >= near_mv or m.max_mv >= rcv_mv

    def _used(self):
        """So much was taken out since the charge ended that it may begin anew."""
        values, soc = self._values, self._view.gauge.soc_dpct
        drop = values[p.REBULK_DROP_PCT]
        if drop and soc is not None and soc < self._top_dpct - drop * 10:
            return True
        rfv_mv = values[p.RFV_MV]
        return self._view.measured.average_mv < rfv_mv - max(values[p.RCV_MV] - rfv_mv, 50)

    # --- voltages and currents ------------------------------------------------------------------

    def _voltage(self):
        """Pack voltage that the stage wants."""
        values = self._values
        cell = p.RFV_MV if self._stage == FLOAT else p.RCV_MV
        count = values[p.CELL_COUNT]
        return min(
            values[cell] * count, levels.level(values, p.PACK_OVP_MV) - OVP_MARGIN_MV * count
        )

    def _move_voltage(self, dt_ms):
        out, values = self._out, self._values
        out.dvl_mv = max(
            (values[p.CELL_UVP_MV] + DVL_MV) * values[p.CELL_COUNT],
            levels.level(values, p.PACK_UVP_MV),
        )
        missing_mv = self._voltage() - out.cvl_mv
        if not missing_mv:
            self._cvl_ms = STEP_MS  # the first step comes at once
            return
        self._cvl_ms += dt_ms
        if self._cvl_ms >= STEP_MS:
            self._cvl_ms = 0
            out.cvl_mv += max(min(missing_mv, STEP_MV), -STEP_MV)

    def _follow_currents(self, dt_ms):
        capacity_mah = self._view.gauge.capacity_mah or self._values[p.DESIGN_CAPACITY_MAH]
        self._follow_charge(capacity_mah, dt_ms)
        self._follow_discharge(capacity_mah, dt_ms)

    def _follow_charge(self, capacity_mah, dt_ms):
        limits, ramp = self._view.limits, self._charge
        if limits.charge_enable:
            ramp.step(limits.charge_ma, limits.charge_reason, capacity_mah, dt_ms)
        else:
            ramp.stop()
        self._out.charge_enable = limits.charge_enable
        self._out.ccl_ma = ramp.ma
        self._out.ccl_reason = _reason(limits.charge_reason, ramp.ma, limits.charge_ma)

    def _follow_discharge(self, capacity_mah, dt_ms):
        limits, ramp = self._view.limits, self._discharge
        if limits.discharge_enable:
            ramp.step(limits.discharge_ma, limits.discharge_reason, capacity_mah, dt_ms)
        else:
            ramp.stop()
        # some inverters go on at 0 A: the flag ends it once the ramp is down
        self._out.discharge_enable = limits.discharge_enable and (
            limits.discharge_reason != limit_ids.EMPTY or ramp.ma > 0
        )
        self._out.dcl_ma = ramp.ma
        self._out.dcl_reason = _reason(limits.discharge_reason, ramp.ma, limits.discharge_ma)

    # --- requests -------------------------------------------------------------------------------

    def _ask(self, dt_ms):
        out = self._out
        if self._view.measured.valid:
            self._low = self._is_low(dt_ms)
        out.force_charge = self._low and out.charge_enable
        out.full_charge = self._wants_full()

    def _wants_full(self):
        """A full charge is due: the gauge doubts, or the last one is long ago."""
        gauge, uptime_s = self._view.gauge, self._view.system.uptime_s
        days = self._values[p.FULL_CHARGE_DAYS]
        if gauge.full:
            self._full_s = uptime_s
        if gauge.full or days <= 0:
            return False
        late = uptime_s - self._full_s >= days * DAY_S
        doubt_dpct = TRUST_DPCT if self._out.full_charge else DOUBT_DPCT
        return late or (gauge.sigma_dpct or 0) >= doubt_dpct

    def _is_low(self, dt_ms):
        """Low by charge, or by the lowest cell for a while; until neither is."""
        values, m, soc = self._values, self._view.measured, self._view.gauge.soc_dpct
        above_mv = m.min_mv - values[p.CELL_UVP_MV]
        self._low_ms = min(self._low_ms + dt_ms, SURE_MS) if above_mv < LOW_MV else 0
        if soc is None:
            soc = 1000
        if self._low:
            return above_mv < LOW_END_MV or soc < values[p.FORCE_CHARGE_RELEASE_PCT] * 10
        return self._low_ms >= SURE_MS or soc < values[p.FORCE_CHARGE_PCT] * 10


def _reason(reason, sent_ma, ceiling_ma):
    """A limit that nothing holds down any more says that it is still coming up."""
    return limit_ids.RISING if not reason and sent_ma < ceiling_ma // 50 * 49 else reason
