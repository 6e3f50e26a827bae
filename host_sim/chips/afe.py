"""The driver over the chip model, in the place of SimAfe: the firmware then speaks the bytes of a
BQ76952. `SimPack(world, front_end=ChipAfe)` runs a whole pack that way.

Faults as SimAfe has them: silent, nack, frozen_scan, frozen_adc, no_tap, raises, power_on, flip.
"""

import struct

from hal import contract as c
from hal.chips.bq76952 import Bq76952
from hal.chips.bq76952_bus import ADDRESS
from host_sim.chips.bq76952 import Bq76952Chip
from host_sim.chips.bus import BusClock, I2cBus

FLIPPED = {"cell_ov_mv": 0x9278, "cell_uv_mv": 0x9275, "charge_oc_ma": 0x9280, "short_ma": 0x9286}


def passed_on(owner, name):
    """An attribute of one of the parts."""
    return property(
        lambda self: getattr(getattr(self, owner), name),
        lambda self, value: setattr(getattr(self, owner), name, value),
    )


class ChipAfe(Bq76952):
    """`board` as for SimAfe; `crc`, `inputs` and `wiring` as for driver and chip."""

    silent = passed_on("i2c", "silent")
    nack = passed_on("i2c", "nack")
    frozen_scan = passed_on("measuring", "frozen")
    frozen_adc = passed_on("measuring", "frozen_voltages")
    no_tap = passed_on("measuring", "no_tap")

    def __init__(self, board, crc=True, inputs=16, wiring=None):
        self.clock = BusClock(board.world)
        self.chip = Bq76952Chip(board, self.clock, inputs, wiring)
        self.measuring = self.chip.scan
        self.i2c = I2cBus(self.clock, {ADDRESS: self.chip.window})
        self.raises = None
        self._options = {"range_ma": board.sensors.range_ma, "crc": crc}
        self.forget()
        self.kill(True)

    def read(self, sample):
        if self.raises is not None:
            raise self.raises
        return Bq76952.read(self, sample)

    # --- what SimHal asks of a front end ---------------------------------------------------------

    def forget(self):
        """The controller was reset: a new driver, a chip that goes on."""
        Bq76952.__init__(self, self.i2c, self.clock.spend, **self._options)

    def scan_now(self):
        """The chip scans by itself."""

    def compare(self):
        """The circuit has changed."""
        self.chip.compare()

    def kill(self, on):
        """The kill line."""
        self.chip.kill(on)

    def power_on(self):
        """The chip's supply was gone."""
        self.chip.power_on()

    def gates(self):
        """CHARGE_ON | DISCHARGE_ON as the chip drives them."""
        fets = self.chip.fets
        return (c.CHARGE_ON if fets.charge else 0) | (c.DISCHARGE_ON if fets.discharge else 0)

    @property
    def current_ma(self):
        """The current as last reported, mA."""
        return self.chip.counts * self._count_ma

    def flip(self, field, value):
        """A setting changes by itself: its register gets the raw `value`."""
        if field not in FLIPPED:
            raise ValueError(f"no register of {field}: {', '.join(FLIPPED)}")
        self.chip.memory.write(FLIPPED[field], struct.pack("<B", value & 0xFF))
        self.chip.memory.apply()
