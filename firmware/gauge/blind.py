"""A sensor that shows exactly nothing may hide a current: a dead band, a consumer that it cannot
see. What is missed then is told from a bias of the sensor, and learned from full to full.
"""

from firmware.control.counter import FINE

BLIND_BEATS = 60  # a reading of exactly 0 for so long: the sensor has a dead band
HIDDEN_MPCT_DAY = 8_000  # a hidden current of C / 300
PART = 20  # a twentieth of the time is enough for a drift
LEAST_S = 3_600


class Blind:
    """`look` once a beat, `full` at each full sync. Writes the counter's `hidden`."""

    def __init__(self, fusion, voltage, counter):
        self._fusion = fusion
        self._voltage = voltage
        self._counter = counter
        self._beats = 0
        self._s = 0  # since the last full sync

    def look(self, blind, seconds):
        """`blind`: all readings of the beat were exactly 0."""
        self._beats = min(self._beats + 1, 100_000) if blind else 0
        hides = self._beats > BLIND_BEATS
        self._voltage.hidden_mpct_day = HIDDEN_MPCT_DAY if hides else 0
        if hides:
            self._fusion.hidden(HIDDEN_MPCT_DAY * seconds)
            self._s += seconds
        self._voltage.unsure = self._often()

    def _often(self):
        """The sensor showed nothing for a good part of the time since the last end."""
        return self._s * PART >= max(self._fusion.since_fix_s, LEAST_S)

    def full(self, counted_mpct):
        """From full to full, `counted_mpct` came back too much (+) or too little: the hidden
        current's fault where there can be one, else the bias's."""
        fusion, counter, blind_s, often = self._fusion, self._counter, self._s, self._often()
        self._s = 0
        if not fusion.fixes or not often:
            return
        mah = counted_mpct * (fusion.capacity_mah // 100) // 1000
        ma = mah * 3600 // max(blind_s, LEAST_S)
        known = counter.hidden
        hidden = min(known + ma * FINE // 2, 0)
        counter.hidden = max(hidden, -fusion.capacity_mah * FINE // 100)
        if counter.hidden != known:
            fusion.cross = 0  # not the bias's fault
