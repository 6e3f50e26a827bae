"""A BQ76952 (or BQ76942) at register level over a simulated pack.

Written from the datasheet and the reference manual, not from a driver. It lives in the world by
itself: it scans, protects, recovers and notices a silent host while the controller is dead. Where
the documents leave room, it does what is worse for a careless host: statuses recover and MOSFETs
close again by themselves, a watchdog trip ends with the first transfer.
"""

import math
import struct

from host_sim.chips.bq76952_fets import Fets
from host_sim.chips.bq76952_memory import Memory
from host_sim.chips.bq76952_protect import Protections
from host_sim.chips.bq76952_scan import Scan
from host_sim.chips.bq76952_window import Window

LOOP_US = {16: 63_000, 10: 45_000}  # one scan; every third is a full one
DEVICE = {16: 0x7695, 10: 0x7694}
BOOT_US = 30_000  # no answer for so long after a reset
BALANCE_US = 20_000_000  # host balancing stops by itself (Cell Balance Interval)
CFGUPDATE, POR, FULL_ACCESS, SS = 0x0001, 0x0008, 0x0100, 0x0800


class Bq76952Chip:
    """`board` offers world, plant, sensors, sync(), sensor_temps(), set_gates(charge, discharge).

    `wiring`: the input (0-based) of each cell; by default as TI wants it, the last cell on top.
    `sensor_pins`: {pin: place}, where thermistors are fitted (pins CFETOFF = 0 .. DDSG = 8,
    places T1..T4 and MOSFETs = 0..4).
    """

    def __init__(self, board, clock, inputs=16, wiring=None, shunt_uohm=200, sensor_pins=None):
        self.board, self.clock = board, clock
        self.inputs, self.shunt_uohm = inputs, shunt_uohm
        cells = board.plant.cells.count
        self.wiring = wiring or [*range(cells - 1), inputs - 1]
        self.memory = Memory()
        self.window = Window(self, clock)
        self.scan = Scan(self, sensor_pins or {3: 0, 4: 1, 6: 2, 7: 3, 5: 4})
        self.fets = Fets(self)
        self.protections = Protections(self)
        self.killed = False  # the kill line at DFETOFF
        self._loop = 0
        self._next_us = None
        self.power_on()
        self.awake_us = clock.now_us()  # the pack was put together long ago
        board.world.after(LOOP_US[inputs], self._tick)

    def power_on(self):
        """Supply applied, or RESET: all settings and statuses are gone."""
        self.memory.__init__()
        self.window.power_on()
        self.protections.clear()
        self.scan.clear()
        self.update = False
        self.por = True
        self.alarm_status, self.alarm_enable = 0, self.memory.value(0x926D)
        self.balancing, self._balance_end_us = 0, 0
        self.heard_us = self.clock.now_us()
        self.awake_us = self.heard_us + BOOT_US
        self._loop = 0
        self.fets.power_on()

    # --- time ------------------------------------------------------------------------------------

    def _tick(self):
        world = self.board.world
        world.after(LOOP_US[self.inputs], self._tick)
        self.window.settle()
        if not self.running():
            return
        self.board.sync()
        self._loop += 1
        full = self._loop % 3 == 0
        self.scan.sample(full)
        self.latch_alarms(0x0082 if full else 0x0002)
        if self.balancing and world.now_us >= self._balance_end_us:
            self.balancing = 0
        self.compare()

    def advance(self, us):
        """Let the world of this chip go on."""
        world = self.board.world
        world.run_until(world.now_us + us)

    def running(self):
        """It measures and protects."""
        return not self.update and self.clock.now_us() >= self.awake_us

    def compare(self):
        """The circuit has changed: comparators and timers."""
        if not self.running():
            return
        world, plant = self.board.world, self.board.plant
        peak_a, tau_s = plant.take_inrush()
        self.protections.pulse(peak_a, lambda level_a: pulse_us(peak_a, tau_s, level_a))
        due_us = self.protections.step(world.now_us)
        self.latch_alarms()
        self.fets.resolve()
        if due_us is not None and (self._next_us is None or due_us < self._next_us):
            self._next_us = due_us
            world.at(due_us, self._due, due_us)

    def _due(self, due_us):
        if due_us == self._next_us:
            self._next_us = None
            self.compare()

    def wake_at(self, us):
        """A command will be done."""
        self.board.world.at(us, self.window.settle)

    def heard(self):
        """The host speaks. OSError while the chip does not answer."""
        if self.clock.now_us() < self.awake_us:
            raise OSError(5)
        self.heard_us = self.clock.now_us()
        if self.protections.watchdog.status:
            self.compare()

    def host_silent(self):
        """The condition of the host watchdog."""
        return self.board.world.now_us - self.heard_us > 1_000_000 * self.memory.value(0x92B2)

    # --- what the protections look at ------------------------------------------------------------

    @property
    def shunt_mv(self):
        """Voltage over the shunt now, + charges."""
        return self.board.plant.current_a * self.shunt_uohm / 1000

    @property
    def counts(self):
        """The current in user units, as last measured."""
        return self.scan.counts

    @property
    def reported_ma(self):
        """The current as the chip believes it to be, mA."""
        return self.scan.counts * self.scan.unit_ma()

    def cells_mv(self):
        """The inputs that Vcell Mode names."""
        mode = self.memory.value(0x9304) or (1 << self.inputs) - 1
        return [mv for i, mv in enumerate(self.scan.inputs_mv) if mode >> i & 1]

    def cell_temps(self):
        """degC of the thermistors that count for the cells."""
        return self.scan.temps(1)

    def fet_temps(self):
        """degC of the thermistors that count for the MOSFETs."""
        return self.scan.temps(3)

    # --- registers and commands ------------------------------------------------------------------

    def registers(self):
        """The 128 direct registers."""
        image = self.scan.image
        for n, group in enumerate("ABC"):
            image[2 + 2 * n] = self.protections.alert(group)
            image[3 + 2 * n] = self.protections.status(group)
        status = FULL_ACCESS | (CFGUPDATE if self.update else 0) | (POR if self.por else 0)
        if image[3] | image[5] | image[7]:
            status |= SS
        struct.pack_into("<H", image, 0x12, status)
        struct.pack_into("<HHH", image, 0x62, self.alarm_status, self._raw(), self.alarm_enable)
        image[0x7F] = self.fets.status()
        return image

    def _raw(self):
        status = self.protections.status
        raw = 0x4000 if status("A") else 0
        return raw | 0x8000 if status("B") or status("C") else raw

    def latch_alarms(self, pulses=0):
        """Alarm Status keeps what Alarm Raw showed."""
        self.alarm_status |= (self._raw() | pulses) & self.alarm_enable

    def write_alarm(self, register, value):
        """Alarm Status: ones clear; Alarm Enable."""
        if register == 0x62:
            self.alarm_status &= ~value
            self.latch_alarms()
        else:
            self.alarm_enable = value

    def command(self, number):
        """A subcommand without data; bytes when it has a result."""
        if number == 0x0001:
            return struct.pack("<H", DEVICE[self.inputs])
        if number == 0x0057:
            return struct.pack("<H", 0x10 if self.fets.enabled else 0)
        if number == 0x0083:
            return struct.pack("<H", self.balancing)
        if number == 0x0012:
            self.power_on()
        elif number == 0x0090:
            self.update = True
            self.balancing = 0
        elif number == 0x0092 and self.update:
            self._leave_update()
        elif number == 0x29BC:
            self.window.crc = self.memory.value(0x9239) in (0x11, 0x12)
        else:
            self.fets.command(number)
        self.fets.resolve()
        return None

    def _leave_update(self):
        self.memory.apply()
        self.update = self.por = False
        self._loop = 0
        self.fets.settings_changed()

    def data(self, number, data):
        """A subcommand with data."""
        value = int.from_bytes(data, "little")
        if number == 0x0097:
            self.fets.control = value & 0x0F
            self.fets.resolve()
        elif number == 0x0083 and not self.update and not self.memory.value(0x9335) & 0x10:
            self.balancing = value & (1 << self.inputs) - 1
            self._balance_end_us = self.clock.now_us() + BALANCE_US

    def kill(self, on):
        """The kill line, a wire at the DFETOFF pin."""
        self.window.settle()  # what the host has waited for is done
        self.killed = bool(on)
        self.fets.resolve()


def pulse_us(peak_a, tau_s, level_a):
    """How long an exponential pulse stays above a level."""
    return tau_s * 1e6 * math.log(peak_a / level_a)
