"""Closing onto the port: directly, or through a path that brings the voltages together
(MEA-08, PRT-19).

A MOS closes directly only within 0.5 V x cells / 8 of the pack voltage.
Port too low, discharge MOS: the pre-charge path brings it within 10 % in the set time, at most
three tries, then latched. A board without the path closes once and watches for a short.
Port too high (charger, inverter, another pack), charge MOS: the limiter, else the pre-charge path,
carries the current for a second first. The voltage alone cannot tell a charger at its current
limit from a stiff bus, and an empty pack must be chargeable; over-current II and the front end
watch what follows, and after a trip the limiter takes over.
"""

from firmware import fault_ids as f
from firmware import parameter_ids as p
from hal.contract import CHARGE_ON, DISCHARGE_ON

TRIES = 3
PAUSE_MS = 5_000
SHORTEST_MS = 200
BRIDGE_MS = 1_000  # through a path before the charge MOS closes onto a higher port
WATCH_MS = 1_000  # a short this soon after closing without pre-charge = switch-on failed
PORT_CELL_MV = 500  # per 8 cells


class Precharge:
    """Owns PRECHARGE_FAILED and PORT_VOLTAGE; writes precharging and bridging of state.mosfets."""

    def __init__(self, context, limiter):
        self._path = context.hal.precharge
        self._values = context.parameters.values
        self._faults = context.faults
        self._measured = context.state.measured
        self._mosfets = context.state.mosfets
        self._limiter = limiter
        self._timer_ms = 0
        self._pause_ms = 0
        self._watch_ms = 0
        self._bridge_ms = 0
        self.tries = 0

    def step(self, charge, discharge, dt_ms):
        """CHARGE_ON | DISCHARGE_ON: what may be closed now, of those that are wanted."""
        now = self._mosfets
        self._pause_ms = max(self._pause_ms - dt_ms, 0)
        self._watch(dt_ms)
        bits = CHARGE_ON if charge else 0
        waiting = False
        if charge and not now.charge and self._high():
            waiting = not self._bridged(dt_ms)
            if waiting:
                bits = 0
        now.bridging = waiting
        if not waiting:
            self._bridge_ms = 0
            self._limiter.bridge = False
        if discharge and (now.discharge or self._prepared(dt_ms)):
            bits |= DISCHARGE_ON
            self.tries = 0
        elif discharge:
            waiting = True
        if not waiting or self._pause_ms:
            self._stop_path()
        self._faults.put(f.PORT_VOLTAGE, waiting)
        return bits

    def stop(self):
        """Paths off."""
        self._limiter.bridge = self._mosfets.bridging = False
        self._bridge_ms = 0
        self._stop_path()

    def key(self):
        """The activation key: try again."""
        self.tries = 0
        self._pause_ms = 0
        self._faults.put(f.PRECHARGE_FAILED, False)

    def _window_mv(self):
        return PORT_CELL_MV * self._measured.cell_count // 8

    def _high(self):
        m = self._measured
        return m.port_mv is not None and m.port_mv > m.pack_mv + self._window_mv()

    def _bridged(self, dt_ms):
        """A live bus above the pack: True when the charge MOS may close onto it."""
        if self._limiter.fitted():
            self._limiter.bridge = True
        elif self._path is not None:
            self._start_path()
        else:
            return True
        self._bridge_ms += dt_ms
        return self._bridge_ms > BRIDGE_MS

    def _prepared(self, dt_ms):
        """True when the discharge MOS may close."""
        m = self._measured
        if self._path is None:
            self._watch_ms = WATCH_MS
            return True
        known = m.port_mv is not None
        if known and m.port_mv >= m.pack_mv - self._window_mv():
            return True
        if self._pause_ms:
            return False
        if not self._mosfets.precharging:
            self._start_path()
            self._timer_ms = 0
            return False
        self._timer_ms += dt_ms
        limit_ms = max(self._values[p.PRECHARGE_TIME_S] * 1000, SHORTEST_MS)
        if not known:  # no port voltage on this board: the time has to do
            return self._timer_ms >= limit_ms
        if m.port_mv >= m.pack_mv - m.pack_mv // 10 and self._timer_ms >= SHORTEST_MS:
            return True
        if self._timer_ms > limit_ms:
            self._missed(m.port_mv)
        return False

    def _missed(self, port_mv):
        """The port did not follow in time."""
        self.tries += 1
        self._pause_ms = PAUSE_MS
        if self.tries >= TRIES:
            self._faults.put(f.PRECHARGE_FAILED, True, port_mv)

    def _start_path(self):
        if not self._mosfets.precharging:
            self._mosfets.precharging = True
            self._path.set(True)

    def _stop_path(self):
        if self._mosfets.precharging:
            self._mosfets.precharging = False
            self._path.set(False)

    def _watch(self, dt_ms):
        if not self._watch_ms:
            return
        if self._faults.stands(f.DISCHARGE_SHORT):
            self._faults.put(f.PRECHARGE_FAILED, True)
            self._watch_ms = 0
        self._watch_ms = max(self._watch_ms - dt_ms, 0)
