"""Measurement: reads the front end, calibrates, derives the pack's numbers (MEA-01, MEA-02).

A bad reading (control/plausibility.py) is retried in the next cycle; the last good values hold
with their age, and after three bad periods in a row both MOSFETs open (MEA-06).
"""

from firmware import parameter_ids as p
from firmware.control.leads import correct_leads
from firmware.control.plausibility import BAD_PERIODS, Plausibility
from firmware.control.temperatures import Temperatures
from hal.contract import OK, Sample


class Measurement:
    """Writes state.measured. `step` does one reading."""

    def __init__(self, context):
        self._afe = context.hal.afe
        self._values = context.parameters.values
        self._measured = context.state.measured
        self._system = context.state.system
        self._balance = context.state.balance
        self.sample = Sample()
        self.plausibility = Plausibility(context)
        self.temperatures = Temperatures(context)

    def step(self, dt_ms):
        """One reading. state.system.healthy counts good ones in a row."""
        measured, system = self._measured, self._system
        result = self._afe.read(self.sample)
        if self.plausibility.check(result, self.sample, dt_ms):
            if self._balance.current_ma:
                correct_leads(self.sample.cell_mv, self._balance)
            self._cells()
            self._current()
            self.temperatures.step(self.sample, dt_ms)
            measured.age = 0
            measured.valid = True
            if system.healthy < 255:
                system.healthy += 1
        else:
            system.healthy = 0
            if measured.age < 255:
                measured.age += 1
            if measured.age >= BAD_PERIODS:
                measured.valid = False
                measured.shown_ma = measured.power_mw = 0  # both MOSFETs open now
        if result == OK:
            self.plausibility.current_sensor(self.sample, measured, dt_ms)

    def _cells(self):
        measured = self._measured
        raw, cells = self.sample.cell_mv, measured.cell_mv
        gain, count = self._values[p.VOLTAGE_GAIN], self._values[p.CELL_COUNT]
        total, high, low, high_at, low_at = 0, -1, 65536, 0, 0
        for i in range(count):
            mv = raw[i]
            if gain != 10000:
                mv = (mv * gain + 5000) // 10000
            cells[i] = mv
            total += mv
            if mv > high:
                high, high_at = mv, i
            if mv < low:
                low, low_at = mv, i
        measured.cell_count = count
        measured.pack_mv = total
        measured.max_mv, measured.max_cell = high, high_at
        measured.min_mv, measured.min_cell = low, low_at
        measured.difference_mv = high - low
        measured.average_mv = (total + count // 2) // count
        sample = self.sample
        # the same converter measures them: they need the same gain, else a calibrated pack and
        # its port seem to differ (MEA-08, PRT-16)
        tap, port = sample.pack_mv, sample.port_mv
        measured.tap_mv = None if tap < 0 else (tap * gain + 5000) // 10000
        measured.port_mv = None if port < 0 else (port * gain + 5000) // 10000

    def _current(self):
        measured, values = self._measured, self._values
        ma = self.sample.current_ma - values[p.CURRENT_ZERO_MA]
        deviation = values[p.CURRENT_GAIN] - 10000
        if deviation:
            ma += ma // 10 * deviation // 1000
        measured.current_ma = ma
        band = values[p.CURRENT_DEAD_BAND_MA]
        shown = 0 if -band < ma < band else ma
        measured.shown_ma = shown
        # mV x 0.1 A / 10 = mW: below 2**30 up to 1670 A at 64 V
        power = measured.pack_mv * (abs(shown) // 100) // 10
        measured.power_mw = power if shown >= 0 else -power
