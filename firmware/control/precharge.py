"""Closing onto the port: directly, or through the pre-charge path (MEA-08, PRT-19).

Directly only within 0.5 V x cells / 8 of the pack voltage. Otherwise the pre-charge path brings
the port within 10 % in the set time, at most three tries, then latched. A board without the path
closes once and watches for a short.
"""

from firmware import fault_ids as f
from firmware import parameter_ids as p

TRIES = 3
PAUSE_MS = 5_000
SHORTEST_MS = 200
WATCH_MS = 1_000  # a short this soon after closing without pre-charge = switch-on failed


class Precharge:
    """Owns PRECHARGE_FAILED and PORT_VOLTAGE; writes state.mosfets.precharging."""

    def __init__(self, context):
        self._hal = context.hal
        self._values = context.parameters.values
        self._faults = context.faults
        self._measured = context.state.measured
        self._mosfets = context.state.mosfets
        self._timer_ms = 0
        self._pause_ms = 0
        self._watch_ms = 0
        self.tries = 0

    def step(self, charge, discharge, dt_ms):
        """(charge, discharge) that may be closed now, of those that are wanted."""
        mosfets = self._mosfets
        self._pause_ms = max(self._pause_ms - dt_ms, 0)
        self._watch(dt_ms)
        opening = (discharge and not mosfets.discharge) or (charge and not mosfets.charge)
        if not opening or not self._needed(charge, discharge):
            self._done(charge, discharge)
        elif self._hal.precharge is None:
            self._closing_unprepared(discharge)
        else:
            ready = self._run(dt_ms)
            charge, discharge = self._allowed(charge, discharge, ready)
        self._faults.put(f.PORT_VOLTAGE, mosfets.precharging or self._pause_ms > 0)
        return charge, discharge

    def stop(self):
        """Path off."""
        self._timer_ms = 0
        self._mosfets.precharging = False
        if self._hal.precharge is not None:
            self._hal.precharge.set(False)

    def key(self):
        """The activation key: try again."""
        self.tries = 0
        self._pause_ms = 0
        self._faults.put(f.PRECHARGE_FAILED, False)

    def _needed(self, charge, discharge):
        """The port is too far away for a MOS that is about to close."""
        m, now = self._measured, self._mosfets
        if m.port_mv is None:
            # no port voltage: a discharge MOS that closes alone goes through the path by time
            return discharge and not now.discharge and self._hal.precharge is not None
        window = 500 * m.cell_count // 8
        low = discharge and not now.discharge and m.port_mv < m.pack_mv - window
        high = charge and not now.charge and m.port_mv > m.pack_mv + window
        return low or high

    def _run(self, dt_ms):
        """Drive the path; True when the port is close enough to close the MOS."""
        if self._pause_ms:
            return False
        m = self._measured
        if not self._mosfets.precharging:
            self._mosfets.precharging = True
            self._timer_ms = 0
            self._hal.precharge.set(True)
            return False
        self._timer_ms += dt_ms
        limit_ms = max(self._values[p.PRECHARGE_TIME_S] * 1000, SHORTEST_MS)
        if m.port_mv is None:
            return self._timer_ms >= limit_ms
        near = abs(m.port_mv - m.pack_mv) <= m.pack_mv // 10
        if near and self._timer_ms >= SHORTEST_MS:
            return True
        if self._timer_ms > limit_ms:
            self.stop()
            self.tries += 1
            self._pause_ms = PAUSE_MS
            if self.tries >= TRIES:
                self._faults.put(f.PRECHARGE_FAILED, True, m.port_mv or 0)
        return False

    def _allowed(self, charge, discharge, ready):
        if ready:
            self._done(charge, discharge)
            return charge, discharge
        # what is closed already stays closed
        return charge and self._mosfets.charge, discharge and self._mosfets.discharge

    def _done(self, charge, discharge):
        if self._mosfets.precharging:
            self.stop()
        if charge or discharge:
            if not self._pause_ms:
                self.tries = 0
        else:
            self._pause_ms = 0

    def _closing_unprepared(self, discharge):
        if discharge and not self._mosfets.discharge:
            self._watch_ms = WATCH_MS

    def _watch(self, dt_ms):
        if not self._watch_ms:
            return
        if self._faults.stands(f.DISCHARGE_SHORT):
            self._faults.put(f.PRECHARGE_FAILED, True)
            self._watch_ms = 0
        self._watch_ms = max(self._watch_ms - dt_ms, 0)
