"""Charge control without a controller: records that a test writes by hand."""

from firmware import parameter_ids as p
from firmware.charging import ChargeControl
from firmware.control.context import Context
from firmware.control.limits import Limits
from firmware.control.protection import Protection
from firmware.parameters import Parameters
from firmware.protocols.view import PackView
from tests.fakes.hal import FakeHal


class ChargeRig:
    """A pack at rest, half full, 25 degC; `changes` = {parameter id: raw value}."""

    def __init__(self, profile="dy-n8s24280a", changes=None):
        parameters = Parameters(profile)
        changes = changes or {}
        for id in changes:
            parameters.values[id] = changes[id]
        parameters.seal()
        self.values = parameters.values
        self.context = Context(FakeHal(8), parameters)
        self.faults, self.state = self.context.faults, self.context.state
        self.protection = Protection(self.context)
        self.limits = Limits(self.context, self.protection)
        self.control = ChargeControl(PackView(self.state, parameters, self.faults))
        self.out = self.state.charging
        self.state.measured.valid = True
        self.state.measured.temp_dc[4] = 300
        self.temperature(25)
        self.cells(self.values[p.RFV_MV] - 80)
        self.state.gauge.soc_dpct = 500
        self.state.gauge.capacity_mah = self.values[p.DESIGN_CAPACITY_MAH]

    def cells(self, mv, low_mv=None, high_mv=None):
        """Average, lowest and highest cell."""
        m = self.state.measured
        m.average_mv = mv
        m.min_mv = mv if low_mv is None else low_mv
        m.max_mv = mv if high_mv is None else high_mv
        m.pack_mv = mv * self.values[p.CELL_COUNT]

    def temperature(self, degc):
        """Of the battery."""
        self.state.measured.temp_min = self.state.measured.temp_max = int(degc * 10)

    def ceiling(self, dt_ms=100):
        """(charge A, reason, discharge A, reason) of one cycle."""
        self.limits.step(dt_ms)
        x = self.state.limits
        return x.charge_ma / 1000, x.charge_reason, x.discharge_ma / 1000, x.discharge_reason

    def run(self, seconds, until=None):
        """Cycles and charge control for so long, or until `until()`; the seconds that passed."""
        for quarter in range(int(seconds * 4)):
            self.limits.step(250)
            self.control.step(250)
            if until is not None and until():
                return quarter / 4
        return seconds
