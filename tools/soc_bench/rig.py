"""The firmware's own measurement, counter and gauge on a truth, and two references beside them."""

from array import array
from dataclasses import dataclass, field

from firmware import events
from firmware import parameter_ids as ids
from firmware.control.context import Context
from firmware.control.counter import Counter
from firmware.control.measurement import Measurement
from firmware.gauge import reasons
from firmware.gauge.gauge import Gauge
from firmware.parameters import Parameters
from host_sim.replay_hal import ReplayHal

TOLD_DPCT = 50  # how sure the told charge counts as, 0.1 %
FULL_MV, EMPTY_MV = 3500, 2600  # where the JK-like reference knows better


class Rig:
    """`step` takes one reading in (dt up to 10 000 ms)."""

    def __init__(self, cells, told_pct, design_ah=280.0, standby_ma=0, ocv=None):
        parameters = Parameters()
        values = parameters.values
        values[ids.CELL_COUNT] = cells
        values[ids.DESIGN_CAPACITY_MAH] = round(design_ah * 1000)
        values[ids.STANDBY_MA] = standby_ma
        values[ids.SENSOR_MASK], values[ids.TEMP_SENSORS_DISABLED] = 1, 0
        parameters.seal()
        self.hal = ReplayHal()
        self.context = context = Context(self.hal, parameters)
        # a pack in use: with both MOSFETs off the gauge would take the sensor's zero
        context.state.mosfets.charge_on = context.state.mosfets.discharge_on = True
        self.measurement = Measurement(context)
        self.counter = Counter(context)
        self.gauge = Gauge(context, self.counter, ocv)
        self.gauge.set_soc(round(told_pct * 10), TOLD_DPCT)
        self.shown = context.state.gauge
        self._event = [0] * events.FIELDS

    def step(self, dt_ms, ma, cells_mv, temp_dc):
        """One reading that ends a time of `dt_ms` with this current."""
        afe = self.hal.afe
        afe.cells, afe.current_ma, afe.temp_dc = cells_mv, ma, temp_dc
        self.measurement.step(dt_ms)
        self.counter.step(dt_ms)
        gauge = self.gauge
        while gauge.step(dt_ms) == 0:
            dt_ms = 0

    def happened(self):
        """Names of what the gauge did since the last call, faults as `fault`."""
        names, event = [], self._event
        while self.context.events.take(event):
            if event[1] == events.SOC:
                names.append(reasons.NAMES[event[2]])
            elif event[1] == events.FAULT_ON:
                names.append("fault")
        return names


class PureCounter:
    """The told charge plus what the sensor says, of the told capacity. Not clamped."""

    def __init__(self, told_pct, design_ah):
        self.pct = told_pct
        self._per = 100.0 / (design_ah * 3.6e9)

    def step(self, dt_ms, ma, cells_mv):
        """One reading."""
        self.pct += self._per * ma * dt_ms


class JkLike(PureCounter):
    """Counts, and jumps to 100 % at 3.50 V of a cell and to 0 % at 2.60 V. A model of what users
    report, no measurement of a device."""

    def step(self, dt_ms, ma, cells_mv):
        PureCounter.step(self, dt_ms, ma, cells_mv)
        if max(cells_mv) >= FULL_MV:
            self.pct = 100.0
        elif min(cells_mv) <= EMPTY_MV:
            self.pct = 0.0
        self.pct = min(max(self.pct, 0.0), 100.0)


@dataclass
class Run:
    """One value a step, per cent; `events`: (step, name, capacity Ah)."""

    shown: array = field(default_factory=lambda: array("f"))
    sigma: array = field(default_factory=lambda: array("f"))
    settled: bytearray = field(default_factory=bytearray)  # no end sync is being shown
    counting: array = field(default_factory=lambda: array("f"))
    jk: array = field(default_factory=lambda: array("f"))
    events: list = field(default_factory=list)


def execute(truth, sensor, seed, told_pct, standby_ma=0, ocv=None, design_ah=280.0):
    """Feed a truth through sensor, firmware and references."""
    run, dt_ms = Run(), truth.step_s * 1000
    rig = Rig(truth.cells, told_pct, design_ah, standby_ma, ocv)
    counting, jk = PureCounter(told_pct, design_ah), JkLike(told_pct, design_ah)
    shown, system, log = rig.shown, rig.context.state.system, rig.context.events
    sync, seen = rig.gauge.shown, log.count
    rows = zip(sensor.readings(truth, seed), truth.temp_dc, strict=True)
    for k, ((ma, cells_mv), temp_dc) in enumerate(rows):
        system.uptime_s = k * truth.step_s
        rig.step(dt_ms, ma, cells_mv, temp_dc)
        counting.step(dt_ms, ma, cells_mv)
        jk.step(dt_ms, ma, cells_mv)
        run.shown.append(100.0 * shown.remaining_mah / shown.capacity_mah)
        run.sigma.append((shown.sigma_mpct or 0) / 1000)
        run.settled.append(not sync.fast)
        run.counting.append(counting.pct)
        run.jk.append(jk.pct)
        if log.count != seen:
            seen = log.count
            run.events += [(k, name, shown.capacity_mah / 1000) for name in rig.happened()]
    return run
