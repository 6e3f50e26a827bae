"""Temperatures: which sensors are fitted, which are valid, highest and lowest (MEA-03).

A sensor that is not fitted reads None everywhere. A fitted one that is open, short or impossible
raises its fault after three periods; until then its last value holds. It must be good for 5 s
before it is believed again, from the second time on for a minute, so that a loose contact does
not make a MOSFET chatter.
"""

from array import array

from firmware import fault_ids as f
from firmware import parameter_ids as p
from hal.contract import MOS_SENSOR, TEMPERATURES

LOWEST_DC = -500
HIGHEST_DC = 1500
BAD_PERIODS = 3
GOOD_MS = 5_000


class Temperatures:
    """Writes temp_dc, temp_max and temp_min of state.measured and the sensor faults."""

    def __init__(self, context):
        self._values = context.parameters.values
        self._measured = context.state.measured
        self._faults = context.faults
        self._bad = array("B", [0] * TEMPERATURES)
        self._good_ms = array("H", [0] * TEMPERATURES)

    def step(self, sample, dt_ms):
        """Take the sample's temperatures over."""
        measured, bad, raw = self._measured, self._bad, sample.temp_dc
        temps, mask = measured.temp_dc, self._values[p.SENSOR_MASK]
        ignored = self._values[p.TEMP_SENSORS_DISABLED]
        high, low, broken = None, None, 0
        for i in range(TEMPERATURES):
            if not mask >> i & 1 or (ignored and i != MOS_SENSOR):
                temps[i] = None
                bad[i] = 0
                continue
            dc = raw[i]
            if bad[i] or not LOWEST_DC <= dc <= HIGHEST_DC:
                self._judge(i, dc, dt_ms)
                if bad[i] == BAD_PERIODS:
                    temps[i] = None
                    broken |= 1 << i
                dc = temps[i]
            else:
                temps[i] = dc
            if i == MOS_SENSOR or dc is None:
                continue
            if high is None or dc > high:
                high = dc
            if low is None or dc < low:
                low = dc
        measured.temp_max, measured.temp_min = high, low
        faults = self._faults
        faults.put(f.MOS_SENSOR, broken >> MOS_SENSOR & 1 == 1)
        faults.put(f.TEMP_SENSOR, broken & 15 != 0, broken)
        faults.put(f.NO_TEMP_SENSOR, high is None and not ignored)

    def _judge(self, i, dc, dt_ms):
        """Believe a reading, or count it as bad."""
        bad, good_ms = self._bad, self._good_ms
        if not LOWEST_DC <= dc <= HIGHEST_DC:
            good_ms[i] = 0
            if bad[i] < BAD_PERIODS:
                bad[i] += 1
            return
        if bad[i] == BAD_PERIODS:
            fault = f.MOS_SENSOR if i == MOS_SENSOR else f.TEMP_SENSOR
            needed_ms = GOOD_MS if self._faults.counts[fault] < 2 else 12 * GOOD_MS
            good_ms[i] = min(good_ms[i] + dt_ms, needed_ms)
            if good_ms[i] < needed_ms:
                return
        bad[i] = 0
        self._measured.temp_dc[i] = dc
