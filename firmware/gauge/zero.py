"""Sensor zero: with both MOSFETs off no current passes the shunt: what it shows is its error."""

WINDOW_BEATS = 6
STEADY_MA = 500  # readings of a window lie within
FAR_MA = 5_000  # more is a fault, no offset


class Zero:
    """`look` once a beat; True when `ma` holds a new reading of the sensor's zero."""

    def __init__(self, mosfets):
        self._mosfets = mosfets
        self.ma = 0
        self._beats = 0
        self._sum = self._low = self._high = 0

    def look(self, ma):
        """Mean current of a beat."""
        m = self._mosfets
        if m.charge_on or m.discharge_on or m.limiting or m.precharging or abs(ma) > FAR_MA:
            self._beats = 0
            return False
        if not self._beats:
            self._sum = 0
            self._low = self._high = ma
        self._beats += 1
        self._sum += ma
        self._low, self._high = min(self._low, ma), max(self._high, ma)
        if self._beats < WINDOW_BEATS:
            return False
        self.ma = self._sum // WINDOW_BEATS
        self._beats = 0
        return self._high - self._low < STEADY_MA
