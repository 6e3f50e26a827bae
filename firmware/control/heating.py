"""Heating output (PWR-04): on below the charge temperature when charging is wanted, off at the
recovery temperature; its current is reported and checked.
"""

from firmware import fault_ids as f
from firmware import parameter_ids as p
from firmware.state import ON

WANTED_MA = 200
WANTED_MV = 300  # port above the pack: a charger is waiting
DRAWS_MA = 100
CHECK_MS = 2_000
REST_MS = 60_000  # a heater that draws the wrong current rests so long before the next try


class Heating:
    """Writes state.power.heating and heater_ma; owns HEATER. Without a heater: nothing."""

    def __init__(self, context):
        self._heater = context.hal.heater
        self._sense = context.hal.charger_sense
        self._values = context.parameters.values
        self._faults = context.faults
        self._state = context.state
        self._power = context.state.power
        self._check_ms = 0

    def step(self, dt_ms):
        """Once a cycle, after the MOSFETs."""
        if self._heater is None:
            return
        on = self._wanted()
        if on != self._power.heating:
            self._heater.set(on)
            self._power.heating = on
            self._check_ms = 0
        ma = self._heater.current_ma()
        self._power.heater_ma = ma
        wrong = ma < DRAWS_MA or ma > self._values[p.HEATER_MAX_MA] if on else ma >= DRAWS_MA
        if wrong == self._faults.stands(f.HEATER):
            self._check_ms = 0
            return
        self._check_ms += dt_ms
        if self._check_ms >= (CHECK_MS if wrong else REST_MS):
            self._faults.put(f.HEATER, wrong, ma)

    def off(self):
        """After an exception: heater off."""
        self._power.heating = False
        if self._heater is not None:
            self._heater.set(False)

    def _wanted(self):
        values, m = self._values, self._state.measured
        if not values[p.HEATING_ENABLED] or not m.valid or m.temp_min is None:
            return False
        faults = self._faults
        if self._power.mode != ON or faults.stands(f.LOW_SOC) or faults.stands(f.HEATER):
            return False
        if m.temp_max >= values[p.CHARGE_OTPR_DC]:  # a sensor that reads cold may be a bad one
            return False
        below = values[p.CHARGE_UTPR_DC] if self._power.heating else values[p.CHARGE_UTP_DC]
        return m.temp_min < below and self._charge_wanted()

    def _charge_wanted(self):
        m = self._state.measured
        if m.current_ma >= WANTED_MA:
            return True
        if m.port_mv is not None and m.port_mv > m.pack_mv + WANTED_MV:
            return True
        return self._sense is not None and self._sense.voltage_mv() > m.pack_mv + WANTED_MV
