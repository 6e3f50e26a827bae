"""The firmware's measurement, counter, balancing and gauge around a plant, in the order of
control.Control: nothing of them is repeated here.

Left out are protection, start-up and power (and limits and heating, on which balancing does not
depend). The rig says power mode ON and both
MOSFETs on, as in a pack in use; one sound temperature sensor stands for all. A fault that the
measurement or the balancer raises counts as on a board.
"""

from firmware import events
from firmware import parameter_ids as ids
from firmware.control.balancing import Balancing
from firmware.control.context import Context
from firmware.control.counter import Counter
from firmware.control.measurement import Measurement
from firmware.gauge.gauge import Gauge
from firmware.parameters import DEFAULT_PROFILE, Parameters
from firmware.state import ON
from hal import contract, parts
from host_sim.plant.sensors import Sensors
from host_sim.tables import fault_rows

PERIOD_MS = 1_000
NOISE_MV = 0.5
CURRENT_NOISE_MA = 50.0
CURRENT_STEP_MA = 10
TEMPERATURE_S = 10  # the plant's temperature is looked at so often


class BenchAfe(contract.Afe):
    """What the converters make of `volts`, `amps` and `temp_dc`: 1 mV and 10 mA steps, noise, a
    fixed offset for each cell."""

    def __init__(self, cells, offset_mv, seed):
        self.sensors = Sensors(
            cells,
            f"bench {seed}",  # not the plant's own sequence
            cell_noise_mv=NOISE_MV,
            cell_offset_mv=offset_mv,
            cell_gain=0.0,
            current_noise_ma=CURRENT_NOISE_MA,
            current_step_ma=CURRENT_STEP_MA,
        )
        self.volts = [0.0] * cells
        self.amps = 0.0
        self.temp_dc = 250
        self._scan = 0

    def offsets_mv(self):
        """The fixed error of each cell."""
        return [channel.offset for channel in self.sensors.cells]

    def read(self, sample):
        self._scan = self._scan + 1 & 0xFFFF
        sample.scan = self._scan
        cells, out = self.sensors.cells_mv(self.volts), sample.cell_mv
        for i, mv in enumerate(cells):
            out[i] = mv
        sample.cells_found = len(cells)
        sample.current_ma = self.sensors.current_ma(self.amps)
        sample.temp_dc[0] = self.temp_dc
        return contract.OK


class BenchBalancer(parts.Balancer):
    """Carries what it is asked for, up to what the board declares. The rig brings `donor`,
    `receiver` and `ma` into the plant's next step."""

    def __init__(self, capabilities):
        self._capabilities = capabilities
        self.donor = self.receiver = self.ma = 0

    def transfer(self, donor, receiver, ma):
        self.donor, self.receiver = donor, receiver
        self.ma = max(0, min(ma, self._capabilities.balance_max_ma))

    def current_ma(self):
        return self.ma


class BenchHal(contract.Hal):
    """Front end and balancer."""

    def __init__(self, afe):
        contract.Hal.__init__(self)
        self.afe = afe
        self.capabilities.name = "bench"
        self.capabilities.period_ms = PERIOD_MS
        self.balancer = BenchBalancer(self.capabilities)


class Rig:
    """`step` lets a second pass in the plant, then in the firmware. strategy: 0 rule, 1 ledger."""

    def __init__(self, guest, strategy, offset_mv, seed, profile=DEFAULT_PROFILE):
        self.guest = guest
        self.afe = BenchAfe(guest.cells, offset_mv, seed)
        hal = BenchHal(self.afe)
        self.balancer = hal.balancer
        parameters = Parameters(profile)
        values = parameters.values
        values[ids.CELL_COUNT] = guest.cells
        values[ids.DESIGN_CAPACITY_MAH] = round(guest.capacity_ah * 1000)
        values[ids.BALANCE_STRATEGY] = strategy
        values[ids.SENSOR_MASK] = 1
        parameters.seal()
        self.context = context = Context(hal, parameters)
        state = context.state
        state.power.mode = ON
        mosfets = state.mosfets
        mosfets.charge = mosfets.discharge = mosfets.charge_on = mosfets.discharge_on = True
        self.measurement = Measurement(context)
        self.counter = Counter(context)
        self.balancing = Balancing(context)
        self.gauge = Gauge(context, self.counter)
        self.balance, self._system = state.balance, state.system
        self.seconds = 0
        self.faults = {}  # key: how often it came
        self._event = [0] * events.FIELDS
        self._rows = fault_rows()

    def step(self):
        """One second: the plant with the balancer's current, then the firmware's turn."""
        guest, afe, part = self.guest, self.afe, self.balancer
        guest.step(part.donor, part.receiver, part.ma / 1000)
        afe.volts, afe.amps = guest.volts(), guest.amps()
        if self.seconds % TEMPERATURE_S == 0:
            afe.temp_dc = round(guest.temperature() * 10)
        self.seconds += 1
        self.measurement.step(PERIOD_MS)
        self.counter.step(PERIOD_MS)
        self.balancing.step(PERIOD_MS)
        if self.gauge.step(PERIOD_MS) == 0:
            while self.gauge.step(0) == 0:
                pass
        self._system.uptime_s = self.seconds

    def collect_faults(self):
        """Count the faults that came since the last call."""
        event = self._event
        while self.context.events.take(event):
            if event[1] == events.FAULT_ON:
                key = self._rows[event[2]]["key"]
                self.faults[key] = self.faults.get(key, 0) + 1
