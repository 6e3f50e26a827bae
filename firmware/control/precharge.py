"""Closing onto the port: directly, or through a path (MEA-08, PRT-19).

Directly only within 0.5 V x cells / 8 of the pack voltage. A lower port: the pre-charge path
brings it within 10 % in the set time, at most three tries, then latched; a board without the path
closes the discharge MOS once and watches for a short. A higher port (charger, inverter, another
pack): the charge MOS closes after a second through the limiter or the pre-charge path. The voltage
alone cannot tell a charger at its current limit from a stiff bus, and an empty pack must be
chargeable; over-current II and the front end watch what follows, and after a trip the limiter
takes over.
"""

from firmware import fault_ids as f
from firmware import parameter_ids as p

TRIES = 3
PAUSE_MS = 5_000
SHORTEST_MS = 200
BRIDGE_MS = 1_000  # through a path before the charge MOS closes onto a higher port
WATCH_MS = 1_000  # a short this soon after closing without pre-charge = switch-on failed


class Precharge:
    """Owns PRECHARGE_FAILED and PORT_VOLTAGE; writes precharging and bridging of state.mosfets."""

    def __init__(self, context):
        self._hal = context.hal
        self._values = context.parameters.values
        self._faults = context.faults
        self._measured = context.state.measured
        self._mosfets = context.state.mosfets
        self._timer_ms = 0
        self._pause_ms = 0
        self._watch_ms = 0
        self._bridge_ms = 0  # the path towards a higher port has been on this long
        self.tries = 0

    def step(self, charge, discharge, dt_ms):
        """(charge, discharge) that may be closed now, of those that are wanted."""
        mosfets = self._mosfets
        self._pause_ms = max(self._pause_ms - dt_ms, 0)
        self._watch(dt_ms)
        if charge and not mosfets.charge:
            charge = self._charge(dt_ms)
        else:
            self._end_bridge()
        if not discharge or mosfets.discharge or not self._low():
            self._done(discharge)
        elif self._hal.precharge is None:
            self._watch_ms = WATCH_MS
        else:
            discharge = self._run(dt_ms)
            # the charge MOS must not short the path: it waits with the discharge MOS
            charge = charge and (discharge or mosfets.charge)
        waiting = mosfets.precharging or mosfets.bridging or self._pause_ms > 0
        self._faults.put(f.PORT_VOLTAGE, waiting)
        return charge, discharge

    def stop(self):
        """Path off."""
        self._timer_ms = self._bridge_ms = 0
        self._mosfets.precharging = self._mosfets.bridging = False
        if self._hal.precharge is not None:
            self._hal.precharge.set(False)

    def key(self):
        """The activation key: try again."""
        self.tries = 0
        self._pause_ms = 0
        self._faults.put(f.PRECHARGE_FAILED, False)

    def _low(self):
        """The port is too low for the discharge MOS; unknown is low where there is a path."""
        m = self._measured
        if m.port_mv is None:
            return self._hal.precharge is not None
        return m.port_mv < m.pack_mv - 500 * m.cell_count // 8

    def _charge(self, dt_ms):
        """May the charge MOS close now? Not onto a higher port before a path was on."""
        m, path = self._measured, self._hal.charge_limiter or self._hal.precharge
        high = m.port_mv is not None and m.port_mv > m.pack_mv + 500 * m.cell_count // 8
        if high and path is not None and self._bridge_ms < BRIDGE_MS:
            path.set(True)
            self._mosfets.bridging = True
            self._bridge_ms += dt_ms
            return False
        self._end_bridge()
        return True

    def _end_bridge(self):
        if not self._mosfets.bridging:
            return
        self._mosfets.bridging = False
        self._bridge_ms = 0
        if self._hal.charge_limiter is not None:
            self._hal.charge_limiter.set(self._mosfets.limiting)
        else:
            self._hal.precharge.set(self._mosfets.precharging)

    def _run(self, dt_ms):
        """Drive the path; True when the port is close enough for the discharge MOS."""
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
            if self._timer_ms < limit_ms:
                return False
            self._done(True)
            return True
        near = abs(m.port_mv - m.pack_mv) <= m.pack_mv // 10
        if near and self._timer_ms >= SHORTEST_MS:
            self._done(True)
            return True
        if self._timer_ms > limit_ms:
            self.stop()
            self.tries += 1
            self._pause_ms = PAUSE_MS
            if self.tries >= TRIES:
                self._faults.put(f.PRECHARGE_FAILED, True, m.port_mv or 0)
        return False

    def _done(self, discharge):
        if self._mosfets.precharging:
            self._mosfets.precharging = False
            self._timer_ms = 0
            self._hal.precharge.set(False)
        if not discharge:
            self._pause_ms = 0
        elif not self._pause_ms:
            self.tries = 0

    def _watch(self, dt_ms):
        if not self._watch_ms:
            return
        if self._faults.stands(f.DISCHARGE_SHORT):
            self._faults.put(f.PRECHARGE_FAILED, True)
            self._watch_ms = 0
        self._watch_ms = max(self._watch_ms - dt_ms, 0)
