"""A simulated inverter behind the port that does what charge control asks for: as if it heard
CVL, CCL, DCL, DVL and the enable flags once a second over a bus.
"""

PERIOD_US = 1_000_000
FOLLOWS = 0.5  # of the way to its goal each period
STOPS_A = 0.5  # less than this is nothing
SILENT = 5  # periods without a word: it stops
AGAIN = 1.04  # discharges again so far above DVL


class Inverter:
    """`want(amps)`: surplus (+) or need (-) of the house, A; what flows is less where the pack
    says so. Writes sources.inverter_a and inverter_v."""

    def __init__(self, pack):
        self._pack = pack
        self._wanted_a = 0.0
        self._amps = 0.0
        self._silent = 0
        self._low = False  # stopped at DVL
        self._running = False

    def want(self, amps):
        """From now on; it goes on hearing the pack for ever."""
        self._wanted_a = amps
        if not self._running:
            self._running = True
            self._hear()

    def _hear(self):
        controller = self._pack.controller
        self._silent = self._silent + 1 if controller is None else 0
        sources = self._pack.plant.sources
        if controller is not None:
            goal, volts = self._goal(controller.state.charging), controller.state.charging.cvl_mv
            self._amps += (goal - self._amps) * FOLLOWS
            if abs(goal) < STOPS_A and abs(self._amps) < STOPS_A:
                self._amps = goal
        elif self._silent >= SILENT:
            self._amps, volts = 0.0, 0
        else:
            volts = 1000 * sources.inverter_v
        amps = self._amps

        def apply():
            sources.inverter_a, sources.inverter_v = amps, volts / 1000

        self._pack.hal.change(apply)
        self._pack.world.after(PERIOD_US, self._hear)

    def _goal(self, asked):
        """What the pack allows of what is wanted, A."""
        if self._wanted_a >= 0:
            return min(self._wanted_a, asked.ccl_ma / 1000) if asked.charge_enable else 0.0
        above = self._pack.plant.port_v - asked.dvl_mv / 1000
        self._low = above < (AGAIN - 1) * asked.dvl_mv / 1000 if self._low else above < 0
        if self._low or not asked.discharge_enable:
            return 0.0
        return max(self._wanted_a, -asked.dcl_ma / 1000)
