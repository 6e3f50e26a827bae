"""BQ76952 (3 to 16 cells) and BQ76942 (3 to 10) as the front end `hal.contract.Afe`.

One chip on an I2C bus of its own at 400 kHz. The bus is busy for 2.4 ms in a reading with CRC;
`start` and `configure` take some 50 ms, `read_back` 10: the chip needs 2 ms for each setting.

What the chip does by itself and the contract forbids, namely closing a MOSFET when a trip recovers
or a silent host speaks again, is prevented in two ways: a trip stays latched here and keeps the
MOSFET forced off until `clear_latches`, and the chip waits longer for a recovery than for a host.
Its watchdog trip alone ends with the first transfer (TRM, "host watchdog"): `read` forces both off
some 2 ms later, unless a kill line keeps them off since the controller's own watchdog bit.
"""

from hal import contract as c
from hal.chips import bq76952_config as config
from hal.chips import bq76952_wiring as wiring
from hal.chips.bq76952_bus import Block
from hal.chips.bq76952_limits import FASTEST_OC, PROTECTIONS, RECOVERY_MA, RECOVERY_S, Codes
from hal.chips.bq76952_link import Link
from hal.chips.bq76952_measure import ALARM_STATUS, SENSORS, SSBC, Measurement
from hal.chips.bq76952_trips import blocked, standing

FET_STATUS = 0x7F
CHG, DSG = 0x01, 0x04
CHARGE_OFF, DISCHARGE_OFF = 0x0C, 0x03  # of FET_CONTROL, with the pre-charge ones
WAKE_TRIES, WAKE_US = 8, 5_000  # the chip starts within some 30 ms
MODELS = ((0x7695, 16), (0x7694, 10))


