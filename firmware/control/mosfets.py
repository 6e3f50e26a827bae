"""The one place that decides both MOSFETs, from the set of standing reasons (PRT-14, PRT-18).

Common port: with one MOS off, current in the allowed direction flows through its body diode; the
off MOS then closes to carry it (`carry`) and opens in the cycle the current falls or turns.
"""

from firmware import events
from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware.control.limiter import Limiter
from firmware.control.precharge import Precharge
from hal.contract import CHARGE_ON, DISCHARGE_ON

CARRY_ON_MA = 1_000
CARRY_OFF_MA = 500
REFRESH_MS = 1_000


class MosfetControl:
    """Writes state.mosfets and drives the front end, the kill line, limiter and pre-charge."""

    def __init__(self, context):
        self._hal = context.hal
        self._values = context.parameters.values
        self._faults = context.faults
        self._events = context.events
        self._measured = context.state.measured
        self._mosfets = context.state.mosfets
        self._power = context.state.power
        self.limiter = Limiter(context)
        self.precharge = Precharge(context, self.limiter)
        self._refresh_ms = 0
        self._sent = False  # the last command reached the chip

    def step(self, dt_ms):
        """Decide and drive once a cycle."""
        faults, mosfets = self._faults, self._mosfets
        faults.put(f.CHARGE_SWITCHED_OFF, not self._values[p.CHARGE_SWITCH])
        faults.put(f.DISCHARGE_SWITCHED_OFF, not self._values[p.DISCHARGE_SWITCH])
        faults.put(f.BALANCE_SWITCHED_OFF, not self._values[p.BALANCE_SWITCH])
        charge = not faults.blocks_charge()
        discharge = not faults.blocks_discharge(self._power.emergency_s > 0)
        both_off = faults.blocks_both()
        charging = charge or mosfets.limiting  # current of this direction is allowed
        self.limiter.step(dt_ms)
        bits = self.precharge.step(charge, discharge, dt_ms)
        charge_on, discharge_on = bits & CHARGE_ON != 0, bits & DISCHARGE_ON != 0
        ma = self._measured.current_ma if self._measured.valid and not both_off else 0
        mosfets.charge_carry = (
            not charge_on and discharge and self._carries(-ma, mosfets.charge_carry)
        )
        mosfets.discharge_carry = (
            not discharge_on and charging and self._carries(ma, mosfets.discharge_carry)
        )
        self._drive(
            charge_on or mosfets.charge_carry, discharge_on or mosfets.discharge_carry, dt_ms
        )

    def open(self):
        """Both off at once, over the bus and by the kill line; for the paths where nothing else
        can be trusted. Never raises."""
        mosfets = self._mosfets
        mosfets.charge = mosfets.discharge = False
        mosfets.charge_carry = mosfets.discharge_carry = False
        self._sent = False
        for act in (self._kill, self._command_off, self.precharge.stop, self.limiter.stop):
            try:
                act()
            except Exception:
                continue

    def _kill(self):
        if self._hal.kill_line is not None:
            self._hal.kill_line.set(True)

    def _command_off(self):
        if self._hal.afe.set_mosfets(False, False):
            self._report()

    def _report(self):
        driven = self._hal.afe.mosfets()
        if driven >= 0:
            self._mosfets.charge_on = driven & CHARGE_ON != 0
            self._mosfets.discharge_on = driven & DISCHARGE_ON != 0

    def _carries(self, allowed_ma, carrying):
        """The body diode of an off MOS carries `allowed_ma` in its allowed direction."""
        return allowed_ma >= (CARRY_OFF_MA if carrying else CARRY_ON_MA)

    def _drive(self, charge, discharge, dt_ms):
        mosfets, hal = self._mosfets, self._hal
        self._refresh_ms -= dt_ms
        changed = charge != mosfets.charge or discharge != mosfets.discharge
        if changed:
            self._events.add(events.MOSFETS, (1 if charge else 0) | (2 if discharge else 0))
        mosfets.charge, mosfets.discharge = charge, discharge
        if hal.kill_line is not None and (changed or self._refresh_ms <= 0):
            hal.kill_line.set(not charge and not discharge)
        if changed or not self._sent or self._refresh_ms <= 0:
            self._sent = hal.afe.set_mosfets(charge, discharge)
            self._refresh_ms = REFRESH_MS
        self._report()
