"""Whether the CAN bus and the inverter on it are well: error state and bus-off, and an inverter
that was heard and is silent (COM-10)."""

from firmware import fault_ids as f
from firmware import parameter_ids as p
from hal.parts import Can

BACK_OFF_MS = 100  # first wait in bus-off; doubles
BACK_OFF_MAX_MS = 5_000
STEADY_MS = 10_000  # without bus-off for so long: the next one is a first one again
CLEAR_MS = 2_000  # ... and the fault is over
SURE = 10  # looks in a row with frames acknowledged, where an inverter itself says nothing
LIMIT = 0x3FFFFFFF


class CanCounters:
    """What passed since start; every counter wraps at 2**30."""

    def __init__(self):
        self.sent = 0
        self.dropped = 0  # their time was over before there was room
        self.received = 0  # that the protocol knows
        self.alive = 0  # of these: signs of life of the inverter
        self.foreign = 0  # not for us
        self.bus_offs = 0
        self.passives = 0  # times that errors silenced us, mostly: nobody acknowledges
        self.conflicts = 0  # own identifiers heard


class BusWatch:
    """Error state of the CAN controller; leaves bus-off. Writes link.can_state."""

    def __init__(self, can, faults, link, counters):
        self.state = Can.ACTIVE
        self._can = can
        self._faults = faults
        self._link = link
        self._counters = counters
        self._steady_ms = STEADY_MS
        self._off_ms = self._back_off_ms = 0

    def step(self, dt_ms):
        """Look at the controller."""
        state = self._can.state()
        if state != self.state:
            self._enter(state)
        if state == Can.BUS_OFF:
            self._recover(dt_ms)
            return
        self._steady_ms = min(self._steady_ms + dt_ms, STEADY_MS)
        if self._steady_ms >= CLEAR_MS:
            self._faults.put(f.CAN_BUS_OFF, False)

    def forget(self):
        """Nothing is spoken any more: the bus is nobody's business."""
        self.state = self._link.can_state = Can.ACTIVE
        self._steady_ms = STEADY_MS
        self._faults.put(f.CAN_BUS_OFF, False)

    def _enter(self, state):
        counters = self._counters
        if state == Can.BUS_OFF:
            counters.bus_offs = counters.bus_offs + 1 & LIMIT
            self._faults.put(f.CAN_BUS_OFF, True, counters.bus_offs)
            if self._steady_ms >= STEADY_MS:
                self._back_off_ms = BACK_OFF_MS
            self._steady_ms = self._off_ms = 0
        elif state == Can.PASSIVE and self.state != Can.BUS_OFF:
            counters.passives = counters.passives + 1 & LIMIT
        self.state = self._link.can_state = state

    def _recover(self, dt_ms):
        """Join the bus again after a wait that doubles while that does not hold."""
        self._off_ms += dt_ms
        if self._off_ms >= self._back_off_ms:
            self._off_ms = 0
            self._back_off_ms = min(2 * self._back_off_ms, BACK_OFF_MAX_MS)
            self._can.restart()


class Silence:
    """An inverter that was there and is gone. Writes link.inverter_stop."""

    def __init__(self, faults, values, link):
        self._faults = faults
        self._values = values
        self._link = link
        self._heard = False  # since the protocol was selected
        self._silent_ms = 0
        self._good = 0  # looks in a row with frames on the bus
        self._sent_before = 0

    def forget(self):
        """Another protocol: nobody was there yet."""
        self._heard = False
        self._good = 0
        self._clear()

    def alive(self):
        """A sign of life."""
        self._heard = True
        self._clear()

    def _clear(self):
        self._silent_ms = 0
        self._faults.put(f.INVERTER_SILENT, False)
        self._link.inverter_stop = False

    def acknowledged(self, sent, state):
        """Where the inverter says nothing by itself it is there while it acknowledges. `sent` is
        the counter, `state` that of the controller."""
        if state > Can.WARNING:
            self._good = 0
        elif sent != self._sent_before:
            self._good = min(self._good + 1, SURE)
            if self._good == SURE:
                self.alive()
        self._sent_before = sent

    def step(self, dt_ms):
        """Let time pass."""
        self._silent_ms = min(self._silent_ms + dt_ms, LIMIT)
        limit_ms = self._values[p.INVERTER_SILENCE_S] * 1000
        silent = self._heard and limit_ms > 0 and self._silent_ms >= limit_ms
        self._faults.put(f.INVERTER_SILENT, silent, self._silent_ms // 1000)
        self._link.inverter_stop = silent and self._values[p.INVERTER_SILENT_STOP] == 1
