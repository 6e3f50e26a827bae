"""A controller on a FakeHal, run in simulated time: what the tests of control components use.

The port voltage follows the pack while the discharge MOS or the pre-charge path is on, as behind
a real common port.
"""

from firmware import fault_ids
from firmware.controller import Controller
from firmware.parameters import Parameters
from hal import contract as c
from tests.fakes.hal import FakeHal


class Bench:
    """`Bench()` is a started, healthy 8S pack with both MOSFETs on (`start=False`: just built;
    `at_once=False`: services come behind the first cycles, as on a board)."""

    def __init__(self, cells=8, start=True, profile="dy-n8s24280a", changes=None, hal=None,
                 at_once=True):  # fmt: skip
        self.hal = hal or FakeHal(cells)
        self.hal.clock.set_rtc(200_000_000)
        self.profile = profile
        self.changes = changes or {}
        self.at_once = at_once
        self.follow = True  # the port follows the pack
        self._dither = 1
        self.boot()
        if start:
            self.run(2)

    def boot(self):
        """Build the controller anew, as after a reset: only NVM and clock are kept."""
        parameters = Parameters(self.profile)
        for id in self.changes:
            parameters.values[id] = self.changes[id]
        parameters.seal()
        self.hal.afe.mosfet_bits = 0
        self.controller = Controller(self.hal, parameters)
        if self.at_once:
            self.controller.load_all()
        self.state = self.controller.state
        self.faults = self.controller.faults
        self.parameters = parameters
        self.requests = self.controller.requests

    def run(self, seconds, until=None):
        """Run for `seconds`, or until `until()` is true; seconds that passed."""
        left_ms = int(seconds * 1000)
        total_ms = left_ms
        while left_ms > 0:
            self._port()
            wait_ms = self.controller.step(self.hal.clock.ticks_ms())
            if until is not None and until():
                break
            wait_ms = min(max(wait_ms, 0), left_ms)
            self.hal.clock.now = self.hal.clock.now + wait_ms & c.TICKS_PERIOD - 1
            left_ms -= wait_ms
        return (total_ms - left_ms) / 1000

    def _port(self):
        hal, afe = self.hal, self.hal.afe
        if not self.follow:
            return
        precharge = hal.precharge is not None and hal.precharge.on
        if afe.mosfets() & c.DISCHARGE_ON or precharge:
            afe.port_mv = sum(afe.cell_mv)

    def cells(self, mv, index=None):
        """Set all cells, or one."""
        cell_mv = self.hal.afe.cell_mv
        for i in range(len(cell_mv)):
            if index is None or i == index:
                cell_mv[i] = mv

    def calm(self):
        """Forget the voltage jumps so far: the test's, not the cells' (MEA-09)."""
        self.controller.control.measurement.plausibility.acknowledge()

    def current(self, amps):
        """Set the measured current, + charges. The first cell moves by 1 mV with it: values that
        stand still while the current steps would be frozen ones (MEA-06)."""
        self.hal.afe.current_ma = int(amps * 1000)
        self._dither = -self._dither
        self.hal.afe.cell_mv[0] += self._dither

    def battery(self, degc):
        """Set the four battery temperatures."""
        for i in range(4):
            self.hal.afe.temp_dc[i] = int(degc * 10)

    def stands(self, key):
        """True while the fault of this key stands."""
        return self.faults.stands(getattr(fault_ids, key.upper()))

    def mosfets(self):
        """(charge, discharge) as driven by the front end."""
        bits = self.hal.afe.mosfets()
        return bits & c.CHARGE_ON != 0, bits & c.DISCHARGE_ON != 0

    def faults_now(self):
        """Keys of the standing faults, for messages."""
        names = []
        for name in dir(fault_ids):
            if name[0] != "_" and self.faults.stands(getattr(fault_ids, name)):
                names.append(name.lower())
        return names
