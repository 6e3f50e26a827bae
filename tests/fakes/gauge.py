"""Counter and gauge alone, fed with readings: what the tests of firmware/gauge use."""

from firmware import events
from firmware import parameter_ids as p
from firmware.control.context import Context
from firmware.control.counter import Counter
from firmware.gauge.gauge import Gauge
from firmware.parameters import Parameters
from tests.fakes.hal import FakeHal


class Rig:
    """`run` lets time pass with the readings given; both MOSFETs count as on."""

    def __init__(self, changes=None, cells=8, soc_dpct=None, ocv=None):
        parameters = Parameters()
        parameters.values[p.CELL_COUNT] = cells
        parameters.values[p.STANDBY_MA] = 0
        for id in changes or {}:
            parameters.values[id] = changes[id]
        parameters.seal()
        self.context = Context(FakeHal(cells), parameters)
        self.state = self.context.state
        self.faults = self.context.faults
        self.values = parameters.values
        self.measured, self.shown = self.state.measured, self.state.gauge
        self.state.mosfets.charge_on = self.state.mosfets.discharge_on = True
        self.counter = Counter(self.context)
        self.gauge = Gauge(self.context, self.counter, ocv)
        if soc_dpct is not None:
            self.gauge.set_soc(soc_dpct)
        self.measured.valid = True
        self.measured.cell_count = cells
        self.temperature(250)
        self.cells(3300)
        self.reasons = []  # of SOC events

    def cells(self, mean_mv, low_mv=None, high_mv=None):
        """Readings of mean, lowest and highest cell."""
        m = self.measured
        m.pack_mv = mean_mv * m.cell_count
        m.min_mv = mean_mv if low_mv is None else low_mv
        m.max_mv = mean_mv if high_mv is None else high_mv

    def temperature(self, dc):
        """0.1 degC, None = no sensor."""
        self.measured.temp_max = self.measured.temp_min = dc

    def run(self, seconds, ma=None, step_ms=1000):
        """Let time pass in steps of `step_ms` (1..10 000)."""
        if ma is not None:
            self.measured.current_ma = ma
        left_ms = seconds * 1000
        while left_ms > 0:
            self.counter.step(min(step_ms, left_ms))
            wait_ms = self.gauge.step(min(step_ms, left_ms))
            while wait_ms == 0:
                wait_ms = self.gauge.step(0)
            left_ms -= step_ms
        self._take()

    def soc(self):
        """Shown state of charge, 0.001 %."""
        return self.shown.remaining_mah * 100000 // self.shown.capacity_mah

    def estimate(self):
        """The gauge's own estimate, 0.001 %."""
        return self.gauge.fusion.mpct()

    def _take(self):
        out = [0] * events.FIELDS
        while self.context.events.take(out):
            if out[1] == events.SOC:
                self.reasons.append(out[2])
