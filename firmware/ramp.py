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

    def step(self, ceiling_ma, reason, capacity_mah, dt_ms):
        """Follow the ceiling; what a fault limits falls at once."""
        now_ma, dt_ms = self.ma, min(dt_ms, DT_MAX_MS)
        self._rest_ms = max(self._rest_ms - dt_ms, 0)
        if now_ma >= ceiling_ma:
            self._rising = False
            if now_ma > ceiling_ma:
                self._fall(ceiling_ma, reason, capacity_mah, dt_ms)
            elif not reason:
                self._careful = False
            return
        if not self._rest_ms and (not reason or now_ma + ceiling_ma // BAND <= ceiling_ma):
            self._rising = True
        if self._rising:
            rate = CAREFUL if self._careful else RISE
            self.ma = now_ma + _step(ceiling_ma - now_ma, capacity_mah, rate, dt_ms)

    def _fall(self, ceiling_ma, reason, capacity_mah, dt_ms):
        if 0 < reason < limit_ids.FIRST:
            self.ma = ceiling_ma
            return
        self.ma -= _step(self.ma - ceiling_ma, capacity_mah, FALL, dt_ms)
        self._rest_ms = REST_MS
        if reason in VOLTAGES:
            self._careful = True

    def stop(self):
        """Nothing from now on; it rises again as ever."""
        self.ma = 0
        self._rising = False


def _step(missing_ma, capacity_mah, part, dt_ms):
    """Part of the way in dt_ms; the order of operations keeps 31 bits for a bank of 16 x 20 kAh
    and a whole step for a pack of 2 Ah."""
    lagging_ma = missing_ma // 40 * dt_ms // (LAG_MS // 40)
    most_ma = max(capacity_mah // 1000 * dt_ms // part, 1)
    return min(max(lagging_ma, dt_ms // 10, 1), most_ma, missing_ma)
