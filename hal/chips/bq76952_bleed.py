"""The balancing switches of a BQ76952 as `hal.parts.Balancer`: they take charge from one cell and
turn it into heat, so that there is a donor and never a receiver.

The chip ends what the host has begun after 20 s (a silent host leaves no cell bleeding), so it is
told again here with every TELL_EVERY readings of the front end; half-way the chip is asked whether
it does: it refuses by itself outside of its temperatures. One cell at a time: two neighbours would
double the current through the resistor between them.
"""

from hal.chips import bq76952_wiring as wiring
from hal.parts import Balancer

CELLS_BLED = 0x0083  # subcommand: a bit for each input
TELL_EVERY = 10  # readings: 1 s at 100 ms a cycle, 10 s at one second


class Bleeder(Balancer):
    """`ohm`: the whole path, the chip's switch (28 Ohm typically) and both input resistors, or the
    resistor of an external switch. Give the board `capabilities.balance_max_ma` to match."""

    def __init__(self, afe, ohm):
        self._afe = afe
        self._ohm = ohm
        self._donor = -1
        self._mv = 0
        self._flows = False
        self._turn = 0
        self._out = bytearray(2)
        afe.bleeder = self

    def transfer(self, donor, receiver, ma):
        self._donor = donor if ma > 0 else -1
        self._turn = 0
        self._flows = self._tell() and self._asked()

    def current_ma(self):
        return self._mv // self._ohm if self._flows else 0

    def _mask(self):
        afe = self._afe
        if self._donor < 0 or self._donor >= afe.cells:
            return 0
        return 1 << wiring.input_of(self._donor, afe.cells, afe.inputs)

    def _tell(self):
        """Set the switches; True when some cell shall bleed."""
        mask = self._mask()
        self._out[0], self._out[1] = mask & 0xFF, mask >> 8
        return self._afe.link.send(CELLS_BLED, self._out, 2) and mask > 0

    def _asked(self):
        """The chip does what it was told."""
        link = self._afe.link
        return link.receive(CELLS_BLED) >= 2 and link.answer.word(0) == self._mask()

    def follow(self, sample):
        """Called by the front end with each good reading."""
        if self._donor < 0:
            return
        self._mv = sample.cell_mv[self._donor]
        self._turn += 1
        if self._turn == TELL_EVERY // 2:
            self._flows = self._asked()
        elif self._turn >= TELL_EVERY:
            self._turn = 0
            self._tell()

    def stop(self):
        """The front end has forgotten, or is being set up: nothing bleeds."""
        self._donor = -1
        self._flows = False
