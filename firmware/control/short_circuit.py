"""Short circuit: the front end opened both MOSFETs in microseconds; here is what follows (PRT-06).

Both MOS stay off for the release time, then one retry; at most three retries in ten minutes, then
latched until load or charger is removed or the key is pressed. The tries survive a brown-out
(control/record.py), and a brown-out is a try itself: a short may have caused it before anything
could be stored.
"""

from array import array

from firmware import fault_ids as f
from firmware import parameter_ids as p
from hal.contract import LATCH_CHARGE_SHORT, LATCH_DISCHARGE_SHORT

RETRIES = 3
WINDOW_S = 600
GONE_MS = 2_000  # load or charger must be seen removed for this long
SHORTS = LATCH_CHARGE_SHORT | LATCH_DISCHARGE_SHORT


class ShortCircuit:
    """Owns DISCHARGE_SHORT, CHARGE_SHORT and SHORT_LATCHED."""

    def __init__(self, context):
        self._hal = context.hal
        self._values = context.parameters.values
        self._faults = context.faults
        self._state = context.state
        self.wait_ms = 0
        self.suspected = False  # restarted by a supply dip
        self._gone_ms = 0
        self.try_s = array("i", [-WINDOW_S] * (RETRIES + 1))  # uptime of the last trips

    def step(self, latches, dt_ms):
        """`latches` are the chip's bits, -1 when unknown this cycle."""
        faults = self._faults
        if not self._standing():
            if latches > 0 and latches & SHORTS:
                self._trip(latches)
        else:
            self.wait_ms = max(self.wait_ms - dt_ms, 0)
            if faults.stands(f.SHORT_LATCHED):
                self._gone_ms = self._gone_ms + dt_ms if self._removed() else 0
                if self._gone_ms >= GONE_MS:
                    faults.put(f.SHORT_LATCHED, False)
            elif not self.wait_ms and latches >= 0:
                self._retry()

    def started(self, latches):
        """The front end was looked at for the first time. A supply dip without a latch counts as
        a try; the second within ten minutes waits like a short."""
        if not self.suspected:
            return
        self.suspected = False
        if latches & SHORTS or self._standing():
            return
        if self.tries():
            self._trip(LATCH_DISCHARGE_SHORT)
        else:
            self._count()

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
        up = self._faults.up
        return up[f.DISCHARGE_SHORT] or up[f.CHARGE_SHORT]

    def _trip(self, latches):
        ma = self._state.measured.current_ma
        self._faults.put(f.CHARGE_SHORT, latches & LATCH_CHARGE_SHORT != 0, ma)
        self._faults.put(f.DISCHARGE_SHORT, latches & LATCH_DISCHARGE_SHORT != 0, ma)
        self.wait_ms = self._values[p.SCP_RELEASE_S] * 1000
        self._gone_ms = 0
        self._count()
        if self.tries() > RETRIES:
            self._faults.put(f.SHORT_LATCHED, True)

    def _count(self):
        oldest = 0
        for i in range(1, RETRIES + 1):
            if self.try_s[i] < self.try_s[oldest]:
                oldest = i
        self.try_s[oldest] = self._state.system.uptime_s

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
