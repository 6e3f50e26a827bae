"""The way of a current limit from the pack's ceiling to the inverter (CHG-02): an inverter whose
limit jumps swings, and with it the cell voltage that made the limit."""

from firmware import limit_ids

LAG_MS = 4_000  # towards the ceiling with this time constant, ...
FALL = 10  # ... by at most C/10 a second down ...
RISE = 40  # ... and C/40 a second up, ...
CAREFUL = 400  # ... C/400 after a cell voltage: an inverter that lags would overshoot and swing
BAND = 8  # up only when an eighth is missing, and ...
REST_MS = 30_000  # ... nothing fell for so long; then all the way
VOLTAGES = limit_ids.CELL_HIGH, limit_ids.CELL_LOW, limit_ids.EMPTY
DT_MAX_MS = 1_000


class Ramp:
    """One direction; `ma` is what is asked for."""

    def __init__(self):
        self.ma = 0
        self._rising = False
        self._careful = False  # a cell voltage has lowered it: the current makes that voltage
        self._rest_ms = 0  # until it may rise
        self._capacity_mah = self._dt_ms = 0  # of this step

    def step(self, ceiling_ma, reason, capacity_mah, dt_ms):
        """Follow the ceiling; what a fault limits falls at once."""
        self._capacity_mah, self._dt_ms = capacity_mah, min(dt_ms, DT_MAX_MS)
        self._rest_ms = max(self._rest_ms - self._dt_ms, 0)
        missing_ma = ceiling_ma - self.ma
        if missing_ma <= 0:
            self._rising = False
            if missing_ma:
                self._fall(-missing_ma, reason)
            elif not reason:
                self._careful = False
            return
        if not self._rest_ms and (not reason or missing_ma >= ceiling_ma // BAND):
            self._rising = True
        if self._rising:
            self._rise(missing_ma)

    def _rise(self, missing_ma):
        self.ma += self._part(missing_ma, CAREFUL if self._careful else RISE)

    def _fall(self, over_ma, reason):
        if 0 < reason < limit_ids.FIRST:
            self.ma -= over_ma
            return
        self.ma -= self._part(over_ma, FALL)
        self._rest_ms = REST_MS
        if reason in VOLTAGES:
            self._careful = True

    def stop(self):
        """Nothing from now on; it rises again as ever."""
        self.ma = 0
        self._rising = False

    def _part(self, missing_ma, rate):
        """Part of the way in this step; the order of operations keeps 31 bits for a bank of 16 x
        20 kAh and a whole step for a pack of 2 Ah."""
        dt_ms = self._dt_ms
        lagging_ma = missing_ma // 40 * dt_ms // (LAG_MS // 40)
        most_ma = max(self._capacity_mah // 1000 * dt_ms // rate, 1)
        return min(max(lagging_ma, dt_ms // 10, 1), most_ma, missing_ma)
