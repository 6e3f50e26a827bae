"""The simulated analog front end over a plant: scans, gate drivers, own protection.

The chip lives on its own: it scans every period, trips without the firmware and keeps its
trips over a firmware reset; only `power_on` (supply lost) makes it forget its configuration.
"""

import math

from hal import contract as c
from host_sim import afe_chip

CARRY_MA = 500


class SimAfe(c.Afe):
    """`board` offers world, plant, sensors, sync() (bring the plant up to now) and capabilities.

    Faults (injection.py): silent, nack (next n accesses fail), frozen_scan, frozen_adc,
    no_tap, raises (an exception that the next reads throw), temp_forced via sensors.
    """

    def __init__(self, board):
        self._board = board
        self.scan = 0
        self.cells_mv = []
        self.current_ma = 0
        self.temps_dc = [c.SENSOR_OPEN] * c.TEMPERATURES
        self.pack_mv = self.port_mv = -1
        self.killed = True  # the kill line: asserted until the firmware releases it
        self.trips = []  # (us, latch bit), newest last
        self.silent = self.frozen_scan = self.frozen_adc = self.no_tap = False
        self.nack = 0
        self.raises = None
        self.fitted = 0b11111  # temperature sensors that the board has
        self._limits = c.HardwareLimits()
        self._timers = afe_chip.Timers()
        self._comparator = 0  # token of the running short-circuit delay
        self._comparing = False
        self.power_on()

    def power_on(self):
        """Supply applied: configuration lost, both MOSFETs off, reset latched."""
        self._limits.__init__()
        self._timers.clear()
        self._command = 0
        self._latches = c.LATCH_RESET
        self._ready = False
        self._heard_us = self._board.world.now_us
        self._drive()

    # --- the contract --------------------------------------------------------------------------

    def start(self):
        """Trips stay latched: the firmware shall see what happened before its start."""
        if not self._answers():
            return False
        self._limits.__init__()
        self._timers.clear()
        self._command = 0
        self._ready = False
        self._heard_us = self._board.world.now_us
        self._drive()
        return True

    def read(self, sample):
        if self.raises is not None:
            raise self.raises
        if not self._answers():
            return c.BUS_ERROR
        self._heard_us = self._board.world.now_us
        if not self._ready:
            return c.NOT_READY
        n = len(self.cells_mv)
        found = 0
        for i in range(c.MAX_CELLS):
            mv = self.cells_mv[i] if i < n else 0
            sample.cell_mv[i] = mv
            found += i < n
        sample.cells_found = found
        sample.current_ma = self.current_ma
        for i in range(c.TEMPERATURES):
            sample.temp_dc[i] = self.temps_dc[i]
        sample.scan = self.scan
        sample.pack_mv = self.pack_mv
        sample.port_mv = self.port_mv
        return c.OK

    def set_mosfets(self, charge, discharge):
        if not self._answers():
            return False
        self._heard_us = self._board.world.now_us
        self._command = (c.CHARGE_ON if charge else 0) | (c.DISCHARGE_ON if discharge else 0)
        self._command &= ~self._blocked()
        self._drive()
        return True

    def mosfets(self):
        return self.gates() if self._answers() else -1

    def configure(self, limits):
        if not self._answers() or self.gates():
            return False
        afe_chip.copy(limits, self._limits)
        afe_chip.quantise(self._limits)
        self._timers.clear()
        self._heard_us = self._board.world.now_us
        return True

    def read_back(self, limits):
        if not self._answers():
            return False
        afe_chip.copy(self._limits, limits)
        return True

    def quantise(self, limits):
        afe_chip.quantise(limits)

    def latches(self):
        return self._latches if self._answers() else -1

    def clear_latches(self, bits):
        if not self._answers():
            return False
        causes = self._timers.causes(self._limits, self.cells_mv, self.current_ma)
        self._latches &= ~bits | causes
        return True

    # --- the chip by itself ----------------------------------------------------------------------

    def gates(self):
        """Bits that the gate drivers put out now."""
        return 0 if self.killed else self._command

    def forget(self):
        """The controller was reset: what its driver knew is gone (here: nothing)."""

    def kill(self, on):
        """The kill line, a wire beside the bus."""
        self.killed = bool(on)
        self._drive()

    def flip(self, field, value):
        """A register changes by itself (a fault)."""
        if field not in c.HardwareLimits.FIELDS:
            raise ValueError(f"no limit {field}: {', '.join(c.HardwareLimits.FIELDS)}")
        setattr(self._limits, field, value)

    def scan_now(self):
        """One scan: sample, then the slow protections and the host watchdog."""
        board = self._board
        board.sync()
        if not self.frozen_scan:
            self.scan = self.scan + 1 & 0xFFFF
            self.current_ma = board.sensors.current_ma(board.plant.current_a)
            if not self.frozen_adc:
                self._sample(board.plant, board.sensors)
            self._ready = True
        now_us = board.world.now_us
        causes = self._timers.causes(self._limits, self.cells_mv, self.current_ma)
        self._trip(self._timers.step(self._limits, causes, now_us) & ~self._latches)
        watchdog_us = self._limits.watchdog_ms * 1000
        if watchdog_us and now_us - self._heard_us > watchdog_us:
            self._trip(c.LATCH_WATCHDOG & ~self._latches)
        if self._command & self._blocked():  # the current that was carried has ended or turned
            self._command &= ~self._blocked()
            self._drive()
        self.compare()

    def compare(self):
        """The short-circuit comparator; called after every change in the circuit."""
        level_a = self._limits.short_ma / 1000
        plant, world = self._board.plant, self._board.world
        if not level_a:
            return
        peak_a, tau_s = plant.take_inrush()
        above_us = tau_s * 1e6 * math.log(peak_a / level_a) if peak_a > level_a else 0.0
        if above_us > self._limits.short_delay_us:
            self._trip(c.LATCH_DISCHARGE_SHORT)
        elif abs(plant.current_a) < level_a:
            self._comparing = False
        elif not self._comparing:
            self._comparing = True
            self._comparator += 1
            world.after(self._limits.short_delay_us, self._short, self._comparator)

    def _short(self, token):
        amps = self._board.plant.current_a
        if token == self._comparator and self._comparing:
            self._comparing = False
            self._trip(c.LATCH_CHARGE_SHORT if amps > 0 else c.LATCH_DISCHARGE_SHORT)

    def _trip(self, bits):
        if not bits:
            return
        self.trips.append((self._board.world.now_us, bits))
        self._latches |= bits
        opened = self._blocked()
        opened |= c.CHARGE_ON if bits & self._timers.CHARGE else 0
        opened |= c.DISCHARGE_ON if bits & self._timers.DISCHARGE else 0
        self._command &= ~opened
        self._drive()

    def _blocked(self):
        """MOSFET bits that standing latches keep open. A latch of one direction does not block
        while current flows the other way: body-diode protection, as such chips have (PRT-18)."""
        latches, timers = self._latches, self._timers
        if latches & timers.BOTH & ~c.LATCH_RESET:
            return c.CHARGE_ON | c.DISCHARGE_ON
        bits = 0
        if latches & timers.CHARGE and self.current_ma > -CARRY_MA:
            bits |= c.CHARGE_ON
        if latches & timers.DISCHARGE and self.current_ma < CARRY_MA:
            bits |= c.DISCHARGE_ON
        return bits

    def _drive(self):
        gates = self.gates()
        self._board.set_gates(bool(gates & c.CHARGE_ON), bool(gates & c.DISCHARGE_ON))

    def _answers(self):
        if self.nack > 0:
            self.nack -= 1
            return False
        return not self.silent

    def _sample(self, plant, sensors):
        self.cells_mv = sensors.cells_mv(plant.cell_voltages())
        volts = plant.terminal_voltages()  # tap and port have wires of their own
        for i, temp_c in enumerate(self._board.sensor_temps()):
            fitted = self.fitted >> i & 1
            self.temps_dc[i] = sensors.temp_dc(i, temp_c) if fitted else c.SENSOR_OPEN
        absent = self._board.absent
        self.pack_mv = sensors.voltage_mv(0.0 if self.no_tap else sensors.tap_v(volts))
        # a connected port follows what a fault makes of the cells
        moved_v = sensors.tap_v(volts) - sum(volts) if plant.discharge_on else 0.0
        self.port_mv = sensors.voltage_mv(plant.port_v + moved_v)
        if "pack_tap" in absent:
            self.pack_mv = -1
        if "port_voltage" in absent:
            self.port_mv = -1