class Bq76952(c.Afe):
    """`i2c` as in bq76952_bus.py, `wait_us(us)` blocks. `range_ma` sets the step of the current:
    32767 steps a side. `sensors`: the pins of T1..T4 and the MOSFETs, NOT_FITTED for none; the
    last one counts as a MOSFET for the chip. `kill_pin`: DFETOFF is the kill line (active high,
    with a pull-up on the board). `crc`: talk with a CRC after `start`."""

    def __init__(self, i2c, wait_us, shunt_uohm=200, range_ma=750_000, sensors=SENSORS,
                 kill_pin=True, crc=True):  # fmt: skip
        self.link = link = Link(i2c, wait_us)
        self._bus = link.bus
        self._bus.crc = crc  # as it was left, when only the controller was reset
        self.count_ma = (range_ma + 32_766) // 32_767
        self.range_ma = range_ma
        self.inputs = 0  # 16 or 10 when the chip has been found
        self._config = config.Config(link, shunt_uohm, self.count_ma, sensors, kill_pin, crc)
        self._codes = Codes(shunt_uohm, self.count_ma)
        self._limits = c.HardwareLimits()  # of `start`
        self._measurement = Measurement(link.bus, self.count_ma, range_ma, sensors)
        self._safety = Block(0x02, 18)  # up to Battery Status
        self._fets = Block(FET_STATUS, 1)
        self._off = bytearray(1)
        self._registers = bytearray(32)
        self._small = bytearray(5)
        self.cells = 0  # configured; 0 = take every input that carries one
        self._wanted = 0
        self._owed = -1  # what may stay on, where a command failed; -1 = none did
        self._latched = 0
        self._based = False  # the chip has our settings
        self._first = True  # it was not started yet
        self._lost_noted = False
        self._charge_trip = c.LATCH_CHARGE_SHORT  # what the comparator for charge is used for
        self._came_up = False  # a safety status of B or C came up since the last look
        self._third = 0  # Safety Status C at that look
        self.bleeder = None  # bq76952_bleed.Bleeder

    # --- finding and starting the chip -----------------------------------------------------------

    def start(self):
        """Leaves the chip without limits, not with its defaults: a short circuit of 10 mV. Only
        the first start may find a chip that runs with our settings, and leave it alone."""
        first, self._first = self._first, False
        self._wanted = 0
        self._based = False
        if not self._wake() or not self._look():
            return False
        if first and self._kept():
            return True
        self._limits.clear()
        if not self._configure(self._limits):
            self.link.command(config.RESET)  # out of whatever it is in: the next try finds it new
            return False
        return True

    def _kept(self):
        """A reset of the controller left the chip as it was: every setting is read."""
        limits = self._limits
        if not self._drive(0) or not self.read_back(limits) or not limits.cells:
            return False
        if self.bleeder is not None or not self._config.kept():  # it may still bleed
            return False
        self._measurement.restart()
        self._applied(limits.cells)
        self._lost_noted = False
        self._based = True
        return True

    def _wake(self):
        """Find the chip; a supply that has just come lets it start, too."""
        for _ in range(WAKE_TRIES):
            if self._find():
                return True
            self.link.wait_us(WAKE_US)
        return False

    def _find(self):
        """Identify the chip. It still talks with CRC when only the controller was reset, and
        without when only the chip was."""
        for _ in range(2):
            if self.link.receive(config.DEVICE_NUMBER) == 2:
                number = self.link.answer.word(0)
                for model, inputs in MODELS:
                    if number == model:
                        self.inputs = inputs
                        return True
                return False
            self._bus.crc = not self._bus.crc
        return False

    def _reach(self):
        return self.inputs or self._find()

    # --- measurement -----------------------------------------------------------------------------

    def read(self, sample):
        if not self._based:
            return c.NOT_READY
        self.link.settled()  # control reads once a cycle
        if self._owed >= 0 and not self._drive(self._owed & ~self._blocked()):
            return c.BUS_ERROR
        measurement = self._measurement
        alarms = measurement.alarms()
        if alarms > 0 and alarms & SSBC:
            self._came_up = True
            if self.latches() < 0:  # before the chip goes on by itself
                return c.BUS_ERROR
        status = measurement.status() if alarms >= 0 else -1
        if status < 0:
            return c.BUS_ERROR
        if status & (config.POWER_ON | config.IN_UPDATE):
            self._lose()
            return c.NOT_READY
        result = measurement.fill(sample, self.inputs, self.cells)
        if self.bleeder is not None and result == c.OK:
            self.bleeder.follow(sample)
        return result

    # --- MOSFETs ---------------------------------------------------------------------------------

    def set_mosfets(self, charge, discharge):
        bits = (c.CHARGE_ON if charge else 0) | (c.DISCHARGE_ON if discharge else 0)
        return bool(self._reach()) and self._drive(bits & ~self._blocked())

    def _drive(self, bits):
        """FET_CONTROL forces off what is not in `bits`. Its bits are not those of FET Status."""
        off = 0 if bits & c.CHARGE_ON else CHARGE_OFF
        self._off[0] = off if bits & c.DISCHARGE_ON else off | DISCHARGE_OFF
        before = self._wanted if self._owed < 0 else self._owed
        changes = bits != before  # else nobody looks at what becomes of it
        self._wanted |= bits  # if it fails, this may be on
        self._owed = bits & before  # and nothing closes later that was not closed before
        if not self.link.send(config.FET_CONTROL, self._off, 1, changes):
            return False
        self._wanted = bits
        self._owed = -1
        return True

    def mosfets(self):
        if not self._reach() or not self._bus.read(self._fets):
            return -1
        status = self._fets.data[0]
        bits = c.CHARGE_ON if status & CHG else 0
        return bits | c.DISCHARGE_ON if status & DSG else bits

    def _blocked(self):
        if not self._based:
            return c.CHARGE_ON | c.DISCHARGE_ON
        return blocked(self._latched, self._measurement.current_ma)

    # --- trips -----------------------------------------------------------------------------------

    def latches(self):
        """Also forces off what a new trip blocks, before the chip's own recovery can close it."""
        if not self._reach() or not (self._look() or (self._find() and self._look())):
            return -1
        bits = self._wanted & self._blocked()
        if bits and not self._drive(self._wanted & ~bits):
            return -1
        return self._latched

    def clear_latches(self, bits):
        """A trip that the chip still has stands on; it gives one up six seconds after its cause
        has gone."""
        if not self._reach() or not self._look():
            return False
        self._latched = self._latched & ~bits | self._standing()
        return True

    def _look(self):
        """Latch what the chip tells. False on a bus error."""
        if not self._bus.read(self._safety):
            return False
        bits, third = self._standing(), self._safety.data[5]
        if self._came_up and not third and not self._third:
            bits |= c.LATCH_WATCHDOG  # the only one that ends as soon as the host speaks
        self._came_up = False
        self._third = third
        self._latched |= bits
        if self._safety.word(16) & config.POWER_ON:
            self._lose()
        return True

    def _standing(self):
        return standing(self._safety.data[1], self._safety.data[5], self._charge_trip)

    def _lose(self):
        """The chip has forgotten its settings, and what it measures has other units now."""
        self._based = False
        self._stop_bleeding()
        if not self._lost_noted:
            self._lost_noted = True
            self._latched |= c.LATCH_RESET

    def _stop_bleeding(self):
        if self.bleeder is not None:
            self.bleeder.stop()

    # --- settings --------------------------------------------------------------------------------

    def configure(self, limits):
        if limits.cells and not 3 <= limits.cells <= (self.inputs or c.MAX_CELLS):
            return False
        return self.mosfets() == 0 and self._configure(limits)

    def _configure(self, limits):
        """Write all settings."""
        settings = self._config
        self._based = False
        self._stop_bleeding()
        self._measurement.restart()
        done = self._drive(0) and settings.enter() and settings.write_base()
        done = done and self._write_limits(limits)
        if not settings.leave() or not done or not self._drive(0):
            return False
        self._lost_noted = False
        self._based = True
        return self._bus.write(ALARM_STATUS, b"\xff\xff", 2)

    def _write_limits(self, limits):
        codes, send, small = self._codes, self.link.send, self._small
        codes.encode(limits)
        codes.store(self._registers)
        if not send(PROTECTIONS, self._registers, 32):
            return False
        small[0], small[1], small[2] = RECOVERY_S, RECOVERY_MA, 0
        small[3], small[4] = codes.watchdog_s & 0xFF, codes.watchdog_s >> 8
        if not send(config.RECOVERY_TIME, small, 5):
            return False
        mode = wiring.mask(limits.cells, self.inputs)
        small[0], small[1] = mode & 0xFF, mode >> 8
        if not send(config.VCELL_MODE, small, 2):
            return False
        small[0], small[1], small[2] = codes.enabled_a(), 0, codes.enabled_c()
        if not send(config.ENABLED, small, 3):
            return False
        self._applied(limits.cells)
        return True

    def _applied(self, cells):
        """What the chip does with the codes and so many cells."""
        fast = self._codes.occ_delay == FASTEST_OC
        self._charge_trip = c.LATCH_CHARGE_SHORT if fast else c.LATCH_CHARGE_OC
        self.cells = cells

    def read_back(self, limits):
        """A chip with any other setting that is not ours counts as one without limits."""
        settings, codes, answer = self._config, self._codes, self.link.answer
        if not self._reach() or not settings.look():
            return False
        if self.link.receive(config.RECOVERY_TIME) < 32:
            return False
        same = settings.ours and answer.data[0] == RECOVERY_S and answer.word(1) == RECOVERY_MA
        watchdog_s = answer.word(3)
        if self.link.receive(PROTECTIONS) < 32:
            return False
        codes.load(answer.data, settings.enabled_a, settings.enabled_c, watchdog_s)
        codes.store(self._registers)
        same = same and watchdog_s == codes.watchdog_s
        if codes.enabled_a() != settings.enabled_a or codes.enabled_c() != settings.enabled_c:
            same = False
        for i in range(32):
            if self._registers[i] != answer.data[i]:
                same = False
        if same:
            codes.decode(limits)
            limits.cells = wiring.cells_of(settings.mode, self.inputs)
        else:
            limits.clear()
        return True

    def quantise(self, limits):
        self._codes.encode(limits)
        self._codes.decode(limits)
