"""Short circuit: the front end opened both MOSFETs in microseconds; here is what follows (PRT-06).

Both MOS stay off for the release time, then one retry; at most three retries in ten minutes, then
latched until load or charger is removed or the key is pressed. The tries survive a brown-out
(control/record.py).
"""

from array import array

from firmware import fault_ids as f
from firmware import parameter_ids as p
from hal.contract import LATCH_CHARGE_SHORT, LATCH_DISCHARGE_SHORT

RETRIES = 3
WINDOW_S = 600
SHORTS = LATCH_CHARGE_SHORT | LATCH_DISCHARGE_SHORT


class ShortCircuit:
    """Owns DISCHARGE_SHORT, CHARGE_SHORT and SHORT_LATCHED."""

    def __init__(self, context):
        self._hal = context.hal
        self._values = context.parameters.values
        self._faults = context.faults
        self._state = context.state
        self.wait_ms = 0
        self.try_s = array("i", [-WINDOW_S] * (RETRIES + 1))  # uptime of the last trips

    def step(self, latches, dt_ms):
        """`latches` are the chip's bits, -1 when unknown this cycle."""
        faults = self._faults
        tripped = latches > 0 and latches & SHORTS
        if tripped and not self._standing():
            self._trip(latches)
        elif self._standing():
            self.wait_ms -= dt_ms
            if self.wait_ms <= 0 and not faults.stands(f.SHORT_LATCHED) and latches >= 0:
                self._retry()
            elif faults.stands(f.SHORT_LATCHED) and self._removed():
                faults.put(f.SHORT_LATCHED, False)

    def key(self):
        """The activation key releases the latch; the release time still runs."""
        self._faults.put(f.SHORT_LATCHED, False)

    def tries(self):
        """Trips in the last ten minutes."""
        now_s, n = self._state.system.uptime_s, 0
        for s in self.try_s:
            if now_s - s < WINDOW_S:
                n += 1
        return n

    def _standing(self):
        return self._faults.stands(f.DISCHARGE_SHORT) or self._faults.stands(f.CHARGE_SHORT)

    def _trip(self, latches):
        ma = self._state.measured.current_ma
        self._faults.put(f.CHARGE_SHORT, latches & LATCH_CHARGE_SHORT != 0, ma)
        self._faults.put(f.DISCHARGE_SHORT, latches & LATCH_DISCHARGE_SHORT != 0, ma)
        self.wait_ms = self._values[p.SCP_RELEASE_S] * 1000
        oldest = 0
        for i in range(1, RETRIES + 1):
            if self.try_s[i] < self.try_s[oldest]:
                oldest = i
        self.try_s[oldest] = self._state.system.uptime_s
        if self.tries() > RETRIES:
            self._faults.put(f.SHORT_LATCHED, True)

    def _retry(self):
        if self._hal.afe.clear_latches(SHORTS):
            self._faults.put(f.DISCHARGE_SHORT, False)
            self._faults.put(f.CHARGE_SHORT, False)

    def _removed(self):
        if self._faults.stands(f.CHARGE_SHORT):
            sense = self._hal.charger_sense
            return sense is not None and sense.voltage_mv() == 0
        detect = self._hal.load_detect
        return detect is not None and not detect.load_present()
