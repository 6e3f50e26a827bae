"""The simulated board: every part of the hardware contract over one plant.

It outlives firmware resets, as a board does: `clear_outputs` is what a reset does to it.
"""

from collections import deque

from hal import contract as c
from host_sim.bus import Bus
from host_sim.can_bus import CanBus, SimCan
from host_sim.processor import Processor
from host_sim.sim_afe import SimAfe
from host_sim.sim_io import (
    SimBalancer,
    SimChargerSense,
    SimClock,
    SimHeater,
    SimLoadDetect,
    SimNvm,
    SimPanelIo,
    SimPowerLatch,
    SimSwitch,
    SimWatchdog,
)
from host_sim.sim_serial import SimSerial

# bit of a service in Controller.wake()
WAKE = {"panel": 1, "rs485_1": 2, "rs485_2": 4, "rs232": 8, "can": 16}
SERIAL_PORTS = ("rs485_1", "rs485_2", "rs232")
OPTIONAL = (
    "kill_line",
    "precharge",
    "heater",
    "charge_limiter",
    "charger_sense",
    "load_detect",
    "buzzer",
    "balancer",
    "power_latch",
    "reset_cause",
    "brown_out",
    "pack_tap",
    "port_voltage",
    *SERIAL_PORTS,
    "can",
)


class SimHal(c.Hal):
    """`absent` names OPTIONAL parts that this board does not have. `buses` maps port names to a
    Bus (or CanBus) that exists already; other ports get one of their own. `front_end` makes the
    analog front end: SimAfe, or chips.afe.ChipAfe for a chip behind its bus."""

    def __init__(self, world, plant, sensors, build=None, absent=(), period_ms=100, buses=None,
                 front_end=SimAfe):  # fmt: skip
        c.Hal.__init__(self)
        unknown = [name for name in absent if name not in OPTIONAL]
        if unknown:
            raise ValueError(f"no optional part {unknown[0]}: {', '.join(OPTIONAL)}")
        self.world, self.plant, self.sensors, self.absent = world, plant, sensors, tuple(absent)
        self.capabilities.name = "simulation"
        self.capabilities.period_ms = period_ms
        self.capabilities.current_range_ma = sensors.range_ma
        self.processor = Processor(world, build)
        self.on_reset = None  # function(cause): set by the pack
        self.on_off = None  # function(): the supply latch was cut
        self.supply_falling = False
        self.gate_log = deque(maxlen=1000)  # (us, charge, discharge) at every change
        self.gates = None
        self._synced_us = world.now_us
        self.afe = None
        self.afe = front_end(self)
        self._build_ports(buses or {})
        self._build_parts()
        for name in absent:
            setattr(self, name, None)
        self.clear_outputs()
        world.after(world.rng.randrange(1, period_ms * 1000), self._scan)

    def _build_ports(self, buses):
        self.buses = {}
        for name in SERIAL_PORTS:
            port = SimSerial(self.processor, lambda bit=WAKE[name]: self.processor.wake(bit))
            if name not in buses:
                buses[name] = Bus(self.world, half_duplex=name != "rs232")
            self.buses[name] = buses[name]
            buses[name].attach(port)
            setattr(self, name, port)
        self.can = SimCan(lambda: self.processor.wake(WAKE["can"]))
        self.buses["can"] = buses.get("can") or CanBus(self.world)
        self.buses["can"].attach(self.can.node)

    def _build_parts(self):
        plant, change = self.plant, self.change
        self.panel = SimPanelIo()
        self.clock = SimClock(self.world)
        self.nvm = SimNvm(self.processor)
        self.watchdog = SimWatchdog(self.world, lambda: self._restart(c.RESET_WATCHDOG))
        self.kill_line = SimSwitch(self.afe.kill, rest=True)
        self.precharge = SimSwitch(lambda on: change(lambda: plant.set_precharge(on)))
        self.charge_limiter = SimSwitch(lambda on: change(lambda: plant.set_limiter(on)))
        self.heater = SimHeater(self)
        self.charger_sense = SimChargerSense(self)
        self.load_detect = SimLoadDetect(self)
        self.buzzer = SimSwitch()
        self.balancer = SimBalancer(self)
        self.power_latch = SimPowerLatch(self._cut)
        self.reset_cause = c.RESET_POWER_ON
        self.brown_out = lambda: self.supply_falling

    def clear_outputs(self):
        """What a reset does: every output off, contacts open, both MOSFETs off by the kill line
        (without that line the gate drivers are pulled low by the reset pin)."""
        self.afe.forget()
        if self.kill_line is None:
            self.afe.start()
        for name in ("panel", "precharge", "charge_limiter", "heater", "buzzer", "balancer"):
            part = getattr(self, name)
            if part is not None:
                part.clear()
        for name in (*SERIAL_PORTS, "can", "watchdog", "kill_line", "power_latch"):
            part = getattr(self, name)
            if part is not None:
                part.clear()
        if self.kill_line is None:
            self.afe.kill(False)

    # --- between chip and plant ------------------------------------------------------------------

    def sync(self):
        """Bring the plant up to the world's time."""
        passed_us = self.world.now_us - self._synced_us
        if passed_us > 0:
            self._synced_us = self.world.now_us
            self.plant.step(passed_us / 1_000_000)

    def change(self, fn):
        """Change an input of the plant now: everything before it happened without the change."""
        self.sync()
        fn()
        self.plant.solve()
        if self.afe is not None:
            self.afe.compare()

    def set_gates(self, charge, discharge):
        """Called by the front end's gate drivers."""
        if (charge, discharge) == self.gates:
            return
        self.gates = (charge, discharge)
        self.gate_log.append((self.world.now_us, charge, discharge))
        self.change(lambda: self.plant.set_gates(charge, discharge))

    def sensor_temps(self):
        """True temperatures where the sensors sit: four places in the string, the MOSFETs."""
        temps = self.plant.cells.temp_c
        last = len(temps) - 1
        return temps[0], temps[last // 3], temps[last * 2 // 3], temps[last], self.plant.mos_temp_c

    def _scan(self):
        self.world.after(self.capabilities.period_ms * 1000, self._scan)
        self.afe.scan_now()

    # --- power and reset -------------------------------------------------------------------------

    def reset(self):
        self._restart(c.RESET_SOFT)

    def _restart(self, cause):
        if self.on_reset is not None:
            self.world.at(self.world.now_us, self.on_reset, cause)

    def _cut(self):
        if self.on_off is not None:
            self.world.at(self.world.now_us, self.on_off)
