"""One simulated pack: plant, sensors, simulated HAL and the real firmware, with the handles that
a scenario needs. A reset throws the firmware object away; the HAL and the plant live on.
"""

from functools import partial

from firmware import parameter_ids as ids
from firmware.parameters import COUNT, Parameters
from hal import contract as c
from host_sim import injection
from host_sim.bus import ExternalNode
from host_sim.can_bus import ExternalCanNode
from host_sim.inverter import Inverter
from host_sim.plant.cells import RcCells
from host_sim.plant.circuit import Circuit
from host_sim.plant.sensors import Sensors
from host_sim.plant.sources import Profile
from host_sim.seed import seed_record
from host_sim.sim_afe import SimAfe
from host_sim.sim_hal import WAKE, SimHal

CHEMISTRIES = ("lfp", "li-ion", "lto")
BOOT_US = 200_000  # reset to the first step of the firmware
WAKE_ABOVE_V = 5.0  # a charger so far above the pack switches the controller on (PWR-02)


class SimPack:
    """A pack in a world.

    profile: parameter profile; dip: address; soc: per cent, or a list with one a cell;
    current_a: forced at the port (+ charges); absent: optional parts left out
    (sim_hal.OPTIONAL); settings: {parameter id: raw value} over the profile; buses: existing
    buses by port name; cells: another CellModel; sensors: keywords of plant.sensors.Sensors;
    build: function(hal, parameters) that makes the controller; start: power it on now;
    front_end: as in SimHal; make_hal: SimHal, or a board (board_hal.front_of).
    """

    def __init__(
        self,
        world,
        profile="dy-n8s24280a",
        dip=1,
        soc=60.0,
        current_a=0.0,
        seed=1,
        period_ms=100,
        absent=(),
        cell_count=None,
        capacity_ah=None,
        temp_c=25.0,
        settings=None,
        buses=None,
        cells=None,
        sensors=None,
        build=None,
        seed_soc=True,
        start=True,
        front_end=SimAfe,
        make_hal=None,
    ):
        self.world, self.profile = world, profile
        self.settings, self.texts = dict(settings or {}), None
        if cell_count is not None:
            self.settings[ids.CELL_COUNT] = cell_count
        self._make = build or whole_controller
        self.parameters = self._load()
        self._build_plant(cells or self._cells(soc, capacity_ah, temp_c), temp_c, seed, sensors)
        make = make_hal or partial(SimHal, front_end=front_end)
        self._build_board(dip, absent, period_ms, buses or {}, make)
        self.powered, self.resets = False, []  # (us, cause), newest last
        self.inverter, self.injected = Inverter(self), {}  # name -> undo function
        self._booting = self._press = self._profile_run = 0
        self.set_current(current_a)
        if seed_soc:
            seed_record(self.hal.nvm, 100 * self.plant.cells.pack_soc(), self.parameters)
        if start:
            self.power_on()

    def _build_plant(self, cells, ambient_c, seed, sensors):
        values = self.parameters.values
        self.plant = Circuit(cells, ambient_c)
        self.plant.limiter_a = values[ids.CHARGE_LIMITER_MA] / 1000
        options = {"seed": seed, "range_ma": values[ids.CURRENT_RANGE_MA], **(sensors or {})}
        self.sensors = Sensors(cells.count, **options)

    def _build_board(self, dip, absent, period_ms, buses, make):
        plant, sensors = self.plant, self.sensors
        self.hal = make(self.world, plant, sensors, self._build, absent, period_ms, buses)
        self.hal.panel.dip_bits = dip
        self.hal.on_reset, self.hal.on_off = self.reset, self.power_off
        self.processor = self.hal.processor

    def _cells(self, soc, capacity_ah, temp_c):
        """The standard cells for the profile."""
        values = self.parameters.values
        capacity_ah = capacity_ah or values[ids.DESIGN_CAPACITY_MAH] / 1000
        start_soc = [s / 100 for s in soc] if hasattr(soc, "__len__") else soc / 100
        chemistry = CHEMISTRIES[values[ids.CHEMISTRY]]
        return RcCells(values[ids.CELL_COUNT], chemistry, capacity_ah, start_soc, temp_c)

    # --- power and reset ---

    @property
    def controller(self):
        """The firmware that runs now; None while off or in reset."""
        return self.processor.controller

    @property
    def true_soc(self):
        """True state of charge of the pack, per cent."""
        self.hal.sync()
        return 100 * self.plant.cells.pack_soc()

    def power_on(self):
        """Supply on: the controller starts with cause power-on (no effect when it is on)."""
        if not self.powered:
            self.powered = True
            self.plant.standby_a = self.parameters.values[ids.STANDBY_MA] / 1000
            self._restart(c.RESET_POWER_ON, 0)

    def power_off(self):
        """Supply off: outputs off, contacts open, MOSFETs off."""
        self._stop()
        self.powered = False
        self.plant.standby_a = 0.0
        self._wake_by_charger()

    def reset(self, cause=c.RESET_PIN):
        """Restart the controller; NVM, RTC, front end and plant go on."""
        if self.powered:
            self._restart(cause, BOOT_US)

    def _stop(self):
        self._keep_settings()
        self._booting += 1
        self.processor.stop()
        self.hal.clear_outputs()

    def _restart(self, cause, boot_us):
        self._stop()
        self.resets.append((self.world.now_us, cause))
        if "reset_cause" not in self.hal.absent:
            self.hal.reset_cause = cause
        self.world.after(boot_us, self._boot, self._booting)

    def _boot(self, booting):
        if booting == self._booting and self.powered:
            self.processor.start()

    def _build(self):
        self.parameters = self._load()
        return self._make(self.hal.firmware_side(), self.parameters)

    def _load(self):
        parameters = Parameters(self.profile)
        for id, value in self.settings.items():
            parameters.values[id] = value
        if self.texts is not None:
            parameters.texts = list(self.texts)
        parameters.seal()
        return parameters

    def _keep_settings(self):
        """Settings survive as a storage would keep them: not what damaged the memory."""
        parameters = self.parameters
        parameters.check(COUNT)  # ends a running pass
        if parameters.check(COUNT):
            fresh = Parameters(self.profile).values
            changed = {i: v for i, v in enumerate(parameters.values) if v != fresh[i]}
            self.settings.update(changed)
            self.texts = list(parameters.texts)

    # --- what is plugged in ---

    def _sources(self, **values):
        def apply():
            for name, value in values.items():
                setattr(self.plant.sources, name, value)

        self.hal.change(apply)

    def set_current(self, amps):
        """Force a current at the port, A (+ charges); ends a power or a profile."""
        self._profile_run += 1
        self._sources(current_a=float(amps), power_w=0.0)

    def set_power(self, watts):
        """Force a power at the port, W (+ charges); ends a current or a profile."""
        self._profile_run += 1
        self._sources(current_a=0.0, power_w=float(watts))

    def set_profile(self, path):
        """Follow a CSV file (time_s and current_a or power_w), from now on."""
        profile = Profile.read(path)
        self._profile_run += 1
        run, begin_us = self._profile_run, self.world.now_us
        for time_s, value in profile.rows:
            at_us = begin_us + round(time_s * 1_000_000)
            self.world.at(at_us, self._profile_step, run, profile.power, value)

    def _profile_step(self, run, power, value):
        if run == self._profile_run:
            self._sources(current_a=0.0 if power else value, power_w=value if power else 0.0)

    def connect_charger(self, cc_a, cv_v):
        """Plug in a CC/CV charger; one far above the pack wakes a switched-off controller."""
        self._sources(charger_a=float(cc_a), charger_v=float(cv_v))
        self._wake_by_charger()

    def disconnect_charger(self):
        """Unplug the charger."""
        self._sources(charger_a=0.0, charger_v=0.0)

    def _wake_by_charger(self):
        if not self.powered and self.plant.charger_v() >= self.plant.pack_v() + WAKE_ABOVE_V:
            self.power_on()

    def host(self, port, baud=9600, on_bytes=None):
        """Attach a party to a serial port's line; returns its ExternalNode."""
        return self.hal.buses[port].attach(ExternalNode(baud, on_bytes))

    def can_host(self, bitrate=250_000):
        """Attach a party to the CAN bus; returns its ExternalCanNode."""
        return self.hal.buses["can"].attach(ExternalCanNode(bitrate))

    # --- panel ---

    def press(self, seconds=0.3):
        """Press the activation key now and let go later; switches an off controller on."""
        self._press += 1
        self.hal.panel.key_bits |= c.KEY_ACTIVATE
        self.power_on()
        self.processor.wake(WAKE["panel"])
        self.world.after(round(seconds * 1_000_000), self._let_go, self._press)

    def _let_go(self, press):
        if press == self._press:
            self.hal.panel.key_bits &= ~c.KEY_ACTIVATE
            self.processor.wake(WAKE["panel"])

    def press_reset(self, with_key=False, hold_s=1.5):
        """Press RST, on demand with the activation key held for hold_s (recovery, PNL-08)."""
        if with_key:
            self.press(hold_s)
        self.reset(c.RESET_PIN)

    def set_dip(self, n):
        """Set the DIP switch, 0..15."""
        self.hal.panel.dip_bits = n

    # --- faults ---

    def inject(self, name, **args):
        """Switch a fault on (injection.FAULTS has the names); ValueError for an unknown one."""
        injection.inject(self, name, args)

    def clear(self, name):
        """Switch a fault off again."""
        injection.clear(self, name)


def whole_controller(hal, parameters):
    """The real one with all its services: when they come does not change what scenarios say."""
    from firmware.controller import Controller  # noqa: PLC0415  (the world runs without it too)

    controller = Controller(hal, parameters)
    controller.load_all()
    return controller
